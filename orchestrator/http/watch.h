/* watch.h: connections that keep the server waiting, and their end. A connection gets so long
 * (patience) to bring a whole request; while it is sent to, it must take so many bytes in each such
 * span. Bytes that trickle do not prolong it. */
#ifndef WG_ORCHESTRATOR_HTTP_WATCH_H
#define WG_ORCHESTRATOR_HTTP_WATCH_H

#include "common/time.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct watched {
    struct watched *next, *before;
    int fd;
    bool sending, resting, cut;
    wg_time since;         /* of the present span, monotonic */
    atomic_llong progress; /* bytes in it */
};

struct watch;

struct watch *watch_new(wg_duration patience, int64_t slowest, struct wg_error *err);
void watch_free(struct watch *watch); /* nothing is watched any more */
/* The descriptor must stay open until watch_leave() has returned. */
void watch_enter(struct watch *watch, struct watched *one, int fd);
void watch_leave(struct watch *watch, struct watched *one);
void watch_turn(struct watch *watch, struct watched *one, bool sending); /* a new span begins */
/* It is our turn: nothing is asked of the other end until watch_turn(). */
void watch_rest(struct watch *watch, struct watched *one);
void watch_progress(struct watched *one, size_t bytes);
/* Shuts down what took too long; how many. */
size_t watch_look(struct watch *watch, wg_time now);

#endif
