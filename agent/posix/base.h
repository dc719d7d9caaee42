/* base.h: the old content that a patch is made over, as the running slot holds it: mapped, so that
 * none of it need be in memory at once, and hashed before it is used. */
#ifndef WG_AGENT_POSIX_BASE_H
#define WG_AGENT_POSIX_BASE_H

#include "common/crypto.h"
#include "common/zst/unpack.h"

#include <stdatomic.h>

/* True: the first length bytes of that file or device have this SHA-256, and are mapped; out->data
 * stays as long as nobody writes to the slot, until base_close(). False, without a failure: they
 * have not, are not there, cannot be read, or the work was cancelled. */
bool base_open(const char *path, int64_t length, const char *sha256, const atomic_bool *cancel,
               struct zst_base *out);
void base_close(struct zst_base *base);

#endif
