/* message_guard.c: what the broker's guard tells of a device. */
#include "common/message_guard.h"

#include "common/message_part.h"

#include <string.h>

#define KIND_TEXT 24

static const char *const kinds[WG_GUARD_KINDS] = {
    [WG_GUARD_TAKEOVER] = "takeover",
    [WG_GUARD_TAKEOVER_STORM] = "takeover-storm",
    [WG_GUARD_CONNECT_STORM] = "connect-storm",
    [WG_GUARD_FLOOD] = "flood",
    [WG_GUARD_REVOKED] = "revoked",
    [WG_GUARD_ESCAPE] = "escape",
};

const char *wg_guard_kind_text(enum wg_guard_kind kind)
{
    return (unsigned)kind < WG_GUARD_KINDS ? kinds[kind] : "";
}

static bool kind_get(const json_t *message, enum wg_guard_kind *out, struct wg_error *err)
{
    char text[KIND_TEXT];
    if (!wg_json_text(message, "kind", text, sizeof text, err)) return false;
    for (unsigned i = 0; i < WG_GUARD_KINDS; i++)
        if (strcmp(text, kinds[i]) == 0) {
            *out = (enum wg_guard_kind)i;
            return true;
        }
    return wg_part_bad(err, "kind", "takeover, takeover-storm, connect-storm, flood, ..", text);
}

static bool event_check(const struct wg_guard_event *event, struct wg_error *err)
{
    return wg_part_name("device", event->device, err) &&
           wg_part_number("kind", event->kind, 0, WG_GUARD_KINDS - 1, err) &&
           wg_part_number("count", event->count, 1, UINT32_MAX, err) &&
           wg_part_number("lost", event->lost, 0, WG_PART_NUMBER_MAX, err) &&
           wg_part_time("at", event->at, err);
}

static bool event_get(const json_t *message, struct wg_guard_event *event, struct wg_error *err)
{
    return wg_part_format(message, err) &&
           wg_json_text(message, "device", event->device, sizeof event->device, err) &&
           kind_get(message, &event->kind, err) &&
           wg_json_int(message, "count", 1, UINT32_MAX, &event->count, err) &&
           wg_json_int_opt(message, "lost", 0, WG_PART_NUMBER_MAX, &event->lost, err) &&
           wg_part_time_get(message, "at", &event->at, err) && event_check(event, err);
}

bool wg_guard_event_decode(const char *bytes, size_t len, struct wg_guard_event *out,
                           struct wg_error *err)
{
    struct wg_guard_event event = {.lost = 0};
    json_t *message = wg_part_open(bytes, len, err);
    bool ok = message && event_get(message, &event, err);
    json_decref(message);
    if (ok) *out = event;
    return ok || wg_context(err, "guard");
}

bool wg_guard_event_encode(const struct wg_guard_event *event, struct wg_buf *out,
                           struct wg_error *err)
{
    char at[WG_TIME_TEXT];
    if (!event_check(event, err)) return wg_context(err, "guard");
    wg_time_text(event->at, at);
    json_t *message = json_pack("{s:i, s:s, s:s, s:I}", "v", 1, "device", event->device, "kind",
                                wg_guard_kind_text(event->kind), "count", (json_int_t)event->count);
    bool ok = message &&
              (event->lost == 0 ||
               json_object_set_new(message, "lost", json_integer(event->lost)) == 0) &&
              json_object_set_new(message, "at", json_string(at)) == 0;
    if (!ok) {
        json_decref(message);
        message = NULL;
    }
    return wg_part_write(message, out, err) || wg_context(err, "guard");
}
