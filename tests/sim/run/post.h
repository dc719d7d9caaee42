/* post.h: the brokers and all that lies between them and the two sides: messages are lost, doubled,
 * late and out of order, sessions break, Last Wills come when they come. */
#ifndef WG_TESTS_SIM_RUN_POST_H
#define WG_TESTS_SIM_RUN_POST_H

#include "tests/sim/agenda.h"
#include "tests/sim/run/machine.h"

struct post {
    bool away[SETUP_BROKERS_MAX];
    /* messages of each device: that reached a broker, sent up, sent down, noise, wills */
    uint64_t shared[SETUP_DEVICES_MAX], up[SETUP_DEVICES_MAX], down[SETUP_DEVICES_MAX],
        noise[SETUP_DEVICES_MAX], wills[SETUP_DEVICES_MAX];
    int64_t carried;
};

void post_plan(struct sim *sim); /* the brokers' own troubles */
void post_mend(struct sim *sim);
bool post_is_up(const struct sim *sim, size_t broker);
bool post_any_up(const struct sim *sim);
/* A device says something, if it has a session. */
void post_up(struct sim *sim, struct machine *machine, enum wg_topic topic, const char *bytes,
             size_t len);
/* Its broker says that it is gone; late perhaps. */
void post_will(struct sim *sim, struct machine *machine);
/* An orchestrator says something to a device; false: no broker takes it. */
bool post_down(struct sim *sim, const char *topic, const void *payload, size_t len);

#endif
