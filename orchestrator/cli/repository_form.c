/* repository_form.c: makes forms and takes them in, each a target beside the artifact. */
#include "orchestrator/cli/repository_form.h"

#include "orchestrator/cli/repository_with.h"
#include "orchestrator/release/artifact_form.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool path_of(const char *component, const char *version, const char *name,
                    char out[TUF_PATH_MAX + 1], struct wg_error *err)
{
    return wg_format(out, TUF_PATH_MAX + 1, "%s/%s/%s", component, version, name) ||
           wg_fail(err, WG_E_LIMIT, "%s: the path of the target is too long", name);
}

/* What the release's artifact becomes in the slot. */
static bool content_of(const struct repo *repo, const char *component, const char *version,
                       bool *is_age, struct release_content *out, struct wg_error *err)
{
    struct release_facts *facts = calloc(1, sizeof *facts);
    if (!facts) return wg_fail_memory(err, "a release");
    bool ok = repository_facts(repo, component, version, facts, err);
    if (ok) {
        (void)wg_copy(out->sha256, sizeof out->sha256, facts->plain_sha256);
        out->length = facts->plain_length;
        *is_age = facts->is_age;
    }
    free(facts);
    return ok;
}

/* The artifact's target names it, so that devices look for it. */
static bool name_form(const struct repository_forms *forms, const char *name, struct wg_error *err)
{
    char path[TUF_PATH_MAX + 1];
    json_t *info = repository_artifact(forms->repo, forms->component, forms->version, err);
    json_t *facts = json_object_get(json_object_get(info, "custom"), "wavegate");
    if (!info || !path_of(forms->component, forms->version, "artifact", path, err)) {
        json_decref(info);
        return false;
    }
    if (!json_object_get(facts, "forms")) (void)json_object_set_new(facts, "forms", json_array());
    json_t *names = json_object_get(facts, "forms");
    bool ok = json_array_size(names) < RELEASE_FORMS_MAX ||
              wg_fail(err, WG_E_LIMIT, "a release has at most %d forms", RELEASE_FORMS_MAX);
    if (ok && json_array_append_new(names, json_string(name)) != 0)
        ok = wg_fail_memory(err, "adding a form");
    if (ok) return repo_draft_target(forms->draft, forms->component, path, info, true, err);
    json_decref(info);
    return false;
}

static bool take(const struct repository_forms *forms, const char *file,
                 const struct release_form *form, struct wg_error *err)
{
    char name[WG_NAME_MAX + 1], path[TUF_PATH_MAX + 1];
    artifact_form_name(form, name);
    if (!path_of(forms->component, forms->version, name, path, err)) return false;
    json_t *info = repo_target_add(forms->repo, path, file, err);
    if (!info) return false;
    if (json_object_set_new(info, "custom", artifact_form_custom(form)) != 0) {
        json_decref(info);
        return wg_fail_memory(err, "adding a form");
    }
    screen_text(forms->screen, "%s: %s, %lld bytes for the artifact's %lld\n", path,
                release_form_text(form->kind),
                (long long)json_integer_value(json_object_get(info, "length")),
                (long long)form->to.length);
    return repo_draft_target(forms->draft, forms->component, path, info, false, err) &&
           name_form(forms, name, err);
}

/* Packed into a file that goes when it has been taken in under its hash. */
static bool make(const struct repository_forms *forms, const char *file, const char *old,
                 struct wg_error *err)
{
    char folder[PATH_MAX], packed[PATH_MAX];
    struct release_form form;
    if (!wg_path_join(folder, sizeof folder, forms->repo->folder, ".packing-XXXXXX", err))
        return false;
    if (!mkdtemp(folder)) return wg_fail_errno(err, "%s", folder);
    bool ok = wg_path_join(packed, sizeof packed, folder, "packed", err) &&
              artifact_form_pack(file, old, packed, &form, err) && take(forms, packed, &form, err);
    (void)unlink(packed);
    (void)rmdir(folder);
    return ok;
}

struct delta {
    const struct repository_forms *forms;
    const char *file;
};

