/* signing_key.c: keys in files; those in tokens are token_key.c's. */
#include "common/posix/signing_key.h"

#include "common/posix/file.h"
#include "common/posix/token_key.h"
#include "common/posix/token_uri.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_FILE_MAX 16384
#define PASSPHRASE_MIN 8

struct wg_signing_key {
    struct wg_identity_key in_memory; /* of a file */
    struct wg_token_key *token;       /* or in a token */
};

static void wipe(struct wg_buf *buf)
{
    if (buf->data) explicit_bzero(buf->data, buf->cap);
    wg_buf_clear(buf);
}

static bool read_secret(const char *path, struct wg_buf *out, struct wg_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return wg_fail_errno(err, "%s", path);
    bool ok = wg_secret_file_check(fd, path, err);
    (void)close(fd);
    return ok && wg_file_read(path, out, err);
}

static bool open_encrypted(const char *path, const struct wg_buf *pem,
                           const struct wg_passphrase_source *secret, struct wg_identity_key *out,
                           struct wg_error *err)
{
    char what[PATH_MAX + 32];
    struct wg_passphrase passphrase;
    struct wg_buf plain;
    (void)snprintf(what, sizeof what, "passphrase of %s", path);
    if (!wg_passphrase_read(secret, what, &passphrase, err)) return false;
    wg_buf_init(&plain, (size_t)2 * WG_PKCS8_MAX);
    bool ok = (wg_pkcs8_decrypt(wg_buf_str(pem), pem->len, passphrase.text, passphrase.len, &plain,
                                err) &&
               wg_identity_from_pem(wg_buf_str(&plain), plain.len, out, err)) ||
              wg_context(err, "%s", path);
    wg_passphrase_clear(&passphrase);
    wipe(&plain);
    return ok;
}

static bool open_file(const char *path, const struct wg_passphrase_source *secret,
                      struct wg_identity_key *out, struct wg_error *err)
{
    struct wg_buf pem;
    wg_buf_init(&pem, KEY_FILE_MAX);
    bool ok = read_secret(path, &pem, err);
    if (ok && wg_pkcs8_is_encrypted(wg_buf_str(&pem), pem.len))
        ok = open_encrypted(path, &pem, secret, out, err);
    else if (ok)
        ok = wg_identity_from_pem(wg_buf_str(&pem), pem.len, out, err) ||
             wg_context(err, "%s", path);
    wipe(&pem);
    return ok;
}

struct wg_signing_key *wg_signing_key_open(const char *where,
                                           const struct wg_passphrase_source *secret,
                                           struct wg_error *err)
{
    struct wg_signing_key *key = calloc(1, sizeof *key);
    if (!key) {
        (void)wg_fail_memory(err, "opening a key");
        return NULL;
    }
    bool ok = true;
    if (wg_token_uri_is(where))
        ok = (key->token = wg_token_key_open(where, secret, err)) != NULL;
    else
        ok = open_file(where, secret, &key->in_memory, err);
    if (ok) return key;
    wg_signing_key_free(key);
    return NULL;
}

void wg_signing_key_free(struct wg_signing_key *key)
{
    if (!key) return;
    wg_token_key_free(key->token);
    wg_identity_clear(&key->in_memory);
    free(key);
}

const struct wg_identity_public *wg_signing_key_public(const struct wg_signing_key *key)
{
    return key->token ? wg_token_key_public(key->token) : &key->in_memory.public_key;
}

bool wg_signing_key_sign(struct wg_signing_key *key, const void *data, size_t len,
                         uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                         struct wg_error *err)
{
    bool ok = key->token ? wg_token_key_sign(key->token, data, len, out, out_len, err)
                         : wg_identity_sign(&key->in_memory, data, len, out, out_len, err);
    return ok && (wg_identity_verify(wg_signing_key_public(key), data, len, out, *out_len, err) ||
                  wg_context(err, "what was just signed"));
}

static bool write_new(const char *file, const struct wg_buf *pem, struct wg_error *err)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return wg_fail(err, WG_E_CONFLICT, "%s is there already: keys are never overwritten", file);
    if (fd < 0) return wg_fail_errno(err, "creating %s", file);
    bool ok = write(fd, pem->data, pem->len) == (ssize_t)pem->len && fsync(fd) == 0;
    if (!ok) (void)wg_fail_errno(err, "writing %s", file);
    if (close(fd) != 0 && ok) ok = wg_fail_errno(err, "writing %s", file);
    if (!ok) (void)unlink(file);
    return ok;
}

static bool encrypt_pem(const char *plain, const struct wg_passphrase *passphrase,
                        struct wg_buf *out, struct wg_error *err)
{
    uint8_t der[WG_PKCS8_MAX];
    size_t len = 0;
    bool ok = (wg_pem_get(plain, strlen(plain), "PRIVATE KEY", der, sizeof der, &len) ||
               wg_fail(err, WG_E_FAILED, "writing a key")) &&
              wg_pkcs8_encrypt(der, len, passphrase->text, passphrase->len, out, err);
    explicit_bzero(der, sizeof der);
    return ok;
}

bool wg_signing_key_make(const char *file, enum wg_identity_kind kind,
                         const struct wg_passphrase *passphrase, struct wg_identity_public *out,
                         struct wg_error *err)
{
    struct wg_identity_key key;
    char plain[WG_IDENTITY_PEM_MAX];
    struct wg_buf pem;
    if (passphrase && passphrase->len < PASSPHRASE_MIN)
        return wg_fail(err, WG_E_USAGE, "the passphrase has fewer than %d bytes", PASSPHRASE_MIN);
    if (!wg_identity_make(kind, &key, err)) return false;
    wg_buf_init(&pem, KEY_FILE_MAX);
    bool ok = wg_identity_to_pem(&key, plain, err);
    if (ok && passphrase)
        ok = encrypt_pem(plain, passphrase, &pem, err);
    else if (ok)
        wg_buf_text(&pem, plain);
    ok = ok && wg_buf_check(&pem, err, "key") && write_new(file, &pem, err);
    if (ok) *out = key.public_key;
    wg_identity_clear(&key);
    explicit_bzero(plain, sizeof plain);
    wipe(&pem);
    return ok;
}
