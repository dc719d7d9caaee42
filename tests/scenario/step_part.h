/* step_part.h: what the parts of a step share. Internal to this folder's step*.c. */
#ifndef WG_TESTS_SCENARIO_STEP_PART_H
#define WG_TESTS_SCENARIO_STEP_PART_H

#include "tests/scenario/scene.h"

#define STEP_TEXT_MAX 160

struct acted {
    struct scene *scene;
    const struct yaml_value *map;   /* NULL: the step is a single line */
    const struct yaml_value *value; /* of the word; NULL: none */
    char text[STEP_TEXT_MAX];       /* the value as text; "" none */
    char by[WG_NAME_MAX + 1];       /* "" not said */
    bool refused;                   /* with words in err */
    struct wg_error err;
};

/* What stands beside the word; NULL: nothing. */
const struct yaml_value *step_beside(const struct acted *acted, const char *key);
bool step_read(struct acted *acted, const char *key, char *out, size_t size);

/* ---- things that happen; false: failed, and told; what is refused is marked ---- */

bool step_report(struct acted *acted);
bool step_offline(struct acted *acted);
bool step_late_will(struct acted *acted);
bool step_late_hello(struct acted *acted);
bool step_online(struct acted *acted);
bool step_boot(struct acted *acted);
bool step_hello(struct acted *acted);
bool step_join(struct acted *acted);
bool step_revoke(struct acted *acted);
bool step_delete_device(struct acted *acted);
bool step_orchestrator(struct acted *acted);
bool step_hook(struct acted *acted);
bool step_apply(struct acted *acted);
bool step_revise(struct acted *acted);
bool step_rollback(struct acted *acted);
bool step_retry_failed(struct acted *acted);
bool step_pause(struct acted *acted);
bool step_resume(struct acted *acted);
bool step_abort(struct acted *acted);
bool step_start(struct acted *acted);
bool step_approve(struct acted *acted);
bool step_advance(struct acted *acted);
bool step_hold(struct acted *acted);
bool step_release(struct acted *acted);

#endif
