/* identity_file.c: finds the one line that is a key. */
#include "common/posix/identity_file.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <string.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES 4096

static bool check_mode(const char *path, struct wg_error *err)
{
    struct stat stat_of;
    if (stat(path, &stat_of) != 0) return wg_fail_errno(err, "%s", path);
    return !wg_secret_is_open(path, &stat_of) ||
           wg_fail(err, WG_E_DENIED, "%s: others may read this key: chmod 600", path);
}

static bool read_line(char *line, struct age_identity *out, int *keys, struct wg_error *err)
{
    line[strcspn(line, "\r")] = '\0';
    if (!line[0] || line[0] == '#') return true;
    ++*keys;
    return age_identity_read(line, out, err);
}

static bool read_lines(char *text, struct age_identity *out, struct wg_error *err)
{
    int keys = 0;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (!read_line(line, out, &keys, err)) return false;
    return keys == 1 || wg_fail(err, WG_E_BAD_FILE, "expected one key, found %d", keys);
}

bool identity_file_load(const char *path, struct age_identity *out, struct wg_error *err)
{
    struct wg_buf bytes;
    char text[FILE_MAX_BYTES + 1];
    if (!check_mode(path, err)) return false;
    wg_buf_init(&bytes, FILE_MAX_BYTES);
    bool ok = wg_file_read(path, &bytes, err);
    if (ok) (void)wg_copy_n(text, sizeof text, wg_buf_str(&bytes), bytes.len);
    if (bytes.data) explicit_bzero(bytes.data, bytes.len);
    wg_buf_clear(&bytes);
    ok = ok && read_lines(text, out, err);
    explicit_bzero(text, sizeof text);
    return ok || wg_context(err, "%s", path);
}
