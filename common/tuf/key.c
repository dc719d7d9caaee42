/* key.c: keys of TUF metadata: from bytes, PEM and JSON, and back.
 *
 * As a SubjectPublicKeyInfo an Ed25519 or P-256 key is a fixed DER prefix and the key's bytes, so
 * there is no DER parser here: anything without one of the prefixes is RSA, some other key, or
 * none. */
#include "common/tuf/key.h"

#include "common/p256.h"
#include "common/text.h"
#include "common/tuf/rsa.h"

#include <stdio.h>
#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/coding.h>

#define PREFIX_MAX 26
#define DER_MAX TUF_KEY_BYTES_MAX
#define BODY_MAX ((size_t)(DER_MAX + 2) / 3 * 4)
#define PEM_INPUT_MAX 16384 /* bytes of a text that may carry comments around the key */
#define BEGIN_LINE "-----BEGIN PUBLIC KEY-----"
#define END_LINE "-----END PUBLIC KEY-----"

_Static_assert(TUF_KEY_BYTES_MAX == RSA_DER_MAX, "size of an RSA key");

struct form {
    const char *keytype, *scheme;
    size_t key_len, prefix_len;
    uint8_t prefix[PREFIX_MAX];
};

static const struct form FORMS[] = {
    [TUF_KEY_ED25519] = {"ed25519",
                         "ed25519",
                         WG_ED25519_PUBLIC,
                         12,
                         {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00}},
    [TUF_KEY_P256] = {"ecdsa",
                      "ecdsa-sha2-nistp256",
                      WG_P256_POINT,
                      26,
                      {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                       0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                       0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00}},
    [TUF_KEY_RSA] = {"rsa", "rsassa-pss-sha256", 0, 0, {0}}, /* of any length, no prefix */
};

bool tuf_key_from_bytes(enum tuf_key_kind kind, const uint8_t *bytes, size_t len,
                        struct tuf_key *out, struct wg_error *err)
{
    struct tuf_key key = {.kind = kind, .len = len};
    struct wg_public_key ed;
    if (kind == TUF_KEY_RSA ? len > sizeof key.bytes : len != FORMS[kind].key_len)
        return wg_fail(err, WG_E_BAD_INPUT, "a public key (%s) of %zu bytes", FORMS[kind].keytype,
                       len);
    if (kind == TUF_KEY_ED25519 && !wg_public_key_from_bytes(bytes, &ed, err)) return false;
    if (kind == TUF_KEY_P256 && !wg_p256_point_is_sound(bytes))
        return wg_fail(err, WG_E_VERIFY, "the ecdsa key is not a point of the curve P-256");
    if (kind == TUF_KEY_RSA && !rsa_key_is_sound(bytes, len))
        return wg_fail(err, WG_E_VERIFY, "not an RSA key of 2048 to 4096 bits");
    memcpy(key.bytes, bytes, len);
    *out = key;
    return true;
}

bool tuf_key_from_identity(const struct wg_identity_public *from, struct tuf_key *out,
                           struct wg_error *err)
{
    return tuf_key_from_bytes(from->kind == WG_IDENTITY_P256 ? TUF_KEY_P256 : TUF_KEY_ED25519,
                              from->bytes, from->len, out, err);
}

static const char *find(const char *text, const char *end, const char *what)
{
    return text ? memmem(text, (size_t)(end - text), what, strlen(what)) : NULL;
}

static bool fail_other_kind(struct wg_error *err)
{
    return wg_fail(err, WG_E_NOT_FOUND,
                   "the public key is neither Ed25519, P-256, nor RSA of 2048 to 4096 bits");
}

