/* encrypt.c: content as it comes, sealed chunk by chunk. A full chunk waits for the next byte or
 * for the end: only then it is known whether it is the last. */
#include "common/age/body_part.h"

#include "common/crypto.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct age_encryptor {
    struct age_sink sink;
    uint8_t nonce[AGE_NONCE], key[WG_AEAD_KEY];
    int64_t chunk;
    bool begun, over; /* the nonce is out; ended or failed */
    size_t held;
    uint8_t content[AGE_CHUNK], sealed[AGE_SEALED_CHUNK];
};

struct age_encryptor *age_encryptor_with(const struct age_file_key *key,
                                         const uint8_t nonce[AGE_NONCE], struct age_sink sink,
                                         struct wg_error *err)
{
    struct age_encryptor *encryptor = calloc(1, sizeof *encryptor);
    if (!encryptor) {
        (void)wg_fail_memory(err, "encrypting");
        return NULL;
    }
    encryptor->sink = sink;
    memcpy(encryptor->nonce, nonce, AGE_NONCE);
    if (!age_payload_key(key, nonce, encryptor->key, err)) {
        age_encryptor_free(encryptor);
        return NULL;
    }
    return encryptor;
}

struct age_encryptor *age_encryptor_new(struct age_sink sink, struct age_file_key *key,
                                        struct wg_error *err)
{
    uint8_t nonce[AGE_NONCE];
    struct age_file_key drawn;
    struct age_encryptor *encryptor = NULL;
    if (wg_random(drawn.bytes, sizeof drawn.bytes, err) && wg_random(nonce, sizeof nonce, err))
        encryptor = age_encryptor_with(&drawn, nonce, sink, err);
    if (encryptor) *key = drawn;
    age_file_key_clear(&drawn);
    return encryptor;
}

void age_encryptor_free(struct age_encryptor *encryptor)
{
    if (!encryptor) return;
    explicit_bzero(encryptor, sizeof *encryptor);
    free(encryptor);
}

static bool begin(struct age_encryptor *encryptor, struct wg_error *err)
{
    if (encryptor->begun) return true;
    encryptor->begun = true;
    return encryptor->sink.write(encryptor->sink.ctx, encryptor->nonce, AGE_NONCE, err);
}

static bool seal(struct age_encryptor *encryptor, bool last, struct wg_error *err)
{
    uint8_t nonce[WG_AEAD_NONCE];
    struct wg_aead_use use = {.key = encryptor->key, .nonce = nonce};
    if (encryptor->chunk + !last >= AGE_CHUNKS_MAX)
        return wg_fail(err, WG_E_LIMIT, "more than %" PRId64 " bytes to encrypt", AGE_CONTENT_MAX);
    age_chunk_nonce(encryptor->chunk++, last, nonce);
    size_t len = encryptor->held;
    encryptor->held = 0;
    return wg_aead_seal(&use, encryptor->content, len, encryptor->sealed, err) &&
           encryptor->sink.write(encryptor->sink.ctx, encryptor->sealed, len + AGE_TAG, err);
}

static bool take(struct age_encryptor *encryptor, const uint8_t *data, size_t len,
                 struct wg_error *err)
{
    while (len > 0) {
        if (encryptor->held == AGE_CHUNK && !seal(encryptor, false, err)) return false;
        size_t room = AGE_CHUNK - encryptor->held, n = len < room ? len : room;
        memcpy(encryptor->content + encryptor->held, data, n);
        encryptor->held += n;
        data += n;
        len -= n;
    }
    return true;
}

static bool check_going(const struct age_encryptor *encryptor, struct wg_error *err)
{
    return !encryptor->over ||
           wg_fail(err, WG_E_CONFLICT, "age body: it has ended or failed before");
}

bool age_encryptor_push(struct age_encryptor *encryptor, const void *data, size_t len,
                        struct wg_error *err)
{
    if (!check_going(encryptor, err)) return false;
    encryptor->over = !(begin(encryptor, err) && take(encryptor, data, len, err));
    return !encryptor->over;
}

bool age_encryptor_end(struct age_encryptor *encryptor, struct wg_error *err)
{
    if (!check_going(encryptor, err)) return false;
    encryptor->over = true;
    return begin(encryptor, err) && seal(encryptor, true, err);
}
