/* events.h: the newest changes in memory, read by one thread with a database connection of its own,
 * for any number of streams. After a start the ring holds what the database still has: who comes
 * back with an id of another wavegate-api, or of one that died, goes on behind it. */
#ifndef WG_ORCHESTRATOR_API_EVENTS_H
#define WG_ORCHESTRATOR_API_EVENTS_H

#include "orchestrator/store/change_row.h"

#define EVENTS_RING 16384
#define EVENTS_EVERY ((wg_duration)200) /* at most so often the database is asked */

struct events;

/* conninfo is borrowed. The database may be away, then and later. */
struct events *events_new(const char *conninfo, struct wg_error *err);
void events_stop(struct events *events); /* wakes all streams: they end. NULL is fine */
void events_free(struct events *events); /* no stream is there any more */

enum events_end {
    EVENTS_SOME,
    EVENTS_NONE, /* nothing came until then */
    EVENTS_LOST, /* the place is not known (any more): *after is moved behind the newest */
    EVENTS_STOP
};
/* Copies what came behind *after, at most max, and moves *after behind the last of them. Waits for
 * something until that moment (monotonic). Any thread. */
enum events_end events_next(struct events *events, struct change_place *after,
                            struct change_row *out, size_t max, size_t *count, wg_time until);
/* Behind the newest. Waits some seconds for the database; false: nothing was read yet. */
bool events_newest(struct events *events, struct change_place *out);

/* Streams that are open: counted for the limit and for metrics. False: there are so many already.
 */
bool events_enter(struct events *events, size_t most);
void events_leave(struct events *events);
size_t events_streams(struct events *events);

#endif
