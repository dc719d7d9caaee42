/* steer.c: operator, campaign and transaction; what an end cannot take back. */
#include "orchestrator/cli/steer.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define REASON_MAX 160

/* It is shown to others, on their terminals. */
static bool is_plain(const char *text)
{
    if (!wg_text_is_utf8(text, strlen(text))) return false;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f) return false;
    return true;
}

static bool read_reason(struct steer *steer, bool needed, struct wg_error *err)
{
    const char *reason = args_value(steer->cli->args, "reason");
    if (needed && (!reason || !reason[0]))
        return wg_fail(err, WG_E_USAGE, "--reason TEXT is needed: it is kept, for others");
    if (!reason) reason = "";
    if (strlen(reason) > REASON_MAX || !is_plain(reason))
        return wg_fail(err, WG_E_USAGE,
                       "--reason: expected at most %d bytes of plain text on one line", REASON_MAX);
    (void)wg_format(steer->cause, sizeof steer->cause, "by %s%s%s", steer->who.name,
                    reason[0] ? ": " : "", reason);
    return true;
}

static bool load(struct steer *steer, const char *name, struct wg_error *err)
{
    struct db *db = steer->cli->db;
    if (!db_begin(db, err) || !campaign_row_hold(db, name, err) ||
        !campaign_row_get(db, name, &steer->row, err))
        return false;
    steer->campaign = standing_campaign(db, steer->row.id, err);
    if (!steer->campaign ||
        !standing_view(&steer->row, &steer->campaign->policy, steer->now, &steer->view, err))
        return false;
    steer->state = steer->view.state;
    return true;
}

struct steer *steer_new(struct cli *cli, bool needs_reason, struct wg_error *err)
{
    const char *name;
    struct wg_signing_key *key = NULL;
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return NULL;
    struct steer *steer = calloc(1, sizeof *steer);
    if (!steer) {
        (void)wg_fail_memory(err, "steering a campaign");
        return NULL;
    }
    steer->cli = cli;
    steer->now = wg_now();
    bool ok = operator_load(cli, &steer->who, &key, err);
    if (ok && read_reason(steer, needs_reason, err) && load(steer, name, err)) return steer;
    steer_free(steer);
    return NULL;
}

void steer_free(struct steer *steer)
{
    if (!steer) return;
    db_rollback(steer->cli->db);
    campaign_free(steer->campaign);
    free(steer);
}

bool steer_move(struct steer *steer, enum campaign_state next, const char *done, bool held,
                enum engine_stop stop, struct wg_error *err)
{
    char cause[CAMPAIGN_CAUSE_MAX];
    (void)wg_format(cause, sizeof cause, "%s %s", done, steer->cause);
    const struct campaign_move move = {.from = steer->row.state,
                                       .to = campaign_state_text(next),
                                       .cause = cause,
                                       .actor = steer->who.name,
                                       .held = held,
                                       .stop = engine_stop_text(stop)};
    if (!campaign_row_move(steer->cli->db, steer->row.id, &move, steer->now, err)) return false;
    (void)wg_copy(steer->cause, sizeof steer->cause, cause);
    return true;
}

void steer_recall_of(const struct campaign_row *row, struct steer_recall *out)
{
    *out = (struct steer_recall){.waiting = standing_count(row, WG_WAITING) +
                                            standing_count(row, WG_DEFERRED),
                                 .rebooting = standing_count(row, WG_REBOOTING),
                                 .probation = standing_count(row, WG_PROBATION)};
    out->started = standing_in_flight(row) - out->rebooting - out->probation;
}

void steer_recall_words(const struct steer_recall *recall, char out[STEER_RECALL_TEXT])
{
    long long rebooting = (long long)recall->rebooting, probation = (long long)recall->probation;
    long long all = rebooting + probation;
    out[0] = '\0';
    if (all > 0)
        (void)wg_format(out, STEER_RECALL_TEXT,
                        "%lld %s switched over and cannot be recalled (%lld rebooting, %lld on "
                        "probation): %s by %s",
                        all, all == 1 ? "device has" : "devices have", rebooting, probation,
                        all == 1 ? "it finishes or falls back" : "they finish or fall back",
                        all == 1 ? "itself" : "themselves");
}

json_t *steer_recall_json(const struct steer_recall *recall)
{
    return json_pack("{s:I,s:I}", "rebooting", (json_int_t)recall->rebooting, "probation",
                     (json_int_t)recall->probation);
}
