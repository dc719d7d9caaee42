/* engine.h: what a campaign does next. Pure: everything it knows is in its arguments, everything it
 * wants is in its result. It sees counters, never single devices; the store claims devices for it.
 */
#ifndef WG_ORCHESTRATOR_ENGINE_ENGINE_H
#define WG_ORCHESTRATOR_ENGINE_ENGINE_H

#include "common/state.h"
#include "orchestrator/engine/policy.h"

#define ENGINE_CAUSE_MAX 256
/* Of one look at most: a wave goes through 4 states and is claimed from; 7 time-outs, and the
 * campaign's own. */
#define ENGINE_ACTIONS_MAX (POLICY_WAVES_MAX * 5 + 16)
#define ENGINE_CLAIM_MAX 1000         /* devices claimed in one tick: bounds the transaction */
#define ENGINE_GRACE (60 * WG_SECOND) /* the device judges its own time-outs first */

enum campaign_state {
    CAMPAIGN_DRAFT,
    CAMPAIGN_AWAITING_APPROVAL,
    CAMPAIGN_SCHEDULED,
    CAMPAIGN_RUNNING,
    CAMPAIGN_PAUSED,
    CAMPAIGN_STOPPING, /* aborted, devices in hand finish */
    CAMPAIGN_FINISHED,
    CAMPAIGN_ABORTED,
    CAMPAIGN_ROLLED_BACK,
    CAMPAIGN_STATES
};

enum wave_state {
    WAVE_PENDING,
    WAVE_OPEN,
    WAVE_SOAKING,
    WAVE_AT_GATE,
    WAVE_PASSED,
    WAVE_FAILED,
    WAVE_STATES
};

const char *campaign_state_text(enum campaign_state state);
bool campaign_state_parse(const char *text, enum campaign_state *out);
bool campaign_state_is_final(enum campaign_state state);
const char *wave_state_text(enum wave_state state); /* "at-gate" */
bool wave_state_parse(const char *text, enum wave_state *out);

struct engine_wave {
    char name[WG_NAME_MAX + 1];
    enum wave_state state;
    wg_time last_finish; /* of a member; 0: none yet */
    int64_t members;
    int64_t count[WG_STATES]; /* members by state; sums to members */
    int64_t faults;           /* members in a final state with a fault as cause */
    int64_t approvals;        /* valid ones for this wave: right role, digest and signature, not the
                                 author, each operator once */
};

struct engine_view {
    enum campaign_state state;
    char waits_for[ENGINE_CAUSE_MAX]; /* campaigns that must finish first; "" none */
    size_t wave_count;                /* as in the policy */
    struct engine_wave waves[POLICY_WAVES_MAX];
};

enum engine_action_kind {
    ENGINE_SET_CAMPAIGN, /* campaign, cause */
    ENGINE_SET_WAVE,     /* wave, wave_state, cause */
    ENGINE_CLAIM,        /* wave, limit: offer to so many waiting devices that are online and due */
    ENGINE_WITHDRAW, /* every device that has not started: waiting and deferred at once, offered,
                        accepted and downloading by a withdrawal that the device confirms */
    ENGINE_EXPIRE    /* from, before, to, cause: devices in state from since before that time */
};

struct engine_action {
    enum engine_action_kind kind;
    enum campaign_state campaign;
    size_t wave;
    enum wave_state wave_state;
    int64_t limit;
    enum wg_state from,
        to; /* to = WG_WAITING: the attempt does not count; WG_FAILED: retry rules hold */
    enum wg_cause cause_class;
    wg_time before;
    char cause[ENGINE_CAUSE_MAX]; /* for a person, with figures */
};

struct engine_actions {
    size_t count;
    struct engine_action items[ENGINE_ACTIONS_MAX];
    wg_time wake; /* when time alone changes something (end of a soak); 0: nothing does */
};

/* Decides. The budget is a hard bound: a campaign that was paused by it and is resumed is paused
 * again at once; with POLICY_ABORT it also stops a campaign that is paused. Calling it again with a
 * view in which its actions are carried out yields no further state change: it comes to rest. */
void engine_decide(const struct policy *policy, const struct engine_view *view, wg_time now,
                   struct engine_actions *out);

/* What a wave waits for, in words with figures: "soaks until 2026-12-01T10:00:00Z", "1 of 2
 * approvals by rollout-admin", "3 of 5 devices finished, 5 asked for". Empty for passed waves. */
void engine_wave_reason(const struct policy *policy, const struct engine_view *view, size_t wave,
                        wg_time now, char out[ENGINE_CAUSE_MAX]);

/* What an operator may do in which state; false: the reason is in err (WG_E_CONFLICT). */
enum engine_command { ENGINE_PAUSE, ENGINE_RESUME, ENGINE_ABORT, ENGINE_APPROVE };
struct wg_error;
bool engine_command_allowed(enum engine_command command, enum campaign_state state,
                            enum campaign_state *next, struct wg_error *err);

#endif
