/* steer.c: actor, campaign and transaction. */
#include "orchestrator/steering/steer.h"

#include <stdlib.h>
#include <string.h>

bool steer_reason_is_fine(const char *reason)
{
    size_t len = strlen(reason);
    if (len > STEER_REASON_MAX || !wg_text_is_utf8(reason, len)) return false;
    for (; *reason; reason++)
        if ((unsigned char)*reason < ' ' || *reason == 0x7f) return false;
    return true;
}

static bool load(struct steer *steer, const char *name, struct wg_error *err)
{
    struct db *db = steer->db;
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

struct steer *steer_new(struct db *db, const char *actor, const char *reason, const char *campaign,
                        wg_time now, struct wg_error *err)
{
    struct steer *steer = calloc(1, sizeof *steer);
    if (!steer) {
        (void)wg_fail_memory(err, "steering a campaign");
        return NULL;
    }
    steer->db = db;
    steer->now = now;
    (void)wg_copy(steer->actor, sizeof steer->actor, actor);
    (void)wg_format(steer->cause, sizeof steer->cause, "by %s%s%s", actor, reason[0] ? ": " : "",
                    reason);
    if (load(steer, campaign, err)) return steer;
    steer_free(steer);
    return NULL;
}

void steer_free(struct steer *steer)
{
    if (!steer) return;
    db_rollback(steer->db);
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
                                       .actor = steer->actor,
                                       .held = held,
                                       .stop = engine_stop_text(stop)};
    if (!campaign_row_move(steer->db, steer->row.id, &move, steer->now, err)) return false;
    (void)wg_copy(steer->cause, sizeof steer->cause, cause);
    return true;
}
