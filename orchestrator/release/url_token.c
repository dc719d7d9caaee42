/* url_token.c: writes, reads and checks signed URLs. */
#include "orchestrator/release/url_token.h"

#include "common/crypt/hkdf.h"
#include "common/text.h"

#include <stdio.h>
#include <string.h>

/* Under the MAC before everything else: the same key used for another purpose gives other MACs. */
#define DOMAIN "wavegate artifact url v1"
#define HASH_DIGITS (WG_SHA256_HEX - 1)
#define MAC_DIGITS ((size_t)2 * URL_MAC_BYTES)

_Static_assert(URL_MAC_BYTES == WG_HMAC_SIZE, "size of a MAC");

static const char path_signs[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

/* "" or segments behind a '/' each, none of them empty, "." or "..". */
static bool prefix_is_valid(const char *prefix)
{
    while (*prefix == '/') {
        size_t len = strspn(++prefix, path_signs);
        if (len == 0 || (len <= 2 && strspn(prefix, ".") >= len)) return false;
        prefix += len;
    }
    return *prefix == '\0';
}

static bool is_hash(const char *text)
{
    return strlen(text) == HASH_DIGITS && strspn(text, "0123456789abcdef") == HASH_DIGITS;
}

static bool token_is_valid(const struct url_token *token)
{
    return prefix_is_valid(token->prefix) && is_hash(token->sha256) &&
           wg_name_is_valid(token->device) && url_key_id_is_valid(token->key) &&
           token->expires > 0 && token->expires % WG_SECOND == 0 &&
           token->expires / WG_SECOND <= URL_EXPIRES_MAX && token->bytes > 0 &&
           token->bytes <= URL_BYTES_MAX;
}

/* No field can hold the line's end, so two tokens never give the same text. */
static bool mac_of(const struct url_token *token, const struct url_key *key,
                   uint8_t out[URL_MAC_BYTES], struct wg_error *err)
{
    char text[URL_TARGET_MAX + sizeof DOMAIN];
    if (!wg_format(text, sizeof text, DOMAIN "\n%s/%s\n%s\n%lld\n%lld\n%s\n", token->prefix,
                   token->sha256, token->device, (long long)(token->expires / WG_SECOND),
                   (long long)token->bytes, token->key))
        return wg_fail(err, WG_E_LIMIT, "the URL is too long");
    return wg_hmac((struct wg_bytes){key->secret, URL_KEY_BYTES},
                   (struct wg_bytes){text, strlen(text)}, out, err);
}

bool url_token_text(const struct url_token *token, char out[URL_TARGET_MAX], struct wg_error *err)
{
    char mac[MAC_DIGITS + 1];
    wg_hex(token->mac, URL_MAC_BYTES, mac);
    return wg_format(out, URL_TARGET_MAX, "%s/%s?d=%s&e=%lld&b=%lld&k=%s&m=%s", token->prefix,
                     token->sha256, token->device, (long long)(token->expires / WG_SECOND),
                     (long long)token->bytes, token->key, mac) ||
           wg_fail(err, WG_E_LIMIT, "the URL is too long");
}

/* The path of "https://HOST/PATH"; NULL: it is no such address. */
static const char *base_path(const char *base)
{
    static const char scheme[] = "https://";
    if (strncmp(base, scheme, sizeof scheme - 1) != 0) return NULL;
    const char *host = base + sizeof scheme - 1, *path = host + strcspn(host, "/");
    return path > host && !strpbrk(host, "?#@% ") ? path : NULL;
}

bool url_sign(const struct url_keys *keys, const struct url_grant *grant, char out[WG_URL_MAX],
              struct wg_error *err)
{
    struct url_token token = {.expires = grant->expires - grant->expires % WG_SECOND,
                              .bytes = grant->bytes};
    char target[URL_TARGET_MAX];
    const char *path = base_path(grant->base);
    if (keys->count == 0) return wg_fail(err, WG_E_FAILED, "there is no key to sign URLs with");
    if (!path || !wg_copy(token.prefix, sizeof token.prefix, path) ||
        !wg_copy(token.sha256, sizeof token.sha256, grant->sha256) ||
        !wg_copy(token.device, sizeof token.device, grant->device) ||
        !wg_copy(token.key, sizeof token.key, keys->keys[0].id) || !token_is_valid(&token))
        return wg_fail(err, WG_E_BAD_INPUT, "no URL can be signed for \"%.100s\", device \"%.64s\"",
                       grant->base, grant->device);
    return mac_of(&token, &keys->keys[0], token.mac, err) && url_token_text(&token, target, err) &&
           (wg_format(out, WG_URL_MAX, "%.*s%s", (int)(path - grant->base), grant->base, target) ||
            wg_fail(err, WG_E_LIMIT, "the URL is too long"));
}

/* The value that "NAME=" begins, up to '&' or the end; moves behind it. */
static bool take_value(const char **at, const char *name, char *out, size_t size)
{
    size_t named = strlen(name);
    if (strncmp(*at, name, named) != 0) return false;
    const char *value = *at + named;
    size_t len = strcspn(value, "&");
    *at = value + len;
    return len > 0 && wg_copy_n(out, size, value, len);
}

/* Decimal digits without a leading zero. */
static bool take_number(const char **at, const char *name, int64_t most, int64_t *out)
{
    char text[20];
    if (!take_value(at, name, text, sizeof text) || text[0] == '0') return false;
    *out = 0;
    for (const char *digit = text; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || *out > most / 10) return false;
        *out = *out * 10 + (*digit - '0');
    }
    return *out <= most;
}

