/* password.c: Argon2id by libsodium; what makes a password too easy. */
#include "orchestrator/people/password.h"

#include "common/text.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#define KINDS_MIN 5 /* different bytes */

_Static_assert(PASSWORD_HASH == crypto_pwhash_argon2id_STRBYTES, "size of a hash");

/* Of a password that nobody knows, at the cost of all others: for names that have none. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=3,p=1$"
                             "AAECAwQFBgcICQoLDA0ODw$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++) count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static size_t different(const char *text)
{
    bool seen[256] = {false};
    size_t count = 0;
    for (; *text; text++) {
        count += !seen[(unsigned char)*text];
        seen[(unsigned char)*text] = true;
    }
    return count;
}

bool password_check(const char *password, const char *name, struct wg_error *err)
{
    size_t len = strnlen(password, PASSWORD_MAX + 1);
    if (len > PASSWORD_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "password: at most %d bytes", PASSWORD_MAX);
    if (!wg_text_is_utf8(password, len))
        return wg_fail(err, WG_E_BAD_INPUT, "password: expected UTF-8");
    if (characters(password) < PASSWORD_MIN)
        return wg_fail(err, WG_E_BAD_INPUT, "password: at least %d characters", PASSWORD_MIN);
    if (*name && strcasestr(password, name) && len < strlen(name) + PASSWORD_MIN)
        return wg_fail(err, WG_E_BAD_INPUT,
                       "password: take one that is not made of the name, or %d characters more",
                       PASSWORD_MIN);
    if (different(password) < KINDS_MIN)
        return wg_fail(err, WG_E_BAD_INPUT, "password: at least %d different characters",
                       KINDS_MIN);
    return true;
}

static bool ready(struct wg_error *err)
{
    return sodium_init() >= 0 || wg_fail(err, WG_E_FAILED, "libsodium does not start");
}

bool password_hash(const char *password, char out[PASSWORD_HASH], struct wg_error *err)
{
    if (!ready(err)) return false;
    return crypto_pwhash_argon2id_str(out, password, strlen(password), PASSWORD_PASSES,
                                      PASSWORD_MEMORY) == 0 ||
           wg_fail_memory(err, "hashing a password");
}

bool password_verify(const char *hash, const char *password)
{
    bool has_one = hash && *hash;
    size_t len = strnlen(password, PASSWORD_MAX + 1);
    if (!ready(NULL) || len > PASSWORD_MAX) return false;
    bool same = crypto_pwhash_argon2id_str_verify(has_one ? hash : nobody, password, len) == 0;
    return same && has_one;
}

bool password_is_stale(const char *hash)
{
    return crypto_pwhash_argon2id_str_needs_rehash(hash, PASSWORD_PASSES, PASSWORD_MEMORY) != 0;
}
