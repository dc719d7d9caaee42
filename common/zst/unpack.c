/* unpack.c: frame after frame through libzstd. */
#include "common/zst/unpack.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#define MAGIC_SIZE 4

/* Frames of today's format. Older ones, and frames to be skipped, are none of ours: a decoder that
 * is not reached cannot be attacked. */
static const uint8_t MAGIC[MAGIC_SIZE] = {0x28, 0xb5, 0x2f, 0xfd};

struct zst_unpacker {
    struct zst_sink sink;
    struct zst_base base;
    int window_log;
    struct zst_place at, place; /* of what was read and given; of the last whole frame */
    size_t magic;               /* bytes of the frame's magic number that have come */
    bool any, failed;
    ZSTD_DCtx *context;
    size_t size;
    char *piece;
};

struct zst_unpacker *zst_unpacker_new(const struct zst_unpack_config *config, struct wg_error *err)
{
    int window_log = config->window_log ? config->window_log : ZST_WINDOW_LOG;
    if (window_log < ZST_WINDOW_LOG_MIN || window_log > ZST_WINDOW_LOG_MAX) {
        (void)wg_fail(err, WG_E_USAGE, "a window of 2^%d bytes: expected %d to %d", window_log,
                      ZST_WINDOW_LOG_MIN, ZST_WINDOW_LOG_MAX);
        return NULL;
    }
    struct zst_unpacker *unpacker = calloc(1, sizeof *unpacker);
    if (unpacker) {
        unpacker->context = ZSTD_createDCtx();
        unpacker->size = ZSTD_DStreamOutSize();
        unpacker->piece = malloc(unpacker->size);
    }
    if (!unpacker || !unpacker->context || !unpacker->piece ||
        ZSTD_isError(ZSTD_DCtx_setParameter(unpacker->context, ZSTD_d_windowLogMax, window_log))) {
        zst_unpacker_free(unpacker);
        (void)wg_fail_memory(err, "preparing to unpack");
        return NULL;
    }
    unpacker->sink = config->sink;
    unpacker->base = config->base;
    unpacker->window_log = window_log;
    unpacker->at = unpacker->place = config->at;
    unpacker->any = config->at.packed > 0;
    return unpacker;
}

void zst_unpacker_free(struct zst_unpacker *unpacker)
{
    if (!unpacker) return;
    (void)ZSTD_freeDCtx(unpacker->context);
    free(unpacker->piece);
    free(unpacker);
}

static bool fail_zstd(const struct zst_unpacker *unpacker, size_t code, struct wg_error *err)
{
    long long at = (long long)unpacker->place.packed;
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return wg_fail_memory(err, "unpacking");
    case ZSTD_error_frameParameter_windowTooLarge:
        return wg_fail(err, WG_E_LIMIT,
                       "the frame at byte %lld wants a window of more than %lld KiB, which is the "
                       "most here: pack it in smaller frames",
                       at, 1LL << (unpacker->window_log - 10));
    default:
        return wg_fail(err, WG_E_VERIFY, "the frame at byte %lld does not open: %s%s", at,
                       ZSTD_getErrorName(code),
                       unpacker->base.data ? " (or the old content is another)" : "");
    }
}

/* The old content counts for one frame each time it is named. */
static bool begin_frame(struct zst_unpacker *unpacker, struct wg_error *err)
{
    size_t code = ZSTD_DCtx_reset(unpacker->context, ZSTD_reset_session_only);
    if (!ZSTD_isError(code) && unpacker->base.data && unpacker->base.len > 0)
        code = ZSTD_DCtx_refPrefix(unpacker->context, unpacker->base.data, unpacker->base.len);
    return !ZSTD_isError(code) || fail_zstd(unpacker, code, err);
}

/* One step of libzstd; what came of it goes to the sink. *done: the frame is at its end. */
static bool step(struct zst_unpacker *unpacker, ZSTD_inBuffer *in, bool *done, struct wg_error *err)
{
    ZSTD_outBuffer out = {.dst = unpacker->piece, .size = unpacker->size, .pos = 0};
    size_t code = ZSTD_decompressStream(unpacker->context, &out, in);
    if (ZSTD_isError(code)) return fail_zstd(unpacker, code, err);
    *done = code == 0;
    unpacker->at.content += (int64_t)out.pos;
    return out.pos == 0 || unpacker->sink.write(unpacker->sink.ctx, out.dst, out.pos, err);
}

/* Until the input is used up and nothing more comes out, or the frame ends. */
static bool feed(struct zst_unpacker *unpacker, const void *data, size_t len, size_t *used,
                 bool *done, struct wg_error *err)
{
    ZSTD_inBuffer in = {.src = data, .size = len, .pos = 0};
    int64_t before = 0;
    bool ok = true, more = true;
    *done = false;
    while (ok && !*done && more) {
        before = unpacker->at.content;
        ok = step(unpacker, &in, done, err);
        more = in.pos < len || unpacker->at.content - before == (int64_t)unpacker->size;
    }
    *used = in.pos;
    return ok;
}

/* The magic number goes in with its last byte, so that nothing is read of what has another. */
static bool take_magic(struct zst_unpacker *unpacker, const uint8_t *data, struct wg_error *err)
{
    size_t used = 0;
    bool done = false;
    if (*data != MAGIC[unpacker->magic])
        return wg_fail(err, WG_E_VERIFY, "expected a zstd frame at byte %lld, found something else",
                       (long long)unpacker->place.packed);
    unpacker->at.packed++;
    if (++unpacker->magic < MAGIC_SIZE) return true;
    return begin_frame(unpacker, err) && feed(unpacker, MAGIC, MAGIC_SIZE, &used, &done, err);
}

static bool take(struct zst_unpacker *unpacker, const uint8_t *data, size_t len, size_t *used,
                 struct wg_error *err)
{
    bool done = false;
    *used = 1;
    if (unpacker->magic < MAGIC_SIZE) return take_magic(unpacker, data, err);
    bool ok = feed(unpacker, data, len, used, &done, err);
    unpacker->at.packed += (int64_t)*used;
    if (!ok || !done) return ok;
    unpacker->magic = 0;
    unpacker->any = true;
    unpacker->place = unpacker->at;
    return true;
}

bool zst_unpacker_push(struct zst_unpacker *unpacker, const void *data, size_t len,
                       struct wg_error *err)
{
    const uint8_t *bytes = data;
    if (unpacker->failed) return wg_fail(err, WG_E_FAILED, "nothing more can be unpacked");
    for (size_t at = 0, used = 0; at < len && !unpacker->failed; at += used)
        unpacker->failed = !take(unpacker, bytes + at, len - at, &used, err);
    return !unpacker->failed;
}

bool zst_unpacker_end(struct zst_unpacker *unpacker, struct wg_error *err)
{
    bool whole = !unpacker->failed && unpacker->any && unpacker->magic == 0;
    unpacker->failed = true;
    return whole || wg_fail(err, WG_E_VERIFY, "it ends in the middle of the frame at byte %lld",
                            (long long)unpacker->place.packed);
}

struct zst_place zst_unpacker_place(const struct zst_unpacker *unpacker)
{
    return unpacker->place;
}
