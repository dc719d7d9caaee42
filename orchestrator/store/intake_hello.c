/* intake_hello.c: presence, inventory and software of the devices that said hello. */
#include "orchestrator/store/boundary_row.h"
#include "orchestrator/store/erasure_row.h"
#include "orchestrator/store/intake_batch.h"

#include "common/version.h"
#include "orchestrator/store/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The end of what one device said in this batch. */
struct presence {
    const char *device;
    const struct intake_item *last; /* its last online hello; NULL: none */
    const struct intake_item *runs; /* its last one that was not out of a trial boot; NULL: none */
    const struct intake_item *gone; /* a Last Will behind it, or alone */
    struct boots boots;
};

static struct presence *find(const struct batch_work *work, struct presence *list, size_t *count,
                             const char *device)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(list[i].device, device) == 0) return &list[i];
    const struct known_device *known = intake_known(work, device);
    list[*count] = (struct presence){.device = device};
    if (known) list[*count].boots = known->boots;
    return &list[(*count)++];
}

/* A Last Will of an earlier connection than the hello's comes late. */
static bool is_of(const struct wg_hello *will, const struct wg_hello *hello)
{
    return strcmp(will->boot, hello->boot) == 0 && (will->link == 0 || will->link >= hello->link);
}

/* A hello that was overtaken: by one of a later connection, or by the end of its own. */
static bool is_late(const struct wg_hello *hello, const char *boot, int64_t link, bool online)
{
    return hello->link > 0 && strcmp(hello->boot, boot) == 0 &&
           (hello->link < link || (hello->link == link && !online));
}

static bool is_overtaken(const struct batch_work *work, const struct intake_item *item)
{
    const struct known_device *known = intake_known(work, item->device);
    return known && is_late(&item->as.hello, known->boot, known->link, known->online);
}

static void say_hello(struct batch_work *work, struct presence *presence,
                      const struct intake_item *item)
{
    const struct wg_hello *hello = &item->as.hello;
    const struct wg_hello *last = presence->last ? &presence->last->as.hello : NULL;
    const struct wg_hello *gone = presence->gone ? &presence->gone->as.hello : NULL;
    if (last && is_late(hello, last->boot, last->link, !gone)) return;
    if (boots_hear(&presence->boots, hello->boot, hello->link, item->received))
        intake_cloned(work, item, "two boots take turns: an earlier one has come back");
    if (hello->tampered[0]) intake_tampered(work, item);
    presence->last = item;
    if (!hello->trial) presence->runs = item;
    if (!gone || hello->link == 0 || !is_of(gone, hello)) presence->gone = NULL;
}

static void gather(struct batch_work *work, struct presence *list, size_t *count)
{
    for (size_t i = 0; i < work->count; i++) {
        const struct intake_item *item = &work->items[i];
        if (item->kind != INTAKE_HELLO) continue;
        if (item->as.hello.online && is_overtaken(work, item)) continue;
        struct presence *presence = find(work, list, count, item->device);
        /* a Last Will of another boot than the hello before it says nothing about the present one
         */
        if (item->as.hello.online)
            say_hello(work, presence, item);
        else if (!presence->last || is_of(&item->as.hello, &presence->last->as.hello))
            presence->gone = item;
    }
}

enum { HELLO_COLUMNS = 26, HELLO_TEXTS = 14, GONE_COLUMNS = 4 };

