/* repository_make.c: `release init`, `release make-key`, `release rotate`. */
#include "orchestrator/cli/repository.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- init ---- */

/* "root=365d" into the object of expiries. */
static bool set_expiry(void *ctx, const char *part, struct wg_error *err)
{
    json_t *expires = ctx;
    wg_duration span = 0;
    const char *equals = strchr(part, '=');
    char role[16];
    return (equals && wg_copy_n(role, sizeof role, part, (size_t)(equals - part)) &&
            json_object_get(expires, role) && wg_duration_parse(equals + 1, &span) &&
            span >= WG_SECOND &&
            json_object_set_new(expires, role, json_string(equals + 1)) == 0) ||
           wg_fail(err, WG_E_USAGE,
                   "--expires: \"%.40s\": expected ROLE=DURATION, like root=365d, for root, "
                   "targets, snapshot, timestamp",
                   part);
}

static bool read_roles(const struct args *args, struct repo_role_keys *roles, struct wg_error *err)
{
    static const struct {
        enum tuf_type type;
        const char *keys, *threshold;
    } flags[] = {{TUF_ROOT, "root-keys", "root-threshold"},
                 {TUF_TARGETS, "targets-keys", "targets-threshold"},
                 {TUF_SNAPSHOT, "snapshot-key", NULL},
                 {TUF_TIMESTAMP, "timestamp-key", NULL}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct repo_role_keys *role = &roles[flags[i].type];
        if (!repository_role_keys(args, flags[i].keys, flags[i].threshold, role, err)) return false;
        if (role->count == 0)
            return wg_fail(err, WG_E_USAGE, "--%s is needed: files with public or secret keys",
                           flags[i].keys);
        if (role->threshold == 0) role->threshold = 1;
    }
    return true;
}

static bool init(struct cli *cli, const struct repo_role_keys *roles, json_t *expires,
                 struct wg_error *err)
{
    const char *folder = NULL;
    struct repo repo = {.lock = -1};
    struct repo_draft draft = {&repo.state, wg_now()};
    bool ok = repository_folder(cli, &folder, err) && repo_create(&repo, folder, err) &&
              repo_draft_first(&draft, roles, expires, err) && repo_save(&repo, err);
    if (ok) {
        screen_text(&cli->screen, "%s is made; nothing is published before it is signed:\n",
                    folder);
        ok = repository_show_standing(&cli->screen, &repo.state, err) &&
             screen_flush(&cli->screen, err);
    }
    repo_close(&repo);
    return ok;
}

bool release_init_run(struct cli *cli, struct wg_error *err)
{
    struct repo_role_keys *roles = calloc(TUF_TARGETS + 1, sizeof *roles);
    json_t *expires = json_pack("{s:s,s:s,s:s,s:s}", "root", "365d", "targets", "90d", "snapshot",
                                "7d", "timestamp", "1d");
    bool ok = roles && expires
                  ? repository_parts(args_value(cli->args, "expires"), set_expiry, expires, err) &&
                        read_roles(cli->args, roles, err) && init(cli, roles, expires, err)
                  : wg_fail_memory(err, "making a repository");
    free(roles);
    json_decref(expires);
    return ok;
}

/* ---- make-key ---- */

static bool write_public(const char *file, const struct wg_identity_public *key, char *id,
                         struct wg_error *err)
{
    struct tuf_key public_key;
    char pem[TUF_KEY_PEM_MAX], path[PATH_MAX];
    return tuf_key_from_identity(key, &public_key, err) && tuf_key_to_pem(&public_key, pem, err) &&
           tuf_key_id(&public_key, id, err) &&
           (wg_format(path, sizeof path, "%s.pub", file) ||
            wg_fail(err, WG_E_LIMIT, "the path is too long")) &&
           wg_file_replace(path, pem, strlen(pem), 0644, err);
}

