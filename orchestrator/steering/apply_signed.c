/* apply_signed.c: plan, check, signature and rows in one transaction. */
#include "orchestrator/steering/apply_signed.h"

#include "orchestrator/engine/engine.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define ATTEMPTS 10

/* Devices that come to match later join the last wave. */
static void say_sizes(const struct plan *plan, struct statement *say)
{
    const struct policy *policy = &plan->campaign->policy;
    say->wave_count = policy->wave_count;
    for (size_t i = 0; i < policy->wave_count; i++) {
        bool open = policy->continuous && i + 1 == policy->wave_count;
        (void)wg_copy(say->waves[i].name, sizeof say->waves[i].name, plan->campaign->waves[i].name);
        say->waves[i].devices = open ? -1 : plan->size[i];
    }
}

void apply_statement(const struct plan *plan, struct statement *out)
{
    *out = (struct statement){.kind = STATEMENT_APPLY};
    statement_about(plan->campaign, out);
    say_sizes(plan, out);
    (void)wg_copy(out->digest, sizeof out->digest, plan->digest);
}

bool apply_check_release(struct plan *plan, struct db *db,
                         const struct signature_authority *authority, struct wg_error *err)
{
    return !authority->root || signature_check(plan, db, authority, err);
}

static bool sign(const struct apply_source *source, struct apply_signed *apply,
                 struct wg_error *err)
{
    const struct signing *signing = &source->signing;
    struct statement say;
    apply_statement(&apply->applying.plan, &say);
    if (!signing->sign(signing->ctx, &say, &apply->statement, err)) return false;
    apply->who = *signing->who;
    apply->applying.author = apply->who.name;
    apply->applying.statement = wg_buf_str(&apply->statement);
    apply->applying.author_chain = apply->who.chain;
    return true;
}

static bool check(const struct apply_source *source, const struct plan *plan, struct wg_error *err)
{
    return !source->draft || !plan->standing ||
           strcmp(plan->standing->state, campaign_state_text(CAMPAIGN_DRAFT)) == 0 ||
           wg_fail(err, WG_E_CONFLICT, "--draft is for a new campaign: %s is %s",
                   plan->campaign->name, plan->standing->state);
}

static bool store(struct db *db, const struct apply_source *source, struct apply_signed *apply,
                  struct wg_error *err)
{
    return applying_check(&apply->applying, db, err) && sign(source, apply, err) &&
           applying_store(&apply->applying, db, wg_now(), err);
}

static bool apply_once(struct db *db, const struct apply_source *source, struct apply_signed *apply,
                       bool *lost_race, struct wg_error *err)
{
    struct plan *plan = &apply->applying.plan;
    struct campaign *campaign = source->read(source->ctx, &apply->applying.text, err);
    if (!campaign) return false;
    apply->applying.draft = source->draft;
    apply->applying.rolls_back = source->rolls_back;
    bool ok = plan_make(plan, db, campaign, true, err) &&
              apply_check_release(plan, db, source->authority, err) && check(source, plan, err) &&
              (!source->also || source->also(source->ctx, apply, err)) &&
              (!source->check || source->check(source->check_ctx, apply, err)) &&
              (plan_is_applied(plan) || store(db, source, apply, err));
    *lost_race = !ok && db_lost_race(db);
    db_rollback(db);
    return ok;
}

static struct apply_signed *apply_new(void)
{
    struct apply_signed *apply = calloc(1, sizeof *apply);
    if (!apply) return NULL;
    applying_init(&apply->applying);
    wg_buf_init(&apply->statement, STATEMENT_MAX);
    return apply;
}

void apply_signed_free(struct apply_signed *apply)
{
    if (!apply) return;
    applying_clear(&apply->applying);
    wg_buf_clear(&apply->statement);
    free(apply);
}

/* The engine may have moved what the plan was made of: then it is made again. */
struct apply_signed *apply_signed_run(struct db *db, const struct apply_source *source,
                                      struct wg_error *err)
{
    struct wg_error problem = {0};
    bool again = true;
    for (int attempt = 1; again; attempt++) {
        struct apply_signed *apply = apply_new();
        bool lost_race = false;
        problem = (struct wg_error){0};
        if (!apply) {
            (void)wg_fail_memory(err, "applying");
            return NULL;
        }
        if (apply_once(db, source, apply, &lost_race, &problem)) return apply;
        apply_signed_free(apply);
        again = lost_race && attempt < ATTEMPTS;
    }
    if (err) *err = problem;
    return NULL;
}

const char *apply_signed_state(const struct apply_signed *apply)
{
    const struct plan *plan = &apply->applying.plan;
    return plan->standing ? plan->standing->state : applying_state(&apply->applying);
}

int64_t apply_signed_revision(const struct apply_signed *apply)
{
    const struct plan *plan = &apply->applying.plan;
    return plan->standing ? plan->standing->revision + !plan_is_applied(plan) : 1;
}

json_t *apply_signed_json(const struct apply_signed *apply)
{
    const struct plan *plan = &apply->applying.plan;
    const struct policy_approvals *asked = &plan->campaign->policy.start;
    return json_pack("{s:s,s:s,s:I,s:b,s:I,s:s,s:s,s:{s:I,s:s}}", "campaign", plan->campaign->name,
                     "digest", plan->digest, "devices", (json_int_t)plan_members(plan), "changed",
                     !plan_is_applied(plan), "revision", (json_int_t)apply_signed_revision(apply),
                     "changes", wg_buf_str(&apply->applying.changes), "state",
                     apply_signed_state(apply), "approvals", "needed", (json_int_t)asked->count,
                     "role", asked->role);
}

void apply_next_words(const struct campaign *campaign, const char *state, char out[APPLY_NEXT_TEXT])
{
    const struct policy_approvals *asked = &campaign->policy.start;
    char at[WG_TIME_TEXT];
    enum campaign_state now = CAMPAIGN_STATES;
    if (!campaign_state_parse(state, &now)) now = CAMPAIGN_STATES;
    wg_time_text(campaign->policy.schedule.start, at);
    if (now == CAMPAIGN_DRAFT)
        (void)wg_format(out, APPLY_NEXT_TEXT, "wavegate campaign start %s", campaign->name);
    else if (asked->count > 0) /* also before another revision of one that runs goes on */
        (void)wg_format(out, APPLY_NEXT_TEXT,
                        "It waits for %lld %s by %s: wavegate campaign approve %s",
                        (long long)asked->count, asked->count == 1 ? "approval" : "approvals",
                        asked->role, campaign->name);
    else if (now == CAMPAIGN_SCHEDULED && campaign->policy.schedule.start > 0)
        (void)wg_format(out, APPLY_NEXT_TEXT, "It starts at %s. wavegate campaign status %s", at,
                        campaign->name);
    else
        (void)wg_format(out, APPLY_NEXT_TEXT, "wavegate campaign status %s --watch",
                        campaign->name);
}
