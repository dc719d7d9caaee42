/* gate.h: who may begin to connect, and when: in the order in which they came, so many a second, so
 * many at once. Pure. */
#ifndef WG_TESTS_SIM_FLEET_GATE_H
#define WG_TESTS_SIM_FLEET_GATE_H

#include "common/time.h"

struct gate {
    size_t *queue; /* a ring of room places, owned */
    size_t first, waiting, room;
    double rate; /* a second */
    double allowed;
    wg_time counted; /* allowed is as of then */
    int under_way, most;
};

/* Each of count members may wait once. */
WG_MUST_CHECK bool gate_init(struct gate *gate, size_t count, double rate, int most, wg_time now,
                             struct wg_error *err);
void gate_clear(struct gate *gate);
void gate_add(struct gate *gate, size_t who);
/* The next one that may, now; it is under way then, until gate_done(). */
bool gate_next(struct gate *gate, wg_time now, size_t *who);
void gate_done(struct gate *gate);
/* How long until the next one may, -1: nobody waits, or one of those under way has to end first. */
wg_duration gate_due(const struct gate *gate);

#endif
