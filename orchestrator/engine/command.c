/* command.c: what an operator may do in which state of a campaign.
 *
 * A rollback stops a campaign that runs, also one that is stopping for another reason. One that is
 * over stays what it is: the campaign that sends its devices back says the rest. */
#include "common/error.h"
#include "orchestrator/engine/engine.h"

#define STATE(state) (1u << CAMPAIGN_##state)
#define STAYS CAMPAIGN_STATES

struct rule {
    const char *verb;
    unsigned from; /* STATE() of each */
    enum campaign_state to;
    unsigned from_final; /* in these it stays */
};

static const struct rule rules[] = {
    [ENGINE_PAUSE] = {"pause", STATE(RUNNING) | STATE(PAUSED), CAMPAIGN_PAUSED, 0},
    [ENGINE_RESUME] = {"resume", STATE(PAUSED), CAMPAIGN_RUNNING, 0},
    [ENGINE_ABORT] = {"abort",
                      STATE(DRAFT) | STATE(AWAITING_APPROVAL) | STATE(SCHEDULED) | STATE(RUNNING) |
                          STATE(PAUSED) | STATE(STOPPING),
                      CAMPAIGN_STOPPING, 0},
    [ENGINE_APPROVE] = {"approve", STATE(AWAITING_APPROVAL) | STATE(RUNNING) | STATE(PAUSED), STAYS,
                        0},
    [ENGINE_START] = {"start", STATE(DRAFT), CAMPAIGN_AWAITING_APPROVAL, 0},
    [ENGINE_ADVANCE] = {"advance", STATE(RUNNING) | STATE(PAUSED), STAYS, 0},
    [ENGINE_ROLLBACK] = {"roll back", STATE(RUNNING) | STATE(PAUSED) | STATE(STOPPING),
                         CAMPAIGN_STOPPING, STATE(FINISHED) | STATE(ABORTED)},
};

bool engine_command_allowed(enum engine_command command, enum campaign_state state,
                            enum campaign_state *next, struct wg_error *err)
{
    const struct rule *rule = &rules[command];
    bool stays = rule->to == STAYS || (rule->from_final & 1u << state);
    if (!((rule->from | rule->from_final) & 1u << state))
        return wg_fail(err, WG_E_CONFLICT, "the campaign is %s: nothing to %s",
                       campaign_state_text(state), rule->verb);
    *next = stays ? state : rule->to;
    return true;
}
