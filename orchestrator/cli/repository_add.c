/* repository_add.c: `release add` into a repository, `release revoke`, `release add-policy`. */
#include "orchestrator/cli/progress.h"
#include "orchestrator/cli/release_with.h"
#include "orchestrator/cli/repository_form.h"
#include "orchestrator/cli/repository_with.h"
#include "orchestrator/release/repo_evidence.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "common/trust/release_facts.h"
#include "common/trust/trust_policy.h"

#include <stdlib.h>
#include <string.h>

#define POLICY_PATH "policy.json"
#define NOTES_MAX 4096
#define REASON_MAX 512

static bool put(json_t *object, const char *key, json_t *value, struct wg_error *err)
{
    return json_object_set_new(object, key, value) == 0 || wg_fail_memory(err, "adding a release");
}

/* ---- facts ---- */

/* "NAME:RANGE" or "NAME". */
static bool split(const char *part, char name[WG_NAME_MAX + 1], const char **range)
{
    const char *colon = strchr(part, ':');
    *range = colon ? colon + 1 : "";
    return wg_copy_n(name, WG_NAME_MAX + 1, part, colon ? (size_t)(colon - part) : strlen(part)) &&
           wg_name_is_valid(name);
}

static bool add_hardware(void *ctx, const char *part, struct wg_error *err)
{
    char name[WG_NAME_MAX + 1];
    const char *revision = NULL;
    if (!split(part, name, &revision))
        return wg_fail(err, WG_E_USAGE,
                       "--hardware: \"%.80s\": expected MODEL or MODEL:REVISIONS, like 'ecu:>=C'",
                       part);
    json_t *entry = json_pack("{s:s}", "model", name);
    if (entry && *revision) (void)json_object_set_new(entry, "revision", json_string(revision));
    return json_array_append_new((json_t *)ctx, entry) == 0 || wg_fail_memory(err, "--hardware");
}

/* value is taken over; NULL: nothing was given, unless err says otherwise. */
static bool put_object(json_t *facts, const char *key, json_t *value, struct wg_error *err)
{
    return value ? put(facts, key, value, err) : err->code == WG_OK;
}

static bool put_lists(const struct args *args, json_t *facts, struct wg_error *err)
{
    const char *hardware = args_value(args, "hardware");
    if (hardware &&
        (!put(facts, "hardware", json_array(), err) ||
         !repository_parts(hardware, add_hardware, json_object_get(facts, "hardware"), err)))
        return false;
    return put_object(facts, "depends", release_depends_read(args, err), err) &&
           put_object(facts, "with", release_with_read(args, err), err);
}

static bool read_number(const char *text, const char *flag, int64_t min, int64_t max, int64_t *out,
                        struct wg_error *err)
{
    char *end = NULL;
    *out = strtoll(text, &end, 10);
    return (end != text && !*end && *out >= min && *out <= max) ||
           wg_fail(err, WG_E_USAGE, "--%s: expected a whole number", flag);
}

static bool put_numbers(const struct args *args, json_t *facts, struct wg_error *err)
{
    int64_t number = 0;
    const char *security = args_value(args, "security-version");
    const char *sha256 = args_value(args, "plain-sha256");
    const char *length = args_value(args, "plain-length");
    if (security &&
        (!read_number(security, "security-version", 0, RELEASE_SECURITY_MAX, &number, err) ||
         !put(facts, "security_version", json_integer(number), err)))
        return false;
    if ((sha256 != NULL) != (length != NULL))
        return wg_fail(err, WG_E_USAGE, "--plain-sha256 and --plain-length belong together");
    return !sha256 ||
           (read_number(length, "plain-length", 1, INT64_MAX, &number, err) &&
            put(facts, "plain",
                json_pack("{s:s,s:I}", "sha256", sha256, "length", (json_int_t)number), err));
}

