/* memory_load.c: reads what survived a power cut.
 *
 * Reports go through the wire's own decoder again. Whether what was read can be reported is tried
 * out on a report about it. */
#include "agent/core/memory_part.h"

#include "agent/core/memory_release.h"
#include "agent/core/vouch.h"
#include "common/json.h"
#include "common/window_json.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX ((int64_t)9007199254740991) /* 2^53 - 1: what a message can carry */
#define TIMEOUT_MAX WG_DURATION_MAX

static bool artifact_get(const json_t *obj, struct wg_order *out, struct wg_error *err)
{
    return wg_json_text(obj, "component", out->component, sizeof out->component, err) &&
           wg_json_text(obj, "version", out->version, sizeof out->version, err) &&
           wg_json_text(obj, "hardware_model", out->hardware_model, sizeof out->hardware_model,
                        err) &&
           wg_json_text(obj, "sha256", out->sha256, sizeof out->sha256, err) &&
           wg_json_int(obj, "length", 1, NUMBER_MAX, &out->length, err) &&
           wg_order_places_get(obj, out, err) && wg_order_with_get(obj, out, err) &&
           wg_json_int(obj, "timeout_download", 1, TIMEOUT_MAX, &out->timeout_download, err) &&
           wg_json_int(obj, "timeout_install", 1, TIMEOUT_MAX, &out->timeout_install, err) &&
           wg_json_int(obj, "timeout_probation", 1, TIMEOUT_MAX, &out->timeout_probation, err);
}

static bool window_get(const json_t *obj, struct wg_order *out, struct wg_error *err)
{
    const json_t *window = json_object_get(obj, "window");
    return !window || wg_windows_from_json(window, &out->windows, err);
}

static bool order_get(const json_t *obj, struct wg_order *out, struct wg_error *err)
{
    static const char *const keys[] = {"id",
                                       "device",
                                       "campaign",
                                       "digest",
                                       "attempt",
                                       "counter",
                                       "boot",
                                       "not_before",
                                       "expires",
                                       "component",
                                       "version",
                                       "sha256",
                                       "hardware_model",
                                       "length",
                                       "urls",
                                       "timeout_download",
                                       "timeout_install",
                                       "timeout_probation",
                                       "rolls_back",
                                       "age",
                                       "window",
                                       "forms",
                                       "with",
                                       NULL};
    out->kind = WG_ORDER_INSTALL;
    return wg_json_only_keys(obj, keys, err) &&
           wg_json_text(obj, "id", out->id, sizeof out->id, err) &&
           wg_json_text(obj, "device", out->device, sizeof out->device, err) &&
           wg_json_text(obj, "campaign", out->campaign, sizeof out->campaign, err) &&
           wg_json_text(obj, "digest", out->digest, sizeof out->digest, err) &&
           wg_json_int(obj, "attempt", 1, NUMBER_MAX, &out->attempt, err) &&
           wg_json_int(obj, "counter", 1, NUMBER_MAX, &out->counter, err) &&
           wg_json_text(obj, "boot", out->boot, sizeof out->boot, err) &&
           wg_json_int(obj, "not_before", 1, NUMBER_MAX, &out->not_before, err) &&
           wg_json_int(obj, "expires", 1, NUMBER_MAX, &out->expires, err) &&
           wg_json_text_opt(obj, "rolls_back", out->rolls_back, sizeof out->rolls_back, err) &&
           wg_json_text_opt(obj, "age", out->age, sizeof out->age, err) &&
           artifact_get(obj, out, err) && window_get(obj, out, err);
}

/* A word of one of the tables. */
static bool state_get(const json_t *obj, const char *key, enum wg_state *out, struct wg_error *err)
{
    char text[WG_NAME_MAX + 1];
    if (!wg_json_text(obj, key, text, sizeof text, err)) return false;
    return wg_state_parse(text, out) || wg_fail(err, WG_E_BAD_INPUT, "%s: no such state", key);
}

static bool cause_get(const json_t *obj, enum wg_cause *out, struct wg_error *err)
{
    char text[WG_NAME_MAX + 1];
    if (!wg_json_text(obj, "cause", text, sizeof text, err)) return false;
    return wg_cause_parse(text, out) || wg_fail(err, WG_E_BAD_INPUT, "cause: no such cause");
}

