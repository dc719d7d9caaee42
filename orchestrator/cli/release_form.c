/* release_form.c: `release pack FILE`, `release add-form FILE` at the server. */
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/release_sending.h"
#include "orchestrator/cli/repository_form.h"
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

static json_t *publish(struct cli *cli, const char *component, const char *version,
                       struct wg_error *err)
{
    struct remote_path path;
    const char *file = cli->args->positionals[0];
    json_t *request = json_object(), *answer = NULL;
    remote_path(&path, "/releases/{}/{}/forms", component, version);
    if (!request)
        (void)wg_fail_memory(err, "adding a form");
    else if (release_sending_hash(cli, file, request, err))
        answer = release_send(cli, &path, file, request, err);
    if (answer) (void)json_object_set(answer, "form", json_object_get(request, "sha256"));
    json_decref(request);
    return answer;
}

static const json_t *form_of(const json_t *release, const char *sha256)
{
    size_t i;
    json_t *form;
    json_array_foreach(json_object_get(release, "forms"), i, form)
    {
        if (strcmp(document_text(form, "sha256"), sha256) == 0) return form;
    }
    return NULL;
}

bool release_add_form_run(struct cli *cli, struct wg_error *err)
{
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    if (args_has(cli->args, "repository")) return repository_add_form_run(cli, err);
    if (!repository_names(cli->args, component, version, err)) return false;
    json_t *answer = publish(cli, component, version, err);
    if (!answer) return false;
    if (cli->screen.json) return screen_json(answer, err);
    const char *sha256 = document_text(answer, "form");
    screen_text(&cli->screen, "%s/%s %s form of %lld bytes, sha256 %s\n", component, version,
                document_is(answer, "added") ? "has a" : "had this",
                document_number(form_of(answer, sha256), "length"), sha256);
    json_decref(answer);
    return screen_flush(&cli->screen, err);
}
