/* body_part.h: what encrypting and decrypting share, and an encryptor whose key and nonce are
 * given. The latter is for tests: two bodies under one key and nonce give both away. */
#ifndef WG_COMMON_AGE_BODY_PART_H
#define WG_COMMON_AGE_BODY_PART_H

#include "common/age/body.h"
#include "common/crypt/aead.h"

#define AGE_CHUNKS_MAX (AGE_CONTENT_MAX / AGE_CHUNK)

WG_MUST_CHECK bool age_payload_key(const struct age_file_key *key, const uint8_t nonce[AGE_NONCE],
                                   uint8_t out[WG_AEAD_KEY], struct wg_error *err);
/* The number of the chunk, big-endian, and whether it is the last. */
void age_chunk_nonce(int64_t chunk, bool last, uint8_t out[WG_AEAD_NONCE]);

struct age_encryptor *age_encryptor_with(const struct age_file_key *key,
                                         const uint8_t nonce[AGE_NONCE], struct age_sink sink,
                                         struct wg_error *err);

#endif
