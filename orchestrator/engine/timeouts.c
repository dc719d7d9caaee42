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

/* A rule with how long a device may be in the state. */
struct rule {
    struct engine_expiry expiry;
    wg_duration after;
};

/* Only for states that somebody is in. */
static void expire(struct look *look, const struct rule *rules, size_t count, wg_duration shortest)
{
    struct engine_action *action = NULL;
    for (size_t i = 0; i < count; i++) {
        if (view_total(&look->view, rules[i].expiry.from) == 0) continue;
        if (!action) action = look_act(look, ENGINE_EXPIRE);
        struct engine_expiry *expiry = &action->expiries[action->expiry_count++];
        *expiry = rules[i].expiry;
        expiry->before = look->now - rules[i].after;
    }
    if (action) action->checked = look->now - shortest;
}

void look_expire(struct look *look)
{
    const struct policy_timeout *timeout = &look->policy->timeout;
    const struct rule rules[ENGINE_EXPIRIES_MAX] = {
        {{WG_OFFERED, WG_WAITING, WG_CAUSE_OFFLINE, 0}, timeout->offer},
        {{WG_DEFERRED, WG_WAITING, WG_CAUSE_DEFERRED, 0},
         policy_retry_of(&look->policy->retry, WG_CAUSE_DEFERRED).backoff},
        {{WG_ACCEPTED, WG_FAILED, WG_CAUSE_TIMEOUT, 0}, timeout->download + ENGINE_GRACE},
        {{WG_DOWNLOADING, WG_FAILED, WG_CAUSE_TIMEOUT, 0}, timeout->download + ENGINE_GRACE},
        {{WG_INSTALLING, WG_FAILED, WG_CAUSE_TIMEOUT, 0}, timeout->install + ENGINE_GRACE},
        {{WG_REBOOTING, WG_SILENT, WG_CAUSE_SILENT, 0}, timeout->silent},
        {{WG_PROBATION, WG_SILENT, WG_CAUSE_SILENT, 0}, timeout->probation + timeout->silent},
    };
    /* a device may come into any of these states as soon as it has been looked at */
    wg_duration shortest = timeout->download + ENGINE_GRACE;
    for (size_t i = 0; i < ENGINE_EXPIRIES_MAX; i++)
        if (wg_state_goes_on(rules[i].expiry.from) && rules[i].after < shortest)
            shortest = rules[i].after;
    expire(look, rules, ENGINE_EXPIRIES_MAX, shortest);
}
