/* health.c: findings with their figures and their worst, and the fleet's days. */
#include "orchestrator/show/health.h"

#include "orchestrator/show/show.h"
#include "orchestrator/store/health_row.h"
#include "orchestrator/support/finding.h"

#include "common/json.h"

#include <stdlib.h>
#include <string.h>

#define VERSIONS_JSON_MAX ((size_t)1024 * 1024)

struct looking {
    const struct health_query *query;
    wg_time now;
    struct health_past past;
    json_t *counts, *findings, *items;
};

static const char *trend_of(int64_t devices, int64_t then)
{
    if (devices == then) return "steady";
    return devices > then ? "rising" : "falling";
}

static json_t *item_json(const struct looking *looking, const struct finding *finding,
                         const struct health_row *row, const char *trend)
{
    char words[FINDING_TEXT], hardware[2 * WG_NAME_MAX + 2];
    const struct finding_facts facts = {.since = row->since,
                                        .now = looking->now,
                                        .number = {row->number[0], row->number[1]},
                                        .text = row->text};
    finding->words(&facts, words);
    (void)wg_format(hardware, sizeof hardware, "%s%s%s", row->hardware_model,
                    row->hardware_revision[0] ? "/" : "", row->hardware_revision);
    return json_pack("{s:s,s:s,s:s,s:o,s:s?,s:s,s:s}", "device", row->device, "finding",
                     finding->kind, "words", words, "since", show_time(row->since), "trend", trend,
                     "hardware", hardware, "region", row->region);
}

static json_t *finding_json(const struct finding *finding, int64_t devices, int64_t then,
                            const char *trend)
{
    return json_pack("{s:s,s:s,s:I,s:b,s:o,s:o,s:s?,s:s}", "kind", finding->kind, "title",
                     finding->title, "devices", (json_int_t)devices, "more",
                     devices >= HEALTH_COUNT_MAX, "week_ago",
                     then < 0 ? json_null() : json_integer((json_int_t)then), "change",
                     then < 0 ? json_null() : json_integer((json_int_t)(devices - then)), "trend",
                     trend, "next", finding->next);
}

static bool add_kind(struct db *db, size_t kind, struct looking *looking, struct wg_error *err)
{
    struct health_row *rows = NULL;
    size_t count = 0, limit = looking->query->limit ? looking->query->limit : HEALTH_WORST;
    int64_t devices = 0, then = looking->past.then[kind];
    const struct finding *finding = finding_of(health_kind_text(kind));
    if (limit > HEALTH_WORST_MAX) limit = HEALTH_WORST_MAX;
    if (!finding) return wg_fail(err, WG_E_FAILED, "no words for %s", health_kind_text(kind));
    if (!health_row_find(db, kind, looking->query->scopes, looking->now, HEALTH_COUNT_MAX, limit,
                         &rows, &count, &devices, err))
        return false;
    const char *trend = then < 0 ? NULL : trend_of(devices, then);
    int bad = json_object_set_new(looking->counts, finding->kind, json_integer(devices));
    bad |= json_array_append_new(looking->findings, finding_json(finding, devices, then, trend));
    for (size_t i = 0; i < count; i++)
        bad |= json_array_append_new(looking->items, item_json(looking, finding, &rows[i], trend));
    free(rows);
    return bad == 0 || wg_fail_memory(err, "looking for devices that are not well");
}

static bool check_kind(const char *wanted, struct wg_error *err)
{
    char all[256] = "";
    for (size_t kind = 0; kind < HEALTH_KINDS; kind++) {
        size_t len = strlen(all);
        if (strcmp(health_kind_text(kind), wanted) == 0) return true;
        (void)wg_format(all + len, sizeof all - len, "%s%s", kind ? ", " : "",
                        health_kind_text(kind));
    }
    return wg_fail(err, WG_E_USAGE, "there is no finding \"%.40s\": expected one of %s", wanted,
                   all);
}

static json_t *fleet_json(const struct health_past *past)
{
    if (!past->day[0]) return json_null();
    return json_pack("{s:s,s:I,s:I}", "day", past->day, "devices", (json_int_t)past->devices,
                     "online", (json_int_t)past->online);
}

static bool add_kinds(struct db *db, struct looking *looking, struct wg_error *err)
{
    const char *wanted = looking->query->kind;
    if (!looking->counts || !looking->findings || !looking->items)
        return wg_fail_memory(err, "looking for devices that are not well");
    for (size_t kind = 0; kind < HEALTH_KINDS; kind++)
        if ((!wanted || strcmp(wanted, health_kind_text(kind)) == 0) &&
            !add_kind(db, kind, looking, err))
            return false;
    return true;
}

/* Days are kept of the whole fleet: nothing is known of a part of it. */
static bool read_past(struct db *db, struct looking *looking, struct wg_error *err)
{
    for (size_t kind = 0; kind < HEALTH_KINDS; kind++) looking->past.then[kind] = -1;
    return looking->query->scopes || health_row_past(db, looking->now, &looking->past, err);
}

json_t *health_document(struct db *db, const struct health_query *query, wg_time now,
                        struct wg_error *err)
{
    struct looking looking = {.query = query, .now = now};
    if ((query->kind && !check_kind(query->kind, err)) || !read_past(db, &looking, err))
        return NULL;
    looking.counts = json_object();
    looking.findings = json_array();
    looking.items = json_array();
    if (add_kinds(db, &looking, err))
        return show_made(json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "at", show_time(now), "fleet",
                                   fleet_json(&looking.past), "compared_with",
                                   show_text(looking.past.week_ago), "counts", looking.counts,
                                   "findings", looking.findings, "items", looking.items),
                         "looking for devices that are not well", err);
    json_decref(looking.counts);
    json_decref(looking.findings);
    json_decref(looking.items);
    return NULL;
}

/* ---- day by day ---- */

static json_t *day_json(const struct fleet_day_row *row)
{
    json_t *versions = wg_json_parse(row->versions, strlen(row->versions), VERSIONS_JSON_MAX, NULL);
    return json_pack("{s:s,s:I,s:I,s:o}", "day", row->day, "devices", (json_int_t)row->devices,
                     "online", (json_int_t)row->online, "versions",
                     versions ? versions : json_object());
}

json_t *versions_document(struct db *db, const char *component, size_t days, struct wg_error *err)
{
    struct fleet_day_row *rows = NULL;
    size_t count = 0;
    char name[WG_NAME_MAX + 1] = "";
    if (days == 0) days = HEALTH_DAYS;
    if (days > HEALTH_DAYS_MAX) days = HEALTH_DAYS_MAX;
    if (component)
        (void)wg_copy(name, sizeof name, component);
    else if (!fleet_day_component(db, name, err))
        return NULL;
    if (!fleet_day_list(db, name, days, &rows, &count, err)) return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(list, day_json(&rows[i]));
    fleet_day_free(rows, count);
    return show_made(json_pack("{s:s,s:o}", "component", name, "days", list),
                     "reading the fleet's days", err);
}
