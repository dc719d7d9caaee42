/* token_cipher.c: has a token seal and open. */
#include "common/posix/token_cipher.h"

#include "common/crypto.h"
#include "common/posix/token_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AES_256 32
#define SEALED_MAX (WG_TOKEN_CIPHER_MAX + WG_TOKEN_CIPHER_TAG)

struct wg_token_cipher {
    struct wg_token_session session;
    CK_OBJECT_HANDLE key;
    uint8_t id[WG_TOKEN_CIPHER_ID];
};

/* What there is to know of a key that is no secret. */
struct facts {
    CK_KEY_TYPE type;
    CK_ULONG size;
    CK_BBOOL sensitive, extractable, encrypts, decrypts;
    uint8_t id[WG_TOKEN_TEXT_MAX];
    size_t id_len;
};

static bool read_facts(const struct wg_token_cipher *cipher, struct facts *out,
                       struct wg_error *err)
{
    CK_ATTRIBUTE want[] = {{CKA_KEY_TYPE, &out->type, sizeof out->type},
                           {CKA_VALUE_LEN, &out->size, sizeof out->size},
                           {CKA_SENSITIVE, &out->sensitive, sizeof out->sensitive},
                           {CKA_EXTRACTABLE, &out->extractable, sizeof out->extractable},
                           {CKA_ENCRYPT, &out->encrypts, sizeof out->encrypts},
                           {CKA_DECRYPT, &out->decrypts, sizeof out->decrypts},
                           {CKA_ID, out->id, sizeof out->id}};
    CK_ULONG count = sizeof want / sizeof want[0];
    CK_RV code =
        cipher->session.call->C_GetAttributeValue(cipher->session.handle, cipher->key, want, count);
    out->id_len = want[count - 1].ulValueLen;
    return (code == CKR_OK && out->id_len <= sizeof out->id) ||
           wg_token_fail(err, "reading what kind of key it is", code);
}

static bool check_facts(struct wg_token_cipher *cipher, const struct wg_token_uri *uri,
                        struct wg_error *err)
{
    struct facts facts = {0};
    if (!read_facts(cipher, &facts, err)) return false;
    if (facts.type != CKK_AES || facts.size != AES_256)
        return wg_fail(err, WG_E_USAGE, "in token %s, \"%s\" is no AES key of 256 bits", uri->token,
                       uri->object);
    if (!facts.sensitive || facts.extractable)
        return wg_fail(err, WG_E_DENIED,
                       "in token %s, the key \"%s\" can be taken out: make another that is "
                       "sensitive and not extractable",
                       uri->token, uri->object);
    if (!facts.encrypts || !facts.decrypts)
        return wg_fail(err, WG_E_USAGE, "in token %s, the key \"%s\" may not encrypt and decrypt",
                       uri->token, uri->object);
    if (facts.id_len != WG_TOKEN_CIPHER_ID)
        return wg_fail(err, WG_E_USAGE,
                       "in token %s, the id (CKA_ID) of \"%s\" has %zu bytes: expected %d, random",
                       uri->token, uri->object, facts.id_len, WG_TOKEN_CIPHER_ID);
    memcpy(cipher->id, facts.id, WG_TOKEN_CIPHER_ID);
    return true;
}

/* The bytes that a call is about; PKCS#11 takes no const. */
struct text {
    const char *bound;
    const void *data;
    size_t len;
    uint8_t *iv;
};

static CK_RV run(struct wg_token_cipher *cipher, bool seal, const struct text *text,
                 uint8_t out[SEALED_MAX], CK_ULONG *out_len)
{
    const CK_FUNCTION_LIST *call = cipher->session.call;
    CK_SESSION_HANDLE session = cipher->session.handle;
    CK_BYTE_PTR data = (CK_BYTE_PTR)(uintptr_t)text->data;
    CK_GCM_PARAMS with = {.pIv = text->iv,
                          .ulIvLen = WG_TOKEN_CIPHER_IV,
                          .ulIvBits = 8UL * WG_TOKEN_CIPHER_IV,
                          .pAAD = (CK_BYTE_PTR)(uintptr_t)text->bound,
                          .ulAADLen = strlen(text->bound),
                          .ulTagBits = 8UL * WG_TOKEN_CIPHER_TAG};
    CK_MECHANISM gcm = {CKM_AES_GCM, &with, sizeof with};
    *out_len = SEALED_MAX;
    CK_RV code = seal ? call->C_EncryptInit(session, &gcm, cipher->key)
                      : call->C_DecryptInit(session, &gcm, cipher->key);
    if (code != CKR_OK) return code;
    return seal ? call->C_Encrypt(session, data, text->len, out, out_len)
                : call->C_Decrypt(session, data, text->len, out, out_len);
}

