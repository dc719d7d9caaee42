/* rule.c: when which rule is held against what. */
#include "tests/sim/run/rule.h"

#include "tests/sim/run/sim.h"

#include <stdarg.h>
#include <string.h>

#define LOST_EVERY 400 /* steps between two looks for acknowledged reports */

void rule_broken(struct sim *sim, int rule, const char *who, const char *other, const char *format,
                 ...)
{
    struct rule_break *broken = &sim->broken;
    va_list args;
    if (broken->rule) return;
    broken->rule = rule;
    broken->step = sim->step;
    broken->at = sim->now;
    (void)wg_copy(broken->who, sizeof broken->who, who ? who : "");
    (void)wg_copy(broken->other, sizeof broken->other, other ? other : "");
    va_start(args, format);
    (void)wg_format_args(broken->words, sizeof broken->words, format, args);
    va_end(args);
    sim_tell(sim, who ? who : "rule", "BREAKS RULE %d: %s", rule, broken->words);
}

/* In hand now, and was not, or by another attempt. */
bool rule_was_offered(const struct mirror_change *change, const struct mirror_place *now)
{
    const struct mirror_place *before = &change->before;
    bool held =
        before->there && (wg_state_is_in_flight(before->state) || before->state == WG_DEFERRED);
    return now->there && wg_state_is_in_flight(now->state) &&
           (!held || before->attempt != now->attempt);
}

void rules_look(struct sim *sim)
{
    sim->rules.checked++;
    if (sim->mirror.change_count > 0) sim->moved_at = sim->now;
    rule_renewed(sim);
    rule_books(sim);
    rule_harm(sim);
    rule_harm_true(sim);
    rule_gate(sim);
    rule_target(sim);
}

void rules_step(struct sim *sim)
{
    if (sim->rules.acted) rule_harm_true(sim);
    sim->rules.acted = false;
    if (sim->rules.forgotten && sim->step % LOST_EVERY == 0) rule_lost(sim);
}

void rules_hook_said(struct sim *sim, int64_t campaign, size_t wave, const char *verdict)
{
    for (size_t c = 0; c < sim->mirror.campaign_count; c++)
        if (sim->mirror.campaigns[c].id == campaign && wave < MIRROR_WAVES_MAX)
            sim->rules.hook_passed[c][wave] = strcmp(verdict, "pass") == 0;
    sim_tell(sim, "hook", "says %s", verdict);
}

void rules_approved(struct sim *sim, const struct rule_approval *approval)
{
    struct rules *rules = &sim->rules;
    if (rules->approval_count == RULE_APPROVALS_MAX) {
        sim_fail(sim, "more approvals than the simulation can hold");
        return;
    }
    rules->approvals[rules->approval_count++] = *approval;
}
