/* plan.c: file -> model -> target -> counts -> sizes -> waves. */
#include "orchestrator/cli/plan.h"

#include "orchestrator/campaign/partition.h"
#include "orchestrator/cli/campaign_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX ((size_t)CAMPAIGN_LIST_MAX * (WG_NAME_MAX + 3))

/* Device ids need no escaping: wg_name_is_valid has seen them. */
static char *list_text(const struct text_list *list)
{
    struct wg_buf out;
    wg_buf_init(&out, LIST_MAX);
    wg_buf_char(&out, '{');
    for (size_t i = 0; i < list->count; i++)
        wg_buf_printf(&out, "%s\"%s\"", i ? "," : "", list->items[i]);
    wg_buf_char(&out, '}');
    return wg_buf_take(&out);
}

static bool match(struct plan *plan, struct db *db, struct wg_error *err)
{
    const struct campaign *campaign = plan->campaign;
    const char *clauses[TARGET_CLAUSES_MAX], *lists[POLICY_WAVES_MAX] = {0};
    for (size_t i = 0; i < plan->target.clause_count; i++) clauses[i] = plan->target.clauses[i].sql;
    bool ok = true;
    for (size_t i = 0; i < campaign->policy.wave_count && ok; i++)
        if (campaign->waves[i].kind == WAVE_DEVICES)
            ok = (lists[i] = list_text(&campaign->waves[i].devices)) != NULL;
    struct plan_query query = {.clause_count = plan->target.clause_count,
                               .clauses = clauses,
                               .param_count = plan->target.param_count,
                               .params = (const char *const *)plan->target.params,
                               .component = campaign->component,
                               .version = campaign->version,
                               .hardware_model = plan->release.hardware_model,
                               .wave_count = campaign->policy.wave_count,
                               .wave_lists = lists};
    ok = ok ? plan_match(db, &query, &plan->counts, err) : wg_fail_memory(err, "planning");
    for (size_t i = 0; i < POLICY_WAVES_MAX; i++) free((char *)(uintptr_t)lists[i]);
    return ok;
}

static bool divide(struct plan *plan, struct db *db, struct wg_error *err)
{
    const struct campaign *campaign = plan->campaign;
    bool is_list[POLICY_WAVES_MAX] = {false};
    for (size_t i = 0; i < campaign->policy.wave_count; i++)
        is_list[i] = campaign->waves[i].kind == WAVE_DEVICES;
    plan->in_no_wave =
        partition_sizes(campaign, plan->counts.matched, plan->counts.listed, plan->size);
    /* the campaign's name is the seed: canary duty rotates from campaign to campaign */
    return plan_divide(db, campaign->name, campaign->policy.wave_count, is_list, plan->size, err);
}

bool plan_make(struct plan *plan, struct db *db, const char *file, struct wg_error *err)
{
    memset(plan, 0, sizeof *plan);
    wg_buf_init(&plan->text, CAMPAIGN_FILE_MAX);
    plan->campaign = campaign_file_read(file, &plan->text, err);
    return plan->campaign && campaign_digest(plan->campaign, plan->digest, err) &&
           release_row_get(db, plan->campaign->component, plan->campaign->version, &plan->release,
                           err) &&
           target_compile(plan->campaign->target, &plan->target, err) && db_begin(db, err) &&
           match(plan, db, err) && divide(plan, db, err);
}

void plan_clear(struct plan *plan)
{
    target_clear(&plan->target);
    campaign_free(plan->campaign);
    wg_buf_clear(&plan->text);
}

int64_t plan_members(const struct plan *plan)
{
    return plan->counts.matched - plan->in_no_wave;
}

void plan_reason_words(const struct plan *plan, int reason, char out[320])
{
    if (reason >= 0 && (size_t)reason < plan->target.clause_count)
        (void)snprintf(out, 320, "does not match: %s", plan->target.clauses[reason].words);
    else if (reason == PLAN_ON_RELEASE)
        (void)snprintf(out, 320, "runs %s %s already", plan->campaign->component,
                       plan->campaign->version);
    else if (reason == PLAN_INCOMPATIBLE)
        (void)snprintf(out, 320, "the release fits hardware %s alone",
                       plan->release.hardware_model);
    else if (reason == PLAN_REVOKED)
        (void)snprintf(out, 320, "revoked");
    else if (reason == PLAN_OTHER_CAMPAIGN)
        (void)snprintf(out, 320, "has a place in another campaign that is not finished");
    else
        (void)snprintf(out, 320, "matches, but no wave takes it");
}
