/* words.c: the words for states of campaigns and waves, and what an operator may do in which. */
#include "common/error.h"
#include "orchestrator/engine/engine.h"

#include <string.h>

static const struct {
    const char *text;
    bool final;
} campaigns[CAMPAIGN_STATES] = {
    [CAMPAIGN_DRAFT] = {"draft", false},
    [CAMPAIGN_AWAITING_APPROVAL] = {"awaiting-approval", false},
    [CAMPAIGN_SCHEDULED] = {"scheduled", false},
    [CAMPAIGN_RUNNING] = {"running", false},
    [CAMPAIGN_PAUSED] = {"paused", false},
    [CAMPAIGN_STOPPING] = {"stopping", false},
    [CAMPAIGN_FINISHED] = {"finished", true},
    [CAMPAIGN_ABORTED] = {"aborted", true},
    [CAMPAIGN_ROLLED_BACK] = {"rolled-back", true},
};

static const char *const waves[WAVE_STATES] = {
    [WAVE_PENDING] = "pending", [WAVE_OPEN] = "open",     [WAVE_SOAKING] = "soaking",
    [WAVE_AT_GATE] = "at-gate", [WAVE_PASSED] = "passed", [WAVE_FAILED] = "failed"};

const char *campaign_state_text(enum campaign_state state)
{
    return (unsigned)state < CAMPAIGN_STATES ? campaigns[state].text : "";
}

bool campaign_state_parse(const char *text, enum campaign_state *out)
{
    for (size_t i = 0; i < CAMPAIGN_STATES; i++)
        if (strcmp(text, campaigns[i].text) == 0) {
            *out = (enum campaign_state)i;
            return true;
        }
    return false;
}

bool campaign_state_is_final(enum campaign_state state)
{
    return campaigns[state].final;
}

const char *wave_state_text(enum wave_state state)
{
    return (unsigned)state < WAVE_STATES ? waves[state] : "";
}

bool wave_state_parse(const char *text, enum wave_state *out)
{
    for (size_t i = 0; i < WAVE_STATES; i++)
        if (strcmp(text, waves[i]) == 0) {
            *out = (enum wave_state)i;
            return true;
        }
    return false;
}

bool engine_command_allowed(enum engine_command command, enum campaign_state state,
                            enum campaign_state *next, struct wg_error *err)
{
    static const struct {
        const char *verb;
        unsigned from; /* one bit a state */
        enum campaign_state to;
        bool stays;
    } rules[] = {
        [ENGINE_PAUSE] = {"pause", 1u << CAMPAIGN_RUNNING, CAMPAIGN_PAUSED, false},
        [ENGINE_RESUME] = {"resume", 1u << CAMPAIGN_PAUSED, CAMPAIGN_RUNNING, false},
        [ENGINE_ABORT] = {"abort",
                          1u << CAMPAIGN_DRAFT | 1u << CAMPAIGN_AWAITING_APPROVAL |
                              1u << CAMPAIGN_SCHEDULED | 1u << CAMPAIGN_RUNNING |
                              1u << CAMPAIGN_PAUSED,
                          CAMPAIGN_STOPPING, false},
        [ENGINE_APPROVE] = {"approve", 1u << CAMPAIGN_RUNNING | 1u << CAMPAIGN_PAUSED,
                            CAMPAIGN_RUNNING, true},
    };
    if (!(rules[command].from & 1u << state))
        return wg_fail(err, WG_E_CONFLICT, "the campaign is %s: nothing to %s",
                       campaign_state_text(state), rules[command].verb);
    *next = rules[command].stays ? state : rules[command].to;
    return true;
}
