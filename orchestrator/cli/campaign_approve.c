/* campaign_approve.c: `campaign approve NAME [--wave W | --start]`: a signed statement, and the
 * orchestrator's word on it. */
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/operator_word.h"
#include "orchestrator/cli/steer.h"

static bool report(struct cli *cli, json_t *approved, struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    if (!approved) return false;
    if (screen->json) return screen_json(approved, err);
    const char *wave = document_text(approved, "wave");
    screen_text(screen, "%s approves %s%s of %s", document_text(approved, "operator"),
                wave[0] ? "wave " : "the start", wave, document_text(approved, "campaign"));
    if (document_is(approved, "judged"))
        screen_text(screen, ": %lld of %lld approvals by %s.\n",
                    document_number(approved, "approvals"),
                    document_number(approved, "approvals_needed"), document_text(approved, "role"));
    else
        screen_text(screen, ". The orchestrator is away; it will judge it when it is back.\n");
    json_decref(approved);
    return screen_flush(screen, err);
}

/* Of the campaign that was named; of the wave too, or of the start. */
static bool sign(struct cli *cli, const char *name, const char *wave, const json_t *asked,
                 json_t *request, struct wg_error *err)
{
    struct statement expected = {.kind = STATEMENT_APPROVE};
    const json_t *body = document_at(asked, "statement");
    const char *found = document_text(body, "wave");
    (void)wg_copy(expected.campaign, sizeof expected.campaign, name);
    if (wave) (void)wg_copy(expected.wave, sizeof expected.wave, wave);
    if (found[0]) (void)json_object_set_new(request, "wave", json_string(found));
    return operator_word_sign(cli, body, &expected, request, err);
}

bool campaign_approve_run(struct cli *cli, struct wg_error *err)
{
    const char *name, *wave = args_value(cli->args, "wave");
    bool start = args_has(cli->args, "start");
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    if (start && wave) return wg_fail(err, WG_E_USAGE, "--start and --wave: expected one of them");
    json_t *of = json_pack("{s:s*,s:b}", "wave", wave, "start", (int)start);
    json_t *asked = steer_statement(cli, name, "approve", of, err);
    json_t *request = asked ? json_pack("{s:b}", "start", (int)start) : NULL;
    bool ok = request && sign(cli, name, wave, asked, request, err);
    json_t *approved = ok ? steer_send(cli, name, "approve", json_incref(request), err) : NULL;
    json_decref(asked);
    json_decref(request);
    return report(cli, approved, err);
}
