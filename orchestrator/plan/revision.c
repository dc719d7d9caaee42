/* revision.c: the past stays as it was. */
#include "orchestrator/plan/revision.h"

#include "orchestrator/campaign/campaign_diff.h"
#include "orchestrator/engine/engine.h"

#include <string.h>

#define CHANGES_MAX ((size_t)256 * 1024)

static void check_release(const struct plan *plan, struct wg_buf *out)
{
    const struct campaign *now = plan->campaign, *before = plan->before;
    if (strcmp(now->component, before->component) != 0 ||
        strcmp(now->version, before->version) != 0)
        wg_buf_printf(out, "\n  release: it rolls out %s/%s, and cannot turn to %s/%s",
                      before->component, before->version, now->component, now->version);
}

static bool has_begun(const struct campaign_row *row)
{
    static const enum campaign_state before[] = {CAMPAIGN_DRAFT, CAMPAIGN_AWAITING_APPROVAL,
                                                 CAMPAIGN_SCHEDULED};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        if (strcmp(row->state, campaign_state_text(before[i])) == 0) return false;
    return true;
}

/* What has started cannot come to wait; what has not may not wait for itself. */
static void check_after(const struct plan *plan, struct wg_buf *out)
{
    const struct text_list *now = &plan->campaign->after, *before = &plan->before->after;
    if (!has_begun(plan->standing)) return;
    for (size_t i = 0; i < now->count; i++) {
        bool was = false;
        for (size_t k = 0; k < before->count; k++)
            was = was || strcmp(now->items[i], before->items[k]) == 0;
        if (!was)
            wg_buf_printf(out, "\n  after: it has started and cannot come to wait for %s",
                          now->items[i]);
    }
}

/* What people agreed to start was no emergency, or not that one. */
static void check_emergency(const struct plan *plan, struct wg_buf *out)
{
    const struct policy_emergency *now = &plan->campaign->policy.emergency;
    const struct policy_emergency *before = &plan->before->policy.emergency;
    enum campaign_state state;
    bool same = now->length == before->length && strcmp(now->reason, before->reason) == 0;
    if (now->length == 0 || same || !campaign_state_parse(plan->standing->state, &state) ||
        state == CAMPAIGN_DRAFT || state == CAMPAIGN_AWAITING_APPROVAL)
        return;
    wg_buf_printf(out, "\n  emergency: it was approved as it is, and cannot become %s",
                  before->length ? "another one" : "one");
}

static void check_waves(const struct plan *plan, struct wg_buf *out)
{
    size_t kept = plan_kept_waves(plan);
    for (size_t i = 0; i < kept; i++) {
        const struct wave_row *row = &plan->standing->waves[i];
        if (i >= plan->campaign->policy.wave_count)
            wg_buf_printf(out, "\n  wave %s: it is %s and cannot be taken away", row->name,
                          row->state);
        else if (!campaign_wave_same_members(plan->before, plan->campaign, i))
            wg_buf_printf(out, "\n  wave %s: it is %s, and its members cannot change", row->name,
                          row->state);
        else if (strcmp(row->state, "passed") == 0 &&
                 !campaign_wave_same_gate(plan->before, plan->campaign, i))
            wg_buf_printf(out, "\n  wave %s: its gate has been passed and cannot change",
                          row->name);
    }
}

bool revision_check(const struct plan *plan, struct wg_error *err)
{
    const struct campaign_row *row = plan->standing;
    enum campaign_state state;
    struct wg_buf out;
    if (campaign_state_parse(row->state, &state) &&
        (campaign_state_is_final(state) || state == CAMPAIGN_STOPPING))
        return wg_fail(err, WG_E_CONFLICT,
                       "campaign %s is %s and cannot be revised: give this one another name",
                       row->name, row->state);
    wg_buf_init(&out, CHANGES_MAX);
    check_release(plan, &out);
    check_after(plan, &out);
    check_emergency(plan, &out);
    check_waves(plan, &out);
    bool ok =
        out.len == 0 || wg_fail(err, WG_E_CONFLICT, "this would rewrite the past of campaign %s:%s",
                                row->name, wg_buf_str(&out));
    wg_buf_clear(&out);
    return ok;
}

bool revision_changes(const struct plan *plan, struct wg_buf *out, struct wg_error *err)
{
    return campaign_diff(plan->before, plan->campaign, out, err);
}
