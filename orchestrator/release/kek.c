/* kek.c: the key-encryption key in its file, or in its token. */
#include "orchestrator/release/kek.h"

#include "common/crypt/hkdf.h"
#include "common/crypto.h"
#include "common/posix/file.h"
#include "common/posix/token_uri.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool kek_from_bytes(const uint8_t bytes[KEK_SIZE], struct kek *out, struct wg_error *err)
{
    static const char info[] = "wavegate kek id";
    uint8_t id[(KEK_ID - 1) / 2];
    if (!wg_hkdf((struct wg_bytes){bytes, KEK_SIZE}, (struct wg_bytes){NULL, 0},
                 (struct wg_bytes){info, sizeof info - 1}, id, sizeof id, err))
        return false;
    *out = (struct kek){.id = ""};
    memcpy(out->bytes, bytes, KEK_SIZE);
    wg_hex(id, sizeof id, out->id);
    return true;
}

static bool sync_folder_of(const char *path, struct wg_error *err)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash) return wg_folder_sync(".", err);
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    return wg_copy_n(folder, sizeof folder, path, len) ? wg_folder_sync(folder, err)
                                                       : wg_fail(err, WG_E_LIMIT, "path too long");
}

static bool write_new(const char *path, const uint8_t bytes[KEK_SIZE], struct wg_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) return wg_fail(err, WG_E_CONFLICT, "%s: is there already", path);
    if (fd < 0) return wg_fail_errno(err, "%s", path);
    ssize_t wrote = write(fd, bytes, KEK_SIZE);
    bool ok = wrote == KEK_SIZE && fsync(fd) == 0;
    if (!ok) (void)wg_fail_errno(err, "writing %s", path);
    if (close(fd) != 0 && ok) ok = wg_fail_errno(err, "writing %s", path);
    ok = ok && sync_folder_of(path, err);
    if (!ok) (void)unlink(path);
    return ok;
}

static bool make_file(const char *path, struct kek *out, struct wg_error *err)
{
    uint8_t bytes[KEK_SIZE];
    bool ok = wg_random(bytes, sizeof bytes, err) && kek_from_bytes(bytes, out, err) &&
              write_new(path, bytes, err);
    explicit_bzero(bytes, sizeof bytes);
    explicit_bzero(out->bytes, sizeof out->bytes);
    return ok;
}

bool kek_make(const char *where, const struct wg_passphrase_source *secret, struct kek *out,
              struct wg_error *err)
{
    uint8_t id[WG_TOKEN_CIPHER_ID];
    *out = (struct kek){.id = ""};
    bool token = wg_token_uri_is(where);
    bool ok = token ? wg_token_cipher_make(where, secret, id, err) : make_file(where, out, err);
    if (ok && token) wg_hex(id, sizeof id, out->id);
    if (!ok) kek_clear(out);
    return ok || wg_context(err, "making a key-encryption key");
}

/* Of the file that was opened, not of whatever has its name by now. */
static bool check_file(int fd, const char *path, struct wg_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) return wg_fail_errno(err, "%s", path);
    if (!S_ISREG(info.st_mode)) return wg_fail(err, WG_E_BAD_FILE, "%s: expected a file", path);
    if (wg_secret_is_open(path, &info))
        return wg_fail(err, WG_E_DENIED, "%s: others may read this key (mode %03o): chmod 600 it",
                       path, (unsigned)(info.st_mode & 0777));
    return info.st_size == KEK_SIZE ||
           wg_fail(err, WG_E_BAD_FILE, "%s: expected a key of %d bytes, found %lld", path, KEK_SIZE,
                   (long long)info.st_size);
}

static bool load_file(const char *path, struct kek *out, struct wg_error *err)
{
    uint8_t bytes[KEK_SIZE];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return wg_fail_errno(err, "%s", path);
    bool ok = check_file(fd, path, err);
    if (ok && read(fd, bytes, sizeof bytes) != KEK_SIZE)
        ok = wg_fail(err, WG_E_IO, "%s: could not be read whole", path);
    (void)close(fd);
    ok = ok && kek_from_bytes(bytes, out, err);
    explicit_bzero(bytes, sizeof bytes);
    return ok;
}

static bool token_seal(void *ctx, const char *bound, const void *data, size_t len,
                       uint8_t iv[WG_TOKEN_CIPHER_IV], uint8_t *out, struct wg_error *err)
{
    return wg_token_cipher_seal(ctx, bound, data, len, iv, out, err);
}

static bool token_unseal(void *ctx, const char *bound, const uint8_t iv[WG_TOKEN_CIPHER_IV],
                         const uint8_t *sealed, size_t len, uint8_t *out, struct wg_error *err)
{
    return wg_token_cipher_unseal(ctx, bound, iv, sealed, len, out, err);
}

static bool open_token(const char *uri, const struct wg_passphrase_source *secret, struct kek *out,
                       struct wg_error *err)
{
    struct wg_token_cipher *cipher = wg_token_cipher_open(uri, secret, err);
    if (!cipher) return false;
    *out = (struct kek){.token = {token_seal, token_unseal, cipher}, .opened = cipher};
    wg_hex(wg_token_cipher_id(cipher), WG_TOKEN_CIPHER_ID, out->id);
    return true;
}

bool kek_load(const char *where, const struct wg_passphrase_source *secret, struct kek *out,
              struct wg_error *err)
{
    return wg_token_uri_is(where) ? open_token(where, secret, out, err)
                                  : load_file(where, out, err);
}

void kek_clear(struct kek *kek)
{
    wg_token_cipher_free(kek->opened);
    explicit_bzero(kek, sizeof *kek);
}
