/* steer.c: requests about a campaign. */
#include "orchestrator/cli/steer.h"

#include <string.h>

#define REASON_MAX 160

static bool reason_is_fine(const char *reason)
{
    size_t len = strlen(reason);
    return len <= REASON_MAX && wg_text_is_utf8(reason, len) && !strpbrk(reason, "\r\n\t");
}

json_t *steer_request(const struct cli *cli, bool needs_reason, struct wg_error *err)
{
    const char *reason = args_value(cli->args, "reason");
    if (needs_reason && (!reason || !reason[0])) {
        (void)wg_fail(err, WG_E_USAGE, "--reason TEXT is needed: it is kept, for others");
        return NULL;
    }
    if (reason && !reason_is_fine(reason)) {
        (void)wg_fail(err, WG_E_USAGE,
                      "--reason: expected at most %d bytes of plain text on one line", REASON_MAX);
        return NULL;
    }
    json_t *request = reason && reason[0] ? json_pack("{s:s}", "reason", reason) : json_object();
    if (!request) (void)wg_fail_memory(err, "a request");
    return request;
}

json_t *steer_send(struct cli *cli, const char *campaign, const char *action, json_t *request,
                   struct wg_error *err)
{
    struct remote_path path;
    if (!request) return NULL;
    remote_path(&path, "/campaigns/{}/{}", campaign, action);
    return remote_send(cli->remote, "POST", &path, request, err);
}

json_t *steer_statement(struct cli *cli, const char *campaign, const char *action, json_t *of,
                        struct wg_error *err)
{
    if (of) (void)json_object_set_new(of, "action", json_string(action));
    return steer_send(cli, campaign, "statement", of, err);
}
