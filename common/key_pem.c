/* key_pem.c: Ed25519 secret keys as PEM files, the way openssl writes them (RFC 7468, RFC 8410).
 *
 * That is a fixed DER prefix and 32 bytes, so there is no DER parser here: anything that is not
 * that prefix is some other key, or none. */
#include "common/crypto.h"

#include <stdio.h>
#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/coding.h>

#define KEY_BYTES 32
#define PREFIX_MAX 16
#define DER_MAX (PREFIX_MAX + KEY_BYTES)
#define BASE64_MAX ((DER_MAX + 2) / 3 * 4 + 1)
#define PEM_INPUT_MAX 16384 /* bytes of a file that may carry comments around the key */

struct pem_form {
    const char *label;
    size_t prefix_len;
    uint8_t prefix[PREFIX_MAX];
};

static const struct pem_form SECRET_FORM = {"PRIVATE KEY",
                                            16,
                                            {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03,
                                             0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20}};

static const char *find(const char *text, const char *end, const char *what)
{
    size_t len = strlen(what);
    for (; (size_t)(end - text) >= len; text++)
        if (memcmp(text, what, len) == 0) return text;
    return NULL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What stands between the BEGIN and END lines of the form's label, without white space. */
static bool pem_body(const char *pem, size_t len, const struct pem_form *form,
                     char body[BASE64_MAX], size_t *body_len, struct wg_error *err)
{
    char begin[48], finish[48];
    (void)snprintf(begin, sizeof begin, "-----BEGIN %s-----", form->label);
    (void)snprintf(finish, sizeof finish, "-----END %s-----", form->label);
    if (len > PEM_INPUT_MAX)
        return wg_fail(err, WG_E_LIMIT, "key file of %zu bytes, at most %d allowed", len,
                       PEM_INPUT_MAX);
    const char *end = pem + len;
    const char *at = find(pem, end, begin);
    if (!at && find(pem, end, "-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "the key is encrypted; decrypt it with: openssl pkey -in FILE");
    if (!at) return wg_fail(err, WG_E_BAD_INPUT, "no line \"%s\" found", begin);
    at += strlen(begin);
    const char *stop = find(at, end, finish);
    if (!stop) return wg_fail(err, WG_E_BAD_INPUT, "no line \"%s\" after \"%s\"", finish, begin);
    size_t n = 0;
    for (; at < stop; at++) {
        if (is_space(*at)) continue;
        if (n == BASE64_MAX - 1)
            return wg_fail(err, WG_E_BAD_INPUT, "%s: too long for an Ed25519 key", form->label);
        body[n++] = *at;
    }
    *body_len = n;
    return true;
}

static bool pem_read(const char *pem, size_t len, const struct pem_form *form,
                     uint8_t key[KEY_BYTES], struct wg_error *err)
{
    char body[BASE64_MAX];
    uint8_t der[DER_MAX + 3];
    size_t body_len = 0;
    word32 der_len = sizeof der;
    bool ok = pem_body(pem, len, form, body, &body_len, err);
    if (ok) {
        ok = body_len > 0 &&
             Base64_Decode((const byte *)body, (word32)body_len, der, &der_len) == 0 &&
             der_len == form->prefix_len + KEY_BYTES &&
             memcmp(der, form->prefix, form->prefix_len) == 0;
        if (ok)
            memcpy(key, der + form->prefix_len, KEY_BYTES);
        else
            (void)wg_fail(err, WG_E_BAD_INPUT, "%s: not an Ed25519 key; make one with: %s",
                          form->label, "openssl genpkey -algorithm ed25519");
    }
    explicit_bzero(body, sizeof body);
    explicit_bzero(der, sizeof der);
    return ok;
}

static bool pem_write(const struct pem_form *form, const uint8_t key[KEY_BYTES],
                      char out[WG_KEY_PEM_MAX], struct wg_error *err)
{
    uint8_t der[DER_MAX];
    char body[BASE64_MAX];
    word32 body_len = sizeof body - 1;
    memcpy(der, form->prefix, form->prefix_len);
    memcpy(der + form->prefix_len, key, KEY_BYTES);
    int code =
        Base64_Encode_NoNl(der, (word32)(form->prefix_len + KEY_BYTES), (byte *)body, &body_len);
    if (code == 0)
        (void)snprintf(out, WG_KEY_PEM_MAX, "-----BEGIN %s-----\n%.*s\n-----END %s-----\n",
                       form->label, (int)body_len, body, form->label);
    explicit_bzero(der, sizeof der);
    explicit_bzero(body, sizeof body);
    return code == 0 ||
           wg_fail(err, WG_E_FAILED, "writing a %s: base64 (wolfCrypt %d)", form->label, code);
}

bool wg_secret_key_from_pem(const char *pem, size_t len, struct wg_secret_key *out,
                            struct wg_error *err)
{
    uint8_t seed[WG_ED25519_SECRET];
    bool ok =
        pem_read(pem, len, &SECRET_FORM, seed, err) && wg_secret_key_from_seed(seed, out, err);
    explicit_bzero(seed, sizeof seed);
    return ok;
}

bool wg_secret_key_to_pem(const struct wg_secret_key *key, char out[WG_KEY_PEM_MAX],
                          struct wg_error *err)
{
    return pem_write(&SECRET_FORM, key->seed, out, err);
}
