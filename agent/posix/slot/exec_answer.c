/* exec_answer.c: answers of installers, read strictly. */
#include "agent/posix/slot/exec_answer.h"

#include "agent/posix/slot/exec_run.h"
#include "common/message_part.h"

#include <string.h>

bool exec_answer_protocol(const char *text, size_t len, struct wg_error *err)
{
    int64_t protocol = 0;
    json_t *json = wg_json_parse(text, len, EXEC_ANSWER_MAX, err);
    bool ok = json && wg_json_int(json, "protocol", 1, INT32_MAX, &protocol, err);
    json_decref(json);
    if (!ok) return false;
    return protocol <= EXEC_PROTOCOL ||
           wg_fail(err, WG_E_BAD_INPUT, "it speaks protocol %lld, this agent 1 to %d",
                   (long long)protocol, EXEC_PROTOCOL);
}

static bool get_slot(const json_t *json, const char *key, char *out, struct wg_error *err)
{
    return wg_json_text(json, key, out, WG_NAME_MAX + 1, err) && wg_part_name(key, out, err);
}

/* Two names for two systems: whoever runs is told by them, also after it was confirmed. */
static bool get_slots(const json_t *json, struct slot_status *out, struct wg_error *err)
{
    if (!get_slot(json, "running", out->running, err) || !get_slot(json, "idle", out->idle, err))
        return false;
    return strcmp(out->running, out->idle) != 0 ||
           wg_fail(err, WG_E_BAD_INPUT, "running and idle: expected two names, got \"%s\" twice",
                   out->idle);
}

static bool get_in_place(const json_t *json, bool *out, struct wg_error *err)
{
    bool reboot = true;
    if (json_object_get(json, "reboot") && !wg_json_bool(json, "reboot", &reboot, err))
        return false;
    *out = !reboot;
    return true;
}

static bool get_status(const json_t *json, struct slot_status *out, struct wg_error *err)
{
    return get_slots(json, out, err) && get_in_place(json, &out->in_place, err) &&
           wg_json_bool(json, "trial", &out->trial, err) &&
           wg_json_bool(json, "marked", &out->marked, err) &&
           wg_part_components_get(json, "components", out->components, &out->component_count,
                                  err) &&
           wg_part_components("components", out->components, out->component_count, err);
}

bool exec_answer_status(const char *text, size_t len, struct slot_status *out, struct wg_error *err)
{
    struct slot_status status = {0};
    json_t *json = wg_json_parse(text, len, EXEC_ANSWER_MAX, err);
    bool ok = json && get_status(json, &status, err);
    json_decref(json);
    if (ok) *out = status;
    return ok;
}

bool exec_answer_have(const char *text, size_t len, int64_t most, int64_t *have,
                      struct wg_error *err)
{
    json_t *json = wg_json_parse(text, len, EXEC_ANSWER_MAX, err);
    bool ok = json && wg_json_int(json, "have", 0, most, have, err);
    json_decref(json);
    return ok;
}
