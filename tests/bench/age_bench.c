/* age_bench.c: what age costs over the cipher alone: the same chunks opened bare, and as a body.
 * Prints both and their ratio; takes some seconds. */
#include "common/age/body_part.h"
#include "common/age/header.h"

#include "common/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNKS 1024 /* 64 MiB */
#define ROUNDS 5
#define HEADERS 2000
#define MIB (CHUNKS / 16.0)

static const uint8_t NONCE[AGE_NONCE];

/* Of this process's own work: what else runs on the machine does not count. */
static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool collect(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    wg_buf_add(ctx, data, len);
    return wg_buf_check(ctx, err, "body");
}

static bool discard(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    (void)data;
    (void)err;
    *(size_t *)ctx += len;
    return true;
}

static bool make_body(const struct age_file_key *key, struct wg_buf *out, struct wg_error *err)
{
    static const uint8_t content[AGE_CHUNK];
    struct age_encryptor *encryptor =
        age_encryptor_with(key, NONCE, (struct age_sink){collect, out}, err);
    bool ok = encryptor != NULL;
    for (int i = 0; ok && i < CHUNKS; i++)
        ok = age_encryptor_push(encryptor, content, sizeof content, err);
    ok = ok && age_encryptor_end(encryptor, err);
    age_encryptor_free(encryptor);
    return ok;
}

/* Each chunk opened, nothing else. */
static bool open_bare(const struct age_file_key *key, const struct wg_buf *body,
                      struct wg_error *err)
{
    static uint8_t content[AGE_CHUNK];
    uint8_t payload_key[WG_AEAD_KEY], nonce[WG_AEAD_NONCE];
    struct wg_aead_use use = {.key = payload_key, .nonce = nonce};
    if (!age_payload_key(key, NONCE, payload_key, err)) return false;
    for (int64_t i = 0; i < CHUNKS; i++) {
        age_chunk_nonce(i, i == CHUNKS - 1, nonce);
        const uint8_t *sealed = (const uint8_t *)body->data + age_chunk_body(i);
        if (!wg_aead_open(&use, sealed, AGE_SEALED_CHUNK, content, err)) return false;
    }
    return true;
}

static bool open_body(const struct age_file_key *key, const struct wg_buf *body, size_t portion,
                      struct wg_error *err)
{
    size_t got = 0;
    struct age_decryptor *decryptor = age_decryptor_new(key, (struct age_sink){discard, &got}, err);
    bool ok = decryptor != NULL;
    for (size_t at = 0; ok && at < body->len; at += portion) {
        size_t n = portion < body->len - at ? portion : body->len - at;
        ok = age_decryptor_push(decryptor, body->data + at, n, err);
    }
    ok = ok && age_decryptor_end(decryptor, err) && got == (size_t)CHUNKS * AGE_CHUNK;
    age_decryptor_free(decryptor);
    return ok;
}

/* The best of some rounds, taken in turns, so that both see the same machine. */
static bool bench_bodies(struct wg_error *err)
{
    struct age_file_key key = {.bytes = "YELLOW SUBMARINE"};
    double bare = 1e9, whole = 1e9, small = 1e9;
    struct wg_buf body;
    wg_buf_init(&body, (size_t)1 << 28);
    bool ok = make_body(&key, &body, err);
    for (int i = 0; ok && i < ROUNDS; i++) {
        double t0 = seconds();
        ok = open_bare(&key, &body, err);
        double t1 = seconds();
        ok = ok && open_body(&key, &body, 1 << 20, err);
        double t2 = seconds();
        ok = ok && open_body(&key, &body, 1400, err);
        double t3 = seconds();
        if (t1 - t0 < bare) bare = t1 - t0;
        if (t2 - t1 < whole) whole = t2 - t1;
        if (t3 - t2 < small) small = t3 - t2;
    }
    wg_buf_clear(&body);
    if (!ok) return false;
    printf("bare ChaCha20-Poly1305  %6.0f MiB/s\n", MIB / bare);
    printf("age body, 1 MiB pieces  %6.0f MiB/s, %.2f of bare\n", MIB / whole, bare / whole);
    printf("age body, 1400 B pieces %6.0f MiB/s, %.2f of bare\n", MIB / small, bare / small);
    return true;
}

static bool bench_headers(struct wg_error *err)
{
    struct age_file_key key = {.bytes = "YELLOW SUBMARINE"};
    struct age_identity device;
    char header[AGE_HEADER_SIZE + 1];
    if (!age_identity_make(&device, err)) return false;
    double t0 = seconds();
    for (int i = 0; i < HEADERS; i++)
        if (!age_header_make(&key, &device.recipient, header, err)) return false;
    double t1 = seconds();
    for (int i = 0; i < HEADERS; i++)
        if (!age_header_open(header, AGE_HEADER_SIZE, &device, &key, err)) return false;
    double t2 = seconds();
    printf("headers                 %6.0f made/s, %.0f opened/s\n", HEADERS / (t1 - t0),
           HEADERS / (t2 - t1));
    return true;
}

int main(void)
{
    struct wg_error err = {0};
    if (bench_bodies(&err) && bench_headers(&err)) return 0;
    fprintf(stderr, "age_bench: %s\n", err.text);
    return 1;
}
