/* applying.c: checks what no campaign may start with, and writes the rows. */
#include "orchestrator/plan/applying.h"

#include "orchestrator/engine/engine.h"
#include "orchestrator/plan/revision.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/gate_row.h"

#include <stdlib.h>
#include <string.h>

#define CANONICAL_MAX ((size_t)16 * 1024 * 1024)

void applying_init(struct applying *applying)
{
    memset(applying, 0, sizeof *applying);
    wg_buf_init(&applying->text, CAMPAIGN_FILE_MAX);
    wg_buf_init(&applying->canonical, CANONICAL_MAX);
    wg_buf_init(&applying->changes, CANONICAL_MAX);
}

void applying_clear(struct applying *applying)
{
    wg_buf_clear(&applying->text);
    wg_buf_clear(&applying->canonical);
    wg_buf_clear(&applying->changes);
    free(applying->after);
    free(applying->supersedes);
    plan_clear(&applying->plan);
}

const char *applying_state(const struct applying *applying)
{
    const struct campaign *campaign = applying->plan.campaign;
    enum campaign_state state = CAMPAIGN_RUNNING;
    if (applying->draft)
        state = CAMPAIGN_DRAFT;
    else if (campaign->policy.start.count > 0)
        state = CAMPAIGN_AWAITING_APPROVAL;
    else if (campaign->after.count > 0 || campaign->policy.schedule.start > 0)
        state = CAMPAIGN_SCHEDULED;
    return campaign_state_text(state);
}

/* Pairs of devices that were compared by what a revision asks no more. */
static bool forget_pairs(const struct plan *plan, struct db *db, struct wg_error *err)
{
    const struct policy *before = &plan->before->policy, *now = &plan->campaign->policy;
    bool ok = true;
    for (size_t i = 0; i < plan->query.kept_waves && ok; i++) {
        const struct policy_health *was = &before->gates[i].health, *is = &now->gates[i].health;
        if (strcmp(was->metric, is->metric) != 0 || was->lower_is_worse != is->lower_is_worse)
            ok = gate_row_forget_pairs(db, plan->standing->id, i, err);
    }
    return ok;
}

static bool write_rows(const struct applying *applying, struct db *db, wg_time now,
                       struct wg_error *err)
{
    const struct plan *plan = &applying->plan;
    const struct campaign *campaign = plan->campaign;
    struct campaign_new row = {.name = campaign->name,
                               .digest = plan->digest,
                               .text = wg_buf_str(&applying->text),
                               .canonical = wg_buf_str(&applying->canonical),
                               .component = campaign->component,
                               .version = campaign->version,
                               .seed = campaign->name,
                               .state = plan->standing ? plan->standing->state
                                                       : applying_state(applying),
                               .author = applying->author,
                               .statement = applying->statement,
                               .author_chain = applying->author_chain,
                               .retry_attempts = campaign->policy.retry.attempts,
                               .retry_backoff = campaign->policy.retry.backoff,
                               .priority = campaign->priority,
                               .continuous = campaign->policy.continuous,
                               .after = applying->after,
                               .supersedes = applying->supersedes,
                               .emergency = campaign->policy.emergency.length > 0,
                               .rolls_back = applying->rolls_back,
                               .rollback_version = campaign->rollback,
                               .wave_count = campaign->policy.wave_count};
    int64_t id = 0;
    for (size_t i = 0; i < row.wave_count; i++) row.wave_names[i] = campaign->waves[i].name;
    if (!plan->standing) return plan_insert(db, &row, now, &id, err);
    return plan_revise(db, plan->standing->id, plan->query.kept_waves, &row,
                       wg_buf_str(&applying->changes), now, err) &&
           forget_pairs(plan, db, err);
}

static bool are_there(struct db *db, const struct text_list *names, struct wg_error *err)
{
    for (size_t i = 0; i < names->count; i++) {
        struct campaign_row *row = calloc(1, sizeof *row);
        bool ok =
            row ? campaign_row_get(db, names->items[i], row, err) : wg_fail_memory(err, "applying");
        free(row);
        if (!ok) return false;
    }
    return true;
}