/* The token may have put an initialisation vector of its own in place of ours. */
static bool seal(struct wg_token_cipher *cipher, const struct text *text, uint8_t out[SEALED_MAX],
                 struct wg_error *err)
{
    CK_ULONG len = 0;
    if (!wg_random(text->iv, WG_TOKEN_CIPHER_IV, err)) return false;
    CK_RV code = run(cipher, true, text, out, &len);
    if (code == CKR_MECHANISM_INVALID)
        return wg_fail(err, WG_E_USAGE, "the token has no AES-GCM (CKM_AES_GCM)");
    if (code != CKR_OK) return wg_token_fail(err, "sealing", code);
    return len == text->len + WG_TOKEN_CIPHER_TAG ||
           wg_fail(err, WG_E_IO, "the token: %lu bytes sealed into %lu", (unsigned long)text->len,
                   (unsigned long)len);
}

static bool unseal(struct wg_token_cipher *cipher, const struct text *sealed, uint8_t *out,
                   CK_RV *code)
{
    uint8_t plain[SEALED_MAX];
    CK_ULONG len = 0;
    *code = run(cipher, false, sealed, plain, &len);
    bool ok = *code == CKR_OK && len == sealed->len - WG_TOKEN_CIPHER_TAG;
    if (ok) memcpy(out, plain, len);
    explicit_bzero(plain, sizeof plain);
    return ok;
}

bool wg_token_cipher_seal(struct wg_token_cipher *cipher, const char *bound, const void *data,
                          size_t len, uint8_t iv[WG_TOKEN_CIPHER_IV], uint8_t *out,
                          struct wg_error *err)
{
    uint8_t drawn[WG_TOKEN_CIPHER_IV], sealed[SEALED_MAX], again[WG_TOKEN_CIPHER_MAX];
    const struct text text = {bound, data, len, drawn};
    const struct text back = {bound, sealed, len + WG_TOKEN_CIPHER_TAG, drawn};
    CK_RV code = CKR_OK;
    if (len > WG_TOKEN_CIPHER_MAX)
        return wg_fail(err, WG_E_LIMIT, "a token seals %d bytes at most", WG_TOKEN_CIPHER_MAX);
    if (!seal(cipher, &text, sealed, err)) return false;
    bool ok = unseal(cipher, &back, again, &code) && memcmp(again, data, len) == 0;
    explicit_bzero(again, sizeof again);
    if (!ok) return wg_token_fail(err, "it does not open what it sealed", code);
    memcpy(iv, drawn, sizeof drawn);
    memcpy(out, sealed, back.len);
    return true;
}

static bool try(struct wg_token_cipher *cipher, struct wg_error *err)
{
    static const char what[] = "wavegate: does this key seal?";
    uint8_t iv[WG_TOKEN_CIPHER_IV], out[sizeof what + WG_TOKEN_CIPHER_TAG];
    return wg_token_cipher_seal(cipher, what, what, sizeof what, iv, out, err);
}

/* Tokens tell bytes that do not hold in many ways (SoftHSM: CKR_GENERAL_ERROR): a token that still
 * seals is at work, so it is the bytes. */
bool wg_token_cipher_unseal(struct wg_token_cipher *cipher, const char *bound,
                            const uint8_t iv[WG_TOKEN_CIPHER_IV], const uint8_t *sealed, size_t len,
                            uint8_t *out, struct wg_error *err)
{
    uint8_t copy[WG_TOKEN_CIPHER_IV];
    const struct text text = {bound, sealed, len, copy};
    CK_RV code = CKR_OK;
    if (len < WG_TOKEN_CIPHER_TAG || len > SEALED_MAX)
        return wg_fail(err, WG_E_LIMIT, "sealed by a token: expected %d to %d bytes",
                       WG_TOKEN_CIPHER_TAG, SEALED_MAX);
    memcpy(copy, iv, sizeof copy);
    if (unseal(cipher, &text, out, &code)) return true;
    return try(cipher, NULL) ? wg_fail(err, WG_E_VERIFY, "it was changed, or sealed by another key")
                             : wg_token_fail(err, "opening what it sealed", code);
}

static bool parse(const char *text, struct wg_token_uri *out, struct wg_error *err)
{
    if (!wg_token_uri_parse(text, out, err)) return false;
    return out->type != WG_TOKEN_PRIVATE ||
           wg_fail(err, WG_E_USAGE,
                   "pkcs11 URI: type=private cannot seal: expected "
                   "type=secret-key");
}

