/* events.c: a ring under a lock, filled by a thread, awaited by many. */
#include "orchestrator/api/events.h"

#include "common/log.h"
#include "common/posix/file.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define QUIET ((wg_duration)500) /* between two looks when nobody notifies */
#define AWAY WG_SECOND           /* between two tries to reach the database */
#define CATCH_UP (3 * WG_SECOND) /* for an id that another process has told first */
#define PAGE 4096

struct events {
    const char *conninfo;
    struct db *db; /* the thread's */
    pthread_t thread;
    bool running;
    int wake; /* eventfd: the end */
    pthread_mutex_t lock;
    pthread_cond_t grown;
    bool stop, read;                 /* read: the ring holds what the database has */
    struct change_place floor, last; /* all that came behind floor is there, up to last */
    size_t first, count;
    atomic_size_t streams;
    struct change_row page[PAGE]; /* the thread's */
    struct change_row rows[EVENTS_RING];
};

static struct change_row *row_at(struct events *events, size_t index)
{
    return &events->rows[(events->first + index) % EVENTS_RING];
}

static void push(struct events *events, const struct change_row *row)
{
    if (events->count == EVENTS_RING) {
        events->floor = row_at(events, 0)->place;
        events->first = (events->first + 1) % EVENTS_RING;
        events->count--;
    }
    *row_at(events, events->count++) = *row;
    events->last = row->place;
}

static void push_all(struct events *events, const struct change_row *rows, size_t count)
{
    if (count == 0) return;
    (void)pthread_mutex_lock(&events->lock);
    for (size_t i = 0; i < count; i++) push(events, &rows[i]);
    (void)pthread_cond_broadcast(&events->grown);
    (void)pthread_mutex_unlock(&events->lock);
}

/* From the beginning: what was in the ring may not be what the database has now. */
static bool fill(struct events *events, struct wg_error *err)
{
    size_t count = 0;
    struct change_row *rows = calloc(EVENTS_RING, sizeof *rows);
    if (!rows) return wg_fail_memory(err, "events");
    bool ok = change_row_newest(events->db, EVENTS_RING, rows, &count, err);
    if (ok) {
        (void)pthread_mutex_lock(&events->lock);
        events->count = events->first = 0;
        events->floor = events->last = count ? rows[0].place : (struct change_place){0};
        for (size_t i = 0; i < count; i++) push(events, &rows[i]);
        events->read = true;
        (void)pthread_cond_broadcast(&events->grown);
        (void)pthread_mutex_unlock(&events->lock);
    }
    free(rows);
    return ok;
}

static bool connect_database(struct events *events, struct wg_error *err)
{
    if (events->db && db_is_up(events->db)) return true;
    if (!events->db)
        events->db = db_open(events->conninfo, "wavegate-api events", err);
    else if (!db_reconnect(events->db, err))
        return false;
    return events->db && db_listen(events->db, err) && fill(events, err);
}

static bool read_on(struct events *events, struct wg_error *err)
{
    size_t count = PAGE;
    bool notified, ok = connect_database(events, err) && db_drain(events->db, &notified, err);
    while (ok && count == PAGE) {
        ok = change_row_page(events->db, events->last, PAGE, events->page, &count, err);
        if (ok) push_all(events, events->page, count);
    }
    return ok;
}

static bool stops(struct events *events)
{
    (void)pthread_mutex_lock(&events->lock);
    bool stop = events->stop;
    (void)pthread_mutex_unlock(&events->lock);
    return stop;
}

/* Until somebody notifies, but not at once again. */
static void pause_between(struct events *events, bool up)
{
    struct pollfd set[] = {{.fd = events->wake, .events = POLLIN},
                           {.fd = up ? db_fd(events->db) : -1, .events = POLLIN}};
    if (poll(set, 1, (int)(up ? EVENTS_EVERY : AWAY)) == 0 && up)
        (void)poll(set, 2, (int)(QUIET - EVENTS_EVERY));
}