/* A name that is none would let in whom "not: {failed_in: ..}" should keep out. */
static bool named_are_there(struct db *db, const struct selector *selector, struct wg_error *err)
{
    bool names = selector->kind == SELECT_FAILED_IN || selector->kind == SELECT_SUCCEEDED_IN;
    if (names && !are_there(db, &selector->values, err)) return false;
    for (size_t i = 0; i < selector->child_count; i++)
        if (!named_are_there(db, selector->children[i], err)) return false;
    return true;
}

static bool selectors_are_there(struct db *db, const struct campaign *campaign,
                                struct wg_error *err)
{
    bool ok = named_are_there(db, campaign->target, err);
    for (size_t i = 0; i < campaign->policy.wave_count && ok; i++)
        if (campaign->waves[i].select) ok = named_are_there(db, campaign->waves[i].select, err);
    return ok;
}

/* The campaigns that it names are there, and none that it waits for waits for it. */
static bool check_others(struct applying *applying, struct db *db, struct wg_error *err)
{
    const struct campaign *campaign = applying->plan.campaign;
    char culprit[WG_NAME_MAX + 1];
    applying->after = target_array(&campaign->after);
    applying->supersedes = target_array(&campaign->supersedes);
    if (!applying->after || !applying->supersedes) return wg_fail_memory(err, "applying");
    if (!are_there(db, &campaign->after, err) || !are_there(db, &campaign->excludes, err) ||
        !are_there(db, &campaign->supersedes, err) || !selectors_are_there(db, campaign, err) ||
        !campaign_row_waits(db, campaign->name, applying->after, culprit, err))
        return false;
    return !culprit[0] ||
           wg_fail(err, WG_E_CONFLICT, "after: %s waits for %s itself: nothing was stored", culprit,
                   campaign->name);
}

bool applying_check(struct applying *applying, struct db *db, struct wg_error *err)
{
    static const char *const wrong[] = {
        [PLAN_ROLLBACK_MISSING] = "does not exist; publish it with wavegate release add",
        [PLAN_ROLLBACK_UNFIT] = "does not fit the hardware of this release",
        [PLAN_ROLLBACK_NO_PATH] = "cannot be installed over this release, only over ",
        [PLAN_ROLLBACK_FITS] = NULL};
    const struct plan *plan = &applying->plan;
    const struct campaign *campaign = plan->campaign;
    if (plan->unready[0])
        return wg_fail(err, WG_E_CONFLICT, "%s: nothing was stored", plan->unready);
    if (plan_members(plan) == 0 && !campaign->policy.continuous)
        return wg_fail(err, WG_E_CONFLICT,
                       "the campaign hits no device: nothing was stored; see wavegate campaign "
                       "plan");
    if (wrong[plan->rollback])
        return wg_fail(err, WG_E_CONFLICT, "rollback_to: release %s/%s %s%s: nothing was stored",
                       campaign->component, campaign->rollback, wrong[plan->rollback],
                       plan->rollback == PLAN_ROLLBACK_NO_PATH ? plan->rollback_from : "");
    if (plan->rollback_unsigned[0])
        return wg_fail(err, WG_E_CONFLICT, "rollback_to: release %s/%s: %s: nothing was stored",
                       campaign->component, campaign->rollback, plan->rollback_unsigned);
    return check_others(applying, db, err);
}

bool applying_store(struct applying *applying, struct db *db, wg_time now, struct wg_error *err)
{
    return campaign_canonical(applying->plan.campaign, &applying->canonical, err) &&
           (!applying->plan.standing ||
            revision_changes(&applying->plan, &applying->changes, err)) &&
           write_rows(applying, db, now, err) && db_commit(db, err) && audit_row_settle(db, err);
}
