/* token_key.c: calls the PKCS#11 module by itself, with wolfSSL's header. wolfCrypt 5.5.4 would
 * sign with RSA and ECDSA only, find tokens by the beginning of their name, and open a module once.
 *
 * A module stays loaded and initialised until the process ends: other keys may be in it. */
#include <wolfssl/options.h>

#include "common/posix/token_key.h"

#include "common/der.h"

#include <wolfssl/wolfcrypt/wc_pkcs11.h>

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Of PKCS#11 2.40 and 3.0; not in wolfSSL's header. */
#define CKR_PIN_INCORRECT_2 0xa0UL
#define CKR_PIN_LOCKED_2 0xa4UL
#define CKR_USER_ALREADY_LOGGED_IN_2 0x100UL
#define CKR_CRYPTOKI_ALREADY_INITIALIZED_2 0x191UL
#define CKM_EDDSA_3 0x1057UL

#define SLOTS_MAX 64
#define POINT_ATTRIBUTE_MAX 128
#define RAW_SIGNATURE 64 /* R and S, either kind */

struct wg_token_key {
    CK_FUNCTION_LIST *call;
    bool opened;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE secret;
    struct wg_identity_public public_key;
};

static bool fail_token(struct wg_error *err, const char *what, CK_RV code)
{
    if (code == CKR_PIN_INCORRECT_2) return wg_fail(err, WG_E_DENIED, "the token: wrong PIN");
    if (code == CKR_PIN_LOCKED_2)
        return wg_fail(err, WG_E_DENIED, "the token: the PIN is locked after wrong tries");
    return wg_fail(err, WG_E_FAILED, "the token: %s (PKCS#11 error 0x%lx)", what,
                   (unsigned long)code);
}

/* Fields of CK_TOKEN_INFO are padded with blanks, without NUL. */
static bool field_is(const CK_UTF8CHAR *field, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len == 0) return true;
    if (len > size || memcmp(field, text, len) != 0) return false;
    while (len < size && field[len] == ' ') len++;
    return len == size;
}

static bool find_slot(CK_FUNCTION_LIST *call, const struct wg_token_uri *uri, CK_SLOT_ID *out,
                      struct wg_error *err)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX, found = 0;
    CK_RV code = call->C_GetSlotList(CK_TRUE, slots, &count);
    if (code != CKR_OK) return fail_token(err, "listing the tokens", code);
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (call->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
            !field_is(info.label, sizeof info.label, uri->token) ||
            !field_is((const CK_UTF8CHAR *)info.serialNumber, sizeof info.serialNumber,
                      uri->serial))
            continue;
        *out = slots[i];
        found++;
    }
    if (found == 1) return true;
    return found == 0 ? wg_fail(err, WG_E_NOT_FOUND, "no token \"%s\" is there", uri->token)
                      : wg_fail(err, WG_E_CONFLICT,
                                "%lu tokens fit: say which, by token= and serial=", found);
}

static bool log_in(struct wg_token_key *key, const struct wg_token_uri *uri,
                   const struct wg_passphrase_source *given, struct wg_error *err)
{
    struct wg_passphrase pin;
    struct wg_passphrase_source source = *given;
    char what[WG_TOKEN_TEXT_MAX + 32];
    (void)snprintf(what, sizeof what, "PIN of token %s", uri->token);
    if (uri->pin_file[0]) source = (struct wg_passphrase_source){uri->pin_file, -1, false};
    if (!wg_passphrase_read(&source, what, &pin, err)) return false;
    CK_RV code =
        key->call->C_Login(key->session, CKU_USER, (CK_UTF8CHAR_PTR)pin.text, (CK_ULONG)pin.len);
    wg_passphrase_clear(&pin);
    /* another key of the same token is open already */
    return code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN_2 ||
           fail_token(err, "logging in", code);
}

