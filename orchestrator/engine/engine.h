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
#define ENGINE_ACTIONS_MAX (POLICY_WAVES_MAX * 8 + 32)
#define ENGINE_WORDS_MAX 256          /* a hook's own words, an operator's reason */
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

/* What a person did to a wave's gate. */
enum engine_manual { ENGINE_MANUAL_NONE, ENGINE_MANUAL_ADVANCE, ENGINE_MANUAL_HOLD };

enum engine_hook {
    ENGINE_HOOK_NONE,
    ENGINE_HOOK_RUNNING,
    ENGINE_HOOK_PASS,
    ENGINE_HOOK_HOLD,
    ENGINE_HOOK_FAIL
};

/* Pairs of an updated device and one not yet updated (health.h). */
struct engine_health {
    int64_t worse, better, tie;
};

struct engine_wave {
    char name[WG_NAME_MAX + 1];
    enum wave_state state;
    wg_time last_finish; /* of a member; 0: none yet */
    int64_t members;
    int64_t count[WG_STATES];       /* members by state; sums to members */
    int64_t faults;                 /* members in a final state with a fault as cause */
    int64_t fault_class[WG_CAUSES]; /* the same by class */
    int64_t approvals;     /* valid ones for this wave: right role, digest and signature, not the
                              author, not expired, each operator once */
    wg_time approval_ends; /* when the first of them expires; 0: none does */
    enum engine_manual manual;
    char manual_words[ENGINE_WORDS_MAX]; /* "by anna: reason" */
    enum engine_hook hook;               /* its last answer */
    wg_time hook_at;                     /* of the question or the answer */
    char hook_words[ENGINE_WORDS_MAX];
    struct engine_health health;
};

/* How a campaign that is stopping ends. */
enum engine_stop {
    ENGINE_STOP_ABORT,          /* withdraws what has not switched over; aborted */
    ENGINE_STOP_FINISH_STARTED, /* what was offered goes on, nothing more starts; finished */
    ENGINE_STOP_ROLLBACK        /* like abort; rolled-back */
};

struct engine_view {
    enum campaign_state state;
    char waits_for[ENGINE_CAUSE_MAX]; /* campaigns that must finish first; "" none */
    wg_time started_at;               /* it began to run; 0: not yet */
    bool held;     /* updates in hand must not switch over: paused with hold, over its budget */
    int64_t ready; /* devices that wait for the word to switch over */
    enum engine_stop stop; /* while stopping */
    int64_t approvals;     /* valid ones for the start, not expired */
    bool start_approved;   /* this revision began with them */
    int64_t offered;       /* devices offered in the last minute */
    wg_time offered_first; /* the earliest of these offers; 0: none */
    bool source_runs;      /* it rolls another campaign back that may still leave updated devices */
    bool is_rollback;      /* it rolls another campaign back */
    bool
        rollback_made; /* the campaign that rolls this one back is there: before, it does not end */
    size_t wave_count; /* as in the policy */
    struct engine_wave waves[POLICY_WAVES_MAX];
};

enum engine_action_kind {
    ENGINE_SET_CAMPAIGN, /* campaign, stop, held, cause */
    ENGINE_SET_WAVE,     /* wave, wave_state, cause */
    ENGINE_CLAIM,    /* wave, limit: offer to so many waiting devices that are online and due; all
                        claims of a look together to no more than its slots, in their order */
    ENGINE_WITHDRAW, /* every device that has not switched over: waiting and deferred at once,
                        offered, accepted, downloading and installing by a withdrawal that the
                        device confirms */
    ENGINE_WITHDRAW_WAITING, /* waiting and deferred alone, at once */
    ENGINE_EXPIRE, /* expiries, checked: devices that take too long, but those that are ready: they
                      wait for a word, not too long for anything */
    ENGINE_GIVE_BACK, /* devices that went offline before they switched over: waiting again */
    ENGINE_RELEASE,   /* devices that are ready may switch over: no longer held */
    ENGINE_RUN_HOOK,  /* wave: ask the gate's hook */
    ENGINE_PAIR,      /* wave: compare more devices for the gate's health */
    ENGINE_SUPERSEDE, /* take the devices of this campaign out of those that it supersedes */
    ENGINE_PREEMPT,   /* take the devices of this campaign away from others, before they switch over
                       */
    ENGINE_ROLL_BACK  /* make the campaign that sends updated devices back */
};

