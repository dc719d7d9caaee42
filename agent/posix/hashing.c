/* hashing.c: a ring of pieces between the owner and the thread. */
#include "agent/posix/hashing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536
#define PIECES 4

struct hashing {
    pthread_t thread;
    bool runs;
    struct wg_sha256 sha; /* the thread's until it has ended */
    struct wg_error err;
    pthread_mutex_t mutex; /* over what follows, but for the bytes of pieces in the ring */
    pthread_cond_t changed;
    bool ended, failed;
    size_t first, count;
    size_t lengths[PIECES];
    uint8_t bytes[PIECES][PIECE];
};

static void *run(void *ctx)
{
    struct hashing *hashing = ctx;
    (void)pthread_mutex_lock(&hashing->mutex);
    while (hashing->count > 0 || !hashing->ended) {
        if (hashing->count == 0) {
            (void)pthread_cond_wait(&hashing->changed, &hashing->mutex);
            continue;
        }
        size_t at = hashing->first, len = hashing->lengths[at];
        (void)pthread_mutex_unlock(&hashing->mutex);
        bool ok = wg_sha256_add(&hashing->sha, hashing->bytes[at], len, &hashing->err);
        (void)pthread_mutex_lock(&hashing->mutex);
        hashing->failed = hashing->failed || !ok;
        hashing->first = (at + 1) % PIECES;
        hashing->count--;
        (void)pthread_cond_signal(&hashing->changed);
    }
    (void)pthread_mutex_unlock(&hashing->mutex);
    return NULL;
}

struct hashing *hashing_new(struct wg_error *err)
{
    struct hashing *hashing = calloc(1, sizeof *hashing);
    if (!hashing) {
        (void)wg_fail_memory(err, "hashing");
        return NULL;
    }
    (void)pthread_mutex_init(&hashing->mutex, NULL);
    (void)pthread_cond_init(&hashing->changed, NULL);
    bool ok = wg_sha256_init(&hashing->sha, err);
    int code = ok ? pthread_create(&hashing->thread, NULL, run, hashing) : 0;
    hashing->runs = ok && code == 0;
    if (hashing->runs) return hashing;
    if (ok) (void)wg_fail(err, WG_E_FAILED, "starting to hash: %s", strerror(code));
    hashing_free(hashing);
    return NULL;
}

static void stop(struct hashing *hashing)
{
    if (!hashing->runs) return;
    (void)pthread_mutex_lock(&hashing->mutex);
    hashing->ended = true;
    (void)pthread_cond_signal(&hashing->changed);
    (void)pthread_mutex_unlock(&hashing->mutex);
    (void)pthread_join(hashing->thread, NULL);
    hashing->runs = false;
}

void hashing_free(struct hashing *hashing)
{
    if (!hashing) return;
    stop(hashing);
    wg_sha256_clear(&hashing->sha);
    (void)pthread_cond_destroy(&hashing->changed);
    (void)pthread_mutex_destroy(&hashing->mutex);
    free(hashing);
}

/* The piece behind those in the ring is the owner's: it is filled without the mutex. */
static void add_piece(struct hashing *hashing, const uint8_t *data, size_t len)
{
    (void)pthread_mutex_lock(&hashing->mutex);
    while (hashing->count == PIECES) (void)pthread_cond_wait(&hashing->changed, &hashing->mutex);
    size_t at = (hashing->first + hashing->count) % PIECES;
    (void)pthread_mutex_unlock(&hashing->mutex);
    memcpy(hashing->bytes[at], data, len);
    hashing->lengths[at] = len;
    (void)pthread_mutex_lock(&hashing->mutex);
    hashing->count++;
    (void)pthread_cond_signal(&hashing->changed);
    (void)pthread_mutex_unlock(&hashing->mutex);
}

bool hashing_add(struct hashing *hashing, const void *data, size_t len, struct wg_error *err)
{
    const uint8_t *bytes = data;
    if (!hashing->runs) return wg_fail(err, WG_E_CONFLICT, "hashing has ended before");
    for (size_t at = 0; at < len;) {
        size_t n = len - at < PIECE ? len - at : PIECE;
        add_piece(hashing, bytes + at, n);
        at += n;
    }
    return true;
}

bool hashing_end(struct hashing *hashing, uint8_t out[WG_SHA256_SIZE], struct wg_error *err)
{
    stop(hashing);
    if (hashing->failed) {
        if (err) *err = hashing->err;
        return false;
    }
    return wg_sha256_end(&hashing->sha, out, err);
}
