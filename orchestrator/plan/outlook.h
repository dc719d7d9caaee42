/* outlook.h: how soon a campaign can be through at best. Pure. */
#ifndef WG_ORCHESTRATOR_PLAN_OUTLOOK_H
#define WG_ORCHESTRATOR_PLAN_OUTLOOK_H

#include "orchestrator/engine/policy.h"

/* When devices were last seen: those away at most so long, the next as those before. */
enum outlook_seen {
    OUTLOOK_ONLINE,
    OUTLOOK_HOUR, /* away; within the last hour */
    OUTLOOK_DAY,
    OUTLOOK_WEEK,
    OUTLOOK_LONGER, /* ago, or never */
    OUTLOOK_SEEN
};

struct outlook_wave {
    int64_t devices;
    int64_t seen[OUTLOOK_SEEN]; /* of them, by when they were last seen */
    int64_t
        crowd[POLICY_PER_MAX]; /* of them, the most that share one value of a capped attribute */
};

/* From its start to its last gate: every device online at once and every update as long as usual,
 * at the pace and rate that it allows, within its caps per attribute, in the share of the week in
 * which its windows are open, with every soak. People are not in it, nor are other campaigns that
 * its caps count too. waves: as many as in the policy. */
wg_duration outlook_shortest(const struct policy *policy, const struct outlook_wave *waves,
                             wg_duration typical_update);
/* The same when devices that are away now come back within as long as they have been away: an hour,
 * a day, 7 days. A gate waits for as many as its sample asks for, the end for everybody. Who was
 * not seen for longer counts as back after 7 days: nothing is known of them. lead: from now, when
 * they were counted, to its start. */
wg_duration outlook_expected(const struct policy *policy, const struct outlook_wave *waves,
                             wg_duration typical_update, wg_duration lead);
/* Updates one after the other that a crowd needs under a cap of so many at once. */
int64_t outlook_rounds(int64_t crowd, int64_t most);
/* When the first device can be offered it, of a campaign applied at now: the schedule's start, and
 * the opening of windows in a named zone (tz; NULL is UTC). */
wg_time outlook_start(const struct policy *policy, const struct wg_tz *tz, wg_time now);
/* When it ends by itself, finished or not, of one that starts then: schedule and emergency; 0:
 * never. */
wg_time outlook_cut(const struct policy *policy, wg_time start);

#endif