static bool take_path(const char *target, struct url_token *out)
{
    const char *end = strchr(target, '?');
    size_t len = end ? (size_t)(end - target) : 0;
    if (len < HASH_DIGITS + 1 || end[-(HASH_DIGITS + 1)] != '/') return false;
    return wg_copy_n(out->prefix, sizeof out->prefix, target, len - HASH_DIGITS - 1) &&
           wg_copy_n(out->sha256, sizeof out->sha256, end - HASH_DIGITS, HASH_DIGITS);
}

static bool take_query(const char *at, struct url_token *out)
{
    char mac[MAC_DIGITS + 1];
    int64_t expires = 0;
    bool ok = take_value(&at, "?d=", out->device, sizeof out->device) &&
              take_number(&at, "&e=", URL_EXPIRES_MAX, &expires) &&
              take_number(&at, "&b=", URL_BYTES_MAX, &out->bytes) &&
              take_value(&at, "&k=", out->key, sizeof out->key) &&
              take_value(&at, "&m=", mac, sizeof mac) && *at == '\0' && strlen(mac) == MAC_DIGITS &&
              wg_unhex(mac, out->mac, URL_MAC_BYTES);
    out->expires = expires * WG_SECOND;
    return ok;
}

bool url_token_parse(const char *target, struct url_token *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    if (strlen(target) >= URL_TARGET_MAX || !take_path(target, out) ||
        !take_query(target + strcspn(target, "?"), out) || !token_is_valid(out))
        return wg_fail(err, WG_E_BAD_INPUT, "this is no signed URL");
    return true;
}

bool url_token_check(const struct url_token *token, const struct url_keys *keys,
                     const struct url_times *times, struct wg_error *err)
{
    uint8_t mac[URL_MAC_BYTES];
    const struct url_key *key = url_keys_find(keys, token->key);
    if (!key) return wg_fail(err, WG_E_VERIFY, "the URL's signature does not hold");
    if (!mac_of(token, key, mac, err)) return false;
    bool holds = wg_same_secret(mac, token->mac, URL_MAC_BYTES);
    explicit_bzero(mac, sizeof mac); /* a MAC that was guessed at is as good as one given */
    if (!holds) return wg_fail(err, WG_E_VERIFY, "the URL's signature does not hold");
    if (times->now > token->expires + times->skew)
        return wg_fail(err, WG_E_DENIED, "the URL has expired");
    if (token->expires > times->now + times->longest + times->skew)
        return wg_fail(err, WG_E_DENIED, "the URL lasts longer than any may");
    return true;
}
