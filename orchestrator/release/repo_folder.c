/* repo_folder.c: reads and writes the folder of a repository. */
#include "orchestrator/release/repo_folder.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/release/artifact.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUBLIC_FILE 0644

static json_t *read_file(void *ctx, const char *name, struct wg_error *err)
{
    const struct repo *repo = ctx;
    char path[PATH_MAX];
    struct wg_buf bytes;
    json_t *text = NULL;
    if (!wg_path_join(path, sizeof path, repo->folder, name, err)) return NULL;
    wg_buf_init(&bytes, REPO_FILE_MAX);
    if (wg_file_read(path, &bytes, err)) {
        text = json_stringn(wg_buf_str(&bytes), bytes.len);
        if (!text) (void)wg_fail(err, WG_E_BAD_INPUT, "%s: expected text in UTF-8", path);
    }
    wg_buf_clear(&bytes);
    return text;
}

static bool is_role_file(const char *name, char role[TUF_ROLE_NAME_MAX + 1])
{
    size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, ".json") == 0 &&
           wg_copy_n(role, TUF_ROLE_NAME_MAX + 1, name, len - 5) && wg_name_is_valid(role);
}

static json_t *list_staged(const struct repo *repo, struct wg_error *err)
{
    char path[PATH_MAX];
    json_t *roles = json_array();
    if (!roles || !wg_path_join(path, sizeof path, repo->folder, "staged", err)) return roles;
    DIR *folder = opendir(path);
    if (!folder) return roles;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char role[TUF_ROLE_NAME_MAX + 1];
        if (is_role_file(entry->d_name, role))
            (void)json_array_append_new(roles, json_string(role));
    }
    (void)closedir(folder);
    return roles;
}

static bool load(struct repo *repo, struct wg_error *err)
{
    json_t *staged = list_staged(repo, err);
    repo_state_clear(&repo->state);
    bool ok = staged ? repo_state_load(&repo->state, read_file, repo, staged, err)
                     : wg_fail_memory(err, "reading a repository");
    json_decref(staged);
    return ok;
}

/* The lock stands beside the folders, and stays; the kernel lets go of it when we end. */
static bool take_lock(struct repo *repo, struct wg_error *err)
{
    char path[PATH_MAX];
    if (!wg_path_join(path, sizeof path, repo->folder, ".lock", err)) return false;
    repo->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (repo->lock < 0) return wg_fail_errno(err, "%s", path);
    if (flock(repo->lock, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno == EWOULDBLOCK)
        return wg_fail(err, WG_E_CONFLICT, "another process is changing the repository %s",
                       repo->folder);
    return wg_fail_errno(err, "locking %s", path);
}

static bool set_folder(struct repo *repo, const char *folder, struct wg_error *err)
{
    *repo = (struct repo){.lock = -1};
    return wg_copy(repo->folder, sizeof repo->folder, folder) ||
           wg_fail(err, WG_E_LIMIT, "%.80s...: the path is too long", folder);
}

static bool has_keys_file(const struct repo *repo)
{
    char path[PATH_MAX];
    return wg_path_join(path, sizeof path, repo->folder, REPO_KEYS_FILE, NULL) &&
           access(path, F_OK) == 0;
}

static bool remove_file(const struct repo *repo, const char *name, struct wg_error *err)
{
    char path[PATH_MAX];
    return wg_path_join(path, sizeof path, repo->folder, name, err) &&
           (unlink(path) == 0 || errno == ENOENT || wg_fail_errno(err, "removing %s", path));
}

static bool drop_unstaged(const struct repo *repo, struct wg_error *err)
{
    json_t *roles = list_staged(repo, err);
    bool ok = roles != NULL;
    for (size_t i = 0; ok && i < json_array_size(roles); i++) {
        char name[REPO_NAME_MAX];
        const char *role = json_string_value(json_array_get(roles, i));
        if (json_object_get(repo->state.staged, role)) continue;
        (void)wg_format(name, sizeof name, "staged/%s.json", role);
        ok = remove_file(repo, name, err);
    }
    json_decref(roles);
    return ok;
}

bool repo_open(struct repo *repo, const char *folder, bool to_write, struct wg_error *err)
{
    if (!set_folder(repo, folder, err)) return false;
    if (!has_keys_file(repo))
        return wg_fail(err, WG_E_NOT_FOUND,
                       "%s holds no repository: make one with wavegate release init", folder);
    /* a cut may have left behind what is published by now */
    return (!to_write || take_lock(repo, err)) && repo_reload(repo, err) &&
           (!to_write || drop_unstaged(repo, err));
}

bool repo_reload(struct repo *repo, struct wg_error *err)
{
    return load(repo, err) || wg_context(err, "%s", repo->folder);
}

static bool make_folder(const struct repo *repo, const char *name, struct wg_error *err)
{
    char path[PATH_MAX];
    return wg_path_join(path, sizeof path, repo->folder, name, err) &&
           wg_folder_make(path, 0755, err);
}

bool repo_create(struct repo *repo, const char *folder, struct wg_error *err)
{
    if (!set_folder(repo, folder, err)) return false;
    if (has_keys_file(repo))
        return wg_fail(err, WG_E_CONFLICT, "%s holds a repository already", folder);
    repo->state = (struct repo_state){json_object(), NULL, json_object(), json_object()};
    return make_folder(repo, "metadata", err) && make_folder(repo, "targets", err) &&
           make_folder(repo, "staged", err) && take_lock(repo, err);
}

void repo_close(struct repo *repo)
{
    repo_state_clear(&repo->state);
    if (repo->lock >= 0) (void)close(repo->lock);
    repo->lock = -1;
}

/* ---- writing ---- */

static bool write_text(const struct repo *repo, const char *name, const json_t *text,
                       struct wg_error *err)
{
    char path[PATH_MAX];
    return wg_path_join(path, sizeof path, repo->folder, name, err) &&
           wg_file_replace(path, json_string_value(text), json_string_length(text), PUBLIC_FILE,
                           err);
}

static bool save_settings(const struct repo *repo, struct wg_error *err)
{
    char *dump = json_dumps(repo->state.settings, JSON_INDENT(2) | JSON_SORT_KEYS);
    json_t *text = dump ? json_sprintf("%s\n", dump) : NULL;
    bool ok = text ? write_text(repo, REPO_KEYS_FILE, text, err)
                   : wg_fail_memory(err, "writing a repository");
    free(dump);
    json_decref(text);
    return ok;
}

bool repo_save(struct repo *repo, struct wg_error *err)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    if (!make_folder(repo, "staged", err)) return false;
    json_object_foreach(repo->state.staged, role, envelope)
    {
        char name[REPO_NAME_MAX];
        (void)wg_format(name, sizeof name, "staged/%s.json", role);
        json_t *text = repo_text(envelope, err);
        bool ok = text && write_text(repo, name, text, err);
        json_decref(text);
        if (!ok) return false;
    }
    return save_settings(repo, err) && drop_unstaged(repo, err);
}

