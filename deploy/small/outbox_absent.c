/* outbox_absent.c: an agent sends what it says itself. */
#include "common/posix/outbox.h"

struct outbox *outbox_new(size_t most, outbox_send_fn send, void *ctx, struct wg_error *err)
{
    (void)most;
    (void)send;
    (void)ctx;
    (void)wg_fail(err, WG_E_USAGE, "this agent has no thread that sends");
    return NULL;
}

void outbox_free(struct outbox *outbox)
{
    (void)outbox;
}

bool outbox_put(struct outbox *outbox, const char *topic, const void *payload, size_t len, int qos,
                struct wg_error *err)
{
    (void)outbox;
    (void)topic;
    (void)payload;
    (void)len;
    (void)qos;
    return wg_fail(err, WG_E_USAGE, "this agent has no thread that sends");
}
