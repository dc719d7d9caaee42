/* tuf_run.c: files of the folder for the client, and the caller's for what it fetches. */
#include "common/posix/tuf_run.h"

#include "common/posix/file.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

bool tuf_run_load(const struct tuf_run *run, const char *name, struct wg_buf *out, bool *found,
                  struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_error own = {0};
    if (!wg_path_join(path, sizeof path, run->folder, name, err)) return false;
    *found = wg_file_read(path, out, &own);
    if (*found) return true;
    wg_buf_clear(out);
    /* One above its bound was not stored by us: as good as absent, it is replaced. */
    return own.code == WG_E_NOT_FOUND || own.code == WG_E_LIMIT ||
           wg_fail(err, own.code, "%s", own.text);
}

bool tuf_run_store(const struct tuf_run *run, const char *name, const void *data, size_t len,
                   struct wg_error *err)
{
    char path[PATH_MAX];
    return wg_path_join(path, sizeof path, run->folder, name, err) &&
           wg_file_replace(path, data, len, 0600, err);
}

static bool forget(const struct tuf_run *run, const char *name, struct wg_error *err)
{
    char path[PATH_MAX];
    if (!wg_path_join(path, sizeof path, run->folder, name, err)) return false;
    if (unlink(path) != 0 && errno != ENOENT) return wg_fail_errno(err, "%s", path);
    return wg_folder_sync(run->folder, err);
}

static bool answer(const struct tuf_run *run, struct tuf_client *client, const struct tuf_ask *ask,
                   struct wg_error *err)
{
    struct wg_buf bytes;
    bool found = false, ok = true;
    wg_buf_init(&bytes, ask->max);
    switch (ask->kind) {
    case TUF_LOAD:
        ok = tuf_run_load(run, ask->name, &bytes, &found, err);
        break;
    case TUF_FETCH:
        ok = run->fetch(run->ctx, ask->name, &bytes, &found, err);
        break;
    case TUF_STORE:
        ok = tuf_run_store(run, ask->name, ask->data, ask->len, err);
        break;
    case TUF_FORGET:
        ok = forget(run, ask->name, err);
        break;
    case TUF_READY:
        break;
    }
    ok = ok &&
         tuf_client_answer(client, found ? wg_buf_str(&bytes) : NULL, found ? bytes.len : 0, err);
    wg_buf_clear(&bytes);
    return ok;
}

bool tuf_run_go(const struct tuf_run *run, struct tuf_client *client, struct wg_error *err)
{
    struct tuf_ask ask;
    while (tuf_client_ask(client, &ask, err)) {
        if (ask.kind == TUF_READY) return true;
        if (!answer(run, client, &ask, err)) return false;
    }
    return false;
}

bool tuf_run_plant(const struct tuf_run *run, const char *root_file, struct wg_error *err)
{
    struct wg_buf root;
    bool found = false;
    wg_buf_init(&root, tuf_limits_default().root);
    bool ok = tuf_run_load(run, "root.json", &root, &found, err);
    if (ok && !found)
        ok = wg_file_read(root_file, &root, err) &&
             tuf_run_store(run, "root.json", wg_buf_str(&root), root.len, err);
    wg_buf_clear(&root);
    return ok || wg_context(err, "the repository's first root");
}

bool tuf_run_find(const struct tuf_run *run, struct tuf_client *client, const char *path,
                  const struct tuf_target **out, struct wg_error *err)
{
    if (!tuf_client_look_up(client, path, err) || !tuf_run_go(run, client, err)) return false;
    *out = tuf_client_target(client);
    return true;
}
