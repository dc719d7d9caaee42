/* repository_sign.c: `release sign`, `release refresh`, `release export`, `release import`. */
#include "orchestrator/cli/repository.h"
#include "orchestrator/release/repo_bundle.h"
#include "orchestrator/release/repo_keyring.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- sign ---- */

struct opening {
    struct repo_keyring *signers;
    const struct wg_passphrase_source *secret;
};

static bool open_key(void *ctx, const char *part, struct wg_error *err)
{
    const struct opening *opening = ctx;
    return repo_keyring_add(opening->signers, part, opening->secret, err);
}

/* A component without keys of its own is signed by those of targets. */
static bool is_wanted(const struct repo_state *state, const json_t *roles, const char *role)
{
    const char *staged = NULL;
    json_t *envelope = NULL;
    if (json_object_get(state->staged, role)) return true;
    json_object_foreach(state->staged, staged, envelope)
    {
        if (!json_object_get(roles, staged) && strcmp(role, "targets") == 0) return true;
    }
    return false;
}

/* Every key of keys.json that signs for what is staged and whose place is told. */
static bool open_known(struct repo_keyring *signers, const struct repo_state *state,
                       const struct wg_passphrase_source *secret, struct wg_error *err)
{
    json_t *roles = json_object_get(state->settings, "roles"), *list = NULL, *entry = NULL;
    const char *role = NULL, *seen[REPO_KEYRING_MAX];
    size_t i = 0, count = 0;
    if (json_object_size(state->staged) == 0) return true; /* which is told below */
    json_object_foreach(roles, role, list)
    {
        if (!is_wanted(state, roles, role)) continue;
        json_array_foreach(list, i, entry)
        {
            const char *where = json_string_value(json_object_get(entry, "where"));
            bool again = !where || count == REPO_KEYRING_MAX;
            for (size_t j = 0; where && j < count; j++) again = again || !strcmp(seen[j], where);
            if (again) continue;
            if (!repo_keyring_add(signers, where, secret, err)) return false;
            seen[count++] = where;
        }
    }
    return count > 0 || wg_fail(err, WG_E_USAGE,
                                "--key is needed: the repository knows no place of a secret key");
}

/* Under the id by which those who sign next know the key, or those who sign now. */
static bool sign_role(const struct repo_state *state, const json_t *map, const char *role,
                      struct repo_signer *signer, size_t *made, struct wg_error *err)
{
    struct repo_signers next, now;
    const char *id = NULL;
    if (repo_signers_find(map, role, &next))
        id = repo_signer_id(&signer->key, next.keys, next.role);
    if (!id && repo_signers_find(state->live, role, &now))
        id = repo_signer_id(&signer->key, now.keys, now.role);
    if (!id) return true;
    if (!repo_signer_sign(signer, id, json_object_get(state->staged, role), err)) return false;
    (*made)++;
    return true;
}

static bool check_fresh(const struct repo_state *state, const char *role, struct wg_error *err)
{
    wg_time expires = 0;
    const char *text =
        json_string_value(json_object_get(repo_body(state->staged, role), "expires"));
    return (text && wg_time_parse(text, &expires) && expires > wg_now()) ||
           wg_fail(err, WG_E_CONFLICT,
                   "what is staged of %s expired at %s: stage it anew by release rotate %s", role,
                   text ? text : "?", role);
}

/* named: the keys were, so each of them must have something to sign. */
static bool sign_all(struct cli *cli, const struct repo_state *state, struct repo_keyring *signers,
                     bool named, struct wg_error *err)
{
    const char *role = NULL;
    json_t *envelope = NULL, *map = repo_overlay(state);
    bool ok = map || wg_fail_memory(err, "signing");
    if (ok && json_object_size(state->staged) == 0)
        ok = wg_fail(err, WG_E_CONFLICT, "nothing is staged: there is nothing to sign");
    for (size_t i = 0; ok && i < signers->count; i++) {
        size_t made = 0;
        char id[WG_SHA256_HEX];
        json_object_foreach(state->staged, role, envelope)
        {
            ok = ok && check_fresh(state, role, err) &&
                 sign_role(state, map, role, &signers->signers[i], &made, err);
        }
        if (ok && named && made == 0 && tuf_key_id(&signers->signers[i].key, id, err))
            ok = wg_fail(err, WG_E_DENIED, "key %.16s signs for nothing that is staged", id);
    }
    json_object_foreach(state->staged, role, envelope)
    {
        if (ok) repository_show_changes(&cli->screen, state, role);
    }
    json_decref(map);
    return ok;
}

