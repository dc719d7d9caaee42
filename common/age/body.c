/* body.c: lengths and places of a body, its key, the nonces of its chunks. */
#include "common/age/body_part.h"

#include "common/crypt/hkdf.h"

#include <inttypes.h>
#include <string.h>

#define BODY_MAX (AGE_NONCE + AGE_CHUNKS_MAX * AGE_SEALED_CHUNK)

bool age_body_length(int64_t content, int64_t *body, struct wg_error *err)
{
    if (content < 0 || content > AGE_CONTENT_MAX)
        return wg_fail(err, WG_E_LIMIT, "%" PRId64 " bytes to encrypt, at most %" PRId64 " allowed",
                       content, AGE_CONTENT_MAX);
    int64_t chunks = content == 0 ? 1 : (content + AGE_CHUNK - 1) / AGE_CHUNK;
    *body = AGE_NONCE + content + chunks * AGE_TAG;
    return true;
}

bool age_content_length(int64_t body, int64_t *content, struct wg_error *err)
{
    if (body < AGE_NONCE + AGE_TAG || body > BODY_MAX)
        return wg_fail(err, WG_E_BAD_INPUT,
                       "%" PRId64 " bytes are no age body: expected %d to %" PRId64, body,
                       AGE_NONCE + AGE_TAG, BODY_MAX);
    int64_t sealed = body - AGE_NONCE;
    int64_t chunks = (sealed + AGE_SEALED_CHUNK - 1) / AGE_SEALED_CHUNK;
    int64_t last = sealed - (chunks - 1) * AGE_SEALED_CHUNK;
    if (last < AGE_TAG || (last == AGE_TAG && chunks > 1))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "%" PRId64 " bytes are no age body: the last chunk would be empty", body);
    *content = sealed - chunks * AGE_TAG;
    return true;
}

int64_t age_chunk_of(int64_t content_at)
{
    return content_at / AGE_CHUNK;
}

int64_t age_chunk_content(int64_t chunk)
{
    return chunk * AGE_CHUNK;
}

int64_t age_chunk_body(int64_t chunk)
{
    return AGE_NONCE + chunk * AGE_SEALED_CHUNK;
}

int64_t age_chunk_to_resume(int64_t done, int64_t content)
{
    int64_t last = content > 0 ? (content - 1) / AGE_CHUNK : 0;
    int64_t chunk = age_chunk_of(done);
    return chunk < last ? chunk : last;
}

bool age_payload_key(const struct age_file_key *key, const uint8_t nonce[AGE_NONCE],
                     uint8_t out[WG_AEAD_KEY], struct wg_error *err)
{
    return wg_hkdf((struct wg_bytes){key->bytes, AGE_FILE_KEY}, (struct wg_bytes){nonce, AGE_NONCE},
                   (struct wg_bytes){"payload", 7}, out, WG_AEAD_KEY, err);
}

void age_chunk_nonce(int64_t chunk, bool last, uint8_t out[WG_AEAD_NONCE])
{
    uint64_t number = (uint64_t)chunk;
    memset(out, 0, WG_AEAD_NONCE);
    for (size_t i = WG_AEAD_NONCE - 2; number > 0; i--, number >>= 8) out[i] = (uint8_t)number;
    out[WG_AEAD_NONCE - 1] = last;
}