static bool phase_get(const json_t *obj, enum core_phase *out, struct wg_error *err)
{
    char text[WG_NAME_MAX + 1];
    if (!wg_json_text(obj, "phase", text, sizeof text, err)) return false;
    for (unsigned i = 0; i < CORE_PHASES; i++) {
        if (strcmp(text, core_phase_text((enum core_phase)i)) != 0) continue;
        *out = (enum core_phase)i;
        return true;
    }
    return wg_fail(err, WG_E_BAD_INPUT, "phase: no such phase");
}

static bool ending_get(const json_t *obj, struct core_ending *out, struct wg_error *err)
{
    static const char *const keys[] = {"state",   "cause",  "order", "campaign",
                                       "attempt", "detail", NULL};
    return wg_json_only_keys(obj, keys, err) && state_get(obj, "state", &out->state, err) &&
           cause_get(obj, &out->cause, err) &&
           wg_json_text(obj, "order", out->order, sizeof out->order, err) &&
           wg_json_text(obj, "campaign", out->campaign, sizeof out->campaign, err) &&
           wg_json_int(obj, "attempt", 1, NUMBER_MAX, &out->attempt, err) &&
           wg_json_text(obj, "detail", out->detail, sizeof out->detail, err) &&
           (wg_state_is_final(out->state) ||
            wg_fail(err, WG_E_BAD_INPUT, "state: expected one that ends an order"));
}

/* Can a report be made that says this of that order? */
static bool reportable(const struct core_memory *memory, const struct core_ending *about,
                       struct wg_error *err)
{
    struct wg_buf bytes;
    struct wg_report report = {
        .attempt = about->attempt, .state = about->state, .cause = about->cause};
    (void)wg_copy(report.journal, sizeof report.journal, memory->journal);
    (void)wg_copy(report.order, sizeof report.order, about->order);
    (void)wg_copy(report.campaign, sizeof report.campaign, about->campaign);
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    bool ok = wg_report_encode(&report, &bytes, err);
    wg_buf_clear(&bytes);
    return ok;
}

static bool last_get(const json_t *body, struct core_memory *memory, struct wg_error *err)
{
    json_t *last = NULL;
    if (!json_object_get(body, "last")) return true;
    return (wg_json_object(body, "last", &last, err) && ending_get(last, &memory->last, err) &&
            reportable(memory, &memory->last, err)) ||
           wg_context(err, "last");
}

/* Reports that the order in hand has still to make. Before it switches over it may be put off once
 * and ask once more, however many others wait. */
static size_t reports_left(enum core_phase phase, enum wg_state told)
{
    static const enum wg_state progress[] = {WG_ACCEPTED, WG_DOWNLOADING, WG_INSTALLING,
                                             WG_REBOOTING, WG_PROBATION};
    size_t left = phase <= CORE_READY ? 3 : 1;
    for (size_t i = 0; i < sizeof progress / sizeof progress[0]; i++) left += progress[i] > told;
    return left;
}

static bool ask_get(const json_t *busy, struct core_memory *memory, struct wg_error *err)
{
    if (!wg_json_int_opt(busy, "ask", 1, memory->seq, &memory->ask, err)) return false;
    if (memory->phase < CORE_READY && memory->ask > 0)
        return wg_fail(err, WG_E_BAD_INPUT, "ask: not expected in phase %s",
                       core_phase_text(memory->phase));
    return memory->ask == 0 || memory->told >= WG_REBOOTING ||
           wg_fail(err, WG_E_BAD_INPUT, "ask: not expected before rebooting was told");
}

static bool put_off_get(const json_t *busy, struct core_memory *memory, struct wg_error *err)
{
    if (!json_object_get(busy, "put_off")) return true;
    return wg_json_bool(busy, "put_off", &memory->put_off, err) &&
           (!memory->put_off || memory->phase == CORE_FETCHING ||
            memory->phase == CORE_INSTALLING ||
            wg_fail(err, WG_E_BAD_INPUT, "put_off: not expected in phase %s",
                    core_phase_text(memory->phase)));
}

