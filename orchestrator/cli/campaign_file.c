/* campaign_file.c: loads campaign files. */
#include "orchestrator/cli/campaign_file.h"

#include "common/posix/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536
#define LINK_TEXT 40 /* "/proc/self/fd/" and a number */

/* A file that is found, but not opened yet: opening a pipe waits, opening a device may wake it. */
struct found {
    int fd;
    char link[LINK_TEXT]; /* opens it */
    char path[PATH_MAX];  /* without links */
};

static bool find(const char *path, const char *name, struct found *out, struct wg_error *err)
{
    out->fd = open(path, O_PATH | O_CLOEXEC);
    if (out->fd < 0) return wg_fail_errno(err, "%s", name);
    (void)snprintf(out->link, sizeof out->link, "/proc/self/fd/%d", out->fd);
    ssize_t len = readlink(out->link, out->path, sizeof out->path - 1);
    if (len < 0) {
        (void)wg_fail_errno(err, "finding %s", name);
        (void)close(out->fd);
        return false;
    }
    out->path[len] = '\0';
    return true;
}

static bool read_all(int fd, const char *name, struct wg_buf *out, struct wg_error *err)
{
    char chunk[CHUNK];
    while (!out->failed) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return wg_fail_errno(err, "reading %s", name);
        if (got == 0) break;
        wg_buf_add(out, chunk, (size_t)got);
    }
    return wg_buf_check(out, err, name);
}

static bool read_found(const struct found *found, const char *name, struct wg_buf *out,
                       struct wg_error *err)
{
    struct stat info;
    if (fstat(found->fd, &info) != 0) return wg_fail_errno(err, "%s", name);
    if (!S_ISREG(info.st_mode))
        return wg_fail(err, WG_E_BAD_FILE, "%s: expected a file, found %s", name,
                       S_ISDIR(info.st_mode) ? "a folder" : "a device, pipe or socket");
    int fd = open(found->link, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "%s", name);
    bool ok = read_all(fd, name, out, err);
    (void)close(fd);
    return ok;
}

static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/';
}

/* Where a campaign lies, and what it names there. */
struct beside {
    const char *folder;
    json_t *files; /* texts by name; NULL: not kept */
};

/* Names beside the campaign are taken from its folder. */
static bool load_beside(void *ctx, const char *name, struct wg_buf *out, struct wg_error *err)
{
    const struct beside *beside = ctx;
    const char *folder = beside->folder;
    size_t before = out->len;
    char path[PATH_MAX];
    struct found found;
    if (!wg_path_join(path, sizeof path, folder, name, err) || !find(path, name, &found, err))
        return false;
    bool ok = is_below(found.path, folder)
                  ? read_found(&found, name, out, err)
                  : wg_fail(err, WG_E_DENIED, "%s: leads out of the campaign's folder", name);
    (void)close(found.fd);
    if (!ok || !beside->files) return ok;
    json_t *text = json_stringn(wg_buf_str(out) + before, out->len - before);
    return json_object_set_new(beside->files, name, text) == 0 ||
           wg_fail(err, WG_E_BAD_FILE, "%s: expected UTF-8", name);
}

static struct campaign *load(const char *file, struct wg_buf *text, json_t *files,
                             struct yaml_doc *doc, struct wg_error *err)
{
    struct campaign *campaign = NULL;
    struct found found;
    if (!find(file, file, &found, err)) return NULL;
    if (read_found(&found, file, text, err)) {
        char *slash = strrchr(found.path, '/');
        if (slash) *slash = '\0';
        struct beside beside = {.folder = found.path, .files = files};
        campaign =
            campaign_check(file, wg_buf_str(text), text->len, load_beside, &beside, doc, err);
    }
    (void)close(found.fd);
    return campaign;
}

struct campaign *campaign_file_read(const char *file, json_t **sent, struct wg_error *err)
{
    struct wg_buf text;
    struct yaml_doc doc = {0};
    json_t *files = json_object();
    wg_buf_init(&text, CAMPAIGN_FILE_MAX);
    struct campaign *campaign = load(file, &text, files, &doc, err);
    *sent = campaign ? json_pack("{s:s%,s:O}", "file", wg_buf_str(&text), text.len, "files", files)
                     : NULL;
    if (campaign && !*sent) {
        campaign_free(campaign);
        campaign = NULL;
        (void)wg_fail(err, WG_E_BAD_FILE, "%s: expected UTF-8", file);
    }
    json_decref(files);
    yaml_doc_clear(&doc);
    wg_buf_clear(&text);
    return campaign;
}

struct campaign *campaign_file_check(const char *file, struct yaml_doc *doc, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, CAMPAIGN_FILE_MAX);
    struct campaign *campaign = load(file, &text, NULL, doc, err);
    wg_buf_clear(&text);
    return campaign;
}
