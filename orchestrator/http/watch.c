/* watch.c: a list under a lock. Only shutdown(2) is called here: the connection's owner sees its
 * end, cleans up and closes. */
#include "orchestrator/http/watch.h"

#include "common/posix/file.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

struct watch {
    pthread_mutex_t mutex;
    struct watched *first;
    wg_duration patience;
    int64_t slowest; /* bytes a second */
};

struct watch *watch_new(wg_duration patience, int64_t slowest, struct wg_error *err)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch || pthread_mutex_init(&watch->mutex, NULL) != 0) {
        free(watch);
        (void)wg_fail_memory(err, "watching connections");
        return NULL;
    }
    watch->patience = patience;
    watch->slowest = slowest;
    return watch;
}

void watch_free(struct watch *watch)
{
    if (!watch) return;
    (void)pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

void watch_enter(struct watch *watch, struct watched *one, int fd)
{
    one->fd = fd;
    one->since = wg_monotonic();
    atomic_init(&one->progress, 0);
    (void)pthread_mutex_lock(&watch->mutex);
    one->next = watch->first;
    if (one->next) one->next->before = one;
    watch->first = one;
    (void)pthread_mutex_unlock(&watch->mutex);
}

void watch_leave(struct watch *watch, struct watched *one)
{
    (void)pthread_mutex_lock(&watch->mutex);
    if (one->before)
        one->before->next = one->next;
    else
        watch->first = one->next;
    if (one->next) one->next->before = one->before;
    (void)pthread_mutex_unlock(&watch->mutex);
}

void watch_turn(struct watch *watch, struct watched *one, bool sending)
{
    (void)pthread_mutex_lock(&watch->mutex);
    one->sending = sending;
    one->resting = false;
    one->since = wg_monotonic();
    atomic_store(&one->progress, 0);
    (void)pthread_mutex_unlock(&watch->mutex);
}

void watch_rest(struct watch *watch, struct watched *one)
{
    (void)pthread_mutex_lock(&watch->mutex);
    one->resting = true;
    (void)pthread_mutex_unlock(&watch->mutex);
}

void watch_progress(struct watched *one, size_t bytes)
{
    (void)atomic_fetch_add(&one->progress, (long long)bytes);
}

/* True: it goes on, with a new span. */
static bool was_quick(const struct watch *watch, struct watched *one, wg_time now)
{
    if (!one->sending) return false;
    int64_t wanted = watch->slowest * (now - one->since) / WG_SECOND;
    if (atomic_exchange(&one->progress, 0) < wanted) return false;
    one->since = now;
    return true;
}

size_t watch_look(struct watch *watch, wg_time now)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&watch->mutex);
    for (struct watched *one = watch->first; one; one = one->next) {
        if (one->cut || one->resting || now - one->since < watch->patience ||
            was_quick(watch, one, now))
            continue;
        one->cut = true;
        (void)shutdown(one->fd, SHUT_RDWR);
        count++;
    }
    (void)pthread_mutex_unlock(&watch->mutex);
    return count;
}
