/* part.h: the content of a download on its way into the idle slot: what gets installed, hashed as
 * it comes. Where the artifact is an age body (common/age), it is decrypted on the way, so that
 * nothing but authentic content is ever written; its nonce lies in a file, to go on from the
 * middle. What is compressed, or a patch, is unpacked behind that (unpack.h).
 *
 * Three places are counted: `at`, in the artifact as the server has it; `arrived`, in the content
 * that it opens to; and `have`, the content that the slot holds and the hash has seen. A download
 * that goes on may begin before `have`: what comes twice is not written again.
 */
#ifndef WG_AGENT_POSIX_PART_H
#define WG_AGENT_POSIX_PART_H

#include "agent/core/core.h"
#include "agent/posix/hashing.h"
#include "agent/posix/slot/backend.h"
#include "agent/posix/unpack.h"
#include "common/age/body.h"
#include "common/crypto.h"

#include <limits.h>
#include <stdatomic.h>

struct part {
    struct slot_backend *slots;  /* borrowed */
    struct slot_release release; /* what gets installed */
    char nonce_file[PATH_MAX];
    int64_t length;        /* of the artifact, as it is fetched */
    int64_t packed_length; /* after decryption */
    int64_t at, arrived, have;
    bool resumed; /* began with bytes of an earlier try */
    bool disk;    /* a failure was the slot's, not the network's */
    bool later;   /* and the slot said: not now */
    bool wrong;   /* a failure was that of the content: it is not what was ordered */
    const atomic_bool *cancel;
    /* for part.c: */
    int64_t synced;
    wg_time synced_at;
    bool is_open, is_age, nonce_kept, is_packed;
    struct unpack unpack;
    struct hashing *hashing;
    struct age_file_key key;
    struct age_decryptor *decryptor;
};

struct part_source {
    struct slot_backend *slots;
    const char *nonce_file;         /* where the nonce of an age body is kept while it is fetched */
    const char *mark_file;          /* the mark of unpack.h; not looked at without a form */
    int64_t length;                 /* of the file that is fetched */
    const struct age_file_key *key; /* NULL: it is not encrypted */
    const struct core_form *form;   /* NULL: after decryption it is the content; copied */
    struct zst_base base;           /* a patch is over this */
    int window_log;                 /* as in common/zst/unpack.h */
    const atomic_bool *cancel;
};

/* Begins in the idle slot and takes over what is there, unless fresh. What source points to is
 * borrowed until part_close(), which is called afterwards also when this fails; the key is copied.
 */
WG_MUST_CHECK bool part_open(struct part *part, const struct part_source *source,
                             const struct slot_release *release, bool fresh, struct wg_error *err);
void part_close(struct part *part);

/* The server begins anew. */
WG_MUST_CHECK bool part_restart(struct part *part, struct wg_error *err);
/* The next bytes of the artifact. WG_E_VERIFY: they are not what was encrypted, or packed. */
WG_MUST_CHECK bool part_add(struct part *part, const void *data, size_t len, struct wg_error *err);
/* All of the artifact is there: so must be the content, with the release's hash; it is durable
 * then. */
WG_MUST_CHECK bool part_end(struct part *part, struct wg_error *err);
void part_remove(const struct part *part); /* what the slot holds of it may go */

#endif
