/* campaign_approve.c: `campaign approve NAME [--wave W | --start]`: a signed statement, and the
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

struct approving {
    struct campaign_row row;
    struct operator_identity who;
    struct engine_view view;
    struct campaign *campaign;
    size_t wave; /* or APPROVAL_START */
    struct approval_row approval;
};

/* What is asked of those who approve. */
struct asked {
    const char *role;
    int64_t count, given;
    wg_duration expires;
};

static struct asked asked_of(const struct approving *with)
{
    const struct policy *policy = &with->campaign->policy;
    const struct policy_approvals *start = &policy->start;
    if (with->wave == APPROVAL_START)
        return (struct asked){start->role, start->count, with->view.approvals, start->expires};
    const struct policy_gate *gate = &policy->gates[with->wave];
    return (struct asked){gate->approval_role, gate->approval_count,
                          with->view.waves[with->wave].approvals, gate->approval_expires};
}

/* "the start", "wave canary" */
static void what_words(const struct approving *with, char out[WG_NAME_MAX + 8])
{
    if (with->wave == APPROVAL_START)
        (void)wg_copy(out, WG_NAME_MAX + 8, "the start");
    else
        (void)wg_format(out, WG_NAME_MAX + 8, "wave %s", with->view.waves[with->wave].name);
}

/* The wave that was named, or the first whose gate waits for somebody. */
static bool find_wave(const struct cli *cli, struct approving *with, struct wg_error *err)
{
    const char *name = args_value(cli->args, "wave");
    const struct engine_view *view = &with->view;
    for (size_t i = 0; i < view->wave_count; i++) {
        const struct engine_wave *at = &view->waves[i];
        bool waits = at->state == WAVE_AT_GATE || at->state == WAVE_SOAKING;
        bool wanted = at->approvals < with->campaign->policy.gates[i].approval_count;
        with->wave = i;
        if (name ? strcmp(at->name, name) == 0 : waits && wanted) return true;
    }
    if (name) return wg_fail(err, WG_E_NOT_FOUND, "%s has no wave \"%.64s\"", with->row.name, name);
    return wg_fail(err, WG_E_CONFLICT,
                   "no gate of %s waits for an approval: name a wave with --wave", with->row.name);
}

/* Before the campaign starts it is its start, unless a wave is named. */
static bool find_what(const struct cli *cli, struct approving *with, struct wg_error *err)
{
    enum campaign_state next;
    bool start = args_has(cli->args, "start"), wave = args_has(cli->args, "wave");
    if (start && wave) return wg_fail(err, WG_E_USAGE, "--start and --wave: expected one of them");
    if (!engine_command_allowed(ENGINE_APPROVE, with->view.state, &next, err)) return false;
    if (!start && (wave || with->view.state != CAMPAIGN_AWAITING_APPROVAL))
        return find_wave(cli, with, err);
    with->wave = APPROVAL_START;
    if (with->campaign->policy.start.count == 0)
        return wg_fail(err, WG_E_CONFLICT, "%s asks for no approval of its start", with->row.name);
    return with->view.state == CAMPAIGN_AWAITING_APPROVAL ||
           wg_fail(err, WG_E_CONFLICT, "%s is %s: its start waits for no approval", with->row.name,
                   with->row.state);
}

static bool check_wave(const struct approving *with, struct wg_error *err)
{
    const struct engine_wave *at = &with->view.waves[with->wave];
    if (with->campaign->policy.gates[with->wave].approval_count == 0 ||
        with->wave + 1 == with->view.wave_count)
        return wg_fail(err, WG_E_CONFLICT, "the gate of wave %s asks for no approval", at->name);
    return at->state != WAVE_PASSED ||
           wg_fail(err, WG_E_CONFLICT, "wave %s has passed its gate already", at->name);
}

static bool check(const struct approving *with, struct wg_error *err)
{
    struct asked asked = asked_of(with);
    const struct operator_identity *who = &with->who;
    if (with->wave != APPROVAL_START && !check_wave(with, err)) return false;
    if (strcmp(who->name, with->row.author) == 0)
        return wg_fail(err, WG_E_DENIED, "%s applied this campaign: someone else must approve it",
                       who->name);
    if (strcmp(who->role, asked.role) != 0)
        return wg_fail(err, WG_E_DENIED, "the %s asks for role %s, %s has role %s",
                       with->wave == APPROVAL_START ? "start" : "gate", asked.role, who->name,
                       who->role);
    return true;
}

