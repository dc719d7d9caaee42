/* campaign_apply.c: `campaign apply FILE`: has the server plan it, signs what that says, and sends
 * both; of a name that stands, the next revision. */
#include "orchestrator/cli/campaign_file.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/operator_word.h"
#include "orchestrator/cli/saved_plan.h"

#include <stdlib.h>
#include <string.h>

#define ATTEMPTS 5

static bool report(struct cli *cli, json_t *applied, struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    const char *name = document_text(applied, "campaign"), *words = document_text(applied, "words");
    const char *changes = document_text(applied, "changes");
    long long devices = document_number(applied, "devices");
    long long revision = document_number(applied, "revision");
    const char *noun = devices == 1 ? "device" : "devices";
    if (screen->json) {
        (void)json_object_del(applied, "words");
        return screen_json(applied, err);
    }
    if (!document_is(applied, "changed"))
        screen_text(screen, "%s is applied already: nothing was changed.\n", name);
    else if (revision > 1)
        screen_text(screen, "%s%s is at revision %lld, for %lld %s. %s\n", changes, name, revision,
                    devices, noun, words);
    else
        screen_text(screen, "%s is %s for %lld %s. %s\n", name, document_text(applied, "state"),
                    devices, noun, words);
    json_decref(applied);
    return screen_flush(screen, err);
}

static bool read_drift(const struct cli *cli, int64_t *ppm, struct wg_error *err)
{
    const char *text = args_value(cli->args, "drift");
    char *end = NULL;
    *ppm = 0;
    if (!text) return true;
    if (!args_has(cli->args, "plan"))
        return wg_fail(err, WG_E_USAGE, "--drift goes with --plan FILE");
    double percent = strtod(text, &end);
    if (end == text || (strcmp(end, "%") != 0 && *end) || !(percent >= 0 && percent <= 100))
        return wg_fail(err, WG_E_USAGE, "--drift: expected a percentage like 1%%, got \"%.40s\"",
                       text);
    *ppm = (int64_t)(percent * 10000.0);
    return true;
}

/* As it would be applied now. */
static json_t *plan(struct cli *cli, json_t *sent, struct wg_error *err)
{
    struct remote_path path;
    json_t *request = json_copy(sent);
    if (args_has(cli->args, "plan")) (void)json_object_set_new(request, "members", json_true());
    remote_path(&path, "/campaigns/plan");
    return remote_send(cli->remote, "POST", &path, request, err);
}

/* The server says what there is to sign, or refuses it by itself: then nothing is. */
static bool sign(struct cli *cli, const struct campaign *campaign, const json_t *planned,
                 json_t *request, struct wg_error *err)
{
    struct statement expected;
    const json_t *body = document_at(planned, "statement");
    return !json_is_object(body) || (operator_word_apply(campaign, &expected, err) &&
                                     operator_word_sign(cli, body, &expected, request, err));
}

/* One look and one word. *waves: as they were signed, a reference of the caller's. */
static json_t *apply(struct cli *cli, const struct campaign *campaign, json_t *sent, int64_t drift,
                     json_t **waves, struct wg_error *err)
{
    struct remote_path path;
    const char *saved = args_value(cli->args, "plan");
    json_t *planned = plan(cli, sent, err), *request = json_copy(sent);
    bool ok = planned && (!saved || saved_plan_check(planned, saved, drift, err)) &&
              sign(cli, campaign, planned, request, err);
    json_decref(*waves);
    *waves = json_incref(json_object_get(document_at(planned, "statement"), "waves"));
    json_decref(planned);
    if (!ok) {
        json_decref(request);
        return NULL;
    }
    if (args_has(cli->args, "draft")) (void)json_object_set_new(request, "draft", json_true());
    remote_path(&path, "/campaigns");
    return remote_send(cli->remote, "POST", &path, request, err);
}

/* Between looking and signing a wave may have got another member: then it is looked at again. */
static json_t *apply_as_it_is(struct cli *cli, const struct campaign *campaign, json_t *sent,
                              int64_t drift, struct wg_error *err)
{
    json_t *applied = NULL, *waves = NULL, *before = NULL;
    struct wg_error problem = {0};
    for (int attempt = 0; !applied && attempt < ATTEMPTS; attempt++) {
        json_decref(before);
        before = json_incref(waves);
        problem = (struct wg_error){0};
        applied = apply(cli, campaign, sent, drift, &waves, &problem);
        bool again = problem.code == WG_E_CONFLICT && !json_equal(before, waves);
        if (!applied && !again) break;
    }
    json_decref(waves);
    json_decref(before);
    if (!applied && err) *err = problem;
    return applied;
}

bool campaign_apply_run(struct cli *cli, struct wg_error *err)
{
    json_t *sent = NULL;
    int64_t drift;
    if (!read_drift(cli, &drift, err)) return false;
    struct campaign *campaign = campaign_file_read(cli->args->positionals[0], &sent, err);
    json_t *applied = campaign ? apply_as_it_is(cli, campaign, sent, drift, err) : NULL;
    campaign_free(campaign);
    json_decref(sent);
    return applied && report(cli, applied, err);
}
