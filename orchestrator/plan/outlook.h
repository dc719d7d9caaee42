/* outlook.h: how soon a campaign can be through at best. Pure. */
#ifndef WG_ORCHESTRATOR_PLAN_OUTLOOK_H
#define WG_ORCHESTRATOR_PLAN_OUTLOOK_H

#include "orchestrator/engine/policy.h"

/* From its start to its last gate: every device online at once and every update as long as usual,
 * at the pace and rate that it allows, in the share of the week in which its windows are open, with
 * every soak. Caps per attribute and people are not in it. size: devices of each wave. */
wg_duration outlook_shortest(const struct policy *policy, const int64_t *size,
                             wg_duration typical_update);
/* When the first device can be offered it, of a campaign applied at now: the schedule's start, and
 * the opening of windows in a named zone (tz; NULL is UTC). */
wg_time outlook_start(const struct policy *policy, const struct wg_tz *tz, wg_time now);
/* When it ends by itself, finished or not, of one that starts then: schedule and emergency; 0:
 * never. */
wg_time outlook_cut(const struct policy *policy, wg_time start);

#endif