/* As the approver saw them. */
static void say_sizes(const struct approving *with, struct statement *say)
{
    const struct campaign_row *row = &with->row;
    say->wave_count = row->wave_count;
    for (size_t i = 0; i < row->wave_count; i++) {
        bool open = row->continuous && i + 1 == row->wave_count;
        (void)wg_copy(say->waves[i].name, sizeof say->waves[i].name, row->waves[i].name);
        say->waves[i].devices = open ? -1 : row->waves[i].members;
    }
}

static bool sign(const struct approving *with, struct wg_signing_key *key, struct approval_row *out,
                 struct wg_error *err)
{
    const struct campaign_row *row = &with->row;
    const char *wave = with->wave == APPROVAL_START ? "" : row->waves[with->wave].name;
    struct statement say = {.kind = STATEMENT_APPROVE, .at = wg_now()};
    struct wg_buf text;
    statement_about(with->campaign, &say);
    say_sizes(with, &say);
    (void)wg_copy(say.digest, sizeof say.digest, row->digest);
    (void)wg_copy(say.wave, sizeof say.wave, wave);
    (void)wg_copy(say.operator_name, sizeof say.operator_name, with->who.name);
    wg_buf_init(&text, STATEMENT_MAX);
    bool ok = statement_sign_by(&say, key, &text, err);
    out->campaign = row->id;
    out->wave = with->wave;
    (void)wg_copy(out->campaign_name, sizeof out->campaign_name, row->name);
    (void)wg_copy(out->wave_name, sizeof out->wave_name, wave);
    (void)wg_copy(out->digest, sizeof out->digest, row->digest);
    (void)wg_copy(out->operator_name, sizeof out->operator_name, with->who.name);
    (void)wg_copy(out->role, sizeof out->role, with->who.role);
    (void)wg_copy(out->statement, sizeof out->statement, wg_buf_str(&text));
    (void)wg_copy(out->chain, sizeof out->chain, with->who.chain);
    wg_buf_clear(&text);
    return ok;
}

static bool add(struct cli *cli, const struct approving *with, struct wg_error *err)
{
    bool ok = db_begin(cli->db, err) &&
              approval_row_add(cli->db, &with->approval, asked_of(with).expires, wg_now(), err) &&
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

static bool report(struct cli *cli, const struct approving *with, enum approval_verdict verdict,
                   struct wg_error *err)
{
    const struct approval_row *approval = &with->approval;
    bool judged = verdict == APPROVAL_VALID;
    struct asked asked = asked_of(with);
    long long given = (long long)asked.given + judged;
    char what[WG_NAME_MAX + 8];
    json_t *wave = with->wave == APPROVAL_START ? json_null() : json_string(approval->wave_name);
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:o,s:s,s:b,s:I,s:I,s:s}", "campaign",
                                     approval->campaign_name, "wave", wave, "operator",
                                     approval->operator_name, "judged", judged, "approvals",
                                     (json_int_t)given, "approvals_needed", (json_int_t)asked.count,
                                     "role", asked.role),
                           err);
    json_decref(wave);
    what_words(with, what);
    screen_text(&cli->screen, "%s approves %s of %s", approval->operator_name, what,
                approval->campaign_name);
    if (judged)
        screen_text(&cli->screen, ": %lld of %lld approvals by %s.\n", given,
                    (long long)asked.count, asked.role);
    else
        screen_text(&cli->screen,
                    ". The orchestrator is away; it will judge it when it is back.\n");
    return screen_flush(&cli->screen, err);
}

static bool load(struct cli *cli, struct approving *with, const char *name, struct wg_error *err)
{
    if (!campaign_row_get(cli->db, name, &with->row, err)) return false;
    with->campaign = standing_campaign(cli->db, with->row.id, err);
    return with->campaign &&
           standing_view(&with->row, &with->campaign->policy, wg_now(), &with->view, err);
}

static bool approve(struct cli *cli, struct approving *with, const char *name, struct wg_error *err)
{
    struct wg_signing_key *key = NULL;
    enum approval_verdict verdict = APPROVAL_UNJUDGED;
    if (!load(cli, with, name, err)) return false;
    bool ok = operator_load(cli, &with->who, &key, err) && find_what(cli, with, err) &&
              check(with, err) && sign(with, key, &with->approval, err);
    return ok && add(cli, with, err) && await_verdict(cli, &with->approval, &verdict, err) &&
           report(cli, with, verdict, err);
}

bool campaign_approve_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    struct approving *with = calloc(1, sizeof *with);
    if (!with) return wg_fail_memory(err, "approving");
    bool ok = approve(cli, with, name, err);
    campaign_free(with->campaign);
    free(with);
    return ok;
}
