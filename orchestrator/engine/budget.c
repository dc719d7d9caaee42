/* budget.c: more has failed than is tolerated, in the whole or of one class.
 *
 * It is asked before anything is opened, passed or offered, so in the look in which a wave reaches
 * its success and the budget is exceeded, the budget wins. */
#include "orchestrator/engine/look.h"

struct excess {
    int64_t faults, tolerated;
    const char *class; /* "": the whole */
};

static bool find_excess(const struct policy *policy, const struct engine_view *view,
                        int64_t members, struct excess *out)
{
    int64_t faults = 0, class[WG_CAUSES] = {0};
    for (size_t i = 0; i < view->wave_count; i++) {
        faults += view->waves[i].faults;
        for (int c = 0; c < WG_CAUSES; c++) class[c] += view->waves[i].fault_class[c];
    }
    *out = (struct excess){faults, policy_budget_tolerates(&policy->budget, members), ""};
    if (out->faults > out->tolerated) return true;
    for (int c = 0; c < WG_CAUSES; c++) {
        enum wg_cause cause = (enum wg_cause)c;
        int64_t tolerated = policy_class_tolerates(&policy->budget, cause, members);
        if (tolerated < 0 || class[c] <= tolerated) continue;
        *out = (struct excess){class[c], tolerated, wg_cause_text(cause)};
        return true;
    }
    return false;
}

bool budget_is_exceeded(const struct policy *policy, const struct engine_view *view,
                        char words[ENGINE_CAUSE_MAX])
{
    struct excess excess;
    int64_t members = view_members(view);
    if (!find_excess(policy, view, members, &excess)) return false;
    if (words)
        (void)wg_format(words, ENGINE_CAUSE_MAX,
                        "failure budget exceeded: %lld of %lld devices failed%s%s, %lld tolerated",
                        (long long)excess.faults, (long long)members, excess.class[0] ? " by " : "",
                        excess.class, (long long)excess.tolerated);
    return true;
}

enum engine_stop budget_stop(const struct policy *policy)
{
    return policy->budget.on_exceeded == POLICY_ROLLBACK ? ENGINE_STOP_ROLLBACK : ENGINE_STOP_ABORT;
}

void look_budget(struct look *look)
{
    const struct engine_view *view = &look->view;
    char words[ENGINE_CAUSE_MAX], cause[ENGINE_CAUSE_MAX];
    bool finishes = view->state == CAMPAIGN_STOPPING && view->stop == ENGINE_STOP_FINISH_STARTED;
    if (view->state == CAMPAIGN_STOPPING && !finishes) return;
    if (!budget_is_exceeded(look->policy, view, words)) return;
    /* what has ended cannot be paused any more: what is left of it is withdrawn */
    if (look->policy->budget.on_exceeded != POLICY_PAUSE || finishes) {
        enum engine_stop stop = budget_stop(look->policy);
        (void)wg_format(cause, sizeof cause, "%.200s%s", words,
                        stop == ENGINE_STOP_ROLLBACK ? "; updated devices are sent back" : "");
        look_stop(look, stop, cause);
    } else if (view->state != CAMPAIGN_PAUSED || !view->held) {
        (void)wg_format(cause, sizeof cause, "%.200s; it cannot go on with this budget: abort it",
                        words);
        look_pause(look, true, cause);
    }
}