static bool put_texts(const struct args *args, json_t *facts, struct wg_error *err)
{
    const char *scheme = args_value(args, "scheme"), *from = args_value(args, "from");
    const char *notes = args_value(args, "notes");
    if (notes && (strlen(notes) > NOTES_MAX || !wg_text_is_utf8(notes, strlen(notes))))
        return wg_fail(err, WG_E_USAGE, "--notes: expected at most %d bytes of text", NOTES_MAX);
    return (!scheme || put(facts, "scheme", json_string(scheme), err)) &&
           (!from || put(facts, "from", json_string(from), err)) &&
           (!notes || put(facts, "notes", json_string(notes), err));
}

/* Read back by the code that devices use: what they would refuse is refused here, before anything
 * is stored. Digest and length are not known yet; any will do. */
static bool check_facts(const struct repo *repo, const json_t *custom, struct wg_error *err)
{
    char key[WG_SORT_KEY_MAX];
    struct release_facts *facts = calloc(1, sizeof *facts);
    if (!facts) return wg_fail_memory(err, "adding a release");
    memset(facts->sha256, '0', sizeof facts->sha256 - 1);
    facts->length = 1;
    bool ok = release_facts_read(custom, facts, err);
    if (ok && facts->scheme != WG_SCHEME_OPAQUE)
        ok = wg_scheme_key(facts->scheme, facts->version, key, err) || wg_context(err, "--version");
    ok = ok && (repository_with_check(repo, facts, err) || wg_context(err, "--with"));
    free(facts);
    return ok;
}

/* What comes with it, under the same signature: a policy may ask for it. */
static bool put_papers(const struct args *args, json_t *facts, struct wg_error *err)
{
    static const char *const papers[] = {"sbom", "provenance"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof papers / sizeof papers[0]; i++)
        if (args_has(args, papers[i])) (void)json_array_append_new(list, json_string(papers[i]));
    if (json_array_size(list) > 0) return put(facts, "papers", list, err);
    json_decref(list);
    return true;
}

static json_t *make_custom(const struct args *args, const char *component, const char *version,
                           struct wg_error *err)
{
    json_t *facts = json_pack("{s:s,s:s}", "component", component, "version", version);
    bool ok = (facts || wg_fail_memory(err, "adding a release")) && put_texts(args, facts, err) &&
              put_lists(args, facts, err) && put_numbers(args, facts, err) &&
              put_papers(args, facts, err);
    if (ok) return json_pack("{s:o}", "wavegate", facts);
    json_decref(facts);
    return NULL;
}

/* ---- adding ---- */

struct adding {
    struct repo *repo;
    struct repo_draft *draft;
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    char sha256[WG_SHA256_HEX];
    const char *digests[3]; /* of the artifact, and of what it opens to */
    struct screen *screen;
};

static bool add_target(const struct adding *adding, const char *role, const char *path,
                       json_t *info, bool replaces, struct wg_error *err)
{
    screen_text(adding->screen, "%s: %lld bytes, sha256 %s\n", path,
                (long long)json_integer_value(json_object_get(info, "length")),
                json_string_value(json_object_get(json_object_get(info, "hashes"), "sha256")));
    return repo_draft_target(adding->draft, role, path, info, replaces, err);
}

static bool path_of(const struct adding *adding, const char *name, char out[TUF_PATH_MAX + 1],
                    struct wg_error *err)
{
    return wg_format(out, TUF_PATH_MAX + 1, "%s/%s/%s", adding->component, adding->version, name) ||
           wg_fail(err, WG_E_LIMIT, "%s: the path of the target is too long", name);
}

/* "sbom" and all endings of the file's name: build/ecu.cdx.json -> sbom.cdx.json. */
static bool evidence_name(const char *what, const char *file, char out[WG_NAME_MAX + 1],
                          struct wg_error *err)
{
    const char *slash = strrchr(file, '/'), *dot = strchr(slash ? slash + 1 : file, '.');
    return (wg_format(out, WG_NAME_MAX + 1, "%s%s", what, dot ? dot : ".json") &&
            wg_name_is_valid(out)) ||
           wg_fail(err, WG_E_USAGE, "%s: its name has an ending that cannot be kept", file);
}

