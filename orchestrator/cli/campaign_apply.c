/* campaign_apply.c: `campaign apply FILE`: stores the campaign, its members and the author's
 * signature in one transaction, and starts it. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/cli/plan.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define CANONICAL_MAX ((size_t)16 * 1024 * 1024)

static bool sign(const struct cli *cli, const struct plan *plan, struct operator_identity *who,
                 struct wg_buf *statement, struct wg_error *err)
{
    struct wg_secret_key key;
    struct statement say = {.kind = STATEMENT_APPLY, .at = wg_now()};
    bool ok = operator_load(cli, who, &key, err);
    (void)wg_copy(say.campaign, sizeof say.campaign, plan->campaign->name);
    (void)wg_copy(say.digest, sizeof say.digest, plan->digest);
    (void)wg_copy(say.operator_name, sizeof say.operator_name, who->name);
    ok = ok && statement_sign(&say, &key, statement, err);
    wg_key_clear(&key);
    return ok;
}

static bool insert(const struct cli *cli, const struct plan *plan, const char *canonical,
                   const char *statement, const struct operator_identity *who, struct wg_error *err)
{
    const struct campaign *campaign = plan->campaign;
    struct campaign_new row = {.name = campaign->name,
                               .digest = plan->digest,
                               .text = wg_buf_str(&plan->text),
                               .canonical = canonical,
                               .component = campaign->component,
                               .version = campaign->version,
                               .seed = campaign->name,
                               .state = "running",
                               .author = who->name,
                               .statement = statement,
                               .author_chain = who->chain,
                               .retry_attempts = campaign->policy.retry.attempts,
                               .retry_backoff = campaign->policy.retry.backoff,
                               .wave_count = campaign->policy.wave_count};
    int64_t id = 0;
    for (size_t i = 0; i < row.wave_count; i++) row.wave_names[i] = campaign->waves[i].name;
    return plan_insert(cli->db, &row, wg_now(), &id, err);
}

static bool store(const struct cli *cli, const struct plan *plan, struct wg_error *err)
{
    struct operator_identity *who = calloc(1, sizeof *who);
    struct wg_buf statement, canonical;
    if (!who) return wg_fail_memory(err, "applying");
    wg_buf_init(&statement, STATEMENT_MAX);
    wg_buf_init(&canonical, CANONICAL_MAX);
    bool ok = sign(cli, plan, who, &statement, err) &&
              campaign_canonical(plan->campaign, &canonical, err) &&
              insert(cli, plan, wg_buf_str(&canonical), wg_buf_str(&statement), who, err) &&
              db_commit(cli->db, err);
    wg_buf_clear(&statement);
    wg_buf_clear(&canonical);
    free(who);
    return ok;
}

/* The same file again is no mistake: a pipeline may repeat itself. */
static bool applied_before(const struct cli *cli, const struct plan *plan, bool *same,
                           struct wg_error *err)
{
    struct campaign_row *row = calloc(1, sizeof *row);
    struct wg_error problem = {0};
    if (!row) return wg_fail_memory(err, "applying");
    bool known = campaign_row_get(cli->db, plan->campaign->name, row, &problem);
    *same = known && strcmp(row->digest, plan->digest) == 0;
    free(row);
    if (known && !*same)
        return wg_fail(err, WG_E_CONFLICT,
                       "a campaign named %s exists with other contents: give this one another name",
                       plan->campaign->name);
    if (known || problem.code == WG_E_NOT_FOUND) return true;
    *err = problem;
    return false;
}

static bool report(struct cli *cli, const struct plan *plan, bool same, struct wg_error *err)
{
    const char *name = plan->campaign->name;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:s,s:I,s:b}", "campaign", name, "digest", plan->digest,
                                     "devices", (json_int_t)plan_members(plan), "changed", !same),
                           err);
    if (same)
        screen_text(&cli->screen, "%s is applied already: nothing was changed.\n", name);
    else
        screen_text(&cli->screen,
                    "%s is running for %lld devices. wavegate campaign status %s --watch\n", name,
                    (long long)plan_members(plan), name);
    return screen_flush(&cli->screen, err);
}

bool campaign_apply_run(struct cli *cli, struct wg_error *err)
{
    struct plan plan;
    bool same = false;
    bool ok = plan_make(&plan, cli->db, cli->args->positionals[0], err) &&
              applied_before(cli, &plan, &same, err);
    if (ok && !same && plan_members(&plan) == 0)
        ok = wg_fail(err, WG_E_CONFLICT,
                     "the campaign hits no device: nothing was stored; see wavegate campaign plan");
    ok = ok && (same || store(cli, &plan, err));
    db_rollback(cli->db);
    ok = ok && report(cli, &plan, same, err);
    plan_clear(&plan);
    return ok;
}
