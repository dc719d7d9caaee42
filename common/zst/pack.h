/* pack.h: writes content as zstd frames (RFC 8878) that are whole in themselves, each of a bounded
 * piece of it and with a checksum: so they are read in constant memory and from the middle
 * (unpack.h). With old content they are a patch that `zstd -d --patch-from=OLD` opens: in each
 * frame all of the old content can be referred to, because the frame's window holds all of the
 * frame.
 *
 * Memory: 20 MiB or so at level 3, for a patch another 35, and what old content is mapped. */
#ifndef WG_COMMON_ZST_PACK_H
#define WG_COMMON_ZST_PACK_H

#include "common/zst/unpack.h"

#define ZST_FRAME ((size_t)1 << 20)       /* bytes of content in a frame, usually */
#define ZST_PATCH_FRAME ((size_t)4 << 20) /* of a patch: docs/decisions/0027-zstd.md says why */
#define ZST_BASE_MAX ((size_t)2000 << 20) /* bytes of old content: what libzstd can address */

struct zst_packer;

struct zst_pack_config {
    struct zst_sink sink; /* of packed bytes */
    struct zst_base base; /* the old content of a patch; data NULL: no patch */
    int level;            /* of zstd, 1 to 19; 0: the usual */
    size_t frame;         /* bytes of content in each frame; 0: the usual */
};

/* NULL: WG_E_MEMORY; WG_E_LIMIT: old content above ZST_BASE_MAX; WG_E_USAGE. */
struct zst_packer *zst_packer_new(const struct zst_pack_config *config, struct wg_error *err);
void zst_packer_free(struct zst_packer *packer);
WG_MUST_CHECK bool zst_packer_push(struct zst_packer *packer, const void *data, size_t len,
                                   struct wg_error *err);
/* Content of no bytes is one empty frame. */
WG_MUST_CHECK bool zst_packer_end(struct zst_packer *packer, struct wg_error *err);

#endif