static void add_hello(struct param_array *columns, const struct presence *presence)
{
    const struct intake_item *item = presence->last;
    const struct wg_hello *hello = &item->as.hello;
    char key[WG_SORT_KEY_MAX], lat[40], lon[40], before[BOOTS_TEXT];
    if (!wg_revision_key(hello->hardware_revision, key, NULL)) key[0] = '\0';
    (void)snprintf(lat, sizeof lat, "%.9g", hello->lat);
    (void)snprintf(lon, sizeof lon, "%.9g", hello->lon);
    const char *const texts[] = {item->device,
                                 hello->hardware_model,
                                 hello->hardware_revision,
                                 key,
                                 hello->slot,
                                 hello->region,
                                 hello->zone,
                                 hello->has_position ? lat : NULL,
                                 hello->has_position ? lon : NULL,
                                 hello->attributes[0] ? hello->attributes : "{}",
                                 hello->agent,
                                 hello->boot,
                                 hello->journal,
                                 presence->gone ? "false" : "true"};
    _Static_assert(sizeof texts / sizeof texts[0] == HELLO_TEXTS, "numbers come behind texts");
    for (size_t c = 0; c < HELLO_TEXTS; c++) param_array_add(&columns[c], texts[c]);
    param_array_number(&columns[HELLO_TEXTS], item->received);
    param_array_number(&columns[HELLO_TEXTS + 1], hello->link);
    boots_text(&presence->boots, before);
    param_array_add(&columns[HELLO_TEXTS + 2], before);
    param_array_number(&columns[HELLO_TEXTS + 3], presence->boots.at);
    param_array_number(&columns[HELLO_TEXTS + 4], presence->boots.returns);
    param_array_number(&columns[HELLO_TEXTS + 5], presence->boots.back_from);
    param_array_add(&columns[HELLO_TEXTS + 6], hello->trial ? "true" : "false");
    param_array_number(&columns[HELLO_TEXTS + 7], hello->seq);
    param_array_number(&columns[HELLO_TEXTS + 8], hello->certificate_ends);
    param_array_number(&columns[HELLO_TEXTS + 9], hello->oldest);
    param_array_number(&columns[HELLO_TEXTS + 10], hello->counter);
    param_array_add(&columns[HELLO_TEXTS + 11], item->broker ? item->broker : "");
}

static bool run_columns(struct db *db, enum sql_name name, struct param_array *columns,
                        size_t count, struct wg_error *err)
{
    const char *params[HELLO_COLUMNS];
    bool ok = true;
    for (size_t c = 0; c < count; c++) {
        params[c] = param_array_text(&columns[c]);
        ok = ok && param_array_check(&columns[c], err);
    }
    ok = ok && db_run(db, name, count, params, NULL, err);
    for (size_t c = 0; c < count; c++) param_array_clear(&columns[c]);
    return ok;
}

static bool write_hellos(struct batch_work *work, const struct presence *list, size_t count,
                         struct wg_error *err)
{
    struct param_array columns[HELLO_COLUMNS];
    bool any = false;
    for (size_t c = 0; c < HELLO_COLUMNS; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < count; i++) {
        if (!list[i].last) continue;
        add_hello(columns, &list[i]);
        any = true;
    }
    if (any) return run_columns(work->db, SQL_DEVICE_UPSERT, columns, HELLO_COLUMNS, err);
    for (size_t c = 0; c < HELLO_COLUMNS; c++) param_array_clear(&columns[c]);
    return true;
}

/* Every Last Will of a device without a hello: which of them is of the stored boot, the database
 * knows. */
static bool write_gone(struct batch_work *work, struct presence *list, size_t count,
                       struct wg_error *err)
{
    struct param_array columns[GONE_COLUMNS];
    bool any = false;
    for (size_t c = 0; c < GONE_COLUMNS; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < work->count; i++) {
        const struct intake_item *item = &work->items[i];
        if (item->kind != INTAKE_HELLO || item->as.hello.online) continue;
        if (find(work, list, &count, item->device)->last) continue;
        param_array_add(&columns[0], item->device);
        param_array_add(&columns[1], item->as.hello.boot);
        param_array_number(&columns[2], item->received);
        param_array_number(&columns[3], item->as.hello.link);
        any = true;
    }
    if (any) return run_columns(work->db, SQL_DEVICE_GONE, columns, GONE_COLUMNS, err);
    for (size_t c = 0; c < GONE_COLUMNS; c++) param_array_clear(&columns[c]);
    return true;
}

