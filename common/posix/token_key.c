/* token_key.c: has a token sign. */
#include "common/posix/token_key.h"

#include "common/der.h"
#include "common/posix/token_session.h"

#include <stdlib.h>
#include <string.h>

#define CKM_EDDSA_3 0x1057UL /* of PKCS#11 3.0; not in wolfSSL's header */

#define POINT_ATTRIBUTE_MAX 128
#define RAW_SIGNATURE 64 /* R and S, either kind */

struct wg_token_key {
    struct wg_token_session session;
    CK_OBJECT_HANDLE secret;
    struct wg_identity_public public_key;
};

/* CKA_EC_POINT is an OCTET STRING around the point; some tokens leave that out. */
static bool read_public(struct wg_token_key *key, CK_OBJECT_HANDLE object, struct wg_error *err)
{
    uint8_t point[POINT_ATTRIBUTE_MAX];
    CK_ATTRIBUTE want = {CKA_EC_POINT, point, sizeof point};
    CK_RV code = key->session.call->C_GetAttributeValue(key->session.handle, object, &want, 1);
    if (code != CKR_OK || want.ulValueLen > sizeof point)
        return wg_token_fail(err, "reading the public key; is it Ed25519 or P-256?", code);
    const uint8_t *at = point;
    size_t len = want.ulValueLen;
    if ((len == WG_P256_POINT + 2 || len == WG_ED25519_PUBLIC + 2) && at[0] == WG_DER_OCTETS &&
        at[1] == len - 2) {
        at += 2;
        len -= 2;
    }
    return wg_identity_public_from(at, len, &key->public_key, err);
}

static bool find_key(struct wg_token_key *key, const struct wg_token_uri *uri,
                     const struct wg_passphrase_source *pin, struct wg_error *err)
{
    CK_OBJECT_HANDLE object = 0;
    if (uri->type == WG_TOKEN_SECRET)
        return wg_fail(err, WG_E_USAGE,
                       "pkcs11 URI: type=secret-key cannot sign: expected type=private");
    return wg_token_session_open(&key->session, uri, pin, false, err) &&
           wg_token_session_find(&key->session, uri, CKO_PRIVATE_KEY, &key->secret, err) &&
           wg_token_session_find(&key->session, uri, CKO_PUBLIC_KEY, &object, err) &&
           read_public(key, object, err);
}

struct wg_token_key *wg_token_key_open(const char *uri, const struct wg_passphrase_source *pin,
                                       struct wg_error *err)
{
    struct wg_token_uri parsed;
    if (!wg_token_uri_parse(uri, &parsed, err)) return NULL;
    struct wg_token_key *key = calloc(1, sizeof *key);
    if (!key) {
        (void)wg_fail_memory(err, "opening a token");
        return NULL;
    }
    if (find_key(key, &parsed, pin, err)) return key;
    wg_token_key_free(key);
    return NULL;
}

void wg_token_key_free(struct wg_token_key *key)
{
    if (!key) return;
    wg_token_session_close(&key->session);
    free(key);
}

const struct wg_identity_public *wg_token_key_public(const struct wg_token_key *key)
{
    return &key->public_key;
}

/* Tokens give R and S of 32 bytes each. */
static bool der_signature(const uint8_t raw[RAW_SIGNATURE], uint8_t *out, size_t *out_len,
                          struct wg_error *err)
{
    struct wg_buf der;
    wg_buf_init(&der, WG_IDENTITY_SIGNATURE_MAX);
    size_t at = wg_der_open(&der, WG_DER_SEQUENCE);
    wg_der_integer(&der, raw, RAW_SIGNATURE / 2);
    wg_der_integer(&der, raw + RAW_SIGNATURE / 2, RAW_SIGNATURE / 2);
    wg_der_close(&der, at);
    bool ok = wg_buf_check(&der, err, "signature");
    if (ok) {
        memcpy(out, der.data, der.len);
        *out_len = der.len;
    }
    wg_buf_clear(&der);
    return ok;
}

static bool raw_sign(struct wg_token_key *key, CK_MECHANISM_TYPE type, const void *data, size_t len,
                     uint8_t raw[RAW_SIGNATURE], struct wg_error *err)
{
    CK_MECHANISM mechanism = {type, NULL, 0};
    CK_ULONG raw_len = RAW_SIGNATURE;
    CK_RV code = key->session.call->C_SignInit(key->session.handle, &mechanism, key->secret);
    if (code == CKR_OK)
        code = key->session.call->C_Sign(key->session.handle, (CK_BYTE_PTR)(uintptr_t)data, len,
                                         raw, &raw_len);
    if (code != CKR_OK) return wg_token_fail(err, "signing", code);
    return raw_len == RAW_SIGNATURE ||
           wg_fail(err, WG_E_FAILED, "the token: a signature of %lu bytes", raw_len);
}

bool wg_token_key_sign(struct wg_token_key *key, const void *data, size_t len,
                       uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                       struct wg_error *err)
{
    uint8_t raw[RAW_SIGNATURE], digest[WG_SHA256_SIZE];
    struct wg_sha256 sha;
    if (key->public_key.kind == WG_IDENTITY_ED25519) {
        *out_len = RAW_SIGNATURE;
        return raw_sign(key, CKM_EDDSA_3, data, len, out, err);
    }
    if (!wg_sha256_init(&sha, err)) return false;
    bool ok = wg_sha256_add(&sha, data, len, err) && wg_sha256_end(&sha, digest, err);
    wg_sha256_clear(&sha);
    return ok && raw_sign(key, CKM_ECDSA, digest, sizeof digest, raw, err) &&
           der_signature(raw, out, out_len, err);
}
