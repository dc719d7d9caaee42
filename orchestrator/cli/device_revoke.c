/* device_revoke.c: `device revoke`, `device reinstate`: whether a device is offered anything, and
 * artifacts are opened to it. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/device_row.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <string.h>

struct revoking {
    const char *device, *why;
    bool on;
    bool changed;
};

static bool read_arguments(struct cli *cli, struct revoking *out, struct wg_error *err)
{
    if (!command_name_argument(cli, 0, "device id", &out->device, err)) return false;
    out->why = args_value(cli->args, "reason");
    if (!out->why || !out->why[0])
        return wg_fail(err, WG_E_USAGE, "--reason is missing: what happened, for others");
    return (strlen(out->why) <= WG_DETAIL_MAX && wg_text_is_utf8(out->why, strlen(out->why))) ||
           wg_fail(err, WG_E_USAGE, "--reason: expected UTF-8 of at most %d bytes", WG_DETAIL_MAX);
}

static bool change(struct cli *cli, struct revoking *with, struct wg_error *err)
{
    bool ok = db_begin(cli->db, err) &&
              device_row_revoke(cli->db, with->device, with->on, with->why, wg_now(),
                                &with->changed, err) &&
              store_notify(cli->db, err) && db_commit(cli->db, err);
    db_rollback(cli->db);
    return ok;
}

static bool run(struct cli *cli, bool on, struct wg_error *err)
{
    struct revoking with = {.on = on};
    struct operator_identity who;
    struct wg_signing_key *key = NULL;
    if (!read_arguments(cli, &with, err) || !operator_load(cli, &who, &key, err) ||
        !change(cli, &with, err))
        return false;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:b,s:b,s:s,s:s}", "device", with.device, "revoked",
                                     (int)on, "changed", (int)with.changed, "by", who.name,
                                     "reason", with.why),
                           err);
    if (!with.changed)
        screen_text(&cli->screen, "%s is %s already.\n", with.device,
                    on ? "revoked" : "not revoked");
    else if (on)
        screen_text(&cli->screen,
                    "%s is revoked: it is offered nothing, and no artifact is opened to it. Its "
                    "certificate: wavegate-pki revoke %s\n",
                    with.device, with.device);
    else
        screen_text(&cli->screen, "%s is revoked no more.\n", with.device);
    return screen_flush(&cli->screen, err);
}

bool device_revoke_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, true, err);
}

bool device_reinstate_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, false, err);
}
