/* device_act_command.c: `device retry | cancel | quarantine | clear | revoke | reinstate |
 * age-key`. */
#include "orchestrator/cli/device_act.h"

#include "orchestrator/cli/campaign_follow.h"
#include "orchestrator/cli/document.h"

#include <string.h>

#define REASON_MAX 160

json_t *device_act_request(const struct cli *cli, const char *what, const char **device,
                           struct wg_error *err)
{
    const char *reason;
    if (!command_name_argument(cli, 0, "device id", device, err) ||
        !command_reason(cli, what, &reason, err))
        return NULL;
    if (strlen(reason) > REASON_MAX || reason[strcspn(reason, "\r\n")]) {
        (void)wg_fail(err, WG_E_USAGE,
                      "--reason: expected at most %d bytes of plain text on one line", REASON_MAX);
        return NULL;
    }
    json_t *request = json_pack("{s:s}", "reason", reason);
    if (!request) (void)wg_fail_memory(err, "a request");
    return request;
}

json_t *device_act_send(struct cli *cli, const char *method, const char *device, const char *action,
                        json_t *request, struct wg_error *err)
{
    struct remote_path path;
    if (!request) return NULL;
    remote_path(&path, "/devices/{}/{}", device, action);
    return remote_send(cli->remote, method, &path, request, err);
}

bool device_act_show(struct cli *cli, json_t *answer, const char *behind, struct wg_error *err)
{
    if (!answer) return false;
    bool ok;
    if (cli->screen.json) {
        ok = screen_json(json_incref(json_object_get(answer, "done")), err);
    } else {
        screen_text(&cli->screen, "%s%s\n", document_text(answer, "words"), behind);
        ok = screen_flush(&cli->screen, err);
    }
    json_decref(answer);
    return ok;
}

/* With the campaign that is named. */
static json_t *place_request(const struct cli *cli, const char **device, const char **campaign,
                             struct wg_error *err)
{
    *campaign = args_value(cli->args, "campaign");
    json_t *request = device_act_request(cli, "why", device, err);
    if (!request) return NULL;
    bool ok = *campaign && wg_name_is_valid(*campaign);
    if (!*campaign)
        (void)wg_fail(err, WG_E_USAGE,
                      "--campaign NAME is needed: wavegate device show %s lists its campaigns",
                      *device);
    else if (!ok)
        (void)wg_fail(err, WG_E_USAGE, "--campaign: \"%.80s\" is no campaign name", *campaign);
    ok = ok && json_object_set_new(request, "campaign", json_string(*campaign)) == 0;
    if (ok) return request;
    json_decref(request);
    return NULL;
}

/* ---- retry, cancel ---- */

/* What has ended never changes: the server says so, and it takes a campaign of that device. */
static bool retry_by_campaign(struct cli *cli, const char *device, const char *campaign,
                              struct wg_error *err)
{
    const char *reason = args_value(cli->args, "reason");
    *err = (struct wg_error){0};
    if (campaign_retry_device(cli, device, campaign, reason, err)) return true;
    return err->code == WG_E_DENIED ? wg_context(err, "what %s has ended never changes", device)
                                    : false;
}

static bool needs_campaign(const struct cli *cli)
{
    return strcmp(document_text(remote_problem(cli->remote), "code"), "needs-campaign") == 0;
}

bool device_retry_run(struct cli *cli, struct wg_error *err)
{
    const char *device, *campaign;
    json_t *request = place_request(cli, &device, &campaign, err);
    json_t *answer = device_act_send(cli, "POST", device, "retry", request, err);
    if (!answer && request && needs_campaign(cli))
        return retry_by_campaign(cli, device, campaign, err);
    return device_act_show(cli, answer, "", err);
}

bool device_cancel_run(struct cli *cli, struct wg_error *err)
{
    const char *device, *campaign;
    json_t *request = place_request(cli, &device, &campaign, err);
    return device_act_show(cli, device_act_send(cli, "POST", device, "cancel", request, err), "",
                           err);
}

/* ---- quarantine, clear ---- */

bool device_quarantine_run(struct cli *cli, struct wg_error *err)
{
    const char *device;
    char behind[WG_NAME_MAX + 64] = "";
    json_t *request = device_act_request(cli, "why", &device, err);
    json_t *answer = device_act_send(cli, "POST", device, "quarantine", request, err);
    if (answer)
        (void)wg_format(behind, sizeof behind, ". wavegate device clear %s --reason TEXT ends it",
                        device);
    return device_act_show(cli, answer, behind, err);
}

bool device_clear_run(struct cli *cli, struct wg_error *err)
{
    const char *device, *kind = args_value(cli->args, "kind");
    json_t *request = device_act_request(cli, "what was found", &device, err);
    if (request && kind) (void)json_object_set_new(request, "kind", json_string(kind));
    return device_act_show(cli, device_act_send(cli, "POST", device, "clear", request, err), "",
                           err);
}

/* ---- revoke, reinstate ---- */

static bool change(struct cli *cli, const char *action, struct wg_error *err)
{
    const char *device;
    json_t *request = device_act_request(cli, "what happened", &device, err);
    return device_act_show(cli, device_act_send(cli, "POST", device, action, request, err), "",
                           err);
}

bool device_revoke_run(struct cli *cli, struct wg_error *err)
{
    return change(cli, "revoke", err);
}

bool device_reinstate_run(struct cli *cli, struct wg_error *err)
{
    return change(cli, "reinstate", err);
}

/* ---- age key ---- */

bool device_age_key_run(struct cli *cli, struct wg_error *err)
{
    const char *device;
    if (!command_name_argument(cli, 0, "device id", &device, err)) return false;
    json_t *request = json_pack("{s:s}", "recipient", cli->args->positionals[1]);
    if (!request) return wg_fail_memory(err, "a request");
    return device_act_show(cli, device_act_send(cli, "PUT", device, "age-key", request, err), "",
                           err);
}
