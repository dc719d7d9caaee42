/* jwk_set.c: JSON to GnuTLS's keys. */
#include "orchestrator/openid/jwk_set.h"

#include "common/base64url.h"
#include "common/json.h"
#include "common/text.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#define RSA_BITS_MIN 2048
#define RSA_BYTES_MAX 1024
#define EXPONENT_MAX 8 /* bytes: a longer one would cost time */
#define P256_PART 32

static const struct alg {
    const char *name, *kty;
    gnutls_sign_algorithm_t sign;
} algs[] = {{"RS256", "RSA", GNUTLS_SIGN_RSA_SHA256}, {"ES256", "EC", GNUTLS_SIGN_ECDSA_SHA256}};
#define ALGS (sizeof algs / sizeof algs[0])

struct jwk {
    char kid[JWK_KID_MAX];
    const struct alg *alg;
    gnutls_pubkey_t key;
};

struct jwk_set {
    size_t count;
    struct jwk keys[JWK_KEYS_MAX];
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* Leading zeros off: a number has one length. */
static bool number_of(const json_t *object, const char *key, uint8_t *out, size_t size,
                      gnutls_datum_t *number)
{
    const char *text = text_of(object, key);
    size_t len = 0;
    if (!wg_base64url_read(text, strlen(text), out, size, &len)) return false;
    while (len > 0 && *out == 0) {
        out++;
        len--;
    }
    *number = (gnutls_datum_t){out, (unsigned)len};
    return len > 0;
}

static bool import_rsa(const json_t *object, gnutls_pubkey_t key)
{
    uint8_t modulus[RSA_BYTES_MAX], exponent[EXPONENT_MAX];
    gnutls_datum_t n, e;
    unsigned bits = 0;
    return number_of(object, "n", modulus, sizeof modulus, &n) &&
           number_of(object, "e", exponent, sizeof exponent, &e) &&
           gnutls_pubkey_import_rsa_raw(key, &n, &e) == 0 &&
           gnutls_pubkey_get_pk_algorithm(key, &bits) == GNUTLS_PK_RSA && bits >= RSA_BITS_MIN;
}

static bool import_p256(const json_t *object, gnutls_pubkey_t key)
{
    uint8_t x[P256_PART], y[P256_PART];
    size_t x_len = 0, y_len = 0;
    const char *x_text = text_of(object, "x"), *y_text = text_of(object, "y");
    if (strcmp(text_of(object, "crv"), "P-256") != 0 ||
        !wg_base64url_read(x_text, strlen(x_text), x, sizeof x, &x_len) ||
        !wg_base64url_read(y_text, strlen(y_text), y, sizeof y, &y_len) || x_len != sizeof x ||
        y_len != sizeof y)
        return false;
    const gnutls_datum_t x_part = {x, sizeof x}, y_part = {y, sizeof y};
    return gnutls_pubkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_SECP256R1, &x_part, &y_part) == 0 &&
           gnutls_pubkey_verify_params(key) == 0;
}

/* What the key says that it is for, if it says anything. */
static bool is_for_signatures(const json_t *object, const struct alg *alg)
{
    const char *use = text_of(object, "use"), *only = text_of(object, "alg");
    const json_t *list = json_object_get(object, "key_ops"), *item;
    size_t i;
    bool ok = !list;
    json_array_foreach(list, i, item) if (json_is_string(item) &&
                                          strcmp(json_string_value(item), "verify") == 0) ok = true;
    return ok && (!use[0] || strcmp(use, "sig") == 0) && (!only[0] || strcmp(only, alg->name) == 0);
}

static const struct alg *alg_of_kind(const char *kty)
{
    for (size_t i = 0; i < ALGS; i++)
        if (strcmp(algs[i].kty, kty) == 0) return &algs[i];
    return NULL;
}

/* False: not a key for us. */
static bool read_key(const json_t *object, struct jwk *out)
{
    *out = (struct jwk){.alg = alg_of_kind(text_of(object, "kty"))};
    if (!out->alg || !is_for_signatures(object, out->alg) ||
        !wg_copy(out->kid, sizeof out->kid, text_of(object, "kid")) ||
        gnutls_pubkey_init(&out->key) != 0)
        return false;
    if (out->alg == &algs[0] ? import_rsa(object, out->key) : import_p256(object, out->key))
        return true;
    gnutls_pubkey_deinit(out->key);
    return false;
}