/* The base64 between the two lines, without white space. */
static bool pem_body(const char *pem, size_t len, char body[BODY_MAX], size_t *body_len,
                     struct wg_error *err)
{
    if (len > PEM_INPUT_MAX)
        return wg_fail(err, WG_E_LIMIT, "public key of %zu bytes, at most %d allowed", len,
                       PEM_INPUT_MAX);
    const char *end = pem + len;
    const char *at = find(pem, end, BEGIN_LINE);
    if (at) at += strlen(BEGIN_LINE);
    const char *stop = find(at, end, END_LINE);
    if (!stop)
        return wg_fail(err, WG_E_BAD_INPUT, "no lines \"%s\" and \"%s\" found", BEGIN_LINE,
                       END_LINE);
    size_t n = 0;
    for (; at < stop; at++) {
        if (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') continue;
        if (n == BODY_MAX) return fail_other_kind(err);
        body[n++] = *at;
    }
    *body_len = n;
    return true;
}

static bool has_prefix(const struct form *form, const uint8_t *der, size_t len)
{
    return len == form->prefix_len + form->key_len &&
           memcmp(der, form->prefix, form->prefix_len) == 0;
}

bool tuf_key_from_pem(const char *pem, size_t len, struct tuf_key *out, struct wg_error *err)
{
    char body[BODY_MAX];
    uint8_t der[DER_MAX + 3];
    size_t body_len = 0;
    word32 der_len = sizeof der;
    if (!pem_body(pem, len, body, &body_len, err)) return false;
    if (body_len == 0 || Base64_Decode((const byte *)body, (word32)body_len, der, &der_len) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "the public key is not base64");
    for (enum tuf_key_kind kind = TUF_KEY_ED25519; kind < TUF_KEY_RSA; kind++) {
        size_t skip = FORMS[kind].prefix_len;
        if (has_prefix(&FORMS[kind], der, der_len))
            return tuf_key_from_bytes(kind, der + skip, der_len - skip, out, err);
    }
    if (rsa_key_is_sound(der, der_len))
        return tuf_key_from_bytes(TUF_KEY_RSA, der, der_len, out, err);
    return fail_other_kind(err);
}

bool tuf_key_to_pem(const struct tuf_key *key, char out[TUF_KEY_PEM_MAX], struct wg_error *err)
{
    const struct form *form = &FORMS[key->kind];
    uint8_t der[PREFIX_MAX + DER_MAX];
    char body[TUF_KEY_PEM_MAX - sizeof BEGIN_LINE - sizeof END_LINE - 2];
    word32 body_len = sizeof body;
    memcpy(der, form->prefix, form->prefix_len);
    memcpy(der + form->prefix_len, key->bytes, key->len);
    /* Lines of 64, each with its newline. */
    int code = Base64_Encode(der, (word32)(form->prefix_len + key->len), (byte *)body, &body_len);
    if (code != 0)
        return wg_fail(err, WG_E_FAILED, "writing a public key: base64 (wolfCrypt %d)", code);
    (void)snprintf(out, TUF_KEY_PEM_MAX, BEGIN_LINE "\n%.*s" END_LINE "\n", (int)body_len, body);
    return true;
}

static bool ed25519_from_hex(const char *hex, struct tuf_key *out, struct wg_error *err)
{
    uint8_t bytes[WG_ED25519_PUBLIC];
    if (!wg_unhex(hex, bytes, sizeof bytes))
        return wg_fail(err, WG_E_BAD_INPUT, "keyval.public: expected %zu lower-case hex digits",
                       2 * sizeof bytes);
    return tuf_key_from_bytes(TUF_KEY_ED25519, bytes, sizeof bytes, out, err);
}

static bool kind_from_pem(enum tuf_key_kind kind, const json_t *pem, struct tuf_key *out,
                          struct wg_error *err)
{
    struct tuf_key key = {.kind = kind};
    if (!tuf_key_from_pem(json_string_value(pem), json_string_length(pem), &key, err))
        return wg_context(err, "keyval.public");
    if (key.kind != kind)
        return wg_fail(err, WG_E_BAD_INPUT, "keyval.public: not of the type %s, as it says",
                       FORMS[kind].keytype);
    *out = key;
    return true;
}

static bool kind_find(const char *keytype, const char *scheme, enum tuf_key_kind *out)
{
    if (strcmp(keytype, "ecdsa-sha2-nistp256") == 0) keytype = "ecdsa";
    for (enum tuf_key_kind kind = TUF_KEY_ED25519; kind <= TUF_KEY_RSA; kind++)
        if (strcmp(keytype, FORMS[kind].keytype) == 0 && strcmp(scheme, FORMS[kind].scheme) == 0) {
            *out = kind;
            return true;
        }
    return false;
}

bool tuf_key_from_json(const json_t *object, struct tuf_key *out, struct wg_error *err)
{
    const char *keytype = json_string_value(json_object_get(object, "keytype"));
    const char *scheme = json_string_value(json_object_get(object, "scheme"));
    const json_t *value = json_object_get(json_object_get(object, "keyval"), "public");
    enum tuf_key_kind kind = TUF_KEY_ED25519;
    if (!keytype || !scheme || !json_is_string(value))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "a key: expected an object with the texts keytype, scheme, keyval.public");
    if (!kind_find(keytype, scheme, &kind))
        return wg_fail(err, WG_E_NOT_FOUND, "a key of a type and scheme that are not known here");
    if (kind == TUF_KEY_ED25519) return ed25519_from_hex(json_string_value(value), out, err);
    return kind_from_pem(kind, value, out, err);
}

