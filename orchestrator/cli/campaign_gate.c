/* campaign_gate.c: `campaign advance | hold | unhold NAME`: a person's hand on the gate of a wave.
 */
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/steer.h"

static bool report(struct cli *cli, json_t *gate, struct wg_error *err)
{
    if (!gate) return false;
    if (cli->screen.json) return screen_json(gate, err);
    const char *campaign = document_text(gate, "campaign"),
               *waits = document_text(gate, "waits_for");
    screen_text(&cli->screen, "The gate of wave %s of %s is %s %s.\n", document_text(gate, "wave"),
                campaign, document_text(gate, "done"), document_text(gate, "words"));
    if (waits[0]) screen_text(&cli->screen, "The wave now: %s\n", waits);
    if (document_is(gate, "paused"))
        screen_text(&cli->screen, "The campaign is paused: wavegate campaign resume %s\n",
                    campaign);
    json_decref(gate);
    return screen_flush(&cli->screen, err);
}

static bool run(struct cli *cli, const char *action, bool needs_reason, struct wg_error *err)
{
    const char *name, *wave = args_value(cli->args, "wave");
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    json_t *request = steer_request(cli, needs_reason, err);
    if (request && wave) (void)json_object_set_new(request, "wave", json_string(wave));
    return report(cli, steer_send(cli, name, action, request, err), err);
}

bool campaign_advance_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, "advance", true, err);
}

bool campaign_hold_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, "hold", true, err);
}

bool campaign_unhold_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, "unhold", false, err);
}
