/* expect.h: what a step says should be found; all of it is compared, not only up to the first that
 * differs. */
#ifndef WG_TESTS_SCENARIO_EXPECT_H
#define WG_TESTS_SCENARIO_EXPECT_H

#include "tests/scenario/scene.h"

/* step: the map that the expectations stand in; it may name the campaign. */
bool expect_check(struct scene *scene, const struct yaml_value *map, const struct yaml_value *step);

#endif