/* Whoever has the online keys publishes; for others it waits. */
static bool publish_complete(struct cli *cli, struct repo *repo, struct repo_keyring *signers,
                             const struct wg_passphrase_source *secret, struct wg_error *err)
{
    struct wg_error why = {0};
    size_t written = 0;
    json_t *complete = repo_complete(&repo->state, err);
    if (!complete) return false;
    bool any = json_object_size(complete) > 0;
    json_decref(complete);
    if (!any) {
        screen_text(&cli->screen, "not published yet:\n");
        return repository_show_standing(&cli->screen, &repo->state, err);
    }
    repo_keyring_online(signers, &repo->state, secret);
    if (repo_keyring_publish(repo, signers, 0, 0, &written, &why)) {
        screen_text(&cli->screen, "published\n");
        return repository_show_standing(&cli->screen, &repo->state, err);
    }
    if (why.code != WG_E_DENIED) return wg_fail(err, why.code, "%s", why.text);
    screen_text(&cli->screen,
                "complete; it is published by release refresh, where the keys of snapshot and "
                "timestamp are\n");
    screen_text(&cli->screen, "(here: %s)\n", why.text);
    return repository_show_standing(&cli->screen, &repo->state, err);
}

bool release_sign_run(struct cli *cli, struct wg_error *err)
{
    struct repo repo;
    struct wg_passphrase_source secret;
    struct repo_keyring *signers = calloc(1, sizeof *signers);
    const char *keys = args_value(cli->args, "key");
    if (!signers) return wg_fail_memory(err, "signing");
    struct opening opening = {signers, &secret};
    bool ok = repository_open(cli, true, &repo, err) && repository_secret(cli->args, &secret, err);
    ok = ok && (keys ? repository_parts(keys, open_key, &opening, err)
                     : open_known(signers, &repo.state, &secret, err));
    ok = ok && sign_all(cli, &repo.state, signers, keys != NULL, err) && repo_save(&repo, err) &&
         publish_complete(cli, &repo, signers, &secret, err) && screen_flush(&cli->screen, err);
    repo_keyring_clear(signers);
    free(signers);
    repo_close(&repo);
    return ok;
}

/* ---- refresh ---- */

static bool read_before(const struct cli *cli, const struct repo_state *state, wg_time *snapshot,
                        wg_time *timestamp, struct wg_error *err)
{
    wg_duration span = 0;
    wg_time now = wg_now();
    const char *before = args_value(cli->args, "before");
    *snapshot = repo_due_before(state, "snapshot", now);
    *timestamp = repo_due_before(state, "timestamp", now);
    if (args_has(cli->args, "force")) *snapshot = *timestamp = INT64_MAX;
    if (!before) return true;
    if (!wg_duration_parse(before, &span))
        return wg_fail(err, WG_E_USAGE, "--before: expected a duration, like 12h");
    *snapshot = *timestamp = now + span;
    return true;
}

/* Nobody but people can renew these. */
static void warn(void *ctx, const char *role, wg_duration left)
{
    struct cli *cli = ctx;
    char span[WG_TIME_TEXT];
    wg_duration_words(left, span);
    screen_text(&cli->screen, "%s expires in %s: release rotate %s, and sign\n", role, span, role);
}

