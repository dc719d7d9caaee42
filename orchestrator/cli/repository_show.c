/* repository_show.c: `release list` of a repository, `release show`, `release verify`. */
#include "orchestrator/cli/list.h"
#include "orchestrator/cli/release_approve.h"
#include "orchestrator/cli/repository_with.h"
#include "orchestrator/release/repo_audit.h"
#include "orchestrator/release/repo_evidence.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : otherwise;
}

static const json_t *facts_of(const json_t *info)
{
    return json_object_get(json_object_get(info, "custom"), "wavegate");
}

static const char *sha256_of(const json_t *info)
{
    return text_of(json_object_get(info, "hashes"), "sha256", "?");
}

static json_t *target_in(const json_t *map, const char *role, const char *path)
{
    return json_object_get(json_object_get(repo_body(map, role), "targets"), path);
}

/* ---- list ---- */

static json_t *row(const struct repo *repo, const char *role, const char *path, const json_t *info)
{
    const struct repo_state *state = &repo->state;
    char why[256];
    repository_with_fault(repo, json_object_get(info, "custom"), why, sizeof why);
    const json_t *facts = facts_of(info);
    bool live = target_in(state->live, role, path) != NULL;
    bool kept = !repo_body(state->staged, role) || target_in(state->staged, role, path);
    return json_pack("{s:s,s:s,s:O,s:s,s:I,s:s,s:s*}", "component", role, "version",
                     text_of(facts, "version", "?"), "facts", facts, "sha256", sha256_of(info),
                     "length", (json_int_t)json_integer_value(json_object_get(info, "length")),
                     "state",
                     !live  ? "staged"
                     : kept ? "published"
                            : "published, to be revoked",
                     "unusable", why[0] ? why : NULL);
}

static void add_rows(const struct repo *repo, const json_t *map, const char *role, bool only_new,
                     json_t *out)
{
    const struct repo_state *state = &repo->state;
    const char *path = NULL;
    json_t *info = NULL;
    json_object_foreach(json_object_get(repo_body(map, role), "targets"), path, info)
    {
        size_t len = strlen(path);
        bool is_artifact = facts_of(info) && len > 9 && strcmp(path + len - 9, "/artifact") == 0;
        if (is_artifact && !(only_new && target_in(state->live, role, path)))
            (void)json_array_append_new(out, row(repo, role, path, info));
    }
}

static void add_revoked(const struct repo_state *state, const char *role, json_t *out)
{
    const json_t *custom = json_object_get(repo_body(state->live, role), "custom");
    json_t *revoked = json_object_get(json_object_get(custom, "wavegate"), "revoked"), *why = NULL;
    const char *version = NULL;
    json_object_foreach(revoked, version, why)
    {
        (void)json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:s,s:s}", "component", role,
                                                   "version", version, "state", "revoked", "reason",
                                                   text_of(why, "reason", ""), "at",
                                                   text_of(why, "at", "")));
    }
}

static json_t *all_rows(const struct repo *repo)
{
    const struct repo_state *state = &repo->state;
    json_t *out = json_array(), *envelope = NULL;
    const char *role = NULL;
    json_object_foreach(state->live, role, envelope)
    {
        if (tuf_role_is_top_level(role)) continue;
        add_rows(repo, state->live, role, false, out);
        add_revoked(state, role, out);
    }
    json_object_foreach(state->staged, role, envelope)
    {
        if (!tuf_role_is_top_level(role)) add_rows(repo, state->staged, role, true, out);
    }
    return out;
}

static void add_name(const json_t *one, struct wg_buf *out)
{
    wg_buf_printf(out, "%s/%s", text_of(one, "component", ""), text_of(one, "version", ""));
}

static void add_hardware(const json_t *one, struct wg_buf *out)
{
    const json_t *facts = json_object_get(one, "facts");
    const json_t *list = json_object_get(facts, "hardware");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *fits = json_array_get(list, i);
        wg_buf_printf(out, "%s%s %s", i ? ", " : "", text_of(fits, "model", "?"),
                      text_of(fits, "revision", ""));
    }
    if (facts && json_array_size(list) == 0) wg_buf_text(out, "any");
}

