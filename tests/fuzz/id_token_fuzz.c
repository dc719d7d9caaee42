/* id_token_fuzz.c: what a provider of OpenID Connect answers: the first line is the header of an ID
 * token, the rest its claims, and both are signed here by the provider's key; besides, the whole as
 * a token, as a set of keys, as metadata. Nothing is believed that the key has not signed, and of
 * what it has only what is meant for us. */
#include "common/base64url.h"
#include "orchestrator/openid/id_token.h"
#include "orchestrator/openid/metadata.h"
#include "tests/fuzz/target.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#define NOW (1700000000LL * WG_SECOND)
#define TEXT_MAX ((size_t)64 * 1024)

/* RFC 7515, appendix A.3: everybody knows its other half. */
#define X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define D "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
static const char keys_text[] =
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"x\":\"" X "\",\"y\":\"" Y "\"}]}";

static const struct settings_openid settings = {.issuer = "https://i",
                                                .client_id = "c",
                                                .person_claim = "email",
                                                .person_domain = "example.org",
                                                .require_count = 1,
                                                .require = {{"groups", "g"}}};
static const struct id_token_rules rules = {
    .settings = &settings, .nonce = "n", .since = NOW - WG_MINUTE, .now = NOW};

static struct jwk_set *keys_of_provider(void)
{
    struct wg_error err = {0};
    struct jwk_set *keys = jwk_set_parse(keys_text, strlen(keys_text), &err);
    MUST(keys && jwk_set_count(keys) == 1, "%s", err.text);
    return keys;
}

static gnutls_privkey_t private_key(void)
{
    uint8_t x[32], y[32], d[32];
    size_t len;
    gnutls_privkey_t key;
    MUST(wg_base64url_read(X, strlen(X), x, sizeof x, &len) &&
             wg_base64url_read(Y, strlen(Y), y, sizeof y, &len) &&
             wg_base64url_read(D, strlen(D), d, sizeof d, &len),
         "the key");
    const gnutls_datum_t parts[] = {{x, sizeof x}, {y, sizeof y}, {d, sizeof d}};
    MUST(gnutls_privkey_init(&key) == 0 &&
             gnutls_privkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_SECP256R1, &parts[0], &parts[1],
                                           &parts[2]) == 0,
         "the key");
    return key;
}

static void add_part(struct wg_buf *out, const void *data, size_t len)
{
    char *text = malloc(WG_BASE64URL_TEXT(len));
    MUST(text, "out of memory");
    wg_base64url_write(data, len, text);
    wg_buf_text(out, text);
    free(text);
}

static void sign(struct wg_buf *token)
{
    uint8_t both[64] = {0};
    gnutls_privkey_t key = private_key();
    gnutls_datum_t der = {NULL, 0}, r = {NULL, 0}, s = {NULL, 0};
    const gnutls_datum_t data = {(unsigned char *)token->data, (unsigned)token->len};
    MUST(gnutls_privkey_sign_data2(key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &der) == 0 &&
             gnutls_decode_rs_value(&der, &r, &s) == 0,
         "signing");
    const gnutls_datum_t *const numbers[] = {&r, &s};
    for (size_t i = 0; i < 2; i++) {
        size_t zeros = numbers[i]->size > 32 ? numbers[i]->size - 32 : 0;
        size_t len = numbers[i]->size - zeros;
        memcpy(both + 32 * i + 32 - len, numbers[i]->data + zeros, len);
    }
    wg_buf_char(token, '.');
    add_part(token, both, sizeof both);
    gnutls_free(der.data);
    gnutls_free(r.data);
    gnutls_free(s.data);
    gnutls_privkey_deinit(key);
}

static bool is_text(const json_t *claims, const char *key, const char *expected)
{
    const char *found = json_string_value(json_object_get(claims, key));
    return found && strcmp(found, expected) == 0;
}

