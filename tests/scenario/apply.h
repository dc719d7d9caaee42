/* apply.h: campaign files applied, revised and followed up, as the command does. */
#ifndef WG_TESTS_SCENARIO_APPLY_H
#define WG_TESTS_SCENARIO_APPLY_H

#include "tests/scenario/scene.h"

/* A campaign in short form, with "by" (alice when it is not said) and "draft". */
bool apply_new(struct scene *scene, const struct yaml_value *map);
/* The same, with the keys of another map: false with err when the plan is refused. */
bool apply_named(struct scene *scene, const struct yaml_value *map, bool *refused,
                 struct wg_error *err);
/* The campaign's file with other keys. */
bool apply_revised(struct scene *scene, const char *campaign, const struct yaml_value *changes,
                   const char *by, bool *refused, struct wg_error *err);
/* Once more for those that failed. */
bool apply_retry(struct scene *scene, const char *campaign, const char *by, struct wg_error *err);
/* The campaign that sends devices back, and the stop of the one that is rolled back. */
bool apply_rollback(struct scene *scene, const char *campaign, const char *by,
                    struct wg_error *err);

#endif
