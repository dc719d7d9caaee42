/* repository.c: options, keys and publication. */
#include "orchestrator/cli/repository.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool repository_folder(const struct cli *cli, const char **out, struct wg_error *err)
{
    *out = args_value(cli->args, "repository");
    return (*out && **out) ||
           wg_fail(err, WG_E_USAGE, "--repository FOLDER is needed: where the repository is");
}

bool repository_open(const struct cli *cli, bool to_write, struct repo *repo, struct wg_error *err)
{
    const char *folder = NULL;
    *repo = (struct repo){.lock = -1};
    return repository_folder(cli, &folder, err) && repo_open(repo, folder, to_write, err);
}

bool repository_secret(const struct args *args, struct wg_passphrase_source *out,
                       struct wg_error *err)
{
    const char *fd = args_value(args, "passphrase-fd");
    *out = (struct wg_passphrase_source){
        .file = args_value(args, "passphrase-file"), .fd = -1, .ask = true};
    if (!fd) return true;
    char *end = NULL;
    long number = strtol(fd, &end, 10);
    if (end == fd || *end || number < 0 || number > 65535)
        return wg_fail(err, WG_E_USAGE, "--passphrase-fd: expected the number of a descriptor");
    out->fd = (int)number;
    return true;
}

bool repository_parts(const char *list, repository_part_fn each, void *ctx, struct wg_error *err)
{
    while (list && *list) {
        char part[PATH_MAX];
        size_t len = strcspn(list, ",");
        const char *start = list + strspn(list, " ");
        size_t skipped = (size_t)(start - list);
        if (skipped > len) skipped = len;
        if (!wg_copy_n(part, sizeof part, list + skipped, len - skipped))
            return wg_fail(err, WG_E_LIMIT, "%.40s...: too long", list);
        if (!part[0]) return wg_fail(err, WG_E_USAGE, "an empty part in a list with commas");
        if (!each(ctx, part, err)) return false;
        list += len;
        if (*list) list++;
    }
    return true;
}

struct reading {
    struct repo_role_keys *keys;
    const struct wg_passphrase_source *secret;
};

static bool read_key(void *ctx, const char *part, struct wg_error *err)
{
    const struct reading *reading = ctx;
    if (reading->keys->count == REPO_ROLE_KEYS_MAX)
        return wg_fail(err, WG_E_LIMIT, "more than %d keys for one role", REPO_ROLE_KEYS_MAX);
    return repo_key_read(part, reading->secret, &reading->keys->keys[reading->keys->count++], err);
}

bool repository_role_keys(const struct args *args, const char *keys_flag,
                          const char *threshold_flag, struct repo_role_keys *out,
                          struct wg_error *err)
{
    struct wg_passphrase_source secret;
    struct reading reading = {out, &secret};
    const char *threshold = threshold_flag ? args_value(args, threshold_flag) : NULL;
    out->count = 0;
    out->threshold = 0;
    if (threshold) {
        char *end = NULL;
        out->threshold = strtol(threshold, &end, 10);
        if (*end || out->threshold < 1 || out->threshold > REPO_ROLE_KEYS_MAX)
            return wg_fail(err, WG_E_USAGE, "--%s: expected a number from 1 to %d", threshold_flag,
                           REPO_ROLE_KEYS_MAX);
    }
    return repository_secret(args, &secret, err) &&
           (repository_parts(args_value(args, keys_flag), read_key, &reading, err) ||
            wg_context(err, "--%s", keys_flag));
}

/* Versions become folders and parts of URLs. */
static bool version_is_safe(const char *version)
{
    size_t len = strlen(version);
    return len > 0 && len <= WG_VERSION_MAX && version[0] != '.' &&
           strspn(version, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                           "._-+~:") == len;
}

bool repository_release_name(const char *text, char component[WG_NAME_MAX + 1],
                             char version[WG_VERSION_MAX + 1], struct wg_error *err)
{
    const char *slash = strchr(text, '/');
    return (slash && wg_copy_n(component, WG_NAME_MAX + 1, text, (size_t)(slash - text)) &&
            wg_name_is_valid(component) && version_is_safe(slash + 1) &&
            wg_copy(version, WG_VERSION_MAX + 1, slash + 1)) ||
           wg_fail(err, WG_E_USAGE,
                   "\"%.80s\": expected COMPONENT/VERSION, of letters, digits and \"._-+~:\"",
                   text);
}