/* What an agent of old has kept had nobody to vouch for it. */
static bool release_get(const json_t *busy, struct core_memory *memory, struct wg_error *err)
{
    struct core_release *out = &memory->task->release;
    json_t *release = NULL;
    vouch_plain(task_order(memory->task), out);
    if (!json_object_get(busy, "release")) return true;
    return (wg_json_object(busy, "release", &release, err) &&
            wg_json_text(release, "sha256", out->sha256, sizeof out->sha256, err) &&
            wg_json_int(release, "length", 0, NUMBER_MAX, &out->length, err) &&
            wg_json_int(release, "security", 0, RELEASE_SECURITY_MAX, &out->security, err) &&
            memory_companions_get(release, out, err) && memory_forms_get(release, out, err)) ||
           wg_context(err, "release");
}

static bool security_get(const json_t *body, struct core_memory *memory, struct wg_error *err)
{
    json_t *security = json_object_get(body, "security"), *version;
    const char *component;
    if (!security) return true;
    if (!json_is_object(security) || json_object_size(security) > WG_COMPONENTS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "security: expected an object of at most %d components",
                       WG_COMPONENTS_MAX);
    json_object_foreach(security, component, version)
    {
        struct core_security *entry = &memory->security[memory->security_count++];
        if (!wg_json_int(security, component, 1, RELEASE_SECURITY_MAX, &entry->version, err))
            return wg_context(err, "security");
        if (!wg_name_is_valid(component) ||
            !wg_copy(entry->component, sizeof entry->component, component))
            return wg_fail(err, WG_E_BAD_INPUT, "security: \"%.64s\" is no component", component);
    }
    return true;
}

static bool task_begin(struct core_memory *memory, struct wg_error *err)
{
    memory->task = task_new(task_order(NULL), task_release(NULL), err);
    return memory->task != NULL;
}

static bool busy_get(const json_t *body, struct core_memory *memory, struct wg_error *err)
{
    static const char *const keys[] = {"order", "release", "home", "told",    "starts", "cause",
                                       "text",  "ask",     "from", "put_off", NULL};
    json_t *busy = NULL, *order = NULL;
    int64_t starts = 0;
    if (!memory_has_order(memory->phase))
        return !json_object_get(body, "busy") ||
               wg_fail(err, WG_E_BAD_INPUT, "busy: not expected in phase %s",
                       core_phase_text(memory->phase));
    if (!wg_json_object(body, "busy", &busy, err) || !wg_json_only_keys(busy, keys, err) ||
        !wg_json_object(busy, "order", &order, err) || !task_begin(memory, err) ||
        !order_get(order, &memory->task->order, err) || !release_get(busy, memory, err) ||
        !wg_json_text(busy, "home", memory->home, sizeof memory->home, err) ||
        !state_get(busy, "told", &memory->told, err) ||
        !wg_json_int(busy, "starts", 0, CORE_STARTS_MAX + 1, &starts, err) ||
        !cause_get(busy, &memory->cause, err) || !ask_get(busy, memory, err) ||
        !wg_json_text_opt(busy, "from", memory->from, sizeof memory->from, err) ||
        !put_off_get(busy, memory, err) ||
        !wg_json_text(busy, "text", memory->text, sizeof memory->text, err))
        return wg_context(err, "busy");
    memory->starts = (int)starts;
    if (memory->outbox.count + reports_left(memory->phase, memory->told) > CORE_PENDING_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "pending: no room for the order in hand");
    struct core_ending about = {.attempt = task_order(memory->task)->attempt,
                                .state = WG_ROLLED_BACK,
                                .cause = WG_CAUSE_BOOT};
    (void)wg_copy(about.order, sizeof about.order, task_order(memory->task)->id);
    (void)wg_copy(about.campaign, sizeof about.campaign, task_order(memory->task)->campaign);
    return reportable(memory, &about, err) || wg_context(err, "busy");
}

static bool erasure_get(const json_t *body, struct core_memory *memory, struct wg_error *err)
{
    static const char *const keys[] = {"order", "at", "done", NULL};
    struct core_erasure *out = &memory->erasure;
    json_t *erase = NULL;
    if (!json_object_get(body, "erase"))
        return memory->phase != CORE_ERASING ||
               wg_fail(err, WG_E_BAD_INPUT, "erase: expected in phase erasing");
    return (wg_json_object(body, "erase", &erase, err) && wg_json_only_keys(erase, keys, err) &&
            wg_json_text(erase, "order", out->order, sizeof out->order, err) &&
            wg_json_int(erase, "at", 0, NUMBER_MAX, &out->at, err) &&
            wg_json_bool(erase, "done", &out->done, err) &&
            (out->order[0] || wg_fail(err, WG_E_BAD_INPUT, "order: expected an id"))) ||
           wg_context(err, "erase");
}

