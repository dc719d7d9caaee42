/* campaign_follow.c: `campaign rollback | retry-failed NAME`, and `device retry` of one that has
 * ended. */
#include "orchestrator/cli/campaign_follow.h"

#include "orchestrator/campaign/campaign.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/operator_word.h"
#include "orchestrator/cli/steer.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <string.h>

static bool report(struct cli *cli, json_t *made, struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    if (!made) return false;
    if (screen->json) return screen_json(made, err);
    const char *name = document_text(made, "campaign"), *from = document_text(made, "from");
    const char *over = document_text(made, "not_recalled.words");
    long long devices = document_number(made, "devices");
    if (document_at(made, "not_recalled"))
        screen_text(screen, "%s is stopping.%s%s%s\n", from, over[0] ? " " : "", over,
                    over[0] ? "." : "");
    screen_text(screen, "%s is %s: %s %s for %lld %s of %s. wavegate campaign status %s --watch\n",
                name, document_text(made, "state"), document_text(made, "component"),
                document_text(made, "version"), devices, devices == 1 ? "device" : "devices", from,
                name);
    json_decref(made);
    return screen_flush(screen, err);
}

/* The file that the server shows, as it would be read. */
static struct campaign *read_file(const json_t *asked, struct wg_error *err)
{
    struct yaml_doc doc = {0};
    const char *file = document_text(asked, "file");
    struct campaign *campaign =
        campaign_check("the server's file", file, strlen(file), NULL, NULL, &doc, err);
    yaml_doc_clear(&doc);
    return campaign;
}

static bool show_file(struct cli *cli, const struct campaign *campaign, const json_t *asked,
                      struct wg_error *err)
{
    const char *text = document_text(asked, "file");
    json_t *file = wg_json_parse(text, strlen(text), CAMPAIGN_FILE_MAX, err);
    if (!file) return false;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:o}", "campaign", campaign->name, "file", file), err);
    return screen_json(file, err);
}

/* It is of the release that the other campaign had, or falls back on, and of that name. */
static bool sign(const struct cli *cli, const struct campaign *campaign, const json_t *asked,
                 json_t *request, struct wg_error *err)
{
    struct statement expected;
    if (!json_is_object(document_at(asked, "statement")))
        return wg_fail(err, WG_E_DENIED,
                       "it takes campaign %s, which a rollout-admin signs with the same command",
                       campaign->name);
    return operator_word_apply(campaign, &expected, err) &&
           operator_word_sign(cli, document_at(asked, "statement"), &expected, request, err);
}

/* request: a reference that is taken over. A new reference, NULL when it failed or was only shown.
 */
static json_t *make(struct cli *cli, const json_t *asked, const struct remote_path *path,
                    json_t *request, bool *shown, struct wg_error *err)
{
    json_t *made = NULL;
    struct campaign *campaign = read_file(asked, err);
    *shown = campaign && args_has(cli->args, "print");
    if (*shown)
        *shown = show_file(cli, campaign, asked, err);
    else if (campaign && sign(cli, campaign, asked, request, err))
        made = remote_send(cli->remote, "POST", path, json_incref(request), err);
    campaign_free(campaign);
    json_decref(request);
    return made;
}

static bool follow(struct cli *cli, const char *action, bool needs_reason, struct wg_error *err)
{
    const char *name;
    struct remote_path path;
    bool shown = false;
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    json_t *request = steer_request(cli, needs_reason, err);
    json_t *asked = request ? steer_statement(cli, name, action, json_object(), err) : NULL;
    json_t *made = NULL;
    remote_path(&path, "/campaigns/{}/{}", name, action);
    if (asked)
        made = make(cli, asked, &path, request, &shown, err);
    else
        json_decref(request);
    json_decref(asked);
    return shown || report(cli, made, err);
}

bool campaign_rollback_run(struct cli *cli, struct wg_error *err)
{
    return follow(cli, "rollback", true, err);
}

bool campaign_retry_run(struct cli *cli, struct wg_error *err)
{
    return follow(cli, "retry-failed", false, err);
}

bool campaign_retry_device(struct cli *cli, const char *device, const char *campaign,
                           const char *reason, struct wg_error *err)
{
    struct remote_path path;
    bool shown = false;
    json_t *asked =
        steer_statement(cli, campaign, "retry-failed", json_pack("{s:s}", "device", device), err);
    remote_path(&path, "/devices/{}/retry", device);
    json_t *made =
        asked ? make(cli, asked, &path,
                     json_pack("{s:s,s:s}", "campaign", campaign, "reason", reason), &shown, err)
              : NULL;
    json_decref(asked);
    return shown || report(cli, made, err);
}