bool repo_publish(struct repo *repo, const struct repo_plan *plan, struct wg_error *err)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    if (!repo_targets_check(repo, plan->included, err) || !make_folder(repo, "metadata", err))
        return false;
    for (size_t i = 0; i < json_array_size(plan->writes); i++) {
        const json_t *write = json_array_get(plan->writes, i);
        if (!write_text(repo, json_string_value(json_array_get(write, 0)), json_array_get(write, 1),
                        err))
            return false;
    }
    json_object_foreach(plan->included, role, envelope)
    {
        (void)json_object_del(repo->state.staged, role);
    }
    return drop_unstaged(repo, err) && repo_reload(repo, err);
}

/* ---- targets ---- */

bool repo_target_file(const struct repo *repo, const char *path, const char *sha256,
                      char out[PATH_MAX], struct wg_error *err)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    int len = snprintf(out, PATH_MAX, "%s/targets/%.*s%s.%s", repo->folder, folder, path, sha256,
                       path + folder);
    return (len > 0 && len < PATH_MAX) ||
           wg_fail(err, WG_E_LIMIT, "%s: the path is too long", path);
}

json_t *repo_target_add(const struct repo *repo, const char *path, const char *file,
                        struct wg_error *err)
{
    char folder[PATH_MAX], copied[PATH_MAX], final[PATH_MAX];
    struct artifact artifact;
    const char *slash = strrchr(path, '/');
    int len = snprintf(folder, sizeof folder, "%s/targets%s%.*s", repo->folder, slash ? "/" : "",
                       slash ? (int)(slash - path) : 0, path);
    if (!tuf_target_path_check(path, err)) return NULL;
    if (len < 0 || (size_t)len >= sizeof folder) {
        (void)wg_fail(err, WG_E_LIMIT, "%s: the path is too long", path);
        return NULL;
    }
    if (!artifact_add_told(folder, file, repo->told, &artifact, err) ||
        !wg_path_join(copied, sizeof copied, folder, artifact.sha256, err) ||
        !repo_target_file(repo, path, artifact.sha256, final, err))
        return NULL;
    if (rename(copied, final) != 0) {
        (void)wg_fail_errno(err, "storing %s", final);
        return NULL;
    }
    if (!wg_folder_sync(folder, err)) return NULL;
    json_t *info = json_pack("{s:I,s:{s:s}}", "length", (json_int_t)artifact.length, "hashes",
                             "sha256", artifact.sha256);
    if (!info) (void)wg_fail_memory(err, "adding a target");
    return info;
}

static bool check_target(const struct repo *repo, const char *path, const json_t *info,
                         struct wg_error *err)
{
    char file[PATH_MAX];
    struct stat found;
    const char *sha256 =
        json_string_value(json_object_get(json_object_get(info, "hashes"), "sha256"));
    if (!sha256) return wg_fail(err, WG_E_VERIFY, "%s: the metadata has no SHA-256 of it", path);
    if (!tuf_target_path_check(path, err) || !repo_target_file(repo, path, sha256, file, err))
        return false;
    if (stat(file, &found) != 0)
        return wg_fail_errno(err, "%s is to be published, but its file is not here: %s", path,
                             file);
    return found.st_size == json_integer_value(json_object_get(info, "length")) ||
           wg_fail(err, WG_E_VERIFY, "%s: not of the length that the metadata tells", file);
}

bool repo_targets_check(const struct repo *repo, const json_t *included, struct wg_error *err)
{
    const char *role = NULL, *path = NULL;
    json_t *envelope = NULL, *info = NULL;
    json_object_foreach((json_t *)included, role, envelope)
    {
        json_object_foreach(json_object_get(json_object_get(envelope, "signed"), "targets"), path,
                            info)
        {
            if (!check_target(repo, path, info, err)) return false;
        }
    }
    return true;
}