/* Devices in state from since before that time. to = WG_WAITING: the attempt does not count;
 * WG_FAILED: retry rules hold. */
struct engine_expiry {
    enum wg_state from, to;
    enum wg_cause cause;
    wg_time before;
};
#define ENGINE_EXPIRIES_MAX 7

struct engine_action {
    enum engine_action_kind kind;
    enum campaign_state campaign;
    bool held;
    enum engine_stop stop;
    size_t wave;
    enum wave_state wave_state;
    int64_t limit;
    size_t expiry_count; /* each of another state */
    struct engine_expiry expiries[ENGINE_EXPIRIES_MAX];
    wg_time checked; /* whoever goes on and was looked at since then cannot be late now */
    char cause[ENGINE_CAUSE_MAX]; /* for a person, with figures */
};

struct engine_actions {
    size_t count;
    struct engine_action items[ENGINE_ACTIONS_MAX];
    int64_t slots; /* that all claims of this look together may fill */
    wg_time wake;  /* when time alone changes something: ends of soaks, schedules, emergencies,
                      approvals; rates; hooks to be asked again. Always after now; 0: nothing does */
};

/* Decides. The budget is a hard bound: a campaign that was paused by it and is resumed is paused
 * again at once, and so is one that is resumed after the end of its schedule; with POLICY_ABORT and
 * POLICY_ROLLBACK the budget also stops a campaign that is paused, or finishes what it started. It
 * holds too for one that has begun and whose revision waits for approvals.
 * Calling it again with a view in which its actions are carried out yields no further state change:
 * it comes to rest (a campaign that begins to run in one look opens its waves in the next). */
void engine_decide(const struct policy *policy, const struct engine_view *view, wg_time now,
                   struct engine_actions *out);

/* How many may be offered an update now. */
struct engine_pace {
    int64_t in_flight; /* devices with an update in hand */
    int64_t rate;      /* that may be offered in a minute; -1: no limit */
    int64_t slots;     /* that may be offered now, before caps per attribute and windows */
    wg_time next;      /* when the rate lets more be offered; 0: it is not the rate that limits */
};
void engine_pace(const struct policy *policy, const struct engine_view *view, wg_time now,
                 struct engine_pace *out);

/* What a campaign waits for, in words with figures: "1 of 2 approvals by rollout-admin", "starts at
 * 2026-12-01T10:00:00.000Z". Empty while it runs and when it is over. */
void engine_campaign_reason(const struct policy *policy, const struct engine_view *view,
                            wg_time now, char out[ENGINE_CAUSE_MAX]);
/* What a wave waits for, in words with figures: "soaks until 2026-12-01T10:00:00Z", "1 of 2
 * approvals by rollout-admin", "3 of 5 devices finished, 5 asked for". Empty for passed waves. */
void engine_wave_reason(const struct policy *policy, const struct engine_view *view, size_t wave,
                        wg_time now, char out[ENGINE_CAUSE_MAX]);

/* What an operator may do in which state; false: the reason is in err (WG_E_CONFLICT). */
enum engine_command {
    ENGINE_PAUSE, /* also to hold one that is paused already */
    ENGINE_RESUME,
    ENGINE_ABORT,
    ENGINE_APPROVE,
    ENGINE_START,   /* a draft */
    ENGINE_ADVANCE, /* a wave's gate, and its hold */
    ENGINE_ROLLBACK /* a campaign that is over stays what it is: another one sends its devices back
                     */
};
const char *engine_stop_text(enum engine_stop stop); /* "abort" "finish-started" "rollback" */
bool engine_stop_parse(const char *text, enum engine_stop *out);
struct wg_error;
bool engine_command_allowed(enum engine_command command, enum campaign_state state,
                            enum campaign_state *next, struct wg_error *err);

#endif
