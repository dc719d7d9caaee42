/* gate.c: a queue behind a bucket. */
#include "tests/sim/fleet/gate.h"

#include <math.h>
#include <stdlib.h>

#define BURST 0.05 /* seconds of the rate that may come at once */

bool gate_init(struct gate *gate, size_t count, double rate, int most, wg_time now,
               struct wg_error *err)
{
    *gate = (struct gate){.room = count, .rate = rate, .most = most, .counted = now, .allowed = 1};
    gate->queue = calloc(count, sizeof *gate->queue);
    return gate->queue || wg_fail_memory(err, "a queue");
}

void gate_clear(struct gate *gate)
{
    free(gate->queue);
    gate->queue = NULL;
}

void gate_add(struct gate *gate, size_t who)
{
    gate->queue[(gate->first + gate->waiting++) % gate->room] = who;
}

static void refill(struct gate *gate, wg_time now)
{
    double burst = gate->rate * BURST > 1 ? gate->rate * BURST : 1;
    gate->allowed += gate->rate * (double)(now - gate->counted) / (double)WG_SECOND;
    if (gate->allowed > burst) gate->allowed = burst;
    gate->counted = now;
}

bool gate_next(struct gate *gate, wg_time now, size_t *who)
{
    refill(gate, now);
    if (gate->waiting == 0 || gate->under_way >= gate->most || gate->allowed < 1) return false;
    *who = gate->queue[gate->first];
    gate->first = (gate->first + 1) % gate->room;
    gate->waiting--;
    gate->allowed -= 1;
    gate->under_way++;
    return true;
}

void gate_done(struct gate *gate)
{
    gate->under_way--;
}

wg_duration gate_due(const struct gate *gate)
{
    if (gate->waiting == 0 || gate->under_way >= gate->most) return -1;
    if (gate->allowed >= 1) return 0;
    return (wg_duration)ceil((1 - gate->allowed) * (double)WG_SECOND / gate->rate);
}
