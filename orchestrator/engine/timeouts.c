/* timeouts.c: devices that take too long, and devices that went away.
 *
 * Who goes offline before it switches over has done nothing wrong: its slot is given back, before
 * its time-out could count as a fault. Afterwards only its deadline tells. */
#include "orchestrator/engine/look.h"

void look_give_back(struct look *look)
{
    const struct engine_view *view = &look->view;
    if (view_total(view, WG_OFFERED) + view_total(view, WG_ACCEPTED) +
            view_total(view, WG_DOWNLOADING) + view_total(view, WG_INSTALLING) >
        0)
        (void)look_act(look, ENGINE_GIVE_BACK);
}

void look_expire(struct look *look)
{
    const struct policy_timeout *timeout = &look->policy->timeout;
    const struct {
        enum wg_state from, to;
        enum wg_cause cause;
        wg_duration after;
    } rules[] = {
        {WG_OFFERED, WG_WAITING, WG_CAUSE_OFFLINE, timeout->offer},
        {WG_DEFERRED, WG_WAITING, WG_CAUSE_DEFERRED,
         policy_retry_of(&look->policy->retry, WG_CAUSE_DEFERRED).backoff},
        {WG_ACCEPTED, WG_FAILED, WG_CAUSE_TIMEOUT, timeout->download + ENGINE_GRACE},
        {WG_DOWNLOADING, WG_FAILED, WG_CAUSE_TIMEOUT, timeout->download + ENGINE_GRACE},
        {WG_INSTALLING, WG_FAILED, WG_CAUSE_TIMEOUT, timeout->install + ENGINE_GRACE},
        {WG_REBOOTING, WG_SILENT, WG_CAUSE_SILENT, timeout->silent},
        {WG_PROBATION, WG_SILENT, WG_CAUSE_SILENT, timeout->probation + timeout->silent},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (view_total(&look->view, rules[i].from) == 0) continue;
        struct engine_action *action = look_act(look, ENGINE_EXPIRE);
        action->from = rules[i].from;
        action->to = rules[i].to;
        action->cause_class = rules[i].cause;
        action->before = look->now - rules[i].after;
    }
}
