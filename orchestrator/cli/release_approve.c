/* release_approve.c: `release approve`, `release refuse`, and `release show` of the server. */
#include "orchestrator/cli/release_approve.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/repository.h"

#include <string.h>

/* "/releases/fw/1.0.0" and what is behind it. */
static bool path_of(const struct cli *cli, const char *form, struct remote_path *out,
                    struct wg_error *err)
{
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    if (!repository_release_name(cli->args->positionals[0], component, version, err)) return false;
    remote_path(out, form, component, version);
    return true;
}

static void show_standing(struct screen *screen, const json_t *row)
{
    const char *name = document_text(row, "component"), *version = document_text(row, "version");
    long long wanted = document_number(row, "approvals_wanted");
    size_t i;
    json_t *one;
    screen_text(screen, "%s/%s is %s", name, version, document_text(row, "state"));
    if (wanted > 0)
        screen_text(screen, ", with %zu of %lld approvals",
                    json_array_size(json_object_get(row, "approvals")), wanted);
    json_array_foreach(json_object_get(row, "approvals"), i, one)
        screen_text(screen, "%s%s", i ? ", " : ": ", document_text(one, "by"));
    if (document_at(row, "refused"))
        screen_text(screen, " by %s: %s", document_text(row, "refused.by"),
                    document_text(row, "refused.reason"));
    screen_text(screen, "\n");
}

/* Takes the answer over. */
static bool report(struct cli *cli, json_t *row, struct wg_error *err)
{
    if (!row) return false;
    if (cli->screen.json) return screen_json(row, err);
    show_standing(&cli->screen, row);
    json_decref(row);
    return screen_flush(&cli->screen, err);
}

bool release_approve_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    return path_of(cli, "/releases/{}/{}/approve", &path, err) &&
           report(cli, remote_send(cli->remote, "POST", &path, json_object(), err), err);
}

bool release_refuse_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    const char *reason = args_value(cli->args, "reason");
    if (!reason || !reason[0])
        return wg_fail(err, WG_E_USAGE, "--reason TEXT is needed: it is kept, for others");
    return path_of(cli, "/releases/{}/{}/refuse", &path, err) &&
           report(
               cli,
               remote_send(cli->remote, "POST", &path, json_pack("{s:s}", "reason", reason), err),
               err);
}

static void add_names(struct screen *screen, const char *what, const json_t *names)
{
    const char *name, *before = "";
    json_t *value;
    if (json_object_size(names) == 0) return;
    screen_text(screen, "%s: ", what);
    json_object_foreach((json_t *)(uintptr_t)names, name, value)
    {
        screen_text(screen, "%s%s %s", before, name, json_string_value(value));
        before = ", ";
    }
    screen_text(screen, "\n");
}

static void show_forms(struct screen *screen, const json_t *row)
{
    size_t i;
    json_t *form, *campaign;
    json_array_foreach(json_object_get(row, "forms"), i, form)
        screen_text(screen, "form: %lld bytes, sha256 %s\n", document_number(form, "length"),
                    document_text(form, "sha256"));
    json_array_foreach(json_object_get(row, "campaigns"), i, campaign)
        screen_text(screen, "campaign: %s, %s\n", document_text(campaign, "campaign"),
                    document_text(campaign, "state"));
}

bool release_show_server(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    struct screen *screen = &cli->screen;
    if (!path_of(cli, "/releases/{}/{}", &path, err)) return false;
    json_t *row = remote_get(cli->remote, &path, err);
    if (!row || screen->json) return row && screen_json(row, err);
    const char *from = document_text(row, "from"), *notes = document_text(row, "notes");
    const char *hardware = document_text(row, "hardware_model");
    show_standing(screen, row);
    screen_text(screen, "artifact: %lld bytes, sha256 %s%s\n", document_number(row, "length"),
                document_text(row, "sha256"), document_is(row, "sealed") ? ", encrypted" : "");
    screen_text(screen, "published by %s at %s%s\n", document_text(row, "added_by"),
                document_text(row, "added_at"), document_is(row, "signed") ? ", signed" : "");
    screen_text(screen, "fits: %s\n", hardware[0] ? hardware : "any hardware");
    if (from[0]) screen_text(screen, "installed over: %s\n", from);
    add_names(screen, "with", document_at(row, "with"));
    add_names(screen, "needs", document_at(row, "depends"));
    if (notes[0]) screen_text(screen, "notes: %s\n", notes);
    show_forms(screen, row);
    screen_text(screen, "devices that run it: %lld\n", document_number(row, "devices"));
    json_decref(row);
    return screen_flush(screen, err);
}