static bool check_evidence(const struct adding *adding, const char *what, const char *file,
                           struct wg_error *err)
{
    char summary[EVIDENCE_SUMMARY_MAX];
    struct wg_buf bytes;
    wg_buf_init(&bytes, EVIDENCE_MAX);
    bool ok = wg_file_read(file, &bytes, err);
    if (ok && strcmp(what, "sbom") == 0)
        ok = evidence_sbom(wg_buf_str(&bytes), bytes.len, summary, err);
    else if (ok)
        ok = evidence_provenance(wg_buf_str(&bytes), bytes.len, adding->digests, summary, err);
    wg_buf_clear(&bytes);
    return ok || wg_context(err, "%s", file);
}

static bool add_evidence(const struct adding *adding, const char *what, const char *file,
                         struct wg_error *err)
{
    char name[WG_NAME_MAX + 1], path[TUF_PATH_MAX + 1];
    if (!file) return true;
    if (!evidence_name(what, file, name, err) || !path_of(adding, name, path, err) ||
        !check_evidence(adding, what, file, err))
        return false;
    json_t *info = repo_target_add(adding->repo, path, file, err);
    return info && add_target(adding, adding->component, path, info, false, err);
}

static json_t *copy_artifact(const struct adding *adding, const char *path, const char *file,
                             struct wg_error *err)
{
    struct progress progress;
    const struct artifact_told told = {progress_told, &progress};
    progress_begin(&progress, adding->screen, file);
    adding->repo->told = &told;
    json_t *info = repo_target_add(adding->repo, path, file, err);
    adding->repo->told = NULL;
    progress_end(&progress);
    return info;
}

/* Evidence is looked at before anything is staged: the artifact's digest is known by then. */
static bool add_artifact(struct adding *adding, const struct args *args, struct wg_error *err)
{
    char path[TUF_PATH_MAX + 1];
    const char *file = args->positionals[0];
    if (!path_of(adding, "artifact", path, err)) return false;
    json_t *custom = make_custom(args, adding->component, adding->version, err);
    bool ok = custom && check_facts(adding->repo, custom, err);
    json_t *info = ok ? copy_artifact(adding, path, file, err) : NULL;
    if (info && json_object_set(info, "custom", custom) != 0) {
        (void)wg_fail_memory(err, "adding a release");
        json_decref(info);
        info = NULL;
    }
    json_decref(custom);
    if (!info) return false;
    (void)wg_copy(adding->sha256, sizeof adding->sha256,
                  json_string_value(json_object_get(json_object_get(info, "hashes"), "sha256")));
    adding->digests[0] = adding->sha256;
    adding->digests[1] = args_value(args, "plain-sha256");
    return add_target(adding, adding->component, path, info, false, err) &&
           add_evidence(adding, "sbom", args_value(args, "sbom"), err) &&
           add_evidence(adding, "provenance", args_value(args, "provenance"), err);
}

static bool check_revoked(const struct adding *adding, struct wg_error *err)
{
    json_t *map = repo_overlay(&adding->repo->state);
    const json_t *revoked = repo_revocation(map, adding->component, adding->version);
    bool ok =
        !revoked || wg_fail(err, WG_E_CONFLICT, "%s/%s was revoked (%s): give it a new version",
                            adding->component, adding->version,
                            json_string_value(json_object_get(revoked, "reason")));
    json_decref(map);
    return ok;
}

static bool add_forms(const struct adding *adding, const struct args *args, struct wg_error *err)
{
    const struct repository_forms forms = {adding->screen, adding->repo, adding->draft,
                                           adding->component, adding->version};
    return repository_forms_make(&forms, args, args->positionals[0], err);
}

