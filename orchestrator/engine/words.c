/* words.c: the words for states of campaigns and waves, and for how a campaign stops. */
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

static const char *const stops[] = {[ENGINE_STOP_ABORT] = "abort",
                                    [ENGINE_STOP_FINISH_STARTED] = "finish-started",
                                    [ENGINE_STOP_ROLLBACK] = "rollback"};
#define STOPS (sizeof stops / sizeof stops[0])

const char *engine_stop_text(enum engine_stop stop)
{
    return (size_t)stop < STOPS ? stops[stop] : "";
}

bool engine_stop_parse(const char *text, enum engine_stop *out)
{
    for (size_t i = 0; i < STOPS; i++)
        if (strcmp(text, stops[i]) == 0) {
            *out = (enum engine_stop)i;
            return true;
        }
    return false;
}