void intake_add_component(struct param_array *columns, const struct wg_component *component)
{
    static const enum wg_scheme schemes[] = {WG_SCHEME_SEMVER, WG_SCHEME_DEBIAN, WG_SCHEME_CALVER};
    char key[WG_SORT_KEY_MAX];
    param_array_add(&columns[0], component->name);
    param_array_add(&columns[1], component->version);
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (!wg_scheme_key(schemes[i], component->version, key, NULL)) key[0] = '\0';
        param_array_add(&columns[2 + i], key);
    }
}

enum { SOFTWARE_COLUMNS = 2 + INTAKE_COMPONENT_COLUMNS };

static void add_software(struct param_array *columns, const struct intake_item *item)
{
    const struct wg_hello *hello = &item->as.hello;
    param_array_add(&columns[0], item->device);
    for (size_t i = 0; i < hello->component_count; i++) {
        const struct wg_component *component = &hello->components[i];
        param_array_add(&columns[1], item->device);
        intake_add_component(columns + 2, component);
    }
}

static bool run_software(struct batch_work *work, struct param_array *columns, struct wg_error *err)
{
    const char *params[SOFTWARE_COLUMNS];
    bool ok = true;
    for (size_t c = 0; c < SOFTWARE_COLUMNS; c++) {
        params[c] = param_array_text(&columns[c]);
        ok = ok && param_array_check(&columns[c], err);
    }
    PGresult *result =
        ok ? db_query(work->db, SQL_DEVICE_SOFTWARE_REPLACE, SOFTWARE_COLUMNS, params, err) : NULL;
    for (int row = 0; result && row < PQntuples(result); row++)
        db_copy(result, row, 0, work->changed[work->changed_count++], WG_NAME_MAX + 1);
    PQclear(result);
    return result != NULL;
}

/* What is only on trial may be gone with the next boot: a success says that it stays. */
static bool write_software(struct batch_work *work, const struct presence *list, size_t count,
                           struct wg_error *err)
{
    struct param_array columns[SOFTWARE_COLUMNS];
    bool any = false;
    for (size_t c = 0; c < SOFTWARE_COLUMNS; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < count; i++) {
        if (!list[i].runs) continue;
        add_software(columns, list[i].runs);
        any = true;
    }
    bool ok = !any || run_software(work, columns, err);
    for (size_t c = 0; c < SOFTWARE_COLUMNS; c++) param_array_clear(&columns[c]);
    return ok;
}

static bool write_metrics(struct batch_work *work, const struct presence *list, size_t count,
                          struct wg_error *err)
{
    struct param_array columns[4];
    bool any = false;
    for (size_t c = 0; c < 4; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < count; i++) {
        const struct wg_hello *hello = list[i].last ? &list[i].last->as.hello : NULL;
        for (size_t m = 0; hello && m < hello->metric_count; m++) {
            char value[40];
            (void)snprintf(value, sizeof value, "%.17g", hello->metrics[m].value);
            param_array_add(&columns[0], list[i].last->device);
            param_array_add(&columns[1], hello->metrics[m].name);
            param_array_add(&columns[2], value);
            param_array_number(&columns[3], list[i].last->received);
            any = true;
        }
    }
    if (any) return run_columns(work->db, SQL_METRIC_UPSERT, columns, 4, err);
    for (size_t c = 0; c < 4; c++) param_array_clear(&columns[c]);
    return true;
}

/* Who went again does not wait for an answer. Other orchestrators may have to look too. */
static bool write_questions(struct batch_work *work, const struct presence *list, size_t count,
                            struct wg_error *err)
{
    enum { COLUMNS = 5 };
    struct param_array columns[COLUMNS];
    for (size_t c = 0; c < COLUMNS - 1; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < count; i++) {
        const struct wg_hello *hello = list[i].last ? &list[i].last->as.hello : NULL;
        if (!hello || hello->ask == 0 || hello->link == 0 || list[i].gone) continue;
        param_array_add(&columns[0], list[i].device);
        param_array_add(&columns[1], hello->boot);
        param_array_number(&columns[2], hello->link);
        param_array_number(&columns[3], hello->ask);
        work->out->questions++;
    }
    const char *params[COLUMNS];
    char at[PARAM_NUMBER];
    bool ok = true;
    for (size_t c = 0; c < COLUMNS - 1; c++) {
        params[c] = param_array_text(&columns[c]);
        ok = ok && param_array_check(&columns[c], err);
    }
    params[COLUMNS - 1] = param_number(at, work->now);
    ok = ok && (work->out->questions == 0 ||
                (db_run(work->db, SQL_QUESTION_ASK, COLUMNS, params, NULL, err) &&
                 db_run(work->db, SQL_STORE_NOTIFY, 0, NULL, NULL, err)));
    for (size_t c = 0; c < COLUMNS - 1; c++) param_array_clear(&columns[c]);
    return ok;
}