static bool ask_twice(const struct wg_passphrase_source *secret, struct wg_passphrase *out,
                      struct wg_error *err)
{
    struct wg_passphrase again;
    if (!wg_passphrase_read(secret, "new passphrase", out, err)) return false;
    if (secret->file || secret->fd >= 0) return true;
    bool ok = wg_passphrase_read(secret, "the same again", &again, err) &&
              (strcmp(out->text, again.text) == 0 ||
               wg_fail(err, WG_E_USAGE, "the two passphrases differ"));
    wg_passphrase_clear(&again);
    return ok;
}

bool release_make_key_run(struct cli *cli, struct wg_error *err)
{
    const char *file = cli->args->positionals[0], *kind = args_value(cli->args, "kind");
    bool plain = args_has(cli->args, "no-passphrase");
    struct wg_passphrase_source secret;
    struct wg_passphrase passphrase = {.len = 0};
    struct wg_identity_public key;
    char id[WG_SHA256_HEX];
    bool p256 = kind && strcmp(kind, "p256") == 0;
    if (kind && !p256 && strcmp(kind, "ed25519") != 0)
        return wg_fail(err, WG_E_USAGE, "--kind: expected ed25519 or p256");
    bool ok = repository_secret(cli->args, &secret, err) &&
              (plain || ask_twice(&secret, &passphrase, err)) &&
              wg_signing_key_make(file, p256 ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519,
                                  plain ? NULL : &passphrase, &key, err) &&
              write_public(file, &key, id, err);
    wg_passphrase_clear(&passphrase);
    if (!ok) return false;
    screen_text(&cli->screen, "%s: secret key; %s.pub: its public part; key id %s\n", file, file,
                id);
    return screen_flush(&cli->screen, err);
}

/* ---- rotate ---- */

#define REMOVE_MAX 16

struct removing {
    char ids[REMOVE_MAX][PATH_MAX];
    const char *list[REMOVE_MAX];
    size_t count;
};

/* An id, its beginning, or a file with the public key. */
static bool take_removed(void *ctx, const char *part, struct wg_error *err)
{
    struct removing *removing = ctx;
    struct repo_key key;
    const struct wg_passphrase_source nobody = {.fd = -1};
    if (removing->count == REMOVE_MAX)
        return wg_fail(err, WG_E_LIMIT, "--remove: more than %d keys", REMOVE_MAX);
    char *id = removing->ids[removing->count];
    bool is_id = strspn(part, "0123456789abcdef") == strlen(part);
    if (!is_id && !repo_key_read(part, &nobody, &key, err)) return wg_context(err, "--remove");
    (void)wg_copy(id, PATH_MAX, is_id ? part : key.id);
    removing->list[removing->count++] = id;
    return true;
}

static bool rotate(struct cli *cli, const struct repo_role_keys *add,
                   const struct removing *removing, struct wg_error *err)
{
    struct repo repo;
    bool ok = repository_open(cli, true, &repo, err);
    struct repo_draft draft = {&repo.state, wg_now()};
    for (size_t i = 0; ok && i < cli->args->positional_count; i++)
        ok = repo_draft_rotate(&draft, cli->args->positionals[i], add, removing->list,
                               removing->count, err);
    ok = ok && repo_save(&repo, err);
    if (ok) {
        screen_text(&cli->screen, "staged, to be signed:\n");
        ok = repository_show_standing(&cli->screen, &repo.state, err) &&
             screen_flush(&cli->screen, err);
    }
    repo_close(&repo);
    return ok;
}

bool release_rotate_run(struct cli *cli, struct wg_error *err)
{
    struct repo_role_keys *add = calloc(1, sizeof *add);
    struct removing *removing = calloc(1, sizeof *removing);
    bool ok = add && removing ? repository_role_keys(cli->args, "add", "threshold", add, err) &&
                                    repository_parts(args_value(cli->args, "remove"), take_removed,
                                                     removing, err) &&
                                    rotate(cli, add, removing, err)
                              : wg_fail_memory(err, "rotating keys");
    free(add);
    free(removing);
    return ok;
}