static void add_state(const json_t *one, struct wg_buf *out)
{
    const char *reason = text_of(one, "reason", text_of(one, "unusable", ""));
    wg_buf_printf(out, "%s%s%s%s", text_of(one, "state", ""),
                  json_object_get(one, "unusable") ? ", unusable" : "", *reason ? ": " : "",
                  reason);
}

static const struct list_column columns[] = {{"release", .write = add_name},
                                             {"hardware", .write = add_hardware},
                                             {"bytes", .key = "length", .kind = LIST_NUMBER},
                                             {"sha256", .key = "sha256", .shown = 16},
                                             {"state", .write = add_state},
                                             {NULL}};
/* of a repository; the database's is release_list */
static const struct list repository_list = {"release", "list", columns, .empty = NULL};

bool repository_list_run(struct cli *cli, struct wg_error *err)
{
    struct repo repo;
    bool ok = repository_open(cli, false, &repo, err);
    json_t *rows = ok ? all_rows(&repo) : NULL;
    if (ok && cli->screen.json) {
        json_t *standing = repo_standing(&repo.state, err);
        ok = standing &&
             screen_json(json_pack("{s:O,s:o}", "releases", rows, "staged", standing), err);
    } else if (ok) {
        list_add(&cli->screen, &repository_list, rows);
        if (json_object_size(repo.state.staged) > 0) screen_text(&cli->screen, "\nstaged:\n");
        ok = repository_show_standing(&cli->screen, &repo.state, err) &&
             screen_flush(&cli->screen, err);
    }
    json_decref(rows);
    repo_close(&repo);
    return ok;
}

/* ---- show ---- */

