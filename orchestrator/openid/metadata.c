/* metadata.c: the few members that are used. */
#include "orchestrator/openid/metadata.h"

#include "common/json.h"
#include "common/text.h"

#include <string.h>

static bool has(const json_t *object, const char *key, const char *word)
{
    const json_t *list = json_object_get(object, key), *item;
    size_t i;
    json_array_foreach(list, i, item) if (json_is_string(item) &&
                                          strcmp(json_string_value(item), word) == 0) return true;
    return false;
}

/* A fragment would hide what is put behind it; other signs than those of URLs have no business
 * there. */
static bool read_url(const json_t *object, const char *key, char out[OPENID_URL_MAX],
                     struct wg_error *err)
{
    if (!wg_json_text(object, key, out, OPENID_URL_MAX, err)) return false;
    bool ok = strncmp(out, "https://", 8) == 0 && out[8] && !strchr(out, '#');
    for (const char *at = out; ok && *at; at++) ok = *at > ' ' && *at < 0x7f;
    return ok || wg_fail(err, WG_E_BAD_INPUT, "%s: expected https://HOST/PATH", key);
}

static bool check_ways(const json_t *object, struct wg_error *err)
{
    if (json_object_get(object, "response_types_supported") &&
        !has(object, "response_types_supported", "code"))
        return wg_fail(err, WG_E_BAD_INPUT, "the provider does not give authorization codes");
    return !json_object_get(object, "code_challenge_methods_supported") ||
           has(object, "code_challenge_methods_supported", "S256") ||
           wg_fail(err, WG_E_BAD_INPUT, "the provider does not take PKCE by S256");
}

static bool read(const json_t *object, const char *issuer, struct openid_metadata *out,
                 struct wg_error *err)
{
    static const char methods[] = "token_endpoint_auth_methods_supported";
    char shown[WG_SHOWN];
    const char *found = json_string_value(json_object_get(object, "issuer"));
    wg_text_shown(shown, found ? found : "");
    if (!found || strcmp(found, issuer) != 0)
        return wg_fail(err, WG_E_VERIFY, "issuer: expected \"%.200s\", found \"%.200s\"", issuer,
                       shown);
    out->tells_issuer =
        json_is_true(json_object_get(object, "authorization_response_iss_parameter_supported"));
    out->takes_post =
        has(object, methods, "client_secret_post") && !has(object, methods, "client_secret_basic");
    return read_url(object, "authorization_endpoint", out->authorization, err) &&
           read_url(object, "token_endpoint", out->token, err) &&
           read_url(object, "jwks_uri", out->keys, err) &&
           (!json_object_get(object, "userinfo_endpoint") ||
            read_url(object, "userinfo_endpoint", out->userinfo, err)) &&
           check_ways(object, err);
}

bool openid_metadata_parse(const char *text, size_t len, const char *issuer,
                           struct openid_metadata *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    json_t *object = wg_json_parse(text, len, OPENID_METADATA_MAX, err);
    bool ok = object && read(object, issuer, out, err);
    json_decref(object);
    return ok;
}