static void check_person(const struct id_token *token)
{
    char person[WG_NAME_MAX + 1];
    struct wg_error err = {0};
    (void)id_token_lacks(token, &settings);
    if (id_token_person(token, &settings, person, &err)) {
        MUST(wg_name_is_valid(person), "%s", person);
        MUST(json_is_true(json_object_get(token->claims, "email_verified")), "not checked");
        MUST(json_object_get(token->claims, "groups"), "without the claim that is wanted");
    } else {
        MUST(err.code == WG_E_DENIED, "%s", err.text);
        target_refused(&err);
    }
}

static void check_taken(const struct id_token *token, const char *header)
{
    const json_t *claims = token->claims;
    json_t *head = wg_json_parse(header, strlen(header), TEXT_MAX, NULL);
    MUST(is_text(head, "alg", "ES256") && !json_object_get(head, "crit"), "%s", header);
    MUST(is_text(claims, "iss", "https://i") && is_text(claims, "nonce", "n"), "whose it is");
    MUST(is_text(claims, "aud", "c") || is_text(claims, "azp", "c") ||
             json_array_size(json_object_get(claims, "aud")) == 1,
         "for whom it is");
    MUST(is_text(claims, "sub", token->subject) && token->subject[0], "sub");
    double exp = json_number_value(json_object_get(claims, "exp"));
    MUST(exp > (double)((NOW - ID_TOKEN_LEEWAY) / WG_SECOND) - 1, "it has ended: %f", exp);
    json_decref(head);
    check_person(token);
}

static void must_not_be_believed(const char *text, const struct jwk_set *keys)
{
    struct wg_error err = {0};
    struct id_token token;
    MUST(!id_token_check(text, keys, &rules, &token, &err), "taken: %s", text);
    target_refused(&err);
}

static void read_signed(const char *header, const char *claims, size_t len,
                        const struct jwk_set *keys)
{
    struct wg_buf text;
    struct wg_error err = {0};
    struct id_token token;
    wg_buf_init(&text, TEXT_MAX);
    add_part(&text, header, strlen(header));
    wg_buf_char(&text, '.');
    add_part(&text, claims, len);
    sign(&text);
    MUST(!text.failed, "too long");
    if (id_token_check(wg_buf_str(&text), keys, &rules, &token, &err)) {
        check_taken(&token, header);
        id_token_clear(&token);
        text.data[text.len - 20] ^= 1;
        must_not_be_believed(text.data, keys);
    } else {
        target_refused(&err);
    }
    wg_buf_clear(&text);
}

static void read_keys(const char *text, size_t size)
{
    struct wg_error err = {0};
    struct jwk_set *set = jwk_set_parse(text, size, &err);
    if (!set) {
        target_refused(&err);
        return;
    }
    MUST(jwk_set_count(set) <= JWK_KEYS_MAX, "%zu keys", jwk_set_count(set));
    static const uint8_t nothing[64];
    static const char *const algs[] = {"RS256", "ES256", "none", "HS256"};
    for (size_t i = 0; i < 4; i++) {
        err = (struct wg_error){0};
        const struct jwk_signed what = {.alg = algs[i],
                                        .kid = "",
                                        .data = "x",
                                        .len = 1,
                                        .signature = nothing,
                                        .signature_len = sizeof nothing};
        MUST(!jwk_set_verify(set, &what, &err), "%s by zeros", algs[i]);
        target_refused(&err);
    }
    jwk_set_free(set);
}

static void read_metadata(const char *text, size_t size)
{
    struct wg_error err = {0};
    struct openid_metadata metadata;
    if (!openid_metadata_parse(text, size, "https://i", &metadata, &err)) {
        target_refused(&err);
        return;
    }
    const char *const urls[] = {metadata.authorization, metadata.token, metadata.keys};
    for (size_t i = 0; i < 3; i++)
        MUST(strncmp(urls[i], "https://", 8) == 0 && !strpbrk(urls[i], "# \r\n\t"), "%s", urls[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jwk_set *keys = keys_of_provider();
    char *whole = target_text(data, size);
    must_not_be_believed(whole, keys);
    read_keys(whole, size);
    read_metadata(whole, size);
    char *header = target_line(&data, &size);
    if (header) read_signed(header, (const char *)data, size, keys);
    free(header);
    free(whole);
    jwk_set_free(keys);
    return 0;
}
