/* release_form.c: `release pack FILE`, `release add-form FILE` in the database. */
#include "orchestrator/cli/operator.h"
#include "orchestrator/cli/release_seal.h"
#include "orchestrator/cli/repository_form.h"
#include "orchestrator/release/artifact.h"
#include "orchestrator/release/artifact_form.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

static bool report(struct cli *cli, const char *out, const struct release_form *form,
                   struct wg_error *err)
{
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:s,s:s,s:I,s:s,s:I}", "file", out, "form",
                                     release_form_text(form->kind), "sha256", form->target.sha256,
                                     "length", (json_int_t)form->target.length, "to_sha256",
                                     form->to.sha256, "to_length", (json_int_t)form->to.length),
                           err);
    screen_text(&cli->screen, "%s: %s, %lld bytes for %lld, sha256 %s\n", out,
                release_form_text(form->kind), (long long)form->target.length,
                (long long)form->to.length, form->target.sha256);
    return screen_flush(&cli->screen, err);
}

bool release_pack_run(struct cli *cli, struct wg_error *err)
{
    char beside[PATH_MAX];
    struct release_form form;
    const char *file = cli->args->positionals[0], *base = args_value(cli->args, "base");
    const char *out = args_value(cli->args, "out");
    if (!out && !wg_format(beside, sizeof beside, "%s.%s", file, base ? "patch.zst" : "zst"))
        return wg_fail(err, WG_E_LIMIT, "%.80s...: the path is too long", file);
    if (!out) out = beside;
    return artifact_form_pack(file, base, out, &form, err) && report(cli, out, &form, err);
}

static bool store(struct cli *cli, const char *component, const char *version,
                  struct release_row *row, bool *added, struct wg_error *err)
{
    struct artifact artifact;
    struct wg_signing_key *key = NULL;
    struct operator_identity *who = calloc(1, sizeof *who);
    bool ok = who ? operator_load(cli, who, &key, err) : wg_fail_memory(err, "adding a form");
    ok = ok &&
         artifact_add(cli->settings->artifacts_folder, cli->args->positionals[0], &artifact, err);
    if (ok) {
        (void)wg_copy(row->component, sizeof row->component, component);
        (void)wg_copy(row->version, sizeof row->version, version);
        (void)wg_copy(row->sha256, sizeof row->sha256, artifact.sha256);
        (void)wg_copy(row->added_by, sizeof row->added_by, who->name);
        row->length = artifact.length;
        row->added_at = wg_now();
        ok = release_take_header(cli, row, err) && release_form_add(cli->db, row, added, err);
    }
    free(who);
    return ok;
}

bool release_add_form_run(struct cli *cli, struct wg_error *err)
{
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    struct release_row row = {.length = 0};
    bool added = false;
    if (args_has(cli->args, "repository")) return repository_add_form_run(cli, err);
    if (!repository_names(cli->args, component, version, err) ||
        !store(cli, component, version, &row, &added, err))
        return false;
    screen_text(&cli->screen, "%s/%s %s form of %lld bytes, sha256 %s\n", component, version,
                added ? "has a" : "had this", (long long)row.length, row.sha256);
    return screen_flush(&cli->screen, err);
}
