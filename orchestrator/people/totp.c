/* totp.c: base32, the codes of RFC 4226 and RFC 6238. */
#include "orchestrator/people/totp.h"

#include "common/crypt/hmac_sha1.h"
#include "common/crypto.h"
#include "common/text.h"
#include "orchestrator/people/token.h"

#include <inttypes.h>
#include <string.h>

#define KEY 20
#define MODULUS 1000000

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

bool totp_make(char secret[TOTP_SECRET], struct wg_error *err)
{
    uint8_t key[KEY];
    uint64_t bits = 0;
    if (!wg_random(key, sizeof key, err)) return false;
    for (size_t i = 0; i < KEY; i++) {
        bits = (bits << 8) | key[i];
        if (i % 5 != 4) continue;
        for (size_t j = 0; j < 8; j++) *secret++ = alphabet[(bits >> (35 - 5 * j)) & 0x1f];
        bits = 0;
    }
    *secret = '\0';
    explicit_bzero(key, sizeof key);
    return true;
}

static bool read_secret(const char *secret, uint8_t key[KEY], struct wg_error *err)
{
    uint64_t bits = 0;
    bool ok = strnlen(secret, TOTP_SECRET) == TOTP_SECRET - 1;
    for (size_t i = 0; ok && i < TOTP_SECRET - 1; i++) {
        const char *at = strchr(alphabet, secret[i]);
        ok = at != NULL;
        bits = (bits << 5) | (uint64_t)(ok ? at - alphabet : 0);
        if (!ok || i % 8 != 7) continue;
        for (size_t j = 0; j < 5; j++) *key++ = (uint8_t)(bits >> (32 - 8 * j));
        bits = 0;
    }
    return ok || wg_fail(err, WG_E_BAD_INPUT,
                         "no secret of a second factor: expected %d "
                         "characters of base32",
                         TOTP_SECRET - 1);
}

/* RFC 4226, section 5.3. */
static uint32_t truncate_code(const uint8_t mac[WG_HMAC_SHA1_SIZE])
{
    const uint8_t *at = mac + (mac[WG_HMAC_SHA1_SIZE - 1] & 0x0f);
    return (((uint32_t)at[0] & 0x7f) << 24) | ((uint32_t)at[1] << 16) | ((uint32_t)at[2] << 8) |
           at[3];
}

bool totp_code(const char *secret, int64_t step, char out[TOTP_CODE], struct wg_error *err)
{
    uint8_t key[KEY], count[8], mac[WG_HMAC_SHA1_SIZE];
    for (size_t i = 0; i < sizeof count; i++) count[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    struct wg_bytes secret_bytes = {key, sizeof key}, data = {count, sizeof count};
    bool ok = read_secret(secret, key, err) && wg_hmac_sha1(secret_bytes, data, mac, err);
    if (ok) (void)wg_format(out, TOTP_CODE, "%06" PRIu32, truncate_code(mac) % MODULUS);
    explicit_bzero(key, sizeof key);
    explicit_bzero(mac, sizeof mac);
    return ok;
}

bool totp_check(const char *secret, const char *code, wg_time now, int64_t last, int64_t *step)
{
    bool found = false;
    if (strnlen(code, TOTP_CODE) != TOTP_CODE - 1) return false;
    for (int64_t drift = -TOTP_DRIFT; drift <= TOTP_DRIFT; drift++) {
        char right[TOTP_CODE];
        int64_t at = now / TOTP_STEP + drift;
        if (!totp_code(secret, at, right, NULL) || !token_same(right, code) || at <= last) continue;
        *step = at;
        found = true;
    }
    return found;
}

/* RFC 3986: what is not unreserved is written %XX. */
static bool add_escaped(char out[TOTP_URI], const char *text)
{
    bool ok = true;
    for (; ok && *text; text++) {
        size_t used = strlen(out);
        bool plain = (*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z') ||
                     (*text >= '0' && *text <= '9') || strchr("-._~", *text);
        ok = wg_format(out + used, TOTP_URI - used, plain ? "%c" : "%%%02X", (unsigned char)*text);
    }
    return ok;
}

static bool add_plain(char out[TOTP_URI], const char *text)
{
    size_t used = strlen(out);
    return wg_copy(out + used, TOTP_URI - used, text);
}

bool totp_uri(const char *issuer, const char *name, const char *secret, char out[TOTP_URI],
              struct wg_error *err)
{
    *out = '\0';
    return (add_plain(out, "otpauth://totp/") && add_escaped(out, issuer) && add_plain(out, ":") &&
            add_escaped(out, name) && add_plain(out, "?secret=") && add_plain(out, secret) &&
            add_plain(out, "&issuer=") && add_escaped(out, issuer) &&
            add_plain(out, "&algorithm=SHA1&digits=6&period=30")) ||
           wg_fail(err, WG_E_LIMIT, "the name of the server is too long for a second factor");
}
