/* campaign_control.c: `campaign pause | resume | abort NAME`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/store/campaign_row.h"

#include "common/posix/file.h"

#include <stdio.h>
#include <stdlib.h>

struct control {
    enum engine_command command;
    const char *verb, *done, *next;
};

static bool change(struct cli *cli, const struct control *control, struct campaign_row *row,
                   const char *who, struct wg_error *err)
{
    const char *reason = args_value(cli->args, "reason");
    enum campaign_state state, next;
    char cause[CAMPAIGN_CAUSE_MAX];
    if (!campaign_state_parse(row->state, &state))
        return wg_fail(err, WG_E_CONFLICT, "the campaign is in no known state");
    if (!engine_command_allowed(control->command, state, &next, err)) return false;
    (void)snprintf(cause, sizeof cause, "%s by %s%s%.160s", control->done, who, reason ? ": " : "",
                   reason ? reason : "");
    bool ok = db_begin(cli->db, err) &&
              campaign_row_set_state(cli->db, row->id, row->state, campaign_state_text(next), cause,
                                     who, wg_now(), err) &&
              db_commit(cli->db, err);
    db_rollback(cli->db);
    if (!ok) return false;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:s,s:s,s:s}", "campaign", row->name, "from", row->state,
                                     "to", campaign_state_text(next), "cause", cause),
                           err);
    screen_text(&cli->screen, "%s is %s. %s\n", row->name, campaign_state_text(next),
                control->next);
    return screen_flush(&cli->screen, err);
}

static bool run_with(struct cli *cli, const struct control *control, const char *name,
                     struct operator_identity *who, struct campaign_row *row, struct wg_error *err)
{
    struct wg_secret_key key;
    if (!operator_load(cli, who, &key, err)) return false;
    wg_key_clear(&key);
    return campaign_row_get(cli->db, name, row, err) && change(cli, control, row, who->name, err);
}

static bool run(struct cli *cli, const struct control *control, struct wg_error *err)
{
    const char *name;
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    struct operator_identity *who = calloc(1, sizeof *who);
    struct campaign_row *row = calloc(1, sizeof *row);
    bool ok = who && row ? run_with(cli, control, name, who, row, err)
                         : wg_fail_memory(err, control->verb);
    free(row);
    free(who);
    return ok;
}

bool campaign_pause_run(struct cli *cli, struct wg_error *err)
{
    static const struct control control = {ENGINE_PAUSE, "pause", "paused",
                                           "Updates in hand finish; nobody is offered more."};
    return run(cli, &control, err);
}

bool campaign_resume_run(struct cli *cli, struct wg_error *err)
{
    static const struct control control = {ENGINE_RESUME, "resume", "resumed", "It goes on."};
    return run(cli, &control, err);
}

bool campaign_abort_run(struct cli *cli, struct wg_error *err)
{
    static const struct control control = {ENGINE_ABORT, "abort", "aborted",
                                           "What has not started is withdrawn; devices past the "
                                           "reboot finish or fall back by themselves."};
    return run(cli, &control, err);
}
