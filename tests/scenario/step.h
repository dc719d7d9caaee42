/* step.h: one step of a scenario: something happens, then what is expected is compared. */
#ifndef WG_TESTS_SCENARIO_STEP_H
#define WG_TESTS_SCENARIO_STEP_H

#include "tests/scenario/scene.h"

bool step_run(struct scene *scene, const struct yaml_value *step);

#endif
