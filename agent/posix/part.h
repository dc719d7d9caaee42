/* part.h: the file that a download grows into: what gets installed, hashed as it comes. Where the
 * artifact is an age body (common/age), it is decrypted on the way, so that nothing but authentic
 * content is ever written; its nonce lies beside it, in PATH.nonce, to go on from the middle.
 *
 * Two places are counted: `at`, in the artifact as the server has it, and `have`, in the content.
 */
#ifndef WG_AGENT_POSIX_PART_H
#define WG_AGENT_POSIX_PART_H

#include "agent/core/core.h"
#include "common/age/body.h"

#include <limits.h>
#include <stdatomic.h>

struct part {
    char path[PATH_MAX];
    int fd;
    int64_t length;         /* of the artifact */
    int64_t content_length; /* of what gets installed */
    int64_t at, have;
    bool resumed; /* began with bytes of an earlier try */
    bool disk;    /* a failure was the disk's, not the network's */
    bool wrong;   /* a failure was that of the content: it is not what was ordered */
    const atomic_bool *cancel;
    /* for part.c: */
    int64_t synced;
    bool is_age, nonce_kept;
    struct wg_sha256 sha;
    struct age_file_key key;
    struct age_decryptor *decryptor;
};

/* Opens the file and takes over what is in it, as far as it can be used. key NULL: the artifact is
 * the content. cancel is borrowed. part_close() afterwards, also when it fails. */
WG_MUST_CHECK bool part_open(struct part *part, const char *path, int64_t length,
                             const struct core_release *release, const struct age_file_key *key,
                             const atomic_bool *cancel, struct wg_error *err);
void part_close(struct part *part);

/* The server begins anew. */
WG_MUST_CHECK bool part_restart(struct part *part, struct wg_error *err);
/* The next bytes of the artifact. WG_E_VERIFY: they are not what was encrypted. */
WG_MUST_CHECK bool part_add(struct part *part, const void *data, size_t len, struct wg_error *err);
/* All of the artifact is there: so must be the content, with this hash; it is durable then. */
WG_MUST_CHECK bool part_end(struct part *part, const char *sha256, struct wg_error *err);
void part_remove(const struct part *part);

#endif
