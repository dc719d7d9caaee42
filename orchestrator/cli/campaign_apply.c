/* campaign_apply.c: `campaign apply FILE`: stores the campaign, its members and the author's
 * signature in one transaction, and starts it; of a name that stands, the next revision. */
#include "orchestrator/cli/apply_signed.h"
#include "orchestrator/cli/campaign_file.h"
#include "orchestrator/cli/saved_plan.h"
#include "orchestrator/engine/engine.h"

#include <stdlib.h>
#include <string.h>

struct from_file {
    const struct cli *cli;
    int64_t drift;
};

static struct campaign *read_file(void *ctx, struct wg_buf *text, struct wg_error *err)
{
    const struct from_file *from = ctx;
    return campaign_file_read(from->cli->args->positionals[0], text, err);
}

static bool check_plan(void *ctx, struct apply_signed *apply, struct wg_error *err)
{
    const struct from_file *from = ctx;
    struct plan *plan = &apply->applying.plan;
    if (apply->applying.draft && plan->standing &&
        strcmp(plan->standing->state, campaign_state_text(CAMPAIGN_DRAFT)) != 0)
        return wg_fail(err, WG_E_CONFLICT, "--draft is for a new campaign: %s is %s",
                       plan->campaign->name, plan->standing->state);
    return saved_plan_check(from->cli->db, plan, args_value(from->cli->args, "plan"), from->drift,
                            err);
}

static bool report_json(const struct apply_signed *apply, const char *state, int64_t revision,
                        struct wg_error *err)
{
    const struct plan *plan = &apply->applying.plan;
    const struct policy_approvals *asked = &plan->campaign->policy.start;
    return screen_json(json_pack("{s:s,s:s,s:I,s:b,s:I,s:s,s:s,s:{s:I,s:s}}", "campaign",
                                 plan->campaign->name, "digest", plan->digest, "devices",
                                 (json_int_t)plan_members(plan), "changed", !plan_is_applied(plan),
                                 "revision", (json_int_t)revision, "changes",
                                 wg_buf_str(&apply->applying.changes), "state", state, "approvals",
                                 "needed", (json_int_t)asked->count, "role", asked->role),
                       err);
}

static bool report(struct cli *cli, const struct apply_signed *apply, struct wg_error *err)
{
    const struct plan *plan = &apply->applying.plan;
    const char *name = plan->campaign->name;
    const char *state = plan->standing ? plan->standing->state : applying_state(&apply->applying);
    bool same = plan_is_applied(plan);
    int64_t revision = plan->standing ? plan->standing->revision + !same : 1;
    const char *devices = plan_members(plan) == 1 ? "device" : "devices";
    char next[APPLY_NEXT_TEXT];
    if (cli->screen.json) return report_json(apply, state, revision, err);
    apply_next_words(plan->campaign, state, next);
    if (same)
        screen_text(&cli->screen, "%s is applied already: nothing was changed.\n", name);
    else if (plan->standing)
        screen_text(&cli->screen, "%s%s is at revision %lld, for %lld %s. %s\n",
                    wg_buf_str(&apply->applying.changes), name, (long long)revision,
                    (long long)plan_members(plan), devices, next);
    else
        screen_text(&cli->screen, "%s is %s for %lld %s. %s\n", name, state,
                    (long long)plan_members(plan), devices, next);
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

bool campaign_apply_run(struct cli *cli, struct wg_error *err)
{
    struct from_file from = {.cli = cli};
    const struct apply_source source = {
        .read = read_file, .also = check_plan, .ctx = &from, .draft = args_has(cli->args, "draft")};
    if (!read_drift(cli, &from.drift, err)) return false;
    struct apply_signed *apply = apply_signed_run(cli, &source, err);
    bool ok = apply && report(cli, apply, err);
    apply_signed_free(apply);
    return ok;
}
