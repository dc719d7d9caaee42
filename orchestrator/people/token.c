/* token.c: tokens made, recognised and hashed. */
#include "orchestrator/people/token.h"

#include "common/base64url.h"
#include "common/crypt/hkdf.h"
#include "common/text.h"

#include <string.h>

#define PREFIX 4
#define RANDOM 32
#define CHECK 4
#define BYTES (RANDOM + CHECK)

_Static_assert(PREFIX + BYTES / 3 * 4 + 1 == TOKEN_TEXT, "no padding");

static const struct {
    const char *prefix, *words;
} kinds[TOKEN_KINDS] = {
    [TOKEN_SESSION] = {"wgs_", "session"},          [TOKEN_SCRIPT] = {"wgt_", "token"},
    [TOKEN_SETUP] = {"wgo_", "set-up link"},        [TOKEN_INVITATION] = {"wgi_", "invitation"},
    [TOKEN_BROWSER] = {"wgb_", "browser's cookie"},
};

static bool check_of(const char *prefix, const uint8_t *random, uint8_t out[WG_SHA256_SIZE],
                     struct wg_error *err)
{
    uint8_t both[PREFIX + RANDOM];
    memcpy(both, prefix, PREFIX);
    memcpy(both + PREFIX, random, RANDOM);
    bool ok = wg_sha256_digest(both, sizeof both, out, err);
    explicit_bzero(both, sizeof both);
    return ok;
}

bool token_make(enum token_kind kind, struct token_secret *out, struct wg_error *err)
{
    uint8_t bytes[BYTES], check[WG_SHA256_SIZE];
    const char *prefix = kinds[kind].prefix;
    bool ok = wg_random(bytes, RANDOM, err) && check_of(prefix, bytes, check, err);
    if (ok) {
        memcpy(bytes + RANDOM, check, CHECK);
        memcpy(out->text, prefix, PREFIX);
        wg_base64url_write(bytes, sizeof bytes, out->text + PREFIX);
        ok = wg_sha256_of(out->text, TOKEN_TEXT - 1, out->hash, err);
    }
    explicit_bzero(bytes, sizeof bytes);
    if (!ok) token_clear(out);
    return ok;
}

bool token_read(enum token_kind kind, const char *text, char hash[WG_SHA256_HEX],
                struct wg_error *err)
{
    uint8_t bytes[BYTES], check[WG_SHA256_SIZE];
    const char *prefix = kinds[kind].prefix;
    size_t len = 0;
    bool whole = strnlen(text, TOKEN_TEXT) == TOKEN_TEXT - 1 &&
                 strncmp(text, prefix, PREFIX) == 0 &&
                 wg_base64url_read(text + PREFIX, TOKEN_TEXT - 1 - PREFIX, bytes, BYTES, &len);
    bool ok = !whole || check_of(prefix, bytes, check, err);
    bool same = whole && ok && memcmp(check, bytes + RANDOM, CHECK) == 0;
    explicit_bzero(bytes, sizeof bytes);
    if (!ok) return false;
    if (!same)
        return wg_fail(err, WG_E_DENIED,
                       "that is no %s: expected %s and 48 characters, copied whole",
                       kinds[kind].words, prefix);
    return wg_sha256_of(text, TOKEN_TEXT - 1, hash, err);
}

void token_clear(struct token_secret *secret)
{
    explicit_bzero(secret, sizeof *secret);
}

bool token_csrf(const char *session, char out[TOKEN_CSRF_TEXT], struct wg_error *err)
{
    static const char words[] = "wavegate csrf";
    uint8_t code[WG_HMAC_SIZE];
    struct wg_bytes key = {session, strlen(session)}, data = {words, sizeof words - 1};
    if (!wg_hmac(key, data, code, err)) return false;
    wg_base64url_write(code, sizeof code, out);
    return true;
}

bool token_same(const char *a, const char *b)
{
    size_t len = strlen(a);
    return len == strlen(b) && wg_same_secret(a, b, len);
}

wg_time session_ends(wg_time made, wg_time seen)
{
    wg_time idle = seen + SESSION_IDLE, last = made + SESSION_LIFE;
    return idle < last ? idle : last;
}
