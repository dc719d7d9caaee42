/* excess.c: the sums of the failure budget. */
#include "orchestrator/status/excess.h"

static int64_t faults_of(const struct engine_view *view, enum wg_cause class)
{
    int64_t sum = 0;
    for (size_t i = 0; i < view->wave_count; i++)
        sum += class == WG_CAUSE_NONE ? view->waves[i].faults : view->waves[i].fault_class[class];
    return sum;
}

bool excess_of(const struct policy *policy, const struct engine_view *view, struct excess *out)
{
    int64_t members = 0;
    for (size_t i = 0; i < view->wave_count; i++) members += view->waves[i].members;
    for (int i = 0; i < WG_CAUSES; i++) {
        enum wg_cause class = (enum wg_cause)i;
        int64_t tolerated = class == WG_CAUSE_NONE
                                ? policy_budget_tolerates(&policy->budget, members)
                                : policy_class_tolerates(&policy->budget, class, members);
        *out = (struct excess){faults_of(view, class), members, tolerated, class};
        if (tolerated >= 0 && out->faults > tolerated) return true;
    }
    return false;
}

void excess_words(const struct excess *excess, char out[ENGINE_CAUSE_MAX])
{
    (void)wg_format(out, ENGINE_CAUSE_MAX, "%lld of %lld devices failed%s%s, %lld tolerated",
                    (long long)excess->faults, (long long)excess->members,
                    excess->class == WG_CAUSE_NONE ? "" : " by ", wg_cause_text(excess->class),
                    (long long)excess->tolerated);
}
