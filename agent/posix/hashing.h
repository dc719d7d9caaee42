/* hashing.h: SHA-256 of a stream on a thread of its own, beside what else is done with the bytes:
 * where they are decrypted and written, hashing would cost as much time again. One owner; a quarter
 * of a megabyte. */
#ifndef WG_AGENT_POSIX_HASHING_H
#define WG_AGENT_POSIX_HASHING_H

#include "common/crypto.h"

#include <stddef.h>

struct hashing;

struct hashing *hashing_new(struct wg_error *err); /* NULL on failure */
void hashing_free(struct hashing *hashing);        /* NULL is nothing; waits for the thread */
/* Copies; waits while the thread is far behind. */
WG_MUST_CHECK bool hashing_add(struct hashing *hashing, const void *data, size_t len,
                               struct wg_error *err);
/* Waits until all is hashed; nothing can be added afterwards. */
WG_MUST_CHECK bool hashing_end(struct hashing *hashing, uint8_t out[WG_SHA256_SIZE],
                               struct wg_error *err);

#endif
