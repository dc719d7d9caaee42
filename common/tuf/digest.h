/* digest.h: "hashes" of TUF metadata, {"sha256": hex, "sha512": hex}, against bytes as they come.
 * Hashes of other kinds are passed over, but one that we know must be there, and all that we know
 * must fit. Pure. */
#ifndef WG_COMMON_TUF_DIGEST_H
#define WG_COMMON_TUF_DIGEST_H

#include "common/crypto.h"
#include "common/json.h"

#define TUF_HASH_HEX 129 /* the longest, with NUL */

struct tuf_digest {
    const json_t *hashes; /* borrowed */
    bool has_sha256, has_sha512;
    struct wg_sha256 sha256;
    union {
        _Alignas(16) uint8_t bytes[512]; /* wolfCrypt's wc_Sha512; digest.c asserts that it fits */
    } sha512;
};

/* WG_E_VERIFY when it holds no hash that we know, WG_E_BAD_INPUT when it is malformed. After true,
 * tuf_digest_clear is due. */
WG_MUST_CHECK bool tuf_digest_init(struct tuf_digest *digest, const json_t *hashes,
                                   struct wg_error *err);
WG_MUST_CHECK bool tuf_digest_add(struct tuf_digest *digest, const void *data, size_t len,
                                  struct wg_error *err);
/* WG_E_VERIFY when a hash does not fit. */
WG_MUST_CHECK bool tuf_digest_end(struct tuf_digest *digest, struct wg_error *err);
void tuf_digest_clear(struct tuf_digest *digest);

/* All three at once. */
WG_MUST_CHECK bool tuf_digest_check(const json_t *hashes, const void *data, size_t len,
                                    struct wg_error *err);

/* The hash that names a target's file under consistent snapshots: sha256, else sha512; NULL when
 * it has neither. Borrowed. */
const char *tuf_digest_prefix(const json_t *hashes);

#endif
