/* outbox.h: a bounded queue of messages on their way out, and the thread that sends them, so that
 * whoever has them sent never waits. Internal to common/posix. */
#ifndef WG_COMMON_POSIX_OUTBOX_H
#define WG_COMMON_POSIX_OUTBOX_H

#include "common/error.h"

#include <stddef.h>

struct outbox;

struct outbox_item {
    char *topic, *payload; /* owned by the outbox */
    size_t len;
    int qos;
};
/* In the outbox's own thread. */
typedef void (*outbox_send_fn)(void *ctx, const struct outbox_item *item);

struct outbox *outbox_new(size_t most, outbox_send_fn send, void *ctx, struct wg_error *err);
void outbox_free(struct outbox *outbox); /* what still waits is not sent */
/* Copies; WG_E_LIMIT: it is full. */
WG_MUST_CHECK bool outbox_put(struct outbox *outbox, const char *topic, const void *payload,
                              size_t len, int qos, struct wg_error *err);

#endif