json_t *tuf_key_to_json(const struct tuf_key *key, struct wg_error *err)
{
    char text[TUF_KEY_PEM_MAX];
    const struct form *form = &FORMS[key->kind];
    if (key->kind == TUF_KEY_ED25519)
        wg_hex(key->bytes, key->len, text);
    else if (!tuf_key_to_pem(key, text, err))
        return NULL;
    json_t *object = json_pack("{s:s, s:s, s:{s:s}}", "keytype", form->keytype, "scheme",
                               form->scheme, "keyval", "public", text);
    if (!object) (void)wg_fail_memory(err, "writing a key object");
    return object;
}

bool tuf_key_id(const struct tuf_key *key, char id[WG_SHA256_HEX], struct wg_error *err)
{
    struct wg_buf bytes;
    json_t *object = tuf_key_to_json(key, err);
    if (!object) return false;
    wg_buf_init(&bytes, (size_t)2 * TUF_KEY_PEM_MAX);
    bool ok =
        wg_json_canonical(object, &bytes, err) && wg_sha256_of(bytes.data, bytes.len, id, err);
    wg_buf_clear(&bytes);
    json_decref(object);
    return ok;
}

bool tuf_key_equal(const struct tuf_key *a, const struct tuf_key *b)
{
    return a->kind == b->kind && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static bool ed25519_verify(const struct tuf_key *key, const void *data, size_t len,
                           const uint8_t *signature, size_t signature_len)
{
    struct wg_public_key ed = {.id = ""};
    memcpy(ed.bytes, key->bytes, sizeof ed.bytes);
    return signature_len == WG_ED25519_SIGNATURE && wg_verify(&ed, data, len, signature, NULL);
}

static bool holds(const struct tuf_key *key, const void *data, size_t len, const uint8_t *signature,
                  size_t signature_len)
{
    switch (key->kind) {
    case TUF_KEY_ED25519:
        return ed25519_verify(key, data, len, signature, signature_len);
    case TUF_KEY_P256:
        return wg_p256_verify(key->bytes, data, len, signature, signature_len);
    case TUF_KEY_RSA:
        return rsa_pss_verify(key->bytes, key->len, data, len, signature, signature_len);
    }
    return false;
}

bool tuf_key_verify(const struct tuf_key *key, const void *data, size_t len,
                    const uint8_t *signature, size_t signature_len, struct wg_error *err)
{
    return holds(key, data, len, signature, signature_len) ||
           wg_fail(err, WG_E_VERIFY, "the %s signature does not hold", FORMS[key->kind].keytype);
}