static void show_fact(struct screen *screen, const char *key, const json_t *value)
{
    if (json_is_string(value) && !strpbrk(json_string_value(value), "\n\t")) {
        screen_text(screen, "  %-18s %s\n", key, json_string_value(value));
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    screen_text(screen, "  %-18s %s\n", key, text ? text : "?");
    free(text);
}

/* The summary of an SBOM or provenance among the release's targets; false: it is neither. */
static bool summarise(const struct repo *repo, const char *path, const json_t *info,
                      const char *artifact, char out[EVIDENCE_SUMMARY_MAX])
{
    char file[PATH_MAX];
    struct wg_buf bytes;
    struct wg_error why = {0};
    const char *digests[] = {artifact, NULL}, *name = strrchr(path, '/') + 1;
    bool sbom = strncmp(name, "sbom.", 5) == 0;
    if (!sbom && strncmp(name, "provenance.", 11) != 0) return false;
    wg_buf_init(&bytes, EVIDENCE_MAX);
    bool ok = repo_target_file(repo, path, sha256_of(info), file, &why) &&
              wg_file_read(file, &bytes, &why);
    ok = ok && (sbom ? evidence_sbom(wg_buf_str(&bytes), bytes.len, out, &why)
                     : evidence_provenance(wg_buf_str(&bytes), bytes.len, digests, out, &why));
    /* of an encrypted artifact it may name what is inside */
    if (!ok && !sbom && why.code == WG_E_VERIFY) {
        digests[0] = NULL;
        ok = evidence_provenance(wg_buf_str(&bytes), bytes.len, digests, out, &why);
    }
    wg_buf_clear(&bytes);
    if (!ok) (void)wg_format(out, EVIDENCE_SUMMARY_MAX, "cannot be read: %.400s", why.text);
    return true;
}

static void show_signers(struct screen *screen, const struct repo_state *state, const json_t *map,
                         const char *role, struct wg_error *err)
{
    struct repo_signers signers;
    if (!repo_signers_find(map, role, &signers)) return;
    json_t *ids = repo_signed_by(json_object_get(map, role), &signers, err);
    screen_text(screen, "  %-18s", "signed by");
    for (size_t i = 0; i < json_array_size(ids); i++) {
        json_t *title = repo_key_title(state, json_string_value(json_array_get(ids, i)));
        screen_text(screen, "%s %s", i ? "," : "", json_string_value(title));
        json_decref(title);
    }
    screen_text(screen, " (%" PRId64 " needed)\n", repo_signers_threshold(&signers));
    json_decref(ids);
}

static void show_content(struct screen *screen, const char *what, const json_t *content)
{
    if (content)
        screen_text(screen, "    %s sha256 %s, %lld bytes\n", what, text_of(content, "sha256", "?"),
                    (long long)json_integer_value(json_object_get(content, "length")));
}

/* What the target says of itself when it is a form of the artifact. */
static void show_form(struct screen *screen, const json_t *facts)
{
    if (!json_object_get(facts, "form")) return;
    screen_text(screen, "    form %s\n", text_of(facts, "form", "?"));
    show_content(screen, "plain", json_object_get(facts, "plain"));
    show_content(screen, "from", json_object_get(facts, "from"));
    show_content(screen, "to", json_object_get(facts, "to"));
}

static void show_fault(struct screen *screen, const struct repo *repo, const json_t *artifact)
{
    char why[256];
    repository_with_fault(repo, json_object_get(artifact, "custom"), why, sizeof why);
    if (why[0]) screen_text(screen, "  %-18s %s\n", "unusable", why);
}

static void show_release(struct screen *screen, const struct repo *repo, const json_t *map,
                         const char *component, const char *prefix, const json_t *artifact)
{
    const char *key = NULL, *path = NULL;
    json_t *value = NULL, *info = NULL;
    json_object_foreach((json_t *)facts_of(artifact), key, value) show_fact(screen, key, value);
    show_fault(screen, repo, artifact);
    json_object_foreach(json_object_get(repo_body(map, component), "targets"), path, info)
    {
        char summary[EVIDENCE_SUMMARY_MAX];
        if (strncmp(path, prefix, strlen(prefix)) != 0) continue;
        screen_text(screen, "  %s\n    %lld bytes, sha256 %s\n", path,
                    (long long)json_integer_value(json_object_get(info, "length")),
                    sha256_of(info));
        show_form(screen, facts_of(info));
        if (summarise(repo, path, info, sha256_of(artifact), summary))
            screen_text(screen, "    %s\n", summary);
    }
}

static bool show_json(const struct repo *repo, const json_t *map, const char *component,
                      const char *prefix, const json_t *artifact, struct wg_error *err)
{
    json_t *out = json_pack("{s:O,s:{}}", "facts", facts_of(artifact), "targets"), *info = NULL;
    const char *path = NULL;
    char why[256];
    repository_with_fault(repo, json_object_get(artifact, "custom"), why, sizeof why);
    if (why[0]) (void)json_object_set_new(out, "unusable", json_string(why));
    json_object_foreach(json_object_get(repo_body(map, component), "targets"), path, info)
    {
        char summary[EVIDENCE_SUMMARY_MAX];
        if (strncmp(path, prefix, strlen(prefix)) != 0) continue;
        json_t *one = json_pack("{s:O,s:O}", "length", json_object_get(info, "length"), "hashes",
                                json_object_get(info, "hashes"));
        if (one && json_object_get(facts_of(info), "form"))
            (void)json_object_set(one, "form", (json_t *)facts_of(info));
        if (one && summarise(repo, path, info, sha256_of(artifact), summary))
            (void)json_object_set_new(one, "summary", json_string(summary));
        (void)json_object_set_new(json_object_get(out, "targets"), path, one);
    }
    return screen_json(out, err);
}

static bool show(struct cli *cli, const struct repo *repo, const char *component,
                 const char *version, struct wg_error *err)
{
    char path[TUF_PATH_MAX + 1], prefix[TUF_PATH_MAX + 1];
    (void)wg_format(prefix, sizeof prefix, "%s/%s/", component, version);
    (void)wg_format(path, sizeof path, "%sartifact", prefix);
    const json_t *live = target_in(repo->state.live, component, path);
    const json_t *map = live ? repo->state.live : repo->state.staged;
    const json_t *artifact = target_in(map, component, path);
    const json_t *revoked = repo_revocation(repo->state.live, component, version);
    if (!artifact && revoked)
        return wg_fail(err, WG_E_NOT_FOUND, "%s/%s was revoked at %s: %s", component, version,
                       text_of(revoked, "at", "?"), text_of(revoked, "reason", "?"));
    if (!artifact)
        return wg_fail(err, WG_E_NOT_FOUND, "there is no release %s/%s", component, version);
    if (cli->screen.json) return show_json(repo, map, component, prefix, artifact, err);
    screen_text(&cli->screen, "%s/%s, %s\n", component, version, live ? "published" : "staged");
    show_release(&cli->screen, repo, map, component, prefix, artifact);
    json_t *all = repo_overlay(&repo->state);
    show_signers(&cli->screen, &repo->state, live ? repo->state.live : all, component, err);
    json_decref(all);
    return screen_flush(&cli->screen, err);
}

bool release_show_run(struct cli *cli, struct wg_error *err)
{
    struct repo repo = {.lock = -1};
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    if (!args_has(cli->args, "repository")) return release_show_server(cli, err);
    bool ok = repository_release_name(cli->args->positionals[0], component, version, err) &&
              repository_open(cli, false, &repo, err) && show(cli, &repo, component, version, err);
    repo_close(&repo);
    return ok;
}

/* ---- verify ---- */

static void show_role(struct screen *screen, const json_t *role, wg_time now)
{
    char span[WG_TIME_TEXT];
    wg_time expires = 0;
    const json_t *names = json_object_get(role, "signed");
    const char *until = text_of(role, "expires", "");
    screen_text(screen, "%s %lld: ", text_of(role, "role", ""),
                (long long)json_integer_value(json_object_get(role, "version")));
    if (wg_time_parse(until, &expires) && expires > now) {
        wg_duration_words(expires - now, span);
        screen_text(screen, "expires in %s, at %s", span, until);
    } else {
        screen_text(screen, "expired at %s", until);
    }
    screen_text(screen, "; signed by");
    for (size_t i = 0; i < json_array_size(names); i++)
        screen_text(screen, "%s %s", i ? "," : "", json_string_value(json_array_get(names, i)));
    screen_text(screen, " (%lld needed)\n",
                (long long)json_integer_value(json_object_get(role, "threshold")));
}

static bool show_audit(struct screen *screen, const struct repo_audit *audit, struct wg_error *err)
{
    size_t problems = json_array_size(audit->problems);
    for (size_t i = 0; i < json_array_size(audit->roles); i++)
        show_role(screen, json_array_get(audit->roles, i), wg_now());
    for (size_t i = 0; i < problems; i++)
        screen_text(screen, "WRONG %s\n", json_string_value(json_array_get(audit->problems, i)));
    screen_text(screen, "%" PRId64 " targets, %" PRId64 " bytes: %s\n", audit->targets,
                audit->bytes, problems ? "the repository does not verify" : "all of it verifies");
    return screen_flush(screen, err);
}

static bool audit_json(const struct repo_audit *audit, struct wg_error *err)
{
    return screen_json(json_pack("{s:b,s:O,s:O,s:I,s:I}", "ok",
                                 json_array_size(audit->problems) == 0, "roles", audit->roles,
                                 "problems", audit->problems, "targets", (json_int_t)audit->targets,
                                 "bytes", (json_int_t)audit->bytes),
                       err);
}

/* Releases that no device would install, for want of a companion. */
static bool add_unusable(struct repo_audit *audit, const struct repo *repo, struct wg_error *err)
{
    json_t *rows = all_rows(repo);
    bool ok = rows || wg_fail_memory(err, "checking a repository");
    for (size_t i = 0; ok && i < json_array_size(rows); i++) {
        const json_t *one = json_array_get(rows, i);
        const char *why = json_string_value(json_object_get(one, "unusable"));
        if (why && json_array_append_new(audit->problems,
                                         json_sprintf("%s/%s cannot be installed: %s",
                                                      text_of(one, "component", ""),
                                                      text_of(one, "version", ""), why)) != 0)
            ok = wg_fail_memory(err, "checking a repository");
    }
    json_decref(rows);
    return ok;
}

bool release_verify_run(struct cli *cli, struct wg_error *err)
{
    struct repo repo;
    struct repo_audit audit = {NULL, NULL, 0, 0};
    bool ok = repository_open(cli, false, &repo, err) &&
              repo_audit_run(&audit, &repo, wg_now(), err) && add_unusable(&audit, &repo, err) &&
              (cli->screen.json ? audit_json(&audit, err) : show_audit(&cli->screen, &audit, err));
    if (ok && json_array_size(audit.problems) > 0) {
        ok = false;
        if (err) *err = (struct wg_error){.code = WG_E_VERIFY}; /* the result has said it all */
    }
    repo_audit_clear(&audit);
    repo_close(&repo);
    return ok;
}
