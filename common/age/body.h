/* body.h: the body of an age file: a nonce, then the content in chunks of 64 KiB, each sealed by
 * itself under its number. So it can be written and read as it comes, in constant memory, and read
 * from the middle. Pure but for age_encryptor_new, which draws random bytes.
 *
 * What comes out of a decryptor is authentic, byte for byte and in its place; that it is all there
 * is, age_decryptor_end alone says. */
#ifndef WG_COMMON_AGE_BODY_H
#define WG_COMMON_AGE_BODY_H

#include "common/age/key.h"

#define AGE_NONCE 16
#define AGE_TAG 16
#define AGE_CHUNK 65536 /* bytes of content in each chunk but the last */
#define AGE_SEALED_CHUNK (AGE_CHUNK + AGE_TAG)
#define AGE_CONTENT_MAX ((int64_t)1 << 50) /* bytes of content */

/* Where bytes go; called with 1 to AGE_SEALED_CHUNK of them. Failing ends the work. */
typedef bool age_sink_fn(void *ctx, const void *data, size_t len, struct wg_error *err);
struct age_sink {
    age_sink_fn *write;
    void *ctx; /* borrowed */
};

/* Lengths and places, in bytes. A body's length decides its content's and the other way round;
 * WG_E_BAD_INPUT for a length that no body has. */
WG_MUST_CHECK bool age_body_length(int64_t content, int64_t *body, struct wg_error *err);
WG_MUST_CHECK bool age_content_length(int64_t body, int64_t *content, struct wg_error *err);
int64_t age_chunk_of(int64_t content_at); /* the chunk that holds this byte of content */
int64_t age_chunk_content(int64_t chunk); /* where in the content it begins */
int64_t age_chunk_body(int64_t chunk);    /* where in the body it begins */
/* With the first `done` bytes of content safely written, of `content` bytes in all: the chunk to
 * resume at. It is the last one at the latest, also when nothing is missing: only the last chunk
 * proves that the content ends there. */
int64_t age_chunk_to_resume(int64_t done, int64_t content);

/* Decrypting. About 128 KiB; NULL on failure. */
struct age_decryptor;
/* For a body from its first byte on. */
struct age_decryptor *age_decryptor_new(const struct age_file_key *key, struct age_sink sink,
                                        struct wg_error *err);
/* For a body from age_chunk_body(chunk) on, whose first AGE_NONCE bytes are known. */
struct age_decryptor *age_decryptor_resume(const struct age_file_key *key,
                                           const uint8_t nonce[AGE_NONCE], int64_t chunk,
                                           struct age_sink sink, struct wg_error *err);
void age_decryptor_free(struct age_decryptor *decryptor); /* wipes */
/* The next bytes of the body, in portions of any size. WG_E_VERIFY: they are not what was sealed
 * there. After any failure nothing more is taken. */
WG_MUST_CHECK bool age_decryptor_push(struct age_decryptor *decryptor, const void *data, size_t len,
                                      struct wg_error *err);
/* The body ends here. WG_E_VERIFY when it should not: it was cut. WG_E_BAD_INPUT when not even the
 * nonce was there. */
WG_MUST_CHECK bool age_decryptor_end(struct age_decryptor *decryptor, struct wg_error *err);
/* To resume with later; NULL while it has not come. Borrowed. */
const uint8_t *age_decryptor_nonce(const struct age_decryptor *decryptor);
/* How much of the content has come out, counted from the content's first byte. */
int64_t age_decryptor_done(const struct age_decryptor *decryptor);

/* Encrypting. About 128 KiB; NULL on failure. Draws the file key, so that no key has two bodies. */
struct age_encryptor;
struct age_encryptor *age_encryptor_new(struct age_sink sink, struct age_file_key *key,
                                        struct wg_error *err);
void age_encryptor_free(struct age_encryptor *encryptor); /* wipes */
WG_MUST_CHECK bool age_encryptor_push(struct age_encryptor *encryptor, const void *data, size_t len,
                                      struct wg_error *err);
WG_MUST_CHECK bool age_encryptor_end(struct age_encryptor *encryptor, struct wg_error *err);

#endif
