/* campaign_apply.c: `campaign apply FILE`: stores the campaign, its members and the author's
 * signature in one transaction, and starts it; of a name that stands, the next revision. */
#include "orchestrator/cli/campaign_file.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/cli/saved_plan.h"
#include "orchestrator/plan/revision.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define CANONICAL_MAX ((size_t)16 * 1024 * 1024)
#define ATTEMPTS 10

struct apply {
    struct plan plan;
    struct wg_buf text, canonical, statement, changes;
    char *after; /* array text */
    bool lost_race;
    struct operator_identity who;
};

static bool sign(const struct cli *cli, struct apply *apply, struct wg_error *err)
{
    struct wg_secret_key key;
    struct statement say = {.kind = STATEMENT_APPLY, .at = wg_now()};
    bool ok = operator_load(cli, &apply->who, &key, err);
    (void)wg_copy(say.campaign, sizeof say.campaign, apply->plan.campaign->name);
    (void)wg_copy(say.digest, sizeof say.digest, apply->plan.digest);
    (void)wg_copy(say.operator_name, sizeof say.operator_name, apply->who.name);
    ok = ok && statement_sign(&say, &key, &apply->statement, err);
    wg_key_clear(&key);
    return ok;
}

static bool write_rows(const struct cli *cli, struct apply *apply, struct wg_error *err)
{
    const struct plan *plan = &apply->plan;
    const struct campaign *campaign = plan->campaign;
    const char *state = campaign->after.count ? "scheduled" : "running";
    struct campaign_new row = {.name = campaign->name,
                               .digest = plan->digest,
                               .text = wg_buf_str(&apply->text),
                               .canonical = wg_buf_str(&apply->canonical),
                               .component = campaign->component,
                               .version = campaign->version,
                               .seed = campaign->name,
                               .state = plan->standing ? plan->standing->state : state,
                               .author = apply->who.name,
                               .statement = wg_buf_str(&apply->statement),
                               .author_chain = apply->who.chain,
                               .retry_attempts = campaign->policy.retry.attempts,
                               .retry_backoff = campaign->policy.retry.backoff,
                               .priority = campaign->priority,
                               .continuous = campaign->policy.continuous,
                               .after = apply->after,
                               .rollback_version = campaign->rollback,
                               .wave_count = campaign->policy.wave_count};
    int64_t id = 0;
    for (size_t i = 0; i < row.wave_count; i++) row.wave_names[i] = campaign->waves[i].name;
    if (!plan->standing) return plan_insert(cli->db, &row, wg_now(), &id, err);
    return plan_revise(cli->db, plan->standing->id, plan->query.kept_waves, &row,
                       wg_buf_str(&apply->changes), wg_now(), err);
}

static bool are_there(const struct cli *cli, const struct text_list *names, struct wg_error *err)
{
    for (size_t i = 0; i < names->count; i++) {
        struct campaign_row *row = calloc(1, sizeof *row);
        bool ok = row ? campaign_row_get(cli->db, names->items[i], row, err)
                      : wg_fail_memory(err, "applying");
        free(row);
        if (!ok) return false;
    }
    return true;
}

/* A name that is none would let in whom "not: {failed_in: ..}" should keep out. */
static bool failed_in_are_there(const struct cli *cli, const struct selector *selector,
                                struct wg_error *err)
{
    if (selector->kind == SELECT_FAILED_IN && !are_there(cli, &selector->values, err)) return false;
    for (size_t i = 0; i < selector->child_count; i++)
        if (!failed_in_are_there(cli, selector->children[i], err)) return false;
    return true;
}

static bool selectors_are_there(const struct cli *cli, const struct campaign *campaign,
                                struct wg_error *err)
{
    bool ok = failed_in_are_there(cli, campaign->target, err);
    for (size_t i = 0; i < campaign->policy.wave_count && ok; i++)
        if (campaign->waves[i].select)
            ok = failed_in_are_there(cli, campaign->waves[i].select, err);
    return ok;
}

/* The campaigns that it names are there, and none that it waits for waits for it. */
static bool check_others(const struct cli *cli, const struct apply *apply, struct wg_error *err)
{
    const struct campaign *campaign = apply->plan.campaign;
    char culprit[WG_NAME_MAX + 1];
    if (!are_there(cli, &campaign->after, err) || !are_there(cli, &campaign->excludes, err) ||
        !selectors_are_there(cli, campaign, err) ||
        !campaign_row_waits(cli->db, campaign->name, apply->after, culprit, err))
        return false;
    return !culprit[0] ||
           wg_fail(err, WG_E_CONFLICT, "after: %s waits for %s itself: nothing was stored", culprit,
                   campaign->name);
}

