/* decrypt.c: a body as it comes, opened chunk by chunk.
 *
 * A full chunk is opened as one of many once another byte has come, and as the last one when the
 * body ends. One that does not hold is tried as the other: if it holds so, it is authentic and in
 * its place, and comes out before the body is refused for what follows, or does not follow. age
 * itself does the same. */
#include "common/age/body_part.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct age_decryptor {
    struct age_sink sink;
    struct age_file_key file_key; /* until the nonce is known */
    uint8_t nonce[AGE_NONCE], key[WG_AEAD_KEY];
    size_t nonce_len;
    int64_t chunk, done;
    bool over; /* ended, or failed */
    size_t held;
    uint8_t sealed[AGE_SEALED_CHUNK], content[AGE_CHUNK];
};

static struct age_decryptor *make(struct age_sink sink, struct wg_error *err)
{
    struct age_decryptor *decryptor = calloc(1, sizeof *decryptor);
    if (!decryptor) {
        (void)wg_fail_memory(err, "decrypting");
        return NULL;
    }
    decryptor->sink = sink;
    return decryptor;
}

struct age_decryptor *age_decryptor_new(const struct age_file_key *key, struct age_sink sink,
                                        struct wg_error *err)
{
    struct age_decryptor *decryptor = make(sink, err);
    if (decryptor) decryptor->file_key = *key;
    return decryptor;
}

struct age_decryptor *age_decryptor_resume(const struct age_file_key *key,
                                           const uint8_t nonce[AGE_NONCE], int64_t chunk,
                                           struct age_sink sink, struct wg_error *err)
{
    if (chunk < 0 || chunk >= AGE_CHUNKS_MAX) {
        (void)wg_fail(err, WG_E_LIMIT, "no age body has a chunk %" PRId64, chunk);
        return NULL;
    }
    struct age_decryptor *decryptor = make(sink, err);
    if (!decryptor) return NULL;
    memcpy(decryptor->nonce, nonce, AGE_NONCE);
    decryptor->nonce_len = AGE_NONCE;
    decryptor->chunk = chunk;
    decryptor->done = age_chunk_content(chunk);
    if (!age_payload_key(key, nonce, decryptor->key, err)) {
        age_decryptor_free(decryptor);
        return NULL;
    }
    return decryptor;
}

void age_decryptor_free(struct age_decryptor *decryptor)
{
    if (!decryptor) return;
    explicit_bzero(decryptor, sizeof *decryptor);
    free(decryptor);
}

const uint8_t *age_decryptor_nonce(const struct age_decryptor *decryptor)
{
    return decryptor->nonce_len == AGE_NONCE ? decryptor->nonce : NULL;
}

int64_t age_decryptor_done(const struct age_decryptor *decryptor)
{
    return decryptor->done;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool take_nonce(struct age_decryptor *decryptor, const uint8_t **data, size_t *len,
                       struct wg_error *err)
{
    size_t n = smaller(*len, AGE_NONCE - decryptor->nonce_len);
    memcpy(decryptor->nonce + decryptor->nonce_len, *data, n);
    decryptor->nonce_len += n;
    *data += n;
    *len -= n;
    if (decryptor->nonce_len < AGE_NONCE) return true;
    bool ok = age_payload_key(&decryptor->file_key, decryptor->nonce, decryptor->key, err);
    age_file_key_clear(&decryptor->file_key);
    return ok;
}

static bool open_as(struct age_decryptor *decryptor, bool last, struct wg_error *err)
{
    uint8_t nonce[WG_AEAD_NONCE];
    struct wg_aead_use use = {.key = decryptor->key, .nonce = nonce};
    age_chunk_nonce(decryptor->chunk, last, nonce);
    return wg_aead_open(&use, decryptor->sealed, decryptor->held, decryptor->content, err) ||
           wg_context(err, "age body, chunk %" PRId64, decryptor->chunk);
}

static bool release(struct age_decryptor *decryptor, struct wg_error *err)
{
    size_t len = decryptor->held - AGE_TAG;
    decryptor->chunk++;
    decryptor->held = 0;
    if (len == 0) return true;
    if (!decryptor->sink.write(decryptor->sink.ctx, decryptor->content, len, err)) return false;
    decryptor->done += (int64_t)len;
    return true;
}

/* A full chunk, with more behind it or as the last. */
static bool open_full(struct age_decryptor *decryptor, bool last, struct wg_error *err)
{
    struct wg_error tried = {0};
    if (!last && decryptor->chunk + 1 >= AGE_CHUNKS_MAX)
        return wg_fail(err, WG_E_LIMIT, "age body: more than %" PRId64 " bytes of content",
                       AGE_CONTENT_MAX);
    if (open_as(decryptor, last, err)) return release(decryptor, err);
    if (err && err->code != WG_E_VERIFY) return false;
    return open_as(decryptor, !last, &tried) && release(decryptor, err) &&
           wg_fail(err, WG_E_VERIFY, "age body: %s",
                   last ? "it ends before its last chunk" : "bytes follow its last chunk");
}

static bool take(struct age_decryptor *decryptor, const uint8_t *data, size_t len,
                 struct wg_error *err)
{
    if (decryptor->nonce_len < AGE_NONCE && len > 0 && !take_nonce(decryptor, &data, &len, err))
        return false;
    while (len > 0) {
        if (decryptor->held == AGE_SEALED_CHUNK && !open_full(decryptor, false, err)) return false;
        size_t n = smaller(len, AGE_SEALED_CHUNK - decryptor->held);
        memcpy(decryptor->sealed + decryptor->held, data, n);
        decryptor->held += n;
        data += n;
        len -= n;
    }
    return true;
}

static bool check_going(const struct age_decryptor *decryptor, struct wg_error *err)
{
    return !decryptor->over ||
           wg_fail(err, WG_E_CONFLICT, "age body: it has ended or failed before");
}

bool age_decryptor_push(struct age_decryptor *decryptor, const void *data, size_t len,
                        struct wg_error *err)
{
    if (!check_going(decryptor, err)) return false;
    decryptor->over = !take(decryptor, data, len, err);
    return !decryptor->over;
}

bool age_decryptor_end(struct age_decryptor *decryptor, struct wg_error *err)
{
    if (!check_going(decryptor, err)) return false;
    decryptor->over = true;
    if (decryptor->nonce_len < AGE_NONCE)
        return wg_fail(err, WG_E_BAD_INPUT, "age body: it ends within its nonce");
    if (decryptor->held < AGE_TAG)
        return wg_fail(err, WG_E_VERIFY, "age body: it ends before its last chunk does");
    if (decryptor->held == AGE_TAG && decryptor->chunk > 0)
        return wg_fail(err, WG_E_VERIFY, "age body: its last chunk is empty");
    if (decryptor->held == AGE_SEALED_CHUNK) return open_full(decryptor, true, err);
    return open_as(decryptor, true, err) && release(decryptor, err);
}
