/* agenda.h: what is going to happen, in the order of its time; what falls on the same
 * millisecond happens in the order in which it was written down. The time is the caller's: virtual
 * or real. */
#ifndef WG_TESTS_SIM_AGENDA_H
#define WG_TESTS_SIM_AGENDA_H

#include "common/buf.h"
#include "common/message.h"

struct event;
typedef void (*event_fn)(void *world, const struct event *event);

struct event {
    wg_time at;
    uint64_t turn;
    event_fn run;
    size_t who;     /* of the device, server, campaign.. */
    uint64_t token; /* of the life that asked for it; void in another one */
    int64_t number; /* what it means is run's */
    enum wg_topic topic;
    char *bytes; /* owned; a message */
    size_t len;
};

struct agenda {
    struct event *heap;
    size_t count, room;
    uint64_t turn;
    bool failed; /* out of memory: something is missing in it */
};

void agenda_init(struct agenda *agenda);
void agenda_clear(struct agenda *agenda);
/* Takes over bytes. */
void agenda_add(struct agenda *agenda, const struct event *event);
/* When the next one is; 0: nothing is left. */
wg_time agenda_next(const struct agenda *agenda);
/* Takes the next one out; its bytes are the caller's then. There is one. */
struct event agenda_take(struct agenda *agenda);

#endif
