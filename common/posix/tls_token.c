/* tls_token.c: wolfSSL's callbacks for signatures, answered by a token. */
#include <wolfssl/options.h>

#include "common/posix/tls_token.h"

#include "common/log.h"
#include "common/posix/file.h"
#include "common/posix/token_turn.h"
#include "common/posix/token_uri.h"
#include "common/text.h"

#include <wolfssl/ssl.h>

#include <stdlib.h>
#include <string.h>

#define PAIR_FILE_MAX 65536

bool tls_token_uri_in(const char *text, char *out, size_t size)
{
    const char *line = text;
    while (line && !wg_token_uri_is(line)) {
        line = strchr(line, '\n');
        if (line) line++;
    }
    return line && wg_copy_n(out, size, line, strcspn(line, "\r\n"));
}

bool tls_token_uri(const char *key, char *out, size_t size)
{
    struct wg_error ignored = {0};
    struct wg_buf text;
    if (wg_token_uri_is(key)) return wg_copy(out, size, key);
    wg_buf_init(&text, PAIR_FILE_MAX);
    bool found =
        wg_file_read(key, &text, &ignored) && tls_token_uri_in(wg_buf_str(&text), out, size);
    if (text.data) explicit_bzero(text.data, text.cap);
    wg_buf_clear(&text);
    return found;
}

static int give(bool ok, const uint8_t *signature, size_t len, unsigned char *out, word32 *room,
                const struct wg_error *err)
{
    if (ok && len <= *room) {
        memcpy(out, signature, len);
        *room = (word32)len;
        return 0;
    }
    if (!ok) wg_log_error("the device's key cannot sign", err);
    return WC_HW_E;
}

static const char *uri_of(WOLFSSL *ssl)
{
    return wolfSSL_CTX_GetEccSignCtx(wolfSSL_get_SSL_CTX(ssl));
}

/* token_turn_sign_digest() or token_turn_sign(). */
typedef bool sign_call(const char *uri, const void *data, size_t len,
                       uint8_t signature[WG_IDENTITY_SIGNATURE_MAX], size_t *signature_len,
                       struct wg_error *err);

static int sign(sign_call *call, WOLFSSL *ssl, const unsigned char *in, unsigned in_len,
                unsigned char *out, word32 *out_len)
{
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    size_t len = 0;
    struct wg_error err = {0};
    bool ok = call(uri_of(ssl), in, in_len, signature, &len, &err);
    return give(ok, signature, len, out, out_len, &err);
}

static int sign_digest(WOLFSSL *ssl, const unsigned char *in, unsigned in_len, unsigned char *out,
                       word32 *out_len, const unsigned char *key, unsigned key_len, void *ctx)
{
    (void)key;
    (void)key_len;
    (void)ctx;
    return sign(token_turn_sign_digest, ssl, in, in_len, out, out_len);
}

static int sign_text(WOLFSSL *ssl, const unsigned char *in, unsigned in_len, unsigned char *out,
                     word32 *out_len, const unsigned char *key, unsigned key_len, void *ctx)
{
    (void)key;
    (void)key_len;
    (void)ctx;
    return sign(token_turn_sign, ssl, in, in_len, out, out_len);
}

bool tls_token_use(struct WOLFSSL_CTX *ctx, const char *uri, struct wg_error *err)
{
    char *copy = strdup(uri);
    if (!copy) return wg_fail_memory(err, "TLS");
    tls_token_drop(ctx);
    (void)wolfSSL_CTX_SetEccSignCtx(ctx, copy);
    wolfSSL_CTX_SetEccSignCb(ctx, sign_digest);
    wolfSSL_CTX_SetEd25519SignCb(ctx, sign_text);
    return true;
}

void tls_token_drop(struct WOLFSSL_CTX *ctx)
{
    if (!ctx) return;
    free(wolfSSL_CTX_GetEccSignCtx(ctx));
    (void)wolfSSL_CTX_SetEccSignCtx(ctx, NULL);
}