static bool report_get(const json_t *entry, struct core_memory *memory, struct wg_error *err)
{
    struct wg_report report;
    const struct outbox *outbox = &memory->outbox;
    if (!json_is_object(entry)) return wg_fail(err, WG_E_BAD_INPUT, "expected an object");
    char *text = json_dumps(entry, JSON_COMPACT);
    if (!text) return wg_fail_memory(err, "reading a report");
    bool ok = wg_report_decode(text, strlen(text), &report, err);
    free(text);
    if (!ok) return false;
    int64_t before = outbox->count > 0 ? outbox->items[outbox->count - 1]->seq : 0;
    if (report.seq <= before || report.seq > memory->seq)
        return wg_fail(err, WG_E_BAD_INPUT, "seq: out of sequence");
    if (strcmp(report.journal, memory->journal) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "journal: not this memory's");
    return outbox_add(&memory->outbox, &report, 0, err);
}

static bool pending_get(const json_t *body, struct core_memory *memory, struct wg_error *err)
{
    json_t *pending = NULL;
    if (!wg_json_array(body, "pending", &pending, err)) return false;
    for (size_t i = 0; i < json_array_size(pending); i++)
        if (!report_get(json_array_get(pending, i), memory, err))
            return wg_context(err, "pending[%zu]", i);
    return true;
}

static bool journal_get(const json_t *body, struct core_memory *memory, struct wg_error *err)
{
    if (!wg_json_text(body, "journal", memory->journal, sizeof memory->journal, err)) return false;
    size_t digits = strspn(memory->journal, "0123456789abcdef");
    if (memory->journal[digits] == '\0' && (digits == 0 || digits == WG_JOURNAL_MAX - 1))
        return true;
    return wg_fail(err, WG_E_BAD_INPUT, "journal: expected %d hex digits", WG_JOURNAL_MAX - 1);
}

static bool memory_get(const json_t *body, struct core_memory *memory, struct wg_error *err)
{
    static const char *const keys[] = {"journal", "seq",      "counter", "phase", "pending",
                                       "busy",    "security", "last",    "erase", NULL};
    return wg_json_only_keys(body, keys, err) && journal_get(body, memory, err) &&
           wg_json_int(body, "seq", 0, NUMBER_MAX, &memory->seq, err) &&
           wg_json_int(body, "counter", 0, NUMBER_MAX, &memory->counter, err) &&
           phase_get(body, &memory->phase, err) && pending_get(body, memory, err) &&
           busy_get(body, memory, err) && last_get(body, memory, err) &&
           security_get(body, memory, err) && erasure_get(body, memory, err);
}

static bool file_get(const json_t *file, struct core_memory *memory, struct wg_error *err)
{
    static const char *const keys[] = {"v", "sha256", "memory", NULL};
    int64_t format = 0;
    json_t *body = NULL;
    char expected[WG_SHA256_HEX], found[WG_SHA256_HEX];
    if (!json_is_object(file)) return wg_fail(err, WG_E_BAD_INPUT, "expected an object");
    if (!wg_json_int(file, "v", MEMORY_FORMAT, MEMORY_FORMAT, &format, err) ||
        !wg_json_only_keys(file, keys, err) ||
        !wg_json_text(file, "sha256", found, sizeof found, err) ||
        !wg_json_object(file, "memory", &body, err) || !memory_checksum(body, expected, err))
        return false;
    if (strcmp(found, expected) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "its SHA-256 is %s, it says %s", expected, found);
    return memory_get(body, memory, err);
}

bool memory_load(const char *bytes, size_t len, struct core_memory *out, struct wg_error *err)
{
    struct core_memory memory = {.phase = CORE_IDLE};
    json_t *file = wg_json_parse(bytes, len, CORE_MEMORY_MAX, err);
    bool ok = file && file_get(file, &memory, err);
    json_decref(file);
    if (ok)
        *out = memory;
    else
        memory_clear(&memory);
    return ok || wg_context(err, "the core's memory");
}
