/* token_key.c: has a token sign. A token that went away and came back is opened again, where the
 * PIN can be read again: of several keys in one module each finds its own way back, because it
 * looks at every signature. */
#include "common/posix/token_key.h"

#include "common/der.h"
#include "common/posix/file.h"
#include "common/posix/token_session.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define CKM_EDDSA_3 0x1057UL /* of PKCS#11 3.0; not in wolfSSL's header */

#define POINT_ATTRIBUTE_MAX 128
#define RAW_SIGNATURE 64 /* R and S, either kind */
#define AGAIN WG_SECOND  /* between two tries to find the token */

struct wg_token_key {
    struct wg_token_session session;
    CK_OBJECT_HANDLE secret;
    struct wg_identity_public public_key;
    struct wg_token_uri uri;
    char pin_file[PATH_MAX]; /* where the URI names none; "": the PIN cannot be read again */
    wg_time tried;           /* to find it again; 0: never */
    struct wg_error away;    /* what came of that */
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

static bool find_key(struct wg_token_key *key, const struct wg_passphrase_source *pin,
                     struct wg_error *err)
{
    const struct wg_token_uri *uri = &key->uri;
    CK_OBJECT_HANDLE object = 0;
    if (uri->type == WG_TOKEN_SECRET)
        return wg_fail(err, WG_E_USAGE,
                       "pkcs11 URI: type=secret-key cannot sign: expected type=private");
    return wg_token_session_open(&key->session, uri, pin, false, err) &&
           wg_token_session_find(&key->session, uri, CKO_PRIVATE_KEY, &key->secret, err) &&
           wg_token_session_find(&key->session, uri, CKO_PUBLIC_KEY, &object, err) &&
           read_public(key, object, err);
}

/* A service's; whoever was asked for it is not asked twice. */
static bool keeps_pin(const struct wg_token_key *key)
{
    return key->uri.pin_file[0] || key->pin_file[0];
}

/* The module forgets what it knows of its tokens, and looks anew. */
static bool find_again(struct wg_token_key *key, struct wg_error *err)
{
    const struct wg_passphrase_source pin = {.file = key->pin_file[0] ? key->pin_file : NULL,
                                             .fd = -1};
    wg_token_session_close(&key->session);
    wg_token_module_end(&key->uri);
    return find_key(key, &pin, err);
}

static bool open_key(struct wg_token_key *key, const struct wg_passphrase_source *pin,
                     struct wg_error *err)
{
    struct wg_error first = {0};
    if (find_key(key, pin, &first)) return true;
    if (keeps_pin(key) && (first.code == WG_E_NOT_FOUND || first.code == WG_E_IO))
        return find_again(key, err);
    if (err) *err = first;
    return false;
}

struct wg_token_key *wg_token_key_open(const char *uri, const struct wg_passphrase_source *pin,
                                       struct wg_error *err)
{
    struct wg_token_key *key = calloc(1, sizeof *key);
    if (!key) {
        (void)wg_fail_memory(err, "opening a token");
        return NULL;
    }
    if (pin->file) (void)wg_copy(key->pin_file, sizeof key->pin_file, pin->file);
    if (wg_token_uri_parse(uri, &key->uri, err) && open_key(key, pin, err)) return key;
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
    if (!key->session.opened) return wg_fail(err, WG_E_IO, "the token: it is away");
    CK_RV code = key->session.call->C_SignInit(key->session.handle, &mechanism, key->secret);
    if (code == CKR_OK)
        code = key->session.call->C_Sign(key->session.handle, (CK_BYTE_PTR)(uintptr_t)data, len,
                                         raw, &raw_len);
    if (code != CKR_OK) return wg_token_fail(err, "signing", code);
    return raw_len == RAW_SIGNATURE ||
           wg_fail(err, WG_E_FAILED, "the token: a signature of %lu bytes", raw_len);
}

static bool sign(struct wg_token_key *key, const void *data, size_t len,
                 uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len, struct wg_error *err)
{
    uint8_t raw[RAW_SIGNATURE], digest[WG_SHA256_SIZE];
    *out_len = RAW_SIGNATURE;
    bool ok = key->public_key.kind == WG_IDENTITY_ED25519
                  ? raw_sign(key, CKM_EDDSA_3, data, len, out, err)
                  : wg_sha256_digest(data, len, digest, err) &&
                        raw_sign(key, CKM_ECDSA, digest, sizeof digest, raw, err) &&
                        der_signature(raw, out, out_len, err);
    /* the handle of a session that is no more may be another one's now */
    return ok && (wg_identity_verify(&key->public_key, data, len, out, *out_len, err) ||
                  wg_context(err, "what the token signed"));
}

/* A token locks after a few wrong PINs, and nobody is there to see it: refused once is enough. */
static bool may_try(const struct wg_token_key *key)
{
    return keeps_pin(key) && key->away.code != WG_E_DENIED &&
           (!key->tried || wg_monotonic() - key->tried >= AGAIN);
}

static bool come_back(struct wg_token_key *key)
{
    struct wg_identity_public before = key->public_key;
    wg_error_clear(&key->away);
    bool ok = find_again(key, &key->away) &&
              (wg_identity_same(&before, &key->public_key) ||
               wg_fail(&key->away, WG_E_VERIFY, "the token that came back holds another key"));
    key->public_key = before;
    key->tried = wg_monotonic();
    if (key->away.code == WG_E_DENIED)
        (void)wg_fail(&key->away, WG_E_DENIED, "%.900s; not tried again until a restart",
                      key->away.text);
    if (!ok) wg_token_session_close(&key->session);
    return ok;
}

bool wg_token_key_sign_digest(struct wg_token_key *key, const void *digest, size_t len,
                              uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                              struct wg_error *err)
{
    uint8_t raw[RAW_SIGNATURE];
    if (key->public_key.kind != WG_IDENTITY_P256)
        return wg_fail(err, WG_E_FAILED, "the token: this key signs no digest");
    return raw_sign(key, CKM_ECDSA, digest, len, raw, err) && der_signature(raw, out, out_len, err);
}

bool wg_token_key_sign(struct wg_token_key *key, const void *data, size_t len,
                       uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                       struct wg_error *err)
{
    struct wg_error first = {0};
    if (sign(key, data, len, out, out_len, &first)) return true;
    if (may_try(key) && come_back(key)) return sign(key, data, len, out, out_len, err);
    if (err) *err = key->away.code != WG_OK ? key->away : first;
    return false;
}