static void *run(void *ctx)
{
    struct events *events = ctx;
    bool was_up = true;
    while (!stops(events)) {
        struct wg_error err = {0};
        bool up = read_on(events, &err);
        if (!up && was_up) wg_log_error("events", &err);
        /* a statement that failed on a live connection: everything anew */
        if (!up && events->db && db_is_up(events->db)) {
            db_close(events->db);
            events->db = NULL;
        }
        was_up = up;
        pause_between(events, up);
    }
    return NULL;
}

static void init_locks(struct events *events)
{
    pthread_condattr_t steady;
    (void)pthread_mutex_init(&events->lock, NULL);
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&events->grown, &steady);
    (void)pthread_condattr_destroy(&steady);
}

struct events *events_new(const char *conninfo, struct wg_error *err)
{
    struct events *events = calloc(1, sizeof *events);
    if (!events) {
        (void)wg_fail_memory(err, "events");
        return NULL;
    }
    events->conninfo = conninfo;
    init_locks(events);
    events->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    events->running = events->wake >= 0 && pthread_create(&events->thread, NULL, run, events) == 0;
    if (events->running) return events;
    (void)wg_fail_errno(err, "events");
    events_free(events);
    return NULL;
}

void events_stop(struct events *events)
{
    const uint64_t one = 1;
    if (!events) return;
    (void)pthread_mutex_lock(&events->lock);
    events->stop = true;
    (void)pthread_cond_broadcast(&events->grown);
    (void)pthread_mutex_unlock(&events->lock);
    if (events->wake >= 0 && write(events->wake, &one, sizeof one) < 0) return;
}

void events_free(struct events *events)
{
    if (!events) return;
    events_stop(events);
    if (events->running) (void)pthread_join(events->thread, NULL);
    db_close(events->db);
    if (events->wake >= 0) (void)close(events->wake);
    (void)pthread_cond_destroy(&events->grown);
    (void)pthread_mutex_destroy(&events->lock);
    free(events);
}

/* The first row behind the place. */
static size_t find(struct events *events, struct change_place after)
{
    size_t low = 0, high = events->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (change_place_compare(row_at(events, middle)->place, after) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool wait_until(struct events *events, wg_time until)
{
    struct timespec at = {.tv_sec = until / WG_SECOND,
                          .tv_nsec = (long)(until % WG_SECOND) * 1000000};
    return pthread_cond_timedwait(&events->grown, &events->lock, &at) == 0;
}

enum events_end events_next(struct events *events, struct change_place *after,
                            struct change_row *out, size_t max, size_t *count, wg_time until)
{
    const wg_time known_until = wg_monotonic() + CATCH_UP;
    enum events_end end = EVENTS_NONE;
    *count = 0;
    (void)pthread_mutex_lock(&events->lock);
    while (end == EVENTS_NONE) {
        const int ahead = change_place_compare(*after, events->last);
        if (events->stop) {
            end = EVENTS_STOP;
        } else if (events->read && (change_place_compare(*after, events->floor) < 0 ||
                                    (ahead > 0 && wg_monotonic() >= known_until))) {
            end = EVENTS_LOST;
        } else if (events->read && ahead < 0) {
            for (size_t i = find(events, *after); i < events->count && *count < max; i++)
                out[(*count)++] = *row_at(events, i);
            *after = out[*count - 1].place;
            end = EVENTS_SOME;
        } else if (!wait_until(events, events->read && ahead > 0 ? known_until : until) &&
                   wg_monotonic() >= until) {
            break;
        }
    }
    if (end == EVENTS_LOST) *after = events->last;
    (void)pthread_mutex_unlock(&events->lock);
    return end;
}

bool events_newest(struct events *events, struct change_place *out)
{
    const wg_time until = wg_monotonic() + CATCH_UP;
    (void)pthread_mutex_lock(&events->lock);
    while (!events->read && !events->stop && wg_monotonic() < until)
        (void)wait_until(events, until);
    bool read = events->read;
    *out = events->last;
    (void)pthread_mutex_unlock(&events->lock);
    return read;
}

bool events_enter(struct events *events, size_t most)
{
    if (atomic_fetch_add(&events->streams, 1) < most) return true;
    events_leave(events);
    return false;
}

void events_leave(struct events *events)
{
    (void)atomic_fetch_sub(&events->streams, 1);
}

size_t events_streams(struct events *events)
{
    return atomic_load(&events->streams);
}