bool release_refresh_run(struct cli *cli, struct wg_error *err)
{
    struct repo repo;
    struct wg_passphrase_source secret;
    size_t written = 0;
    wg_time snapshot = 0, timestamp = 0;
    struct repo_keyring *signers = calloc(1, sizeof *signers);
    const char *keys = args_value(cli->args, "key");
    if (!signers) return wg_fail_memory(err, "refreshing");
    struct opening opening = {signers, &secret};
    bool ok = repository_open(cli, true, &repo, err) &&
              repository_secret(cli->args, &secret, err) &&
              read_before(cli, &repo.state, &snapshot, &timestamp, err) &&
              repository_parts(keys, open_key, &opening, err);
    if (ok) repo_keyring_online(signers, &repo.state, &secret);
    ok = ok && repo_keyring_publish(&repo, signers, snapshot, timestamp, &written, err);
    if (ok) {
        screen_text(&cli->screen, written ? "published: %zu files\n" : "nothing is due\n", written);
        repo_warn_of_expiry(&repo.state, wg_now(), warn, cli);
        ok = screen_flush(&cli->screen, err);
    }
    repo_keyring_clear(signers);
    free(signers);
    repo_close(&repo);
    return ok;
}

/* ---- export and import ---- */

bool release_export_run(struct cli *cli, struct wg_error *err)
{
    struct repo repo;
    struct wg_buf bundle;
    const char *file = cli->args->positionals[0];
    wg_buf_init(&bundle, BUNDLE_MAX);
    bool ok = repository_open(cli, false, &repo, err) &&
              repo_bundle_write(&repo.state, &bundle, err) &&
              wg_file_replace(file, bundle.data, bundle.len, 0644, err);
    if (ok) {
        screen_text(&cli->screen, "%s: %zu staged roles\n", file,
                    json_object_size(repo.state.staged));
        ok = repository_show_standing(&cli->screen, &repo.state, err) &&
             screen_flush(&cli->screen, err);
    }
    wg_buf_clear(&bundle);
    repo_close(&repo);
    return ok;
}

/* What a person compares with what others have, where nothing else vouches for a first copy. */
static void show_first_root(struct cli *cli, const struct repo_state *state)
{
    char hex[WG_SHA256_HEX];
    const json_t *text = json_object_get(state->files, "metadata/1.root.json");
    if (text && wg_sha256_of(json_string_value(text), json_string_length(text), hex, NULL))
        screen_text(&cli->screen, "a first copy: compare root 1 with others: sha256 %s\n", hex);
}

static bool import(struct cli *cli, const struct repo_state *from, struct wg_error *err)
{
    const char *folder = NULL;
    struct repo repo = {.lock = -1};
    struct repo_merge merge;
    struct wg_error none = {0};
    if (!repository_folder(cli, &folder, err)) return false;
    bool first = false, ok = repo_open(&repo, folder, true, &none);
    if (!ok && none.code == WG_E_NOT_FOUND) {
        repo_close(&repo);
        first = ok = repo_create(&repo, folder, err);
    } else if (!ok) {
        (void)wg_fail(err, none.code, "%s", none.text);
    }
    ok = ok && repo_merge_run(&repo, from, &merge, err);
    if (ok && first) show_first_root(cli, from);
    if (ok) {
        screen_text(&cli->screen, "%s%" PRId64 " new staged roles, %" PRId64 " new signatures\n",
                    merge.advanced ? "newer published metadata, " : "", merge.roles,
                    merge.signatures);
        ok = repository_show_standing(&cli->screen, &repo.state, err) &&
             screen_flush(&cli->screen, err);
    }
    repo_close(&repo);
    return ok;
}

bool release_import_run(struct cli *cli, struct wg_error *err)
{
    struct repo_state from = {NULL, NULL, NULL, NULL};
    struct wg_buf bytes;
    wg_buf_init(&bytes, BUNDLE_MAX);
    bool ok = wg_file_read(cli->args->positionals[0], &bytes, err) &&
              repo_bundle_read(wg_buf_str(&bytes), bytes.len, &from, err) &&
              import(cli, &from, err);
    repo_state_clear(&from);
    wg_buf_clear(&bytes);
    return ok;
}
