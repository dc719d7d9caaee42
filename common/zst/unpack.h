/* unpack.h: reads content out of zstd frames (RFC 8878) as they come, in constant memory; from the
 * middle too, at the end of any frame. With old content it reads patches (zstd --patch-from).
 *
 * What comes out is not trusted: its length and hash are the caller's to check, also how much of it
 * may come. Memory: twice the window of the largest frame at most, and 256 KiB. Not thread-safe. */
#ifndef WG_COMMON_ZST_UNPACK_H
#define WG_COMMON_ZST_UNPACK_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define ZST_WINDOW_LOG_MIN 10
#define ZST_WINDOW_LOG 23 /* 8 MiB: what a frame may want, when nothing else is said */
#define ZST_WINDOW_LOG_MAX 27

/* Where content goes; called with 1 to 128 KiB of it. Failing ends the work. */
typedef bool zst_sink_fn(void *ctx, const void *data, size_t len, struct wg_error *err);
struct zst_sink {
    zst_sink_fn *write;
    void *ctx; /* borrowed */
};

/* A piece of memory; borrowed. data NULL: none. */
struct zst_base {
    const void *data;
    size_t len;
};

/* The end of a frame: how many bytes were read, and how many bytes of content they gave. */
struct zst_place {
    int64_t packed, content;
};

struct zst_unpacker;

struct zst_unpack_config {
    struct zst_sink sink;
    struct zst_base base; /* the old content of a patch; must stay as it is */
    int window_log;       /* a frame may want 2^this bytes of memory; 0: ZST_WINDOW_LOG */
    struct zst_place at;  /* the bytes to come begin here */
};

/* NULL: WG_E_MEMORY; WG_E_USAGE: no such window_log. */
struct zst_unpacker *zst_unpacker_new(const struct zst_unpack_config *config, struct wg_error *err);
void zst_unpacker_free(struct zst_unpacker *unpacker);

/* The next bytes, in portions of any size. WG_E_VERIFY: they are not what was packed, or need other
 * old content; WG_E_LIMIT: a frame wants too much memory; or what the sink said. After any failure
 * nothing more is taken. */
WG_MUST_CHECK bool zst_unpacker_push(struct zst_unpacker *unpacker, const void *data, size_t len,
                                     struct wg_error *err);
/* The bytes end here. WG_E_VERIFY: in the middle of a frame, or without any. */
WG_MUST_CHECK bool zst_unpacker_end(struct zst_unpacker *unpacker, struct wg_error *err);
/* The end of the last whole frame, all of whose content the sink has; from here it can go on. */
struct zst_place zst_unpacker_place(const struct zst_unpacker *unpacker);

#endif
