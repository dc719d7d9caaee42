/* trusted.h: the metadata that is believed, and what new metadata must withstand to take its place:
 * the checks of the specification's section 5, each with its step. Pure; the time is handed in. */
#ifndef WG_COMMON_TUF_TRUSTED_H
#define WG_COMMON_TUF_TRUSTED_H

#include "common/tuf/metadata.h"

struct tuf_trusted {
    wg_time start;            /* of this update (5.1): expiry is judged by it */
    struct tuf_metadata root; /* always there after tuf_trusted_root_first */
    struct tuf_metadata timestamp, snapshot, targets; /* may be none */
};

void tuf_trusted_clear(struct tuf_trusted *trusted);

/* The stored root (5.2): signed by itself; expiry does not count. */
WG_MUST_CHECK bool tuf_trusted_root_first(struct tuf_trusted *trusted, const void *data, size_t len,
                                          struct wg_error *err);
/* The next root (5.3.4 to 5.3.6): signed by old and new keys, the next version. *rotated: the keys
 * of timestamp or snapshot are others now, so what is stored of the two must be forgotten. */
WG_MUST_CHECK bool tuf_trusted_root_next(struct tuf_trusted *trusted, const void *data, size_t len,
                                         bool *rotated, struct wg_error *err);
/* 5.3.10: the last root must not be expired. */
WG_MUST_CHECK bool tuf_trusted_root_end(const struct tuf_trusted *trusted, struct wg_error *err);

/* Stored metadata: believed again if it is signed as today's root wants; expired or not, it guards
 * against rollback. What is not believed changes nothing, as if it were not there. */
void tuf_trusted_timestamp_stored(struct tuf_trusted *trusted, const void *data, size_t len);
void tuf_trusted_snapshot_stored(struct tuf_trusted *trusted, const void *data, size_t len);

/* 5.4.2 to 5.4.4. *same: it has the version that is trusted already, which stays. */
WG_MUST_CHECK bool tuf_trusted_timestamp(struct tuf_trusted *trusted, const void *data, size_t len,
                                         bool *same, struct wg_error *err);
/* 5.5.2 to 5.5.6; the timestamp is there. */
WG_MUST_CHECK bool tuf_trusted_snapshot(struct tuf_trusted *trusted, const void *data, size_t len,
                                        struct wg_error *err);
/* Is the stored snapshot the one that the timestamp tells of, and in date? */
bool tuf_trusted_snapshot_is_current(const struct tuf_trusted *trusted, const void *data,
                                     size_t len);
/* 5.6.2 to 5.6.5, for the top-level role and any delegated one; the snapshot is there. *out is the
 * caller's to clear. */
WG_MUST_CHECK bool tuf_trusted_targets(const struct tuf_trusted *trusted, const char *name,
                                       const json_t *keys, const json_t *role, const void *data,
                                       size_t len, struct tuf_metadata *out, struct wg_error *err);

#endif
