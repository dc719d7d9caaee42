/* outbox.c: a ring under one mutex, which is free while messages are sent. Some are taken at once,
 * and the thread is woken when it sleeps only: else both sides would meet at the mutex for each. */
#include "common/posix/outbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define LOT_MAX ((size_t)32)

struct outbox {
    pthread_mutex_t mutex;
    pthread_cond_t work;
    pthread_t thread;
    bool closed, asleep;
    outbox_send_fn send;
    void *ctx;
    size_t most, first, count;
    struct outbox_item *ring;
};

static void clear(struct outbox_item *item)
{
    free(item->topic);
    free(item->payload);
}

static void take(struct outbox *outbox, struct outbox_item *out)
{
    *out = outbox->ring[outbox->first];
    outbox->first = (outbox->first + 1) % outbox->most;
    outbox->count--;
}

static size_t take_lot(struct outbox *outbox, struct outbox_item lot[LOT_MAX])
{
    size_t count = outbox->count < LOT_MAX ? outbox->count : LOT_MAX;
    for (size_t i = 0; i < count; i++) take(outbox, &lot[i]);
    return count;
}

static void send_lot(const struct outbox *outbox, struct outbox_item *lot, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        outbox->send(outbox->ctx, &lot[i]);
        clear(&lot[i]);
    }
}

static void *run(void *arg)
{
    struct outbox *outbox = arg;
    struct outbox_item lot[LOT_MAX];
    (void)pthread_mutex_lock(&outbox->mutex);
    while (!outbox->closed) {
        if (outbox->count == 0) {
            outbox->asleep = true;
            (void)pthread_cond_wait(&outbox->work, &outbox->mutex);
            outbox->asleep = false;
            continue;
        }
        size_t count = take_lot(outbox, lot);
        (void)pthread_mutex_unlock(&outbox->mutex);
        send_lot(outbox, lot, count);
        (void)pthread_mutex_lock(&outbox->mutex);
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
    return NULL;
}

struct outbox *outbox_new(size_t most, outbox_send_fn send, void *ctx, struct wg_error *err)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox) outbox->ring = calloc(most, sizeof *outbox->ring);
    if (!outbox || !outbox->ring) {
        free(outbox);
        (void)wg_fail_memory(err, "opening an outbox");
        return NULL;
    }
    outbox->most = most;
    outbox->send = send;
    outbox->ctx = ctx;
    (void)pthread_mutex_init(&outbox->mutex, NULL);
    (void)pthread_cond_init(&outbox->work, NULL);
    int code = pthread_create(&outbox->thread, NULL, run, outbox);
    if (code == 0) return outbox;
    (void)wg_fail(err, WG_E_FAILED, "a thread that sends: %s", strerror(code));
    (void)pthread_cond_destroy(&outbox->work);
    (void)pthread_mutex_destroy(&outbox->mutex);
    free(outbox->ring);
    free(outbox);
    return NULL;
}

void outbox_free(struct outbox *outbox)
{
    struct outbox_item item;
    if (!outbox) return;
    (void)pthread_mutex_lock(&outbox->mutex);
    outbox->closed = true;
    (void)pthread_cond_signal(&outbox->work);
    (void)pthread_mutex_unlock(&outbox->mutex);
    (void)pthread_join(outbox->thread, NULL);
    while (outbox->count > 0) {
        take(outbox, &item);
        clear(&item);
    }
    (void)pthread_cond_destroy(&outbox->work);
    (void)pthread_mutex_destroy(&outbox->mutex);
    free(outbox->ring);
    free(outbox);
}

static bool copy(const char *topic, const void *payload, size_t len, struct outbox_item *out)
{
    out->topic = strdup(topic);
    out->payload = malloc(len + 1);
    out->len = len;
    if (!out->topic || !out->payload) {
        clear(out);
        return false;
    }
    if (len > 0) memcpy(out->payload, payload, len);
    return true;
}

bool outbox_put(struct outbox *outbox, const char *topic, const void *payload, size_t len, int qos,
                struct wg_error *err)
{
    struct outbox_item item = {.qos = qos};
    if (!copy(topic, payload, len, &item)) return wg_fail_memory(err, "a message");
    (void)pthread_mutex_lock(&outbox->mutex);
    bool taken = outbox->count < outbox->most, wake = taken && outbox->asleep;
    if (taken) outbox->ring[(outbox->first + outbox->count++) % outbox->most] = item;
    if (wake) outbox->asleep = false; /* once is enough */
    (void)pthread_mutex_unlock(&outbox->mutex);
    if (wake) (void)pthread_cond_signal(&outbox->work);
    if (taken) return true;
    clear(&item);
    return wg_fail(err, WG_E_LIMIT, "%s: %zu messages wait to be sent", topic, outbox->most);
}
