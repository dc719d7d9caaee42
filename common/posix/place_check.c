/* place_check.c: whether what a path of a configuration names is there, and is what it should be.
 */
#include "common/posix/place.h"

#include "common/posix/file.h"
#include "common/posix/secrets.h"
#include "common/posix/token_uri.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool check_folder(const char *path, struct wg_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) return wg_fail_errno(err, "%s", path);
    return S_ISDIR(info.st_mode) || wg_fail(err, WG_E_BAD_FILE, "%s: expected a folder", path);
}

static bool check_pem(const char *path, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, (size_t)4 * 1024 * 1024); /* lists of authorities are long */
    bool ok = wg_file_read(path, &text, err) &&
              (strstr(wg_buf_str(&text), "-----BEGIN ") ||
               wg_fail(err, WG_E_BAD_FILE, "%s: expected a file in PEM form", path));
    wg_buf_clear(&text);
    return ok;
}

static bool check_file(const char *path, struct wg_error *err)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return wg_fail_errno(err, "%s", path);
    bool ok = (fstat(fd, &info) == 0 || wg_fail_errno(err, "%s", path)) &&
              (S_ISREG(info.st_mode) || wg_fail(err, WG_E_BAD_FILE, "%s: expected a file", path));
    (void)close(fd);
    return ok;
}

bool wg_place_check(const char *path, enum wg_place_kind kind, bool starting, struct wg_error *err)
{
    if (!path[0] || wg_token_uri_is(path)) return true;
    if (strncmp(path, WG_PLACE_CREDENTIAL, sizeof WG_PLACE_CREDENTIAL - 1) == 0)
        return !starting || wg_fail(err, WG_E_NOT_FOUND,
                                    "%s: no credentials were handed over: systemd does it "
                                    "(LoadCredential=)",
                                    path);
    switch (kind) {
    case WG_PLACE_FILE:
        break;
    case WG_PLACE_PEM:
        return check_pem(path, err);
    case WG_PLACE_SECRET:
        return wg_secret_path_check(path, err);
    case WG_PLACE_FOLDER:
        return check_folder(path, err);
    }
    return check_file(path, err);
}
