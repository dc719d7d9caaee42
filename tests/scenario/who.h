/* who.h: which devices a step is about. */
#ifndef WG_TESTS_SCENARIO_WHO_H
#define WG_TESTS_SCENARIO_WHO_H

#include "tests/scenario/scene.h"

/* "all", "d3", "d0..d5", "offered", "2 of waiting offline" (in the order in which they are offered
 * the update), or a list of these. campaign: in which they have that state; "" any. Each device
 * once. */
struct who {
    size_t count;
    struct machine *machines[FLEET_MAX];
};
bool who_read(struct scene *scene, const struct yaml_value *at, const char *campaign,
              struct who *out);

#endif