/* The old artifact, from among the repository's own targets, as it was signed. */
static bool make_delta(void *ctx, const char *part, struct wg_error *err)
{
    const struct delta *delta = ctx;
    const struct repo *repo = delta->forms->repo;
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    char path[TUF_PATH_MAX + 1], old[PATH_MAX];
    struct release_content signed_as, found;
    bool is_age = false;
    if (!repository_release_name(part, component, version, err) ||
        !content_of(repo, component, version, &is_age, &signed_as, err))
        return wg_context(err, "--delta-from");
    if (is_age)
        return wg_fail(
            err, WG_E_USAGE,
            "--delta-from %s: it is encrypted: use wavegate release pack NEW --base OLD, "
            "release seal, and release add-form",
            part);
    if (!path_of(component, version, "artifact", path, err) ||
        !repo_target_file(repo, path, signed_as.sha256, old, err) ||
        !artifact_form_content(old, &found, err))
        return wg_context(err, "--delta-from %s", part);
    if (strcmp(found.sha256, signed_as.sha256) != 0)
        return wg_fail(err, WG_E_VERIFY, "--delta-from %s: %s is not what was signed", part, old);
    return make(delta->forms, delta->file, old, err) || wg_context(err, "--delta-from %s", part);
}

bool repository_forms_make(const struct repository_forms *forms, const struct args *args,
                           const char *file, struct wg_error *err)
{
    const char *from = args_value(args, "delta-from");
    struct delta delta = {forms, file};
    if (!args_has(args, "compress") && !from) return true;
    if (args_has(args, "plain-sha256"))
        return wg_fail(err, WG_E_USAGE,
                       "an encrypted artifact is not compressed any more: pack first "
                       "(wavegate release pack), seal that, and add it with release add-form");
    if (args_has(args, "compress") && !make(forms, file, NULL, err))
        return wg_context(err, "--compress");
    return !from || repository_parts(from, make_delta, &delta, err);
}

/* ---- add-form ---- */

static bool read_length(const char *text, int64_t *out, struct wg_error *err)
{
    char *end = NULL;
    *out = strtoll(text, &end, 10);
    return (end != text && !*end && *out > 0) ||
           wg_fail(err, WG_E_USAGE, "--plain-length: expected a whole number");
}

static bool read_form(const struct args *args, struct release_form *form, struct wg_error *err)
{
    uint8_t digest[WG_SHA256_SIZE];
    const char *base = args_value(args, "base"), *sha256 = args_value(args, "plain-sha256");
    const char *length = args_value(args, "plain-length");
    form->kind = base ? RELEASE_ZSTD_PATCH : RELEASE_ZSTD;
    form->is_age = sha256 != NULL;
    if ((sha256 != NULL) != (length != NULL))
        return wg_fail(err, WG_E_USAGE, "--plain-sha256 and --plain-length belong together");
    if (base && !artifact_form_content(base, &form->from, err)) return wg_context(err, "--base");
    if (!sha256) return true;
    return read_length(length, &form->plain.length, err) &&
           ((wg_unhex(sha256, digest, sizeof digest) &&
             wg_copy(form->plain.sha256, sizeof form->plain.sha256, sha256)) ||
            wg_fail(err, WG_E_USAGE, "--plain-sha256: expected 64 lower-case hex digits"));
}

static bool add_form(struct cli *cli, const struct repository_forms *forms, struct wg_error *err)
{
    struct release_form form = {.is_age = false};
    const char *file = cli->args->positionals[0];
    bool is_age = false;
    if (!read_form(cli->args, &form, err) ||
        !content_of(forms->repo, forms->component, forms->version, &is_age, &form.to, err))
        return false;
    if (is_age && !form.is_age)
        return wg_fail(err, WG_E_USAGE,
                       "the artifact is encrypted, and this form is not: seal it, and give "
                       "--plain-sha256 and --plain-length as release seal says them");
    /* what is sealed can be looked at no more */
    if (!form.is_age && !artifact_form_check(file, args_value(cli->args, "base"), &form, err))
        return false;
    return take(forms, file, &form, err);
}

bool repository_add_form_run(struct cli *cli, struct wg_error *err)
{
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    struct repo repo = {.lock = -1};
    struct repo_draft draft = {&repo.state, wg_now()};
    const struct repository_forms forms = {&cli->screen, &repo, &draft, component, version};
    bool ok = repository_names(cli->args, component, version, err) &&
              repository_open(cli, true, &repo, err) && add_form(cli, &forms, err) &&
              repository_save_and_show(cli, &repo, err);
    repo_close(&repo);
    return ok;
}
