/* unpack.h: what lies between the bytes of a compressed artifact or patch (common/zst) and the
 * content of the slot: unpacks, and keeps a mark of the last frame whose content is durable, in a
 * file of its own, to go on from there after anything. */
#ifndef WG_AGENT_POSIX_UNPACK_H
#define WG_AGENT_POSIX_UNPACK_H

#include "common/crypto.h"
#include "common/zst/unpack.h"

#include <limits.h>

struct unpack {
    struct zst_sink sink;
    struct zst_base base;
    int window_log;
    struct zst_unpacker *unpacker;
    char mark[PATH_MAX];
    char form[WG_SHA256_HEX];
    struct zst_place marked; /* what the mark says */
    int64_t drop;            /* packed bytes to come that were unpacked before */
    int64_t skip;            /* content to come that is there already */
};

struct unpack_config {
    const char *mark; /* path of the file */
    const char
        *form; /* SHA-256 of the file that is fetched: a mark of another counts for nothing */
    struct zst_base base; /* old content, of a patch; borrowed */
    int window_log;       /* as in common/zst/unpack.h */
    struct zst_sink sink; /* where content goes */
};

/* Reads the mark; nothing is unpacked yet. */
void unpack_init(struct unpack *unpack, const struct unpack_config *config);
/* have: bytes of content that are there, durably. Returns where in the packed bytes to go on: at
 * the mark, when what is there reaches it, else at 0. */
int64_t unpack_resume(const struct unpack *unpack, int64_t have);
/* Begins where unpack_resume() said. have: how much of the content stays; first: which packed byte
 * will come first, at or before that place. */
WG_MUST_CHECK bool unpack_begin(struct unpack *unpack, int64_t have, int64_t first,
                                struct wg_error *err);
/* As an age_sink_fn: the next packed bytes. */
WG_MUST_CHECK bool unpack_push(void *ctx, const void *data, size_t len, struct wg_error *err);
WG_MUST_CHECK bool unpack_end(struct unpack *unpack, struct wg_error *err);
/* All content that the sink has is durable: the mark may move. */
WG_MUST_CHECK bool unpack_keep(struct unpack *unpack, struct wg_error *err);
void unpack_forget(struct unpack *unpack); /* the mark goes */
void unpack_clear(struct unpack *unpack);

#endif
