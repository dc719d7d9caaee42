/* metadata.h: one file of TUF metadata (specification 1.0, section 4), read and its shape checked,
 * so that later code need not doubt what it finds. Not yet believed: threshold.h does that. Fields
 * that nobody knows are left alone and stay under the signature. Pure. */
#ifndef WG_COMMON_TUF_METADATA_H
#define WG_COMMON_TUF_METADATA_H

#include "common/json.h"
#include "common/time.h"
#include "common/tuf/name.h"

#define TUF_SIGNATURES_MAX 64
#define TUF_DELEGATIONS_MAX 4096 /* roles that one role delegates to */
#define TUF_PATTERN_MAX TUF_PATH_MAX

enum tuf_type { TUF_ROOT, TUF_TIMESTAMP, TUF_SNAPSHOT, TUF_TARGETS };

struct tuf_metadata {
    json_t *envelope;   /* owned; NULL: none */
    const json_t *body; /* "signed", borrowed from the envelope */
    size_t len;         /* bytes it was read from */
    enum tuf_type type;
    int64_t version; /* from 1; one more can still be counted */
    wg_time expires;
};

/* WG_E_BAD_INPUT naming what is wrong. After true, tuf_metadata_clear is due. */
WG_MUST_CHECK bool tuf_metadata_parse(enum tuf_type type, const void *data, size_t len,
                                      struct tuf_metadata *out, struct wg_error *err);
void tuf_metadata_clear(struct tuf_metadata *metadata); /* leaves it as none */

const char *tuf_type_text(enum tuf_type type); /* "root": also the role's name */

/* Of a root: its keys, who signs for a top-level role, and whether files carry their version. */
const json_t *tuf_root_keys(const struct tuf_metadata *root);
const json_t *tuf_root_role(const struct tuf_metadata *root, enum tuf_type type);
bool tuf_root_is_consistent(const struct tuf_metadata *root);

/* What a timestamp says of the snapshot, or a snapshot of a targets role. */
struct tuf_meta {
    int64_t version;
    int64_t length;       /* -1: not told */
    const json_t *hashes; /* NULL: not told; borrowed */
};
/* False when the role is not listed. */
bool tuf_meta_find(const struct tuf_metadata *lister, const char *role, struct tuf_meta *out);

#endif