static bool read_keys(const json_t *list, struct jwk_set *set, struct wg_error *err)
{
    const json_t *item;
    size_t i;
    if (!json_is_array(list))
        return wg_fail(err, WG_E_BAD_INPUT, "a set of keys: expected \"keys\", a list");
    if (json_array_size(list) > JWK_KEYS_MAX)
        return wg_fail(err, WG_E_LIMIT, "a set of keys: at most %d", JWK_KEYS_MAX);
    json_array_foreach(list, i, item) if (read_key(item, &set->keys[set->count])) set->count++;
    return true;
}

struct jwk_set *jwk_set_parse(const char *text, size_t len, struct wg_error *err)
{
    json_t *object = wg_json_parse(text, len, JWK_SET_MAX, err);
    struct jwk_set *set = object ? calloc(1, sizeof *set) : NULL;
    if (object && !set) (void)wg_fail_memory(err, "a set of keys");
    if (set && !read_keys(json_object_get(object, "keys"), set, err)) {
        jwk_set_free(set);
        set = NULL;
    }
    json_decref(object);
    return set;
}

void jwk_set_free(struct jwk_set *set)
{
    if (!set) return;
    for (size_t i = 0; i < set->count; i++) gnutls_pubkey_deinit(set->keys[i].key);
    free(set);
}

size_t jwk_set_count(const struct jwk_set *set)
{
    return set->count;
}

static const struct alg *alg_named(const char *name)
{
    for (size_t i = 0; i < ALGS; i++)
        if (strcmp(algs[i].name, name) == 0) return &algs[i];
    return NULL;
}

static const struct jwk *find(const struct jwk_set *set, const struct alg *alg, const char *kid,
                              struct wg_error *err)
{
    const struct jwk *one = NULL;
    size_t found = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct jwk *key = &set->keys[i];
        if (key->alg != alg || (kid[0] && strcmp(key->kid, kid) != 0)) continue;
        one = key;
        found++;
    }
    if (found == 1) return one;
    char shown[WG_SHOWN];
    wg_text_shown(shown, kid);
    if (found == 0)
        (void)wg_fail(err, WG_E_NOT_FOUND, "the provider has no %s key \"%.100s\"", alg->name,
                      shown);
    else
        (void)wg_fail(err, WG_E_VERIFY,
                      "the provider has %zu %s keys \"%.100s\": which one is meant?", found,
                      alg->name, shown);
    return NULL;
}

/* JOSE writes the two numbers of ECDSA one behind the other, GnuTLS reads them in DER. */
static bool check_ecdsa(const struct jwk *key, const gnutls_datum_t *data,
                        const struct jwk_signed *what)
{
    uint8_t both[2 * P256_PART];
    gnutls_datum_t der = {NULL, 0};
    if (what->signature_len != sizeof both) return false;
    memcpy(both, what->signature, sizeof both);
    const gnutls_datum_t r = {both, P256_PART}, s = {both + P256_PART, P256_PART};
    if (gnutls_encode_rs_value(&der, &r, &s) != 0) return false;
    bool ok = gnutls_pubkey_verify_data2(key->key, key->alg->sign, 0, data, &der) >= 0;
    gnutls_free(der.data);
    return ok;
}

static bool check_rsa(const struct jwk *key, const gnutls_datum_t *data,
                      const struct jwk_signed *what)
{
    uint8_t copy[RSA_BYTES_MAX];
    if (what->signature_len == 0 || what->signature_len > sizeof copy) return false;
    memcpy(copy, what->signature, what->signature_len);
    const gnutls_datum_t signature = {copy, (unsigned)what->signature_len};
    return gnutls_pubkey_verify_data2(key->key, key->alg->sign, 0, data, &signature) >= 0;
}

bool jwk_set_verify(const struct jwk_set *set, const struct jwk_signed *what, struct wg_error *err)
{
    const struct alg *alg = alg_named(what->alg);
    if (!alg) {
        char shown[WG_SHOWN];
        wg_text_shown(shown, what->alg);
        return wg_fail(err, WG_E_VERIFY, "signed by \"%.20s\": only RS256 and ES256 are taken",
                       shown);
    }
    const struct jwk *key = find(set, alg, what->kid, err);
    if (!key) return false;
    unsigned char *bytes = malloc(what->len + 1);
    if (!bytes) return wg_fail_memory(err, "a signature");
    memcpy(bytes, what->data, what->len);
    const gnutls_datum_t data = {bytes, (unsigned)what->len};
    bool ok = alg == &algs[0] ? check_rsa(key, &data, what) : check_ecdsa(key, &data, what);
    free(bytes);
    return ok || wg_fail(err, WG_E_VERIFY, "the signature does not hold");
}
