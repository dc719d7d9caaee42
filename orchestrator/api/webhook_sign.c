/* webhook_sign.c: GnuTLS' HMAC and base64: wavegate-api has it for TLS. */
#include "orchestrator/api/webhook_sign.h"

#include "common/buf.h"
#include "common/crypto.h"
#include "common/text.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define SECRET_BYTES 32
#define PREFIX "whsec_"
#define SIGNED_MAX ((size_t)1024 * 1024)

static bool encode(const unsigned char *bytes, size_t len, const char *prefix, char *out,
                   size_t size, struct wg_error *err)
{
    const gnutls_datum_t in = {(unsigned char *)bytes, (unsigned)len};
    gnutls_datum_t text = {NULL, 0};
    if (gnutls_base64_encode2(&in, &text) != 0) return wg_fail_memory(err, "base64");
    bool ok = wg_format(out, size, "%s%.*s", prefix, (int)text.size, (const char *)text.data) ||
              wg_fail(err, WG_E_LIMIT, "base64: too long");
    explicit_bzero(text.data, text.size);
    gnutls_free(text.data);
    return ok;
}

bool webhook_secret_make(char out[WEBHOOK_SECRET_TEXT], struct wg_error *err)
{
    unsigned char bytes[SECRET_BYTES];
    bool ok = wg_random(bytes, sizeof bytes, err) &&
              encode(bytes, sizeof bytes, PREFIX, out, WEBHOOK_SECRET_TEXT, err);
    explicit_bzero(bytes, sizeof bytes);
    return ok;
}

static bool sign(const gnutls_datum_t *key, const char *id, int64_t seconds, const char *body,
                 unsigned char out[WG_SHA256_SIZE], struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, SIGNED_MAX);
    wg_buf_printf(&text, "%s.%lld.", id, (long long)seconds);
    wg_buf_text(&text, body);
    bool ok =
        wg_buf_check(&text, err, "signing a delivery") &&
        (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key->data, key->size, text.data, text.len, out) == 0 ||
         wg_fail(err, WG_E_FAILED, "signing a delivery"));
    wg_buf_clear(&text);
    return ok;
}

bool webhook_sign(const char *secret, const char *id, int64_t seconds, const char *body,
                  char out[WEBHOOK_SIGNATURE_TEXT], struct wg_error *err)
{
    unsigned char mac[WG_SHA256_SIZE];
    gnutls_datum_t key = {NULL, 0};
    if (strncmp(secret, PREFIX, sizeof PREFIX - 1) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "a webhook's secret is none");
    secret += sizeof PREFIX - 1;
    const gnutls_datum_t text = {(unsigned char *)secret, (unsigned)strlen(secret)};
    if (gnutls_base64_decode2(&text, &key) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "a webhook's secret is none");
    bool ok = sign(&key, id, seconds, body, mac, err) &&
              encode(mac, sizeof mac, "v1,", out, WEBHOOK_SIGNATURE_TEXT, err);
    explicit_bzero(key.data, key.size);
    gnutls_free(key.data);
    return ok;
}
