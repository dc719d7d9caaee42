/* id_token.c: three parts in base64url; the signature first, then claim by claim. */
#include "orchestrator/openid/id_token.h"

#include "common/base64url.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SIGNATURE_MAX 1024
#define HEADER_MAX 2048
#define FAR (1e11) /* seconds: later than any date that is meant */

struct parts {
    const char *header, *payload, *signature;
    size_t header_len, payload_len, signature_len;
};

static bool split(const char *text, struct parts *out, struct wg_error *err)
{
    size_t len = strnlen(text, ID_TOKEN_MAX + 1);
    const char *one = memchr(text, '.', len);
    const char *two = one ? memchr(one + 1, '.', len - (size_t)(one + 1 - text)) : NULL;
    if (len > ID_TOKEN_MAX)
        return wg_fail(err, WG_E_VERIFY, "the ID token is longer than %zu bytes", ID_TOKEN_MAX);
    if (!two) return wg_fail(err, WG_E_VERIFY, "the ID token: expected three parts");
    *out = (struct parts){.header = text,
                          .header_len = (size_t)(one - text),
                          .payload = one + 1,
                          .payload_len = (size_t)(two - one - 1),
                          .signature = two + 1,
                          .signature_len = len - (size_t)(two + 1 - text)};
    return true;
}

static json_t *part_json(const char *text, size_t len, size_t max, const char *what,
                         struct wg_error *err)
{
    struct wg_error why = {0};
    uint8_t *bytes = malloc(len + 1);
    size_t size = 0;
    if (!bytes) {
        (void)wg_fail_memory(err, "an ID token");
        return NULL;
    }
    bool ok = wg_base64url_read(text, len, bytes, len, &size);
    json_t *value = ok ? wg_json_parse((const char *)bytes, size, max, &why) : NULL;
    free(bytes);
    if (json_is_object(value)) return value;
    json_decref(value);
    (void)wg_fail(err, WG_E_VERIFY, "the ID token's %s: expected an object in base64url", what);
    return NULL;
}

static const char *text_of(const json_t *claims, const char *key)
{
    return json_string_value(json_object_get(claims, key));
}

/* A header that must be understood ("crit") names what we do not know. Keys and addresses of keys
 * in the header are nobody's word. */
static bool check_signature(const struct parts *parts, const json_t *header,
                            const struct jwk_set *keys, struct wg_error *err)
{
    uint8_t signature[SIGNATURE_MAX];
    const char *alg = text_of(header, "alg"), *kid = text_of(header, "kid");
    struct jwk_signed what = {.alg = alg ? alg : "",
                              .kid = kid ? kid : "",
                              .data = parts->header,
                              .len = parts->header_len + 1 + parts->payload_len,
                              .signature = signature};
    if (json_object_get(header, "crit"))
        return wg_fail(err, WG_E_VERIFY, "the ID token's header has \"crit\": it is not known");
    if (!wg_base64url_read(parts->signature, parts->signature_len, signature, sizeof signature,
                           &what.signature_len))
        return wg_fail(err, WG_E_VERIFY, "the ID token's signature is none");
    return jwk_set_verify(keys, &what, err);
}

static bool same(const json_t *claims, const char *key, const char *expected, struct wg_error *err)
{
    char shown[WG_SHOWN];
    const char *found = text_of(claims, key);
    wg_text_shown(shown, found ? found : "");
    return (found && strcmp(found, expected) == 0) ||
           wg_fail(err, WG_E_VERIFY, "%s: expected \"%.100s\", found \"%.100s\"", key, expected,
                   shown);
}

/* One text, or a list of them, holds the word. */
static bool holds(const json_t *value, const char *word)
{
    const json_t *item;
    size_t i;
    if (json_is_string(value)) return strcmp(json_string_value(value), word) == 0;
    if (json_is_boolean(value)) return strcmp(word, json_is_true(value) ? "true" : "false") == 0;
    json_array_foreach(value, i, item) if (json_is_string(item) &&
                                           strcmp(json_string_value(item), word) == 0) return true;
    return false;
}

/* A token for several is ours when it was made for us. */
static bool check_audience(const json_t *claims, const char *client, struct wg_error *err)
{
    const json_t *aud = json_object_get(claims, "aud");
    if (!(json_is_string(aud) || json_is_array(aud)) || !holds(aud, client))
        return wg_fail(err, WG_E_VERIFY, "aud: it is not for \"%.100s\"", client);
    if (json_object_get(claims, "azp") || json_array_size(aud) > 1)
        return same(claims, "azp", client, err);
    return true;
}

static bool date_of(const json_t *claims, const char *key, wg_time *out, struct wg_error *err)
{
    const json_t *value = json_object_get(claims, key);
    double seconds = json_number_value(value);
    if (!json_is_number(value) || !(fabs(seconds) < FAR))
        return wg_fail(err, WG_E_VERIFY, "%s: expected a date in seconds", key);
    *out = (wg_time)(seconds * (double)WG_SECOND);
    return true;
}

