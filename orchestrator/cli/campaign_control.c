/* campaign_control.c: `campaign start | pause | resume | abort NAME`. */
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/steer.h"

static bool report(struct cli *cli, json_t *steered, struct wg_error *err)
{
    if (!steered) return false;
    if (cli->screen.json) {
        (void)json_object_del(steered, "words");
        return screen_json(steered, err);
    }
    screen_text(&cli->screen, "%s is %s. %s\n", document_text(steered, "campaign"),
                document_text(steered, "to"), document_text(steered, "words"));
    json_decref(steered);
    return screen_flush(&cli->screen, err);
}

static bool run(struct cli *cli, const char *action, struct wg_error *err)
{
    const char *name;
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    json_t *request = steer_request(cli, false, err);
    if (request && args_has(cli->args, "hold"))
        (void)json_object_set_new(request, "hold", json_true());
    return report(cli, steer_send(cli, name, action, request, err), err);
}

bool campaign_start_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, "start", err);
}

bool campaign_pause_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, "pause", err);
}

bool campaign_resume_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, "resume", err);
}

bool campaign_abort_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, "abort", err);
}
