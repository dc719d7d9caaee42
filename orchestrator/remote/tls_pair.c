/* tls_pair.c: keys as GnuTLS takes them. */
#include "orchestrator/remote/tls_pair.h"

#include "common/posix/file.h"
#include "common/posix/secrets.h"
#include "common/posix/token_uri.h"
#include "common/text.h"

#include <gnutls/pkcs11.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KEY_FILE_MAX 16384

static void wipe(struct wg_buf *buf)
{
    if (buf->data) explicit_bzero(buf->data, buf->cap);
    wg_buf_clear(buf);
}

/* GnuTLS reads files alone: this one is in memory, and nobody else's. */
static bool lend_in_memory(struct tls_pair *pair, const struct wg_buf *pem, struct wg_error *err)
{
    pair->fd = memfd_create("key", MFD_CLOEXEC);
    if (pair->fd < 0) return wg_fail_errno(err, "keeping a key in memory");
    if (write(pair->fd, wg_buf_str(pem), pem->len) != (ssize_t)pem->len)
        return wg_fail_errno(err, "keeping a key in memory");
    return wg_format(pair->key, sizeof pair->key, "/proc/self/fd/%d", pair->fd);
}

static bool decrypt(struct tls_pair *pair, const struct wg_buf *pem,
                    const struct wg_passphrase_source *secret, struct wg_error *err)
{
    char what[PATH_MAX + 32];
    struct wg_passphrase passphrase;
    struct wg_buf plain;
    (void)wg_format(what, sizeof what, "passphrase of %s", pair->key);
    if (!wg_passphrase_read(secret, what, &passphrase, err)) return false;
    wg_buf_init(&plain, (size_t)2 * WG_PKCS8_MAX);
    bool ok = (wg_pkcs8_decrypt(wg_buf_str(pem), pem->len, passphrase.text, passphrase.len, &plain,
                                err) ||
               wg_context(err, "%s", pair->key)) &&
              lend_in_memory(pair, &plain, err);
    wg_passphrase_clear(&passphrase);
    wipe(&plain);
    return ok;
}

static bool from_file(struct tls_pair *pair, const struct wg_passphrase_source *secret,
                      struct wg_error *err)
{
    struct wg_buf pem;
    wg_buf_init(&pem, KEY_FILE_MAX);
    bool ok =
        wg_secret_path_check(pair->key, err) && wg_file_read(pair->key, &pem, err) &&
        (!wg_pkcs8_is_encrypted(wg_buf_str(&pem), pem.len) || decrypt(pair, &pem, secret, err));
    wipe(&pem);
    return ok;
}

static int give_pin(void *ctx, int attempt, const char *url, const char *label, unsigned flags,
                    char *out, size_t size)
{
    const struct tls_pair *pair = ctx;
    (void)url;
    (void)label;
    (void)flags;
    /* a token locks itself after a few wrong ones */
    if (attempt > 0 || pair->pin.len >= size) return GNUTLS_E_PKCS11_PIN_ERROR;
    memcpy(out, pair->pin.text, pair->pin.len + 1);
    return 0;
}

static bool load_module(const char *module, struct wg_error *err)
{
    int code = module[0] ? gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_MANUAL, NULL)
                         : gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_AUTO, NULL);
    if (code == 0 && module[0]) code = gnutls_pkcs11_add_provider(module, NULL);
    return code == 0 ||
           wg_fail(err, WG_E_IO, "%s: %s", module[0] ? module : "PKCS#11", gnutls_strerror(code));
}

static bool from_token(struct tls_pair *pair, const struct wg_passphrase_source *secret,
                       struct wg_error *err)
{
    struct wg_token_uri uri;
    char what[PATH_MAX];
    if (!wg_token_uri_parse(pair->key, &uri, err)) return false;
    const struct wg_passphrase_source by_file = {.file = uri.pin_file, .fd = -1};
    char *query = strchr(pair->key, '?'); /* module and PIN are ours to say */
    if (query) *query = '\0';
    (void)wg_format(what, sizeof what, "PIN of %s", uri.token[0] ? uri.token : "the token");
    if (!wg_passphrase_read(uri.pin_file[0] ? &by_file : secret, what, &pair->pin, err) ||
        !load_module(uri.module, err))
        return false;
    gnutls_pkcs11_set_pin_function(give_pin, pair);
    return true;
}

bool tls_pair_init(struct tls_pair *pair, const char *certificate, const char *key,
                   const struct wg_passphrase_source *secret, struct wg_error *err)
{
    *pair = (struct tls_pair){.fd = -1};
    if (access(certificate, R_OK) != 0) return wg_fail_errno(err, "%s", certificate);
    if (!wg_copy(pair->certificate, sizeof pair->certificate, certificate) ||
        !wg_copy(pair->key, sizeof pair->key, key))
        return wg_fail(err, WG_E_LIMIT, "%.80s: the path is too long", key);
    return wg_token_uri_is(key) ? from_token(pair, secret, err) : from_file(pair, secret, err);
}

void tls_pair_clear(struct tls_pair *pair)
{
    if (pair->pin.len) gnutls_pkcs11_set_pin_function(NULL, NULL);
    if (pair->fd >= 0) (void)close(pair->fd);
    wg_passphrase_clear(&pair->pin);
    pair->fd = -1;
}
