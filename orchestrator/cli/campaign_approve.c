/* campaign_approve.c: `campaign approve NAME [--wave W]`: a signed statement, and the
 * orchestrator's word on it. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/status/standing.h"

#include "common/posix/file.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define VERDICT_WAIT (5 * WG_SECOND)
#define VERDICT_EVERY 50 /* ms */

/* The wave that was named, or the first whose gate waits for somebody. */
static bool find_wave(const struct cli *cli, const struct campaign_row *row,
                      const struct policy *policy, size_t *wave, struct wg_error *err)
{
    const char *name = args_value(cli->args, "wave");
    for (size_t i = 0; i < row->wave_count; i++) {
        bool waits =
            !strcmp(row->waves[i].state, "at-gate") || !strcmp(row->waves[i].state, "soaking");
        *wave = i;
        if (name ? strcmp(row->waves[i].name, name) == 0
                 : waits && row->waves[i].approvals < policy->gates[i].approval_count)
            return true;
    }
    if (name) return wg_fail(err, WG_E_NOT_FOUND, "%s has no wave \"%.64s\"", row->name, name);
    return wg_fail(err, WG_E_CONFLICT,
                   "no gate of %s waits for an approval: name a wave with --wave", row->name);
}

static bool check(const struct campaign_row *row, const struct policy *policy, size_t wave,
                  const struct operator_identity *who, struct wg_error *err)
{
    enum campaign_state state, next;
    const struct policy_gate *gate = &policy->gates[wave];
    if (!campaign_state_parse(row->state, &state) ||
        !engine_command_allowed(ENGINE_APPROVE, state, &next, err))
        return false;
    if (gate->approval_count == 0 || wave + 1 == row->wave_count)
        return wg_fail(err, WG_E_CONFLICT, "the gate of wave %s asks for no approval",
                       row->waves[wave].name);
    if (strcmp(row->waves[wave].state, "passed") == 0)
        return wg_fail(err, WG_E_CONFLICT, "wave %s has passed its gate already",
                       row->waves[wave].name);
    if (strcmp(who->name, row->author) == 0)
        return wg_fail(err, WG_E_DENIED, "%s applied this campaign: someone else must approve it",
                       who->name);
    if (strcmp(who->role, gate->approval_role) != 0)
        return wg_fail(err, WG_E_DENIED, "the gate asks for role %s, %s has role %s",
                       gate->approval_role, who->name, who->role);
    return true;
}

static bool sign(const struct campaign_row *row, size_t wave, const struct operator_identity *who,
                 const struct wg_secret_key *key, struct approval_row *out, struct wg_error *err)
{
    struct statement say = {.kind = STATEMENT_APPROVE, .at = wg_now()};
    struct wg_buf text;
    (void)wg_copy(say.campaign, sizeof say.campaign, row->name);
    (void)wg_copy(say.digest, sizeof say.digest, row->digest);
    (void)wg_copy(say.wave, sizeof say.wave, row->waves[wave].name);
    (void)wg_copy(say.operator_name, sizeof say.operator_name, who->name);
    wg_buf_init(&text, STATEMENT_MAX);
    bool ok = statement_sign(&say, key, &text, err);
    out->campaign = row->id;
    out->wave = wave;
    (void)wg_copy(out->campaign_name, sizeof out->campaign_name, row->name);
    (void)wg_copy(out->wave_name, sizeof out->wave_name, row->waves[wave].name);
    (void)wg_copy(out->digest, sizeof out->digest, row->digest);
    (void)wg_copy(out->operator_name, sizeof out->operator_name, who->name);
    (void)wg_copy(out->role, sizeof out->role, who->role);
    (void)wg_copy(out->statement, sizeof out->statement, wg_buf_str(&text));
    (void)wg_copy(out->chain, sizeof out->chain, who->chain);
    wg_buf_clear(&text);
    return ok;
}

static bool add(struct cli *cli, const struct approval_row *approval, struct wg_error *err)
{
    bool ok = db_begin(cli->db, err) && approval_row_add(cli->db, approval, wg_now(), err) &&
              db_commit(cli->db, err);
    db_rollback(cli->db);
    return ok;
}

/* The orchestrator judges within a tick; when it is away the approval waits for it. */
static bool await_verdict(struct cli *cli, const struct approval_row *approval,
                          enum approval_verdict *verdict, struct wg_error *err)
{
    char refusal[APPROVAL_REFUSAL_MAX];
    wg_time end = wg_monotonic() + VERDICT_WAIT;
    do {
        if (!approval_row_verdict(cli->db, approval, verdict, refusal, err)) return false;
        if (*verdict == APPROVAL_REFUSED)
            return wg_fail(err, WG_E_DENIED, "the approval was refused: %s", refusal);
        if (*verdict == APPROVAL_VALID) return true;
        (void)poll(NULL, 0, VERDICT_EVERY);
    } while (wg_monotonic() < end);
    return true;
}

static bool report(struct cli *cli, const struct approval_row *approval,
                   enum approval_verdict verdict, struct wg_error *err)
{
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:s,s:s,s:b}", "campaign", approval->campaign_name,
                                     "wave", approval->wave_name, "operator",
                                     approval->operator_name, "judged", verdict == APPROVAL_VALID),
                           err);
    screen_text(&cli->screen, "%s approves wave %s of %s.%s\n", approval->operator_name,
                approval->wave_name, approval->campaign_name,
                verdict == APPROVAL_VALID
                    ? ""
                    : " The orchestrator is away; it will judge it when it is back.");
    return screen_flush(&cli->screen, err);
}

struct approving {
    struct campaign_row row;
    struct operator_identity who;
    struct approval_row approval;
};

static bool approve(struct cli *cli, struct approving *with, const char *name, struct wg_error *err)
{
    struct wg_secret_key key;
    enum approval_verdict verdict = APPROVAL_UNJUDGED;
    size_t wave = 0;
    if (!campaign_row_get(cli->db, name, &with->row, err)) return false;
    struct campaign *campaign = standing_campaign(cli->db, with->row.id, err);
    bool ok = campaign && operator_load(cli, &with->who, &key, err);
    if (ok) {
        ok = find_wave(cli, &with->row, &campaign->policy, &wave, err) &&
             check(&with->row, &campaign->policy, wave, &with->who, err) &&
             sign(&with->row, wave, &with->who, &key, &with->approval, err);
        wg_key_clear(&key);
    }
    campaign_free(campaign);
    return ok && add(cli, &with->approval, err) &&
           await_verdict(cli, &with->approval, &verdict, err) &&
           report(cli, &with->approval, verdict, err);
}

bool campaign_approve_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    struct approving *with = calloc(1, sizeof *with);
    if (!with) return wg_fail_memory(err, "approving");
    bool ok = approve(cli, with, name, err);
    free(with);
    return ok;
}
