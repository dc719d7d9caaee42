/* approving.c: what waits for an approval, the statement, and the row. */
#include "orchestrator/steering/approving.h"

#include "common/posix/file.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define VERDICT_EVERY 50 /* ms */

struct approval_asked approving_asked(const struct approving *with)
{
    const struct policy *policy = &with->campaign->policy;
    const struct policy_approvals *start = &policy->start;
    if (with->wave == APPROVAL_START)
        return (struct approval_asked){start->role, start->count, with->view.approvals,
                                       start->expires};
    const struct policy_gate *gate = &policy->gates[with->wave];
    return (struct approval_asked){gate->approval_role, gate->approval_count,
                                   with->view.waves[with->wave].approvals, gate->approval_expires};
}

/* The wave that was named, or the first whose gate waits for somebody. */
static bool find_wave(struct approving *with, const char *name, struct wg_error *err)
{
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
static bool find_what(struct approving *with, const char *wave, bool start, struct wg_error *err)
{
    enum campaign_state next;
    if (!engine_command_allowed(ENGINE_APPROVE, with->view.state, &next, err)) return false;
    if (!start && (wave || with->view.state != CAMPAIGN_AWAITING_APPROVAL))
        return find_wave(with, wave, err);
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

static bool check(const struct approving *with, const struct operator_identity *who,
                  struct wg_error *err)
{
    struct approval_asked asked = approving_asked(with);
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

void approving_statement(const struct approving *with, struct statement *out)
{
    *out = (struct statement){.kind = STATEMENT_APPROVE};
    statement_about(with->campaign, out);
    say_sizes(with, out);
    (void)wg_copy(out->digest, sizeof out->digest, with->row.digest);
    if (with->wave != APPROVAL_START)
        (void)wg_copy(out->wave, sizeof out->wave, with->row.waves[with->wave].name);
}

bool approving_sign(struct approving *with, const struct signing *signing, struct wg_error *err)
{
    struct approval_row *out = &with->approval;
    const struct operator_identity *who = signing->who;
    struct statement say;
    struct wg_buf text;
    if (!check(with, who, err)) return false;
    approving_statement(with, &say);
    wg_buf_init(&text, STATEMENT_MAX);
    bool ok = signing->sign(signing->ctx, &say, &text, err);
    out->campaign = with->row.id;
    out->wave = with->wave;
    (void)wg_copy(out->campaign_name, sizeof out->campaign_name, say.campaign);
    (void)wg_copy(out->wave_name, sizeof out->wave_name, say.wave);
    (void)wg_copy(out->digest, sizeof out->digest, say.digest);
    (void)wg_copy(out->operator_name, sizeof out->operator_name, who->name);
    (void)wg_copy(out->role, sizeof out->role, who->role);
    (void)wg_copy(out->statement, sizeof out->statement, wg_buf_str(&text));
    (void)wg_copy(out->chain, sizeof out->chain, who->chain);
    wg_buf_clear(&text);
    return ok;
}

bool approving_add(const struct approving *with, struct wg_error *err)
{
    bool ok =
        db_begin(with->db, err) &&
        approval_row_add(with->db, &with->approval, approving_asked(with).expires, wg_now(), err) &&
        db_commit(with->db, err);
    db_rollback(with->db);
    return ok;
}

/* The orchestrator judges within a tick; when it is away the approval waits for it. */
bool approving_await(const struct approving *with, wg_duration patience,
                     enum approval_verdict *verdict, struct wg_error *err)
{
    char refusal[APPROVAL_REFUSAL_MAX];
    wg_time end = wg_monotonic() + patience;
    do {
        if (!approval_row_verdict(with->db, &with->approval, verdict, refusal, err)) return false;
        if (*verdict == APPROVAL_REFUSED)
            return wg_fail(err, WG_E_DENIED, "the approval was refused: %s", refusal);
        if (*verdict == APPROVAL_VALID) return true;
        (void)poll(NULL, 0, VERDICT_EVERY);
    } while (wg_monotonic() < end);
    return true;
}

json_t *approving_json(const struct approving *with, enum approval_verdict verdict)
{
    const struct approval_row *approval = &with->approval;
    bool judged = verdict == APPROVAL_VALID;
    struct approval_asked asked = approving_asked(with);
    json_t *wave = with->wave == APPROVAL_START ? json_null() : json_string(approval->wave_name);
    return json_pack("{s:s,s:o,s:s,s:b,s:I,s:I,s:s}", "campaign", approval->campaign_name, "wave",
                     wave, "operator", approval->operator_name, "judged", judged, "approvals",
                     (json_int_t)asked.given + judged, "approvals_needed", (json_int_t)asked.count,
                     "role", asked.role);
}

void approving_free(struct approving *with)
{
    if (!with) return;
    campaign_free(with->campaign);
    free(with);
}

static bool load(struct approving *with, const char *name, struct wg_error *err)
{
    if (!campaign_row_get(with->db, name, &with->row, err)) return false;
    with->campaign = standing_campaign(with->db, with->row.id, err);
    return with->campaign &&
           standing_view(&with->row, &with->campaign->policy, wg_now(), &with->view, err);
}

struct approving *approving_new(struct db *db, const char *campaign, const char *wave, bool start,
                                struct wg_error *err)
{
    struct approving *with = calloc(1, sizeof *with);
    if (!with) {
        (void)wg_fail_memory(err, "approving");
        return NULL;
    }
    with->db = db;
    if (load(with, campaign, err) && find_what(with, wave, start, err)) return with;
    approving_free(with);
    return NULL;
}
