/* spool.h: bytes that are too many for memory, in a file that has no name: it is gone with the
 * process. One thread's. */
#ifndef WG_ORCHESTRATOR_HTTP_SPOOL_H
#define WG_ORCHESTRATOR_HTTP_SPOOL_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

struct spool {
    int fd; /* -1: there is none */
    int64_t len, max;
    bool over; /* more came than max: nothing is kept of that */
};

/* None yet. */
void spool_init(struct spool *spool);
/* An empty one in the folder, for at most so many bytes. WG_E_IO. */
WG_MUST_CHECK bool spool_open(struct spool *spool, const char *folder, int64_t max,
                              struct wg_error *err);
void spool_clear(struct spool *spool);
/* WG_E_IO: there is no room. What is over the limit is passed over; that is no error. */
WG_MUST_CHECK bool spool_add(struct spool *spool, const void *data, size_t len,
                             struct wg_error *err);
/* From its first byte, again. */
WG_MUST_CHECK bool spool_rewind(const struct spool *spool, struct wg_error *err);
/* The next bytes, at most size; *got 0: the end. */
WG_MUST_CHECK bool spool_read(const struct spool *spool, void *out, size_t size, size_t *got,
                              struct wg_error *err);

#endif