bool repository_add_run(struct cli *cli, struct wg_error *err)
{
    struct repo repo = {.lock = -1};
    struct repo_draft draft = {&repo.state, wg_now()};
    struct adding adding = {.repo = &repo, .draft = &draft, .screen = &cli->screen};
    struct repo_role_keys *keys = calloc(1, sizeof *keys);
    bool ok = keys || wg_fail_memory(err, "adding a release");
    ok = ok && repository_names(cli->args, adding.component, adding.version, err) &&
         repository_role_keys(cli->args, "role-keys", "role-threshold", keys, err) &&
         repository_open(cli, true, &repo, err) && check_revoked(&adding, err) &&
         repo_draft_component(&draft, adding.component, keys, err) &&
         add_artifact(&adding, cli->args, err) && add_forms(&adding, cli->args, err) &&
         repository_save_and_show(cli, &repo, err);
    free(keys);
    repo_close(&repo);
    return ok;
}

/* ---- revoke ---- */

/* What comes with it can no longer be installed either. */
static void show_users(struct screen *screen, const struct repo *repo, const char *component,
                       const char *version)
{
    json_t *users = repository_with_users(repo, component, version);
    for (size_t i = 0; i < json_array_size(users) && !screen->json; i++)
        screen_text(screen, "%s comes with %s/%s and can no longer be installed: revoke it too\n",
                    json_string_value(json_array_get(users, i)), component, version);
    json_decref(users);
}

bool release_revoke_run(struct cli *cli, struct wg_error *err)
{
    struct repo repo = {.lock = -1};
    struct repo_draft draft = {&repo.state, wg_now()};
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    const char *reason = args_value(cli->args, "reason");
    if (!reason || !*reason || strlen(reason) > REASON_MAX ||
        !wg_text_is_utf8(reason, strlen(reason)))
        return wg_fail(err, WG_E_USAGE, "--reason TEXT is needed, of at most %d bytes", REASON_MAX);
    bool ok = repository_release_name(cli->args->positionals[0], component, version, err) &&
              repository_open(cli, true, &repo, err) &&
              repo_draft_revoke(&draft, component, version, reason, err);
    if (ok) show_users(&cli->screen, &repo, component, version);
    ok = ok && repository_save_and_show(cli, &repo, err);
    repo_close(&repo);
    return ok;
}

/* ---- policy ---- */

/* As devices and signers will read it: a policy that they cannot use would stop every order. */
static bool check_policy(const char *file, struct wg_error *err)
{
    struct wg_buf bytes;
    struct trust_policy *policy = malloc(sizeof *policy);
    wg_buf_init(&bytes, TRUST_POLICY_MAX);
    bool ok = policy ? wg_file_read(file, &bytes, err) &&
                           (trust_policy_read(wg_buf_str(&bytes), bytes.len, policy, err) ||
                            wg_context(err, "%s", file))
                     : wg_fail_memory(err, file);
    if (ok && policy && policy->director_count == 0)
        ok = wg_fail(err, WG_E_BAD_INPUT, "%s: directors: nobody could sign an order", file);
    wg_buf_clear(&bytes);
    free(policy);
    return ok;
}

bool release_add_policy_run(struct cli *cli, struct wg_error *err)
{
    struct repo repo = {.lock = -1};
    struct repo_draft draft = {&repo.state, wg_now()};
    struct adding adding = {.repo = &repo, .draft = &draft, .screen = &cli->screen};
    const char *file = cli->args->positionals[0];
    json_t *info = NULL;
    bool ok = check_policy(file, err) && repository_open(cli, true, &repo, err) &&
              (info = repo_target_add(&repo, POLICY_PATH, file, err)) != NULL &&
              add_target(&adding, "targets", POLICY_PATH, info, true, err) &&
              repository_save_and_show(cli, &repo, err);
    repo_close(&repo);
    return ok;
}