static bool find_key(struct wg_token_cipher *cipher, const struct wg_token_uri *uri,
                     struct wg_error *err)
{
    struct wg_error problem = {0};
    if (wg_token_session_find(&cipher->session, uri, CKO_SECRET_KEY, &cipher->key, &problem))
        return check_facts(cipher, uri, err) && try(cipher, err);
    return wg_fail(err, problem.code, "%s%s", problem.text,
                   problem.code == WG_E_NOT_FOUND
                       ? ": have it made there (AES of 256 bits, sensitive, not extractable, with "
                         "a random id of 16 bytes)"
                       : "");
}

struct wg_token_cipher *
wg_token_cipher_open(const char *text, const struct wg_passphrase_source *pin, struct wg_error *err)
{
    struct wg_token_uri uri;
    if (!parse(text, &uri, err)) return NULL;
    struct wg_token_cipher *cipher = calloc(1, sizeof *cipher);
    if (!cipher) {
        (void)wg_fail_memory(err, "opening a token");
        return NULL;
    }
    if (wg_token_session_open(&cipher->session, &uri, pin, false, err) &&
        find_key(cipher, &uri, err))
        return cipher;
    wg_token_cipher_free(cipher);
    return NULL;
}

void wg_token_cipher_free(struct wg_token_cipher *cipher)
{
    if (!cipher) return;
    wg_token_session_close(&cipher->session);
    free(cipher);
}

const uint8_t *wg_token_cipher_id(const struct wg_token_cipher *cipher)
{
    return cipher->id;
}

/* Also no object of another kind: it would be found first by some other program. */
static bool name_is_free(const struct wg_token_session *session, const struct wg_token_uri *uri,
                         struct wg_error *err)
{
    struct wg_token_uri named = *uri;
    struct wg_error problem = {0};
    CK_OBJECT_HANDLE found = 0;
    named.id_len = 0;
    if (!wg_token_session_find(session, &named, CKO_SECRET_KEY, &found, &problem)) {
        if (problem.code == WG_E_NOT_FOUND) return true;
        if (problem.code == WG_E_IO) return wg_fail(err, WG_E_IO, "%s", problem.text);
    }
    return wg_fail(err, WG_E_CONFLICT, "token %s holds \"%s\" already: nothing was changed",
                   uri->token, uri->object);
}

static bool generate(struct wg_token_cipher *cipher, const struct wg_token_uri *uri,
                     uint8_t id[WG_TOKEN_CIPHER_ID], struct wg_error *err)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_ULONG size = AES_256;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    char label[WG_TOKEN_TEXT_MAX];
    memcpy(label, uri->object, sizeof label);
    CK_ATTRIBUTE with[] = {{CKA_CLASS, &class, sizeof class},   {CKA_KEY_TYPE, &type, sizeof type},
                           {CKA_VALUE_LEN, &size, sizeof size}, {CKA_LABEL, label, strlen(label)},
                           {CKA_ID, id, WG_TOKEN_CIPHER_ID},    {CKA_TOKEN, &yes, sizeof yes},
                           {CKA_PRIVATE, &yes, sizeof yes},     {CKA_SENSITIVE, &yes, sizeof yes},
                           {CKA_EXTRACTABLE, &no, sizeof no},   {CKA_ENCRYPT, &yes, sizeof yes},
                           {CKA_DECRYPT, &yes, sizeof yes},     {CKA_WRAP, &no, sizeof no},
                           {CKA_UNWRAP, &no, sizeof no},        {CKA_SIGN, &no, sizeof no},
                           {CKA_VERIFY, &no, sizeof no},        {CKA_DERIVE, &no, sizeof no}};
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_RV code = cipher->session.call->C_GenerateKey(cipher->session.handle, &mechanism, with,
                                                     sizeof with / sizeof with[0], &cipher->key);
    return code == CKR_OK || wg_token_fail(err, "making a key", code);
}

bool wg_token_cipher_make(const char *text, const struct wg_passphrase_source *pin,
                          uint8_t out[WG_TOKEN_CIPHER_ID], struct wg_error *err)
{
    struct wg_token_uri uri;
    struct wg_token_cipher cipher = {.key = 0};
    if (!parse(text, &uri, err)) return false;
    if (!uri.object[0] || uri.id_len > 0)
        return wg_fail(err, WG_E_USAGE,
                       "pkcs11 URI: a new key is named by object=; its id is drawn");
    bool ok = wg_token_session_open(&cipher.session, &uri, pin, true, err) &&
              name_is_free(&cipher.session, &uri, err) && wg_random(out, WG_TOKEN_CIPHER_ID, err) &&
              generate(&cipher, &uri, out, err) && check_facts(&cipher, &uri, err) &&
              try(&cipher, err);
    wg_token_session_close(&cipher.session);
    return ok;
}

void wg_token_cipher_restart(const char *text)
{
    struct wg_token_uri uri;
    if (wg_token_uri_parse(text, &uri, NULL)) wg_token_module_end(&uri);
}
