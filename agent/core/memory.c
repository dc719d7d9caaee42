/* memory.c: writes what must survive a power cut.
 *
 * Reports are kept in their wire form. The order is written member by member: its signature was
 * checked when it came, and the key that signed it may have been replaced since. */
#include "agent/core/memory_part.h"

#include "agent/core/memory_release.h"
#include "common/json.h"
#include "common/window_json.h"

bool memory_has_order(enum core_phase phase)
{
    return phase != CORE_IDLE && phase != CORE_ERASING;
}

void memory_clear(struct core_memory *memory)
{
    outbox_clear(&memory->outbox);
    task_drop(memory->task);
    memory->task = NULL;
}

void memory_share(struct core_memory *to, const struct core_memory *from)
{
    *to = *from;
    outbox_copy(&to->outbox, &from->outbox);
    to->task = task_share(from->task);
}

/* json_pack drops what it was given and returns NULL when any part is missing. */

static json_t *order_make(const struct wg_order *order)
{
    json_t *window = order->windows.count > 0 ? wg_windows_json(&order->windows) : NULL;
    if (order->windows.count > 0 && !window) return NULL;
    json_t *made = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, "
        "s:s*, s:s*, s:o*}",
        "id", order->id, "device", order->device, "campaign", order->campaign, "digest",
        order->digest, "attempt", (json_int_t)order->attempt, "counter", (json_int_t)order->counter,
        "boot", order->boot, "not_before", (json_int_t)order->not_before, "expires",
        (json_int_t)order->expires, "component", order->component, "version", order->version,
        "hardware_model", order->hardware_model, "sha256", order->sha256, "length",
        (json_int_t)order->length, "timeout_download", (json_int_t)order->timeout_download,
        "timeout_install", (json_int_t)order->timeout_install, "timeout_probation",
        (json_int_t)order->timeout_probation, "rolls_back",
        order->rolls_back[0] ? order->rolls_back : NULL, "age", order->age[0] ? order->age : NULL,
        "window", window);
    if (made && wg_order_places_add(made, order) && wg_order_with_add(made, order)) return made;
    json_decref(made);
    return NULL;
}

static json_t *release_make(const struct core_release *release)
{
    json_t *made = json_pack("{s:s, s:I, s:I, s:o}", "sha256", release->sha256, "length",
                             (json_int_t)release->length, "security", (json_int_t)release->security,
                             "forms", memory_forms_make(release));
    if (made && memory_companions_add(made, release)) return made;
    json_decref(made);
    return NULL;
}

static json_t *security_make(const struct core_memory *memory)
{
    json_t *security = json_object();
    for (size_t i = 0; i < memory->security_count; i++) {
        const struct core_security *entry = &memory->security[i];
        if (json_object_set_new(security, entry->component, json_integer(entry->version)) == 0)
            continue;
        json_decref(security);
        return NULL;
    }
    return security;
}

static json_t *ending_make(const struct core_ending *last)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "state", wg_state_text(last->state), "cause",
                     wg_cause_text(last->cause), "order", last->order, "campaign", last->campaign,
                     "attempt", (json_int_t)last->attempt, "detail", last->detail);
}

static json_t *pending_make(const struct outbox *outbox)
{
    json_t *pending = json_array();
    for (size_t i = 0; i < outbox->count; i++) {
        json_t *report = json_loadb(outbox->items[i]->payload, outbox->items[i]->len, 0, NULL);
        if (!report || json_array_append_new(pending, report) != 0) {
            json_decref(pending);
            return NULL;
        }
    }
    return pending;
}

static json_t *busy_make(const struct core_memory *memory)
{
    json_t *busy = json_pack("{s:o, s:o, s:s, s:s, s:i, s:s, s:s}", "order",
                             order_make(task_order(memory->task)), "release",
                             release_make(task_release(memory->task)), "home", memory->home, "told",
                             wg_state_text(memory->told), "starts", memory->starts, "cause",
                             wg_cause_text(memory->cause), "text", memory->text);
    int failed = busy ? 0 : -1;
    if (!failed && memory->ask > 0)
        failed = json_object_set_new(busy, "ask", json_integer(memory->ask));
    if (!failed && memory->from[0])
        failed = json_object_set_new(busy, "from", json_string(memory->from));
    if (!failed && memory->put_off) failed = json_object_set_new(busy, "put_off", json_true());
    if (!failed) return busy;
    json_decref(busy);
    return NULL;
}

static json_t *erasure_make(const struct core_erasure *erasure)
{
    return json_pack("{s:s, s:I, s:b}", "order", erasure->order, "at", (json_int_t)erasure->at,
                     "done", (int)erasure->done);
}

/* busy, last, security and erase stand only where there is something to say. */
static json_t *memory_make(const struct core_memory *memory)
{
    json_t *body =
        json_pack("{s:s, s:I, s:I, s:s, s:o}", "journal", memory->journal, "seq",
                  (json_int_t)memory->seq, "counter", (json_int_t)memory->counter, "phase",
                  core_phase_text(memory->phase), "pending", pending_make(&memory->outbox));
    int failed = body ? 0 : -1;
    if (!failed && memory_has_order(memory->phase))
        failed = json_object_set_new(body, "busy", busy_make(memory));
    if (!failed && memory->last.state != WG_WAITING)
        failed = json_object_set_new(body, "last", ending_make(&memory->last));
    if (!failed && memory->security_count > 0)
        failed = json_object_set_new(body, "security", security_make(memory));
    if (!failed && memory->erasure.order[0])
        failed = json_object_set_new(body, "erase", erasure_make(&memory->erasure));
    if (!failed) return body;
    json_decref(body);
    return NULL;
}

bool memory_checksum(const json_t *body, char hex[WG_SHA256_HEX], struct wg_error *err)
{
    struct wg_buf canonical;
    wg_buf_init(&canonical, CORE_MEMORY_MAX);
    bool ok = wg_json_canonical(body, &canonical, err) &&
              wg_sha256_of(canonical.data, canonical.len, hex, err);
    wg_buf_clear(&canonical);
    return ok;
}

static int append(const char *data, size_t len, void *out)
{
    wg_buf_add(out, data, len);
    return ((struct wg_buf *)out)->failed ? -1 : 0;
}

bool memory_dump(const struct core_memory *memory, struct wg_buf *out, struct wg_error *err)
{
    char hex[WG_SHA256_HEX];
    json_t *body = memory_make(memory);
    if (!body) return wg_fail_memory(err, "writing the memory");
    if (!memory_checksum(body, hex, err)) {
        json_decref(body);
        return wg_context(err, "writing the memory");
    }
    json_t *file = json_pack("{s:i, s:s, s:o}", "v", MEMORY_FORMAT, "sha256", hex, "memory", body);
    if (!file) return wg_fail_memory(err, "writing the memory");
    int code = json_dump_callback(file, append, out, JSON_COMPACT);
    json_decref(file);
    if (!wg_buf_check(out, err, "the memory")) return false;
    return code == 0 || wg_fail_memory(err, "writing the memory");
}
