/* saved_plan.h: a plan kept in a file, so that what is applied is what was looked at. */
#ifndef WG_ORCHESTRATOR_CLI_SAVED_PLAN_H
#define WG_ORCHESTRATOR_CLI_SAVED_PLAN_H

#include "common/json.h"

#include <stdint.h>

/* plan: the API's, with member_ids. Digest and members of each wave, as JSON; the same plan gives
 * the same bytes. */
WG_MUST_CHECK bool saved_plan_write(const json_t *plan, const char *file, struct wg_error *err);
/* WG_E_CONFLICT when the campaign differs, or more than most_ppm of the members are in another
 * wave, new or gone since. */
WG_MUST_CHECK bool saved_plan_check(const json_t *plan, const char *file, int64_t most_ppm,
                                    struct wg_error *err);

#endif