/* What no campaign may start with. */
static bool check(const struct cli *cli, const struct apply *apply, struct wg_error *err)
{
    static const char *const wrong[] = {
        [PLAN_ROLLBACK_MISSING] = "does not exist; publish it with wavegate release add",
        [PLAN_ROLLBACK_UNFIT] = "does not fit the hardware of this release",
        [PLAN_ROLLBACK_NO_PATH] = "cannot be installed over this release, only over ",
        [PLAN_ROLLBACK_FITS] = NULL};
    const struct plan *plan = &apply->plan;
    const struct campaign *campaign = plan->campaign;
    if (plan_members(plan) == 0 && !campaign->policy.continuous)
        return wg_fail(err, WG_E_CONFLICT,
                       "the campaign hits no device: nothing was stored; see wavegate campaign "
                       "plan");
    if (wrong[plan->rollback])
        return wg_fail(err, WG_E_CONFLICT, "rollback_to: release %s/%s %s%s: nothing was stored",
                       campaign->component, campaign->rollback, wrong[plan->rollback],
                       plan->rollback == PLAN_ROLLBACK_NO_PATH ? plan->rollback_from : "");
    return check_others(cli, apply, err);
}

static bool store(const struct cli *cli, struct apply *apply, struct wg_error *err)
{
    apply->after = target_array(&apply->plan.campaign->after);
    return (apply->after || wg_fail_memory(err, "applying")) && check(cli, apply, err) &&
           sign(cli, apply, err) &&
           campaign_canonical(apply->plan.campaign, &apply->canonical, err) &&
           (!apply->plan.standing || revision_changes(&apply->plan, &apply->changes, err)) &&
           write_rows(cli, apply, err) && db_commit(cli->db, err);
}

static bool report(struct cli *cli, const struct apply *apply, struct wg_error *err)
{
    const struct plan *plan = &apply->plan;
    const char *name = plan->campaign->name;
    bool same = plan_is_applied(plan);
    int64_t revision = plan->standing ? plan->standing->revision + !same : 1;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:s,s:I,s:b,s:I,s:s}", "campaign", name, "digest",
                                     plan->digest, "devices", (json_int_t)plan_members(plan),
                                     "changed", !same, "revision", (json_int_t)revision, "changes",
                                     wg_buf_str(&apply->changes)),
                           err);
    if (same)
        screen_text(&cli->screen, "%s is applied already: nothing was changed.\n", name);
    else if (plan->standing)
        screen_text(&cli->screen, "%s%s is at revision %lld, for %lld devices.\n",
                    wg_buf_str(&apply->changes), name, (long long)revision,
                    (long long)plan_members(plan));
    else
        screen_text(&cli->screen,
                    "%s is %s for %lld devices. wavegate campaign status %s --watch\n", name,
                    plan->campaign->after.count ? "scheduled" : "running",
                    (long long)plan_members(plan), name);
    return screen_flush(&cli->screen, err);
}

static bool read_drift(const struct cli *cli, int64_t *ppm, struct wg_error *err)
{
    const char *text = args_value(cli->args, "drift");
    char *end = NULL;
    *ppm = 0;
    if (!text) return true;
    if (!args_has(cli->args, "plan"))
        return wg_fail(err, WG_E_USAGE, "--drift goes with --plan FILE");
    double percent = strtod(text, &end);
    if (end == text || (strcmp(end, "%") != 0 && *end) || !(percent >= 0 && percent <= 100))
        return wg_fail(err, WG_E_USAGE, "--drift: expected a percentage like 1%%, got \"%.40s\"",
                       text);
    *ppm = (int64_t)(percent * 10000.0);
    return true;
}

static bool apply_file(struct cli *cli, struct apply *apply, struct wg_error *err)
{
    int64_t drift = 0;
    struct campaign *campaign = campaign_file_read(cli->args->positionals[0], &apply->text, err);
    if (!campaign) return false;
    bool ok = plan_make(&apply->plan, cli->db, campaign, true, err) &&
              read_drift(cli, &drift, err) &&
              saved_plan_check(cli->db, &apply->plan, args_value(cli->args, "plan"), drift, err) &&
              (plan_is_applied(&apply->plan) || store(cli, apply, err));
    apply->lost_race = !ok && db_lost_race(cli->db);
    db_rollback(cli->db);
    return ok;
}

static struct apply *apply_new(void)
{
    struct apply *apply = calloc(1, sizeof *apply);
    if (!apply) return NULL;
    wg_buf_init(&apply->text, CAMPAIGN_FILE_MAX);
    wg_buf_init(&apply->canonical, CANONICAL_MAX);
    wg_buf_init(&apply->statement, STATEMENT_MAX);
    wg_buf_init(&apply->changes, CANONICAL_MAX);
    return apply;
}

static void apply_free(struct apply *apply)
{
    if (!apply) return;
    wg_buf_clear(&apply->text);
    wg_buf_clear(&apply->canonical);
    wg_buf_clear(&apply->statement);
    wg_buf_clear(&apply->changes);
    free(apply->after);
    plan_clear(&apply->plan);
    free(apply);
}

/* The engine may have moved what the plan was made of: then it is made again. */
bool campaign_apply_run(struct cli *cli, struct wg_error *err)
{
    for (int attempt = 1;; attempt++) {
        struct wg_error problem = {0};
        struct apply *apply = apply_new();
        if (!apply) return wg_fail_memory(err, "applying");
        bool ok = apply_file(cli, apply, &problem);
        bool again = !ok && attempt < ATTEMPTS && apply->lost_race;
        ok = ok && report(cli, apply, &problem);
        apply_free(apply);
        if (again) continue;
        if (!ok && err) *err = problem;
        return ok;
    }
}
