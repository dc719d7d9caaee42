/* inbox.c: a ring of events under one mutex. */
#include "common/posix/inbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RESERVE 16 /* places for events of the session, of which none may be missed */

struct inbox {
    pthread_mutex_t mutex;
    pthread_cond_t room;
    int fd;
    bool closed, spilling;
    size_t most, places, first, count;
    size_t dropped;          /* messages, since it began to spill */
    struct mqtt_event *ring; /* of all places; those that were never used take no memory */
};

struct inbox *inbox_new(size_t most, struct wg_error *err)
{
    struct inbox *inbox = calloc(1, sizeof *inbox);
    size_t places = INBOX_SPILL * most + RESERVE;
    if (inbox) inbox->ring = calloc(places, sizeof *inbox->ring);
    if (!inbox || !inbox->ring) {
        free(inbox);
        (void)wg_fail_memory(err, "opening an inbox");
        return NULL;
    }
    inbox->most = most;
    inbox->places = places;
    inbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (inbox->fd < 0) {
        (void)wg_fail_errno(err, "opening an inbox");
        free(inbox->ring);
        free(inbox);
        return NULL;
    }
    (void)pthread_mutex_init(&inbox->mutex, NULL);
    (void)pthread_cond_init(&inbox->room, NULL);
    return inbox;
}

void inbox_free(struct inbox *inbox)
{
    struct mqtt_event event;
    if (!inbox) return;
    while (inbox_take(inbox, &event)) mqtt_event_clear(&event);
    (void)pthread_cond_destroy(&inbox->room);
    (void)pthread_mutex_destroy(&inbox->mutex);
    (void)close(inbox->fd);
    free(inbox->ring);
    free(inbox);
}

void inbox_close(struct inbox *inbox)
{
    (void)pthread_mutex_lock(&inbox->mutex);
    inbox->closed = true;
    (void)pthread_cond_broadcast(&inbox->room);
    (void)pthread_mutex_unlock(&inbox->mutex);
}

/* The descriptor is readable exactly while events wait. Held: the mutex. */
static void signal_reader(struct inbox *inbox)
{
    uint64_t one = 1;
    while (write(inbox->fd, &one, sizeof one) < 0 && errno == EINTR) continue;
}

static void quiet_reader(struct inbox *inbox)
{
    uint64_t count;
    while (read(inbox->fd, &count, sizeof count) < 0 && errno == EINTR) continue;
}

/* Messages, and words about some, are said again by somebody; connections that came or went are
 * not. */
static bool has_place(const struct inbox *inbox, const struct mqtt_event *event)
{
    bool common = event->kind == MQTT_EVENT_MESSAGE || event->kind == MQTT_EVENT_PUBLISH_FAILED;
    return inbox->count < (common ? inbox->places - RESERVE : inbox->places);
}

void inbox_put(struct inbox *inbox, struct mqtt_event *event)
{
    (void)pthread_mutex_lock(&inbox->mutex);
    while (!inbox->closed && inbox->count >= inbox->most && !inbox->spilling)
        (void)pthread_cond_wait(&inbox->room, &inbox->mutex);
    bool taken = !inbox->closed && has_place(inbox, event);
    if (taken) {
        inbox->ring[(inbox->first + inbox->count++) % inbox->places] = *event;
        if (inbox->count == 1) signal_reader(inbox);
    } else if (!inbox->closed) {
        inbox->dropped++;
    }
    (void)pthread_mutex_unlock(&inbox->mutex);
    if (!taken) mqtt_event_clear(event);
}

void inbox_spill(struct inbox *inbox)
{
    (void)pthread_mutex_lock(&inbox->mutex);
    inbox->spilling = true;
    inbox->dropped = 0;
    (void)pthread_cond_broadcast(&inbox->room);
    (void)pthread_mutex_unlock(&inbox->mutex);
}

size_t inbox_hold(struct inbox *inbox)
{
    (void)pthread_mutex_lock(&inbox->mutex);
    size_t dropped = inbox->dropped;
    inbox->spilling = false;
    (void)pthread_mutex_unlock(&inbox->mutex);
    return dropped;
}

bool inbox_take(struct inbox *inbox, struct mqtt_event *out)
{
    (void)pthread_mutex_lock(&inbox->mutex);
    bool any = inbox->count > 0;
    if (any) {
        *out = inbox->ring[inbox->first];
        inbox->first = (inbox->first + 1) % inbox->places;
        if (--inbox->count == 0) {
            inbox->first = 0; /* so the places behind are used only when they are needed */
            quiet_reader(inbox);
        }
        if (inbox->count < inbox->most) (void)pthread_cond_signal(&inbox->room);
    }
    (void)pthread_mutex_unlock(&inbox->mutex);
    return any;
}

int inbox_fd(const struct inbox *inbox)
{
    return inbox->fd;
}
