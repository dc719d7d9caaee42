/* tuf_run.c: files of the folder for the client, and the caller's for what it fetches. */
#include "common/posix/tuf_run.h"

#include "common/log.h"
#include "common/posix/file.h"
#include "common/posix/kept.h"
#include "common/tuf/trusted.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define ROOT "root.json"

bool tuf_run_load(const struct tuf_run *run, const char *name, struct wg_buf *out, bool *found,
                  struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_error own = {0};
    if (!wg_path_join(path, sizeof path, run->folder, name, err)) return false;
    *found = wg_file_read(path, out, &own);
    if (*found) return true;
    wg_buf_clear(out);
    /* One above its bound was not stored by us, one that cannot be read is of no use: as good as
     * absent, it is replaced. */
    if (own.code == WG_E_IO) wg_log_error("it is fetched again", &own);
    return own.code == WG_E_NOT_FOUND || own.code == WG_E_LIMIT || own.code == WG_E_IO ||
           wg_fail(err, own.code, "%s", own.text);
}

bool tuf_run_store(const struct tuf_run *run, const char *name, const void *data, size_t len,
                   struct wg_error *err)
{
    char path[PATH_MAX];
    if (!wg_path_join(path, sizeof path, run->folder, name, err)) return false;
    /* all others are fetched again when they are lost */
    return strcmp(name, ROOT) == 0 ? kept_save(path, data, len, err)
                                   : wg_file_replace(path, data, len, 0600, err);
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

static bool check_root(void *ctx, const char *bytes, size_t len, struct wg_error *err)
{
    struct tuf_trusted trusted = {0};
    bool ok = tuf_trusted_root_first(&trusted, bytes, len, err);
    (void)ctx;
    tuf_trusted_clear(&trusted);
    return ok;
}

/* A root that is damaged in both copies gives way to the first one, from which the repository's own
 * roots lead on. */
bool tuf_run_plant(const struct tuf_run *run, const char *root_file, struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf root;
    size_t max = tuf_limits_default().root;
    if (!wg_path_join(path, sizeof path, run->folder, ROOT, err)) return false;
    enum kept_found found = kept_load(path, max, check_root, NULL, err);
    if (found == KEPT_WHOLE) return true;
    wg_buf_init(&root, max);
    bool ok = found != KEPT_FAILED && wg_file_read(root_file, &root, err) &&
              tuf_run_store(run, ROOT, wg_buf_str(&root), root.len, err);
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
