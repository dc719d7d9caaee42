/* sessions.h: many MQTT sessions over mutual TLS in one thread: libmosquitto, driven by an epoll
 * loop of our own. All have the same certificate: the broker must let it speak for every device. */
#ifndef WG_TESTS_BENCH_LOAD_SESSIONS_H
#define WG_TESTS_BENCH_LOAD_SESSIONS_H

#include "common/args.h"
#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

struct sessions;

/* Where the broker is, and as whom to come: what every verb has. */
extern const struct flag session_flags[];

struct session_events {
    void *ctx;
    void (*message)(void *ctx, size_t session, const char *topic, const char *payload, size_t len);
    void (*sent)(void *ctx, size_t session); /* the broker has acknowledged a message */
};

/* Connects all of them and waits until the broker has taken each; NULL when one was refused. */
struct sessions *sessions_open(const struct args *args, size_t count,
                               const struct session_events *events, struct wg_error *err);
void sessions_close(struct sessions *sessions); /* may be NULL */

/* QoS 1. Waits until the broker has granted all of them. */
WG_MUST_CHECK bool sessions_subscribe(struct sessions *sessions, size_t session,
                                      const char *const *filters, size_t count,
                                      struct wg_error *err);
/* QoS 1. */
WG_MUST_CHECK bool sessions_publish(struct sessions *sessions, size_t session, const char *topic,
                                    const void *payload, size_t len, struct wg_error *err);
/* QoS 0. */
WG_MUST_CHECK bool sessions_tell(struct sessions *sessions, size_t session, const char *topic,
                                 const void *payload, size_t len, struct wg_error *err);
/* Reads and writes what can be; waits for it that long at most. False: a session has ended. */
WG_MUST_CHECK bool sessions_step(struct sessions *sessions, int timeout_ms, struct wg_error *err);

int64_t load_clock(void); /* nanoseconds that never go back */

#endif