/* The one object of that class with the label and id. */
static bool find_object(struct wg_token_key *key, const struct wg_token_uri *uri,
                        CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out, struct wg_error *err)
{
    CK_FUNCTION_LIST *call = key->call;
    CK_OBJECT_HANDLE found[2];
    CK_ULONG count = 0, wanted = 1;
    char label[WG_TOKEN_TEXT_MAX];
    uint8_t id[WG_TOKEN_TEXT_MAX];
    const char *kind = class == CKO_PRIVATE_KEY ? "private" : "public";
    memcpy(label, uri->object, sizeof label);
    memcpy(id, uri->id, sizeof id);
    CK_ATTRIBUTE want[3] = {{CKA_CLASS, &class, sizeof class}};
    if (label[0]) want[wanted++] = (CK_ATTRIBUTE){CKA_LABEL, label, strlen(label)};
    if (uri->id_len > 0) want[wanted++] = (CK_ATTRIBUTE){CKA_ID, id, uri->id_len};
    CK_RV code = call->C_FindObjectsInit(key->session, want, wanted);
    if (code == CKR_OK) {
        code = call->C_FindObjects(key->session, found, 2, &count);
        (void)call->C_FindObjectsFinal(key->session);
    }
    if (code != CKR_OK) return fail_token(err, "looking for the key", code);
    if (count == 0)
        return wg_fail(err, WG_E_NOT_FOUND, "token %s holds no %s key \"%s\"", uri->token, kind,
                       uri->object);
    if (count > 1)
        return wg_fail(err, WG_E_CONFLICT,
                       "token %s holds several %s keys \"%s\": add id=", uri->token, kind,
                       uri->object);
    *out = found[0];
    return true;
}

/* CKA_EC_POINT is an OCTET STRING around the point; some tokens leave that out. */
static bool read_public(struct wg_token_key *key, CK_OBJECT_HANDLE object, struct wg_error *err)
{
    uint8_t point[POINT_ATTRIBUTE_MAX];
    CK_ATTRIBUTE want = {CKA_EC_POINT, point, sizeof point};
    CK_RV code = key->call->C_GetAttributeValue(key->session, object, &want, 1);
    if (code != CKR_OK || want.ulValueLen > sizeof point)
        return fail_token(err, "reading the public key; is it Ed25519 or P-256?", code);
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
    CK_SLOT_ID slot = 0;
    CK_OBJECT_HANDLE object = 0;
    if (!find_slot(key->call, uri, &slot, err)) return false;
    CK_RV code = key->call->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &key->session);
    key->opened = code == CKR_OK;
    if (!key->opened) return fail_token(err, "opening a session", code);
    return log_in(key, uri, pin, err) &&
           find_object(key, uri, CKO_PRIVATE_KEY, &key->secret, err) &&
           find_object(key, uri, CKO_PUBLIC_KEY, &object, err) && read_public(key, object, err);
}

static bool load_module(struct wg_token_key *key, const char *path, struct wg_error *err)
{
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
    union {
        void *symbol;
        CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR list);
    } entry = {NULL};
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library) entry.symbol = dlsym(library, "C_GetFunctionList");
    if (!entry.symbol || entry.get(&key->call) != CKR_OK || !key->call) {
        (void)wg_fail(err, WG_E_NOT_FOUND,
                      "the PKCS#11 module %s cannot be loaded: name it by module-path= in the URI",
                      path);
        return false;
    }
    CK_RV code = key->call->C_Initialize(&args);
    return code == CKR_OK || code == CKR_CRYPTOKI_ALREADY_INITIALIZED_2 ||
           fail_token(err, "starting its module", code);
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
    bool ok = load_module(key, parsed.module, err) && find_key(key, &parsed, pin, err);
    if (ok) return key;
    wg_token_key_free(key);
    return NULL;
}

void wg_token_key_free(struct wg_token_key *key)
{
    if (!key) return;
    /* the last session of a token takes the login along */
    if (key->opened) (void)key->call->C_CloseSession(key->session);
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
    CK_RV code = key->call->C_SignInit(key->session, &mechanism, key->secret);
    if (code == CKR_OK)
        code = key->call->C_Sign(key->session, (CK_BYTE_PTR)(uintptr_t)data, len, raw, &raw_len);
    if (code != CKR_OK) return fail_token(err, "signing", code);
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
