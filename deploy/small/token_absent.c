/* token_absent.c: keys in tokens (PKCS#11), which the small agent does not have: who names one is
 * told so. */
#include "common/posix/tls_token.h"
#include "common/posix/token_turn.h"
#include "common/posix/token_uri.h"
#include "common/text.h"

static bool refuse(struct wg_error *err)
{
    return wg_fail(err, WG_E_USAGE, "this agent has no keys in tokens: name a file");
}

bool token_turn_has(struct wg_error *err)
{
    return refuse(err);
}

bool tls_token_uri(const char *key, char *out, size_t size)
{
    return wg_token_uri_is(key) && wg_copy(out, size, key);
}

bool tls_token_uri_in(const char *text, char *out, size_t size)
{
    (void)text;
    (void)out;
    (void)size;
    return false;
}

bool tls_token_use(struct WOLFSSL_CTX *ctx, const char *uri, struct wg_error *err)
{
    (void)ctx;
    (void)uri;
    return refuse(err);
}

void tls_token_drop(struct WOLFSSL_CTX *ctx)
{
    (void)ctx;
}

bool token_turn_public(const char *uri, struct wg_identity_public *out, struct wg_error *err)
{
    (void)uri;
    (void)out;
    return refuse(err);
}

bool token_turn_sign(const char *uri, const void *data, size_t len,
                     uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len, struct wg_error *err)
{
    (void)uri;
    (void)data;
    (void)len;
    (void)out;
    (void)out_len;
    return refuse(err);
}

bool token_turn_make(const char *uri, enum wg_identity_kind kind, struct wg_identity_public *out,
                     struct wg_error *err)
{
    (void)uri;
    (void)kind;
    (void)out;
    return refuse(err);
}

bool token_turn_destroy(const char *uri, struct wg_error *err)
{
    (void)uri;
    return refuse(err);
}