/* Devices that said where they are, and not in which region or zone that is. */
static bool derive_places(struct batch_work *work, const struct presence *list, size_t count,
                          struct wg_error *err)
{
    size_t open = 0;
    int64_t changed = 0;
    const char **ids = calloc(count + 1, sizeof(*ids));
    if (!ids) return wg_fail_memory(err, "taking in hellos");
    for (size_t i = 0; i < count; i++) {
        const struct wg_hello *hello = list[i].last ? &list[i].last->as.hello : NULL;
        if (hello && hello->has_position && (!hello->region[0] || !hello->zone[0]))
            ids[open++] = list[i].last->device;
    }
    bool ok = open == 0 || boundary_row_derive(work->db, ids, open, &changed, err);
    free(ids);
    return ok;
}

/* Devices that destroy their keys, or have. */
static bool write_erasures(struct batch_work *work, const struct presence *list, size_t count,
                           struct wg_error *err)
{
    size_t said = 0;
    struct erasure_word *words = calloc(count + 1, sizeof *words);
    if (!words) return wg_fail_memory(err, "taking in hellos");
    for (size_t i = 0; i < count; i++) {
        const struct intake_item *last = list[i].last;
        if (!last || last->as.hello.erase == WG_ERASE_NONE) continue;
        words[said++] = (struct erasure_word){.device = last->device,
                                              .done = last->as.hello.erase == WG_ERASE_DONE,
                                              .at = last->received};
    }
    bool ok = erasure_row_hear(work->db, words, said, err);
    free(words);
    return ok;
}

bool intake_hellos(struct batch_work *work, struct wg_error *err)
{
    struct presence *list = calloc(work->count + 1, sizeof *list);
    size_t count = 0;
    if (!list) return wg_fail_memory(err, "taking in hellos");
    gather(work, list, &count);
    bool ok = write_hellos(work, list, count, err) && write_gone(work, list, count, err) &&
              write_software(work, list, count, err) && write_metrics(work, list, count, err) &&
              write_erasures(work, list, count, err) && derive_places(work, list, count, err) &&
              write_questions(work, list, count, err);
    free(list);
    return ok;
}

/* What was sent to it went elsewhere. */
static bool has_moved(const struct known_device *known, const struct intake_item *item)
{
    return known->broker[0] && item->broker && strcmp(known->broker, item->broker) != 0;
}

bool intake_new_sessions(struct batch_work *work, struct wg_error *err)
{
    struct param_array booted, moved;
    bool any = false;
    param_array_init(&booted);
    param_array_init(&moved);
    for (size_t i = 0; i < work->count; i++) {
        const struct intake_item *item = &work->items[i];
        if (item->kind != INTAKE_HELLO || !item->as.hello.online) continue;
        const struct known_device *known = intake_known(work, item->device);
        bool boot = known && strcmp(known->boot, item->as.hello.boot) != 0;
        bool move = known && !is_overtaken(work, item) && has_moved(known, item);
        if (boot) param_array_add(&booted, item->device);
        if (move) param_array_add(&moved, item->device);
        any = any || boot || move;
    }
    const char *const params[] = {param_array_text(&booted), param_array_text(&moved)};
    bool ok = param_array_check(&booted, err) && param_array_check(&moved, err) &&
              (!any || db_run(work->db, SQL_ORDER_FORGET_SENT, 2, params, NULL, err));
    param_array_clear(&booted);
    param_array_clear(&moved);
    return ok;
}
