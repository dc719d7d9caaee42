/* saved_plan.h: a plan kept in a file, so that what is applied is what was looked at. */
#ifndef WG_ORCHESTRATOR_CLI_SAVED_PLAN_H
#define WG_ORCHESTRATOR_CLI_SAVED_PLAN_H

#include "orchestrator/plan/plan.h"

/* Digest and members of each wave, as JSON; the same plan gives the same bytes. file may be NULL:
 * nothing is written. */
WG_MUST_CHECK bool saved_plan_write(struct db *db, const struct plan *plan, const char *file,
                                    struct wg_error *err);
/* WG_E_CONFLICT when the campaign differs, or more than most_ppm of the members are in another
 * wave, new or gone since. file may be NULL: nothing is checked. */
WG_MUST_CHECK bool saved_plan_check(struct db *db, const struct plan *plan, const char *file,
                                    int64_t most_ppm, struct wg_error *err);

#endif
