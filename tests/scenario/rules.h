/* rules.h: what holds after everything that happens, in every scenario, whatever its file expects.
 */
#ifndef WG_TESTS_SCENARIO_RULES_H
#define WG_TESTS_SCENARIO_RULES_H

#include "tests/scenario/scene.h"

/* Reads the books anew and compares: counters equal a recount, finished places stay as they are,
 * faults and updates in flight stay within what the budget tolerates and the cap, and who was
 * offered the update was in an open wave, in an open window and within the caps per attribute. */
bool rules_check(struct scene *scene);
/* Every device has ended or has an explanation. */
bool rules_check_end(struct scene *scene);

#endif
