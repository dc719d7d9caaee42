/* file_key_folder.c: wrapped file keys as files. */
#include "orchestrator/release/file_key_folder.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#define SUFFIX ".json"

static bool path_of(const char *folder, const char *artifact, char out[PATH_MAX],
                    struct wg_error *err)
{
    char name[WG_NAME_MAX + sizeof SUFFIX];
    if (!wg_name_is_valid(artifact) || !wg_format(name, sizeof name, "%s" SUFFIX, artifact))
        return wg_fail(err, WG_E_BAD_INPUT, "file key: the artifact has no valid name");
    return wg_path_join(out, PATH_MAX, folder, name, err);
}

bool file_key_save(const char *folder, const struct kek *kek, const char *artifact,
                   const struct age_file_key *key, struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf text;
    wg_buf_init(&text, FILE_KEY_ENVELOPE_MAX);
    bool ok = path_of(folder, artifact, path, err) && wg_folder_make(folder, 0700, err) &&
              file_key_wrap(kek, artifact, key, &text, err) &&
              wg_file_replace(path, text.data, text.len, 0600, err);
    wg_buf_clear(&text);
    return ok;
}

bool file_key_load(const char *folder, struct kek_ring ring, const char *artifact,
                   struct age_file_key *out, struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf text;
    wg_buf_init(&text, FILE_KEY_ENVELOPE_MAX);
    bool ok = path_of(folder, artifact, path, err) && wg_file_read(path, &text, err) &&
              (file_key_unwrap(ring, artifact, wg_buf_str(&text), text.len, out, err) ||
               wg_context(err, "%s", path));
    wg_buf_clear(&text);
    return ok;
}

/* False for what is no wrapped key's file, such as the rest of a write that was cut off. */
static bool artifact_of(const char *file, char out[WG_NAME_MAX + 1])
{
    size_t len = strlen(file), suffix = strlen(SUFFIX);
    return len > suffix && strcmp(file + len - suffix, SUFFIX) == 0 &&
           wg_copy_n(out, WG_NAME_MAX + 1, file, len - suffix) && wg_name_is_valid(out);
}

static bool kek_of(const char *folder, const char *artifact, char out[KEK_ID], struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf text;
    wg_buf_init(&text, FILE_KEY_ENVELOPE_MAX);
    bool ok = path_of(folder, artifact, path, err) && wg_file_read(path, &text, err) &&
              (file_key_kek(wg_buf_str(&text), text.len, out, err) || wg_context(err, "%s", path));
    wg_buf_clear(&text);
    return ok;
}

bool file_key_each(const char *folder, file_key_fn each, void *ctx, struct wg_error *err)
{
    char artifact[WG_NAME_MAX + 1], kek[KEK_ID];
    bool ok = true;
    DIR *files = opendir(folder);
    if (!files) return wg_fail_errno(err, "%s", folder);
    while (ok) {
        errno = 0;
        struct dirent *entry = readdir(files);
        if (!entry) {
            ok = errno == 0 || wg_fail_errno(err, "reading %s", folder);
            break;
        }
        if (artifact_of(entry->d_name, artifact))
            ok = kek_of(folder, artifact, kek, err) && each(ctx, artifact, kek, err);
    }
    (void)closedir(files);
    return ok;
}

struct rewrap {
    const char *folder;
    struct kek_ring ring;
    const struct kek *to;
    size_t *changed;
};

static bool rewrap_one(void *ctx, const char *artifact, const char *kek, struct wg_error *err)
{
    const struct rewrap *with = ctx;
    char path[PATH_MAX];
    struct wg_buf old, new;
    if (strcmp(kek, with->to->id) == 0) return true;
    wg_buf_init(&old, FILE_KEY_ENVELOPE_MAX);
    wg_buf_init(&new, FILE_KEY_ENVELOPE_MAX);
    bool ok = path_of(with->folder, artifact, path, err) &&
              ((wg_file_read(path, &old, err) &&
                file_key_rewrap(with->ring, with->to, artifact, old.data, old.len, &new, err) &&
                wg_file_replace(path, new.data, new.len, 0600, err)) ||
               wg_context(err, "%s", path));
    *with->changed += ok;
    wg_buf_clear(&old);
    wg_buf_clear(&new);
    return ok;
}

bool file_key_rewrap_all(const char *folder, struct kek_ring ring, const struct kek *to,
                         size_t *changed, struct wg_error *err)
{
    struct rewrap with = {.folder = folder, .ring = ring, .to = to, .changed = changed};
    *changed = 0;
    return file_key_each(folder, rewrap_one, &with, err);
}