static bool check_dates(const json_t *claims, const struct id_token_rules *rules,
                        struct wg_error *err)
{
    wg_time exp = 0, iat = 0, nbf = 0;
    if (!date_of(claims, "exp", &exp, err) || !date_of(claims, "iat", &iat, err) ||
        (json_object_get(claims, "nbf") && !date_of(claims, "nbf", &nbf, err)))
        return false;
    if (exp + ID_TOKEN_LEEWAY <= rules->now)
        return wg_fail(err, WG_E_VERIFY, "exp: the ID token has ended");
    if (iat - ID_TOKEN_LEEWAY > rules->now || nbf - ID_TOKEN_LEEWAY > rules->now)
        return wg_fail(err, WG_E_VERIFY, "iat, nbf: the ID token is of the future");
    return iat + ID_TOKEN_LEEWAY >= rules->since ||
           wg_fail(err, WG_E_VERIFY, "iat: the ID token is older than this sign-in");
}

static bool check_wanted(const json_t *claims, const struct settings_openid *settings,
                         struct wg_error *err)
{
    for (size_t i = 0; i < settings->require_count; i++) {
        const struct settings_claim *want = &settings->require[i];
        if (!holds(json_object_get(claims, want->name), want->value))
            return wg_fail(err, WG_E_DENIED, "the claim %s does not hold \"%s\"", want->name,
                           want->value);
    }
    return true;
}

/* An address that nobody has checked is what somebody has typed. */
static bool is_checked(const json_t *claims, const char *claim)
{
    return strcmp(claim, "email") != 0 || json_is_true(json_object_get(claims, "email_verified"));
}

static bool read_person(const json_t *claims, const struct settings_openid *settings,
                        char out[WG_NAME_MAX + 1], struct wg_error *err)
{
    const char *claim = settings->person_claim, *domain = settings->person_domain;
    const char *text = text_of(claims, claim);
    size_t len = text ? strlen(text) : 0, tail = domain[0] ? strlen(domain) + 1 : 0;
    if (!text || !is_checked(claims, claim))
        return wg_fail(err, WG_E_DENIED, "the ID token has no claim %s%s", claim,
                       text ? " that the provider has checked" : "");
    if (tail > 0) {
        if (len <= tail || text[len - tail] != '@' ||
            strcasecmp(text + len - tail + 1, domain) != 0)
            return wg_fail(err, WG_E_DENIED, "the claim %s is not NAME@%s", claim, domain);
        len -= tail;
    }
    return (wg_copy_n(out, WG_NAME_MAX + 1, text, len) && wg_name_is_valid(out)) ||
           wg_fail(err, WG_E_DENIED, "the claim %s is no name that people can have here", claim);
}

static bool check_claims(const json_t *claims, const struct id_token_rules *rules,
                         struct id_token *out, struct wg_error *err)
{
    const struct settings_openid *settings = rules->settings;
    const char *subject = text_of(claims, "sub");
    if (!same(claims, "iss", settings->issuer, err) ||
        !check_audience(claims, settings->client_id, err) || !check_dates(claims, rules, err))
        return false;
    const char *nonce = text_of(claims, "nonce");
    if (!nonce || strcmp(nonce, rules->nonce) != 0)
        return wg_fail(err, WG_E_VERIFY, "nonce: the ID token is not of this sign-in");
    if (!subject || !subject[0] || !wg_copy(out->subject, sizeof out->subject, subject))
        return wg_fail(err, WG_E_VERIFY, "sub: expected a text of 1 to %d bytes",
                       ID_TOKEN_SUBJECT_MAX - 1);
    return true;
}

bool id_token_check(const char *text, const struct jwk_set *keys,
                    const struct id_token_rules *rules, struct id_token *out, struct wg_error *err)
{
    struct parts parts = {0};
    memset(out, 0, sizeof *out);
    if (!split(text, &parts, err)) return false;
    json_t *header = part_json(parts.header, parts.header_len, HEADER_MAX, "header", err);
    bool ok = header && check_signature(&parts, header, keys, err);
    if (ok) out->claims = part_json(parts.payload, parts.payload_len, ID_TOKEN_MAX, "claims", err);
    ok = out->claims && check_claims(out->claims, rules, out, err);
    json_decref(header);
    if (!ok) id_token_clear(out);
    return ok;
}

void id_token_clear(struct id_token *token)
{
    json_decref(token->claims);
    memset(token, 0, sizeof *token);
}

static bool is_there(const json_t *claims, const char *key)
{
    const json_t *value = json_object_get(claims, key);
    return value && !json_is_null(value);
}

bool id_token_lacks(const struct id_token *token, const struct settings_openid *settings)
{
    bool whole = is_there(token->claims, settings->person_claim);
    for (size_t i = 0; whole && i < settings->require_count; i++)
        whole = is_there(token->claims, settings->require[i].name);
    return !whole || !is_checked(token->claims, settings->person_claim);
}

bool id_token_add(struct id_token *token, const json_t *told, struct wg_error *err)
{
    const char *key;
    json_t *value;
    const char *subject = text_of(told, "sub");
    if (!subject || strcmp(subject, token->subject) != 0)
        return wg_fail(err, WG_E_VERIFY,
                       "sub: what is told beside the ID token is of another account");
    json_object_foreach((json_t *)told, key,
                        value) if (!is_there(token->claims, key) &&
                                   json_object_set(token->claims, key, value) !=
                                       0) return wg_fail_memory(err, "claims");
    return true;
}

bool id_token_person(const struct id_token *token, const struct settings_openid *settings,
                     char out[WG_NAME_MAX + 1], struct wg_error *err)
{
    return check_wanted(token->claims, settings, err) &&
           read_person(token->claims, settings, out, err);
}