bool repository_names(const struct args *args, char component[WG_NAME_MAX + 1],
                      char version[WG_VERSION_MAX + 1], struct wg_error *err)
{
    char text[WG_NAME_MAX + WG_VERSION_MAX + 2];
    const char *name = args_value(args, "component"), *which = args_value(args, "version");
    if (!name || !which)
        return wg_fail(err, WG_E_USAGE, "a release needs --component NAME and --version VERSION");
    return (wg_format(text, sizeof text, "%s/%s", name, which) ||
            wg_fail(err, WG_E_USAGE, "--component or --version is too long")) &&
           repository_release_name(text, component, version, err);
}

bool repository_save_and_show(struct cli *cli, struct repo *repo, struct wg_error *err)
{
    if (!repo_save(repo, err)) return false;
    screen_text(&cli->screen, "staged, to be signed:\n");
    return repository_show_standing(&cli->screen, &repo->state, err) &&
           screen_flush(&cli->screen, err);
}

/* ---- showing ---- */

static void show_names(struct screen *screen, const json_t *names)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        screen_text(screen, "%s%s", i ? ", " : "", json_string_value(json_array_get(names, i)));
}

static int64_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

bool repository_show_standing(struct screen *screen, const struct repo_state *state,
                              struct wg_error *err)
{
    json_t *list = repo_standing(state, err), *entry = NULL;
    size_t i = 0;
    json_array_foreach(list, i, entry)
    {
        const json_t *has = json_object_get(entry, "signed"),
                     *missing = json_object_get(entry, "missing");
        int64_t needs = number(entry, "threshold") - (int64_t)json_array_size(has);
        screen_text(screen, "%s %" PRId64 ": %zu of %" PRId64 " signatures",
                    json_string_value(json_object_get(entry, "role")), number(entry, "version"),
                    json_array_size(has), number(entry, "threshold"));
        if (json_object_get(entry, "by_keys_of"))
            screen_text(screen, " by the keys of root %" PRId64, number(entry, "by_keys_of"));
        if (json_array_size(has) > 0) screen_text(screen, ": ");
        show_names(screen, has);
        if (needs > 0) {
            screen_text(screen, "; needs %" PRId64 " more of: ", needs);
            show_names(screen, missing);
        }
        screen_text(screen, "\n");
    }
    json_decref(list);
    return list != NULL;
}

static void show_difference(struct screen *screen, const json_t *from, const json_t *to, char sign)
{
    const char *path = NULL;
    json_t *info = NULL;
    json_object_foreach((json_t *)to, path, info)
    {
        const char *sha256 =
            json_string_value(json_object_get(json_object_get(info, "hashes"), "sha256"));
        if (!json_equal(json_object_get(from, path), info))
            screen_text(screen, "  %c %s sha256 %s\n", sign, path, sha256 ? sha256 : "?");
    }
}

static void show_signers(struct screen *screen, const struct repo_state *state, const char *name,
                         const json_t *role)
{
    const json_t *ids = json_object_get(role, "keyids");
    screen_text(screen, "  %s: %" PRId64 " of", name, number(role, "threshold"));
    for (size_t i = 0; i < json_array_size(ids); i++) {
        json_t *title = repo_key_title(state, json_string_value(json_array_get(ids, i)));
        screen_text(screen, "%s %s", i ? "," : "", json_string_value(title));
        json_decref(title);
    }
    screen_text(screen, "\n");
}

void repository_show_changes(struct screen *screen, const struct repo_state *state,
                             const char *role)
{
    const json_t *body = repo_body(state->staged, role), *live = repo_body(state->live, role);
    const char *name = NULL;
    json_t *one = NULL;
    size_t i = 0;
    screen_text(screen, "%s %" PRId64 ", until %s\n", role, number(body, "version"),
                json_string_value(json_object_get(body, "expires")));
    show_difference(screen, json_object_get(live, "targets"), json_object_get(body, "targets"),
                    '+');
    show_difference(screen, json_object_get(body, "targets"), json_object_get(live, "targets"),
                    '-');
    if (strcmp(role, "root") == 0) {
        json_object_foreach(json_object_get(body, "roles"), name, one)
        {
            show_signers(screen, state, name, one);
        }
    }
    json_array_foreach(json_object_get(json_object_get(body, "delegations"), "roles"), i, one)
    {
        show_signers(screen, state, json_string_value(json_object_get(one, "name")), one);
    }
}
