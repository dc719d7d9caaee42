/* digest.c: SHA-256 and SHA-512 of what metadata tells the hashes of. */
#include "common/tuf/digest.h"

#include "common/text.h"

#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/sha256.h>
#include <wolfssl/wolfcrypt/sha512.h>

#define BLOCK_MAX ((size_t)1 << 30) /* wolfCrypt counts in 32 bits */

_Static_assert(sizeof(wc_Sha512) <= sizeof((struct tuf_digest *)0)->sha512, "wc_Sha512 fits");
_Static_assert(_Alignof(wc_Sha512) <= 16, "wc_Sha512 is aligned");

static wc_Sha512 *sha512_of(struct tuf_digest *digest)
{
    return (wc_Sha512 *)(void *)digest->sha512.bytes;
}

static bool is_hex(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

/* NULL when it is not there or not of this length in lower-case hex. */
static const char *hash_find(const json_t *hashes, const char *kind, size_t bytes)
{
    const char *text = json_string_value(json_object_get(hashes, kind));
    return text && is_hex(text, 2 * bytes) ? text : NULL;
}

static bool hashes_check(const json_t *hashes, struct wg_error *err)
{
    static const struct {
        const char *kind;
        size_t bytes;
    } kinds[] = {{"sha256", WC_SHA256_DIGEST_SIZE}, {"sha512", WC_SHA512_DIGEST_SIZE}};
    size_t known = 0;
    if (!json_is_object(hashes)) return wg_fail(err, WG_E_BAD_INPUT, "hashes: expected an object");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!json_object_get(hashes, kinds[i].kind)) continue;
        if (!hash_find(hashes, kinds[i].kind, kinds[i].bytes))
            return wg_fail(err, WG_E_BAD_INPUT, "hashes: %s: expected %zu lower-case hex digits",
                           kinds[i].kind, 2 * kinds[i].bytes);
        known++;
    }
    return known > 0 || wg_fail(err, WG_E_VERIFY, "hashes: neither sha256 nor sha512 is there");
}

bool tuf_digest_init(struct tuf_digest *digest, const json_t *hashes, struct wg_error *err)
{
    memset(digest, 0, sizeof *digest);
    if (!hashes_check(hashes, err)) return false;
    digest->hashes = hashes;
    if (json_object_get(hashes, "sha256")) {
        if (!wg_sha256_init(&digest->sha256, err)) return false;
        digest->has_sha256 = true;
    }
    if (json_object_get(hashes, "sha512")) {
        if (wc_InitSha512(sha512_of(digest)) != 0) {
            tuf_digest_clear(digest);
            return wg_fail(err, WG_E_FAILED, "SHA-512");
        }
        digest->has_sha512 = true;
    }
    return true;
}

bool tuf_digest_add(struct tuf_digest *digest, const void *data, size_t len, struct wg_error *err)
{
    const uint8_t *at = data;
    if (digest->has_sha256 && !wg_sha256_add(&digest->sha256, data, len, err)) return false;
    while (digest->has_sha512 && len > 0) {
        size_t n = len < BLOCK_MAX ? len : BLOCK_MAX;
        if (wc_Sha512Update(sha512_of(digest), at, (word32)n) != 0)
            return wg_fail(err, WG_E_FAILED, "SHA-512");
        at += n;
        len -= n;
    }
    return true;
}

static bool fits(const struct tuf_digest *digest, const char *kind, const uint8_t *hash, size_t len,
                 struct wg_error *err)
{
    char hex[TUF_HASH_HEX];
    wg_hex(hash, len, hex);
    const char *expected = json_string_value(json_object_get(digest->hashes, kind));
    return strcmp(hex, expected) == 0 ||
           wg_fail(err, WG_E_VERIFY, "%s is %.16s..., expected %.16s...", kind, hex, expected);
}

bool tuf_digest_end(struct tuf_digest *digest, struct wg_error *err)
{
    uint8_t hash[WC_SHA512_DIGEST_SIZE];
    if (digest->has_sha256 && (!wg_sha256_end(&digest->sha256, hash, err) ||
                               !fits(digest, "sha256", hash, WC_SHA256_DIGEST_SIZE, err)))
        return false;
    if (!digest->has_sha512) return true;
    if (wc_Sha512Final(sha512_of(digest), hash) != 0) return wg_fail(err, WG_E_FAILED, "SHA-512");
    return fits(digest, "sha512", hash, WC_SHA512_DIGEST_SIZE, err);
}

void tuf_digest_clear(struct tuf_digest *digest)
{
    if (digest->has_sha256) wg_sha256_clear(&digest->sha256);
    if (digest->has_sha512) wc_Sha512Free(sha512_of(digest));
    digest->has_sha256 = digest->has_sha512 = false;
}

bool tuf_digest_check(const json_t *hashes, const void *data, size_t len, struct wg_error *err)
{
    struct tuf_digest digest;
    if (!tuf_digest_init(&digest, hashes, err)) return false;
    bool ok = tuf_digest_add(&digest, data, len, err) && tuf_digest_end(&digest, err);
    tuf_digest_clear(&digest);
    return ok;
}

const char *tuf_digest_prefix(const json_t *hashes)
{
    const char *sha256 = hash_find(hashes, "sha256", WC_SHA256_DIGEST_SIZE);
    return sha256 ? sha256 : hash_find(hashes, "sha512", WC_SHA512_DIGEST_SIZE);
}
