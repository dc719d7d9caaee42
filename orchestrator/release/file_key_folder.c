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

static bool rewrap_file(const char *path, const char *artifact, struct kek_ring ring,
                        const struct kek *to, size_t *changed, struct wg_error *err)
{
    char id[KEK_ID];
    struct wg_buf old, new;
    wg_buf_init(&old, FILE_KEY_ENVELOPE_MAX);
    wg_buf_init(&new, FILE_KEY_ENVELOPE_MAX);
    bool ok = wg_file_read(path, &old, err) && file_key_kek(wg_buf_str(&old), old.len, id, err);
    if (ok && strcmp(id, to->id) != 0) {
        ok = file_key_rewrap(ring, to, artifact, old.data, old.len, &new, err) &&
             wg_file_replace(path, new.data, new.len, 0600, err);
        *changed += ok;
    }
    wg_buf_clear(&old);
    wg_buf_clear(&new);
    return ok || wg_context(err, "%s", path);
}

bool file_key_rewrap_all(const char *folder, struct kek_ring ring, const struct kek *to,
                         size_t *changed, struct wg_error *err)
{
    char path[PATH_MAX], artifact[WG_NAME_MAX + 1];
    bool ok = true;
    *changed = 0;
    DIR *files = opendir(folder);
    if (!files) return wg_fail_errno(err, "%s", folder);
    while (ok) {
        errno = 0;
        struct dirent *entry = readdir(files);
        if (!entry) {
            ok = errno == 0 || wg_fail_errno(err, "reading %s", folder);
            break;
        }
        if (!artifact_of(entry->d_name, artifact)) continue;
        ok = path_of(folder, artifact, path, err) &&
             rewrap_file(path, artifact, ring, to, changed, err);
    }
    (void)closedir(files);
    return ok;
}
