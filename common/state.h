/* state.h: the words for what a device does in a campaign, and which word may follow which.
 * One table for wire, SQL, schema, C and page (DESIGN.md section 6). Pure. */
#ifndef WG_COMMON_STATE_H
#define WG_COMMON_STATE_H

#include <stdbool.h>

enum wg_state {
    WG_WAITING = 0,
    WG_OFFERED,
    WG_ACCEPTED,
    WG_DEFERRED,
    WG_DOWNLOADING,
    WG_INSTALLING,
    WG_REBOOTING,
    WG_PROBATION,
    WG_SUCCEEDED,
    WG_FAILED,
    WG_ROLLED_BACK,
    WG_SILENT,
    WG_WITHDRAWN,
    WG_SUPERSEDED,
    WG_SATISFIED, /* ran the release already when its turn came */
    WG_STATES
};

/* Why a device did not succeed. The first group are faults and spend the failure budget. */
enum wg_cause {
    WG_CAUSE_NONE = 0,
    WG_CAUSE_VERIFY,
    WG_CAUSE_DOWNLOAD,
    WG_CAUSE_INSTALL,
    WG_CAUSE_BOOT,
    WG_CAUSE_HEALTH,
    WG_CAUSE_SILENT,
    WG_CAUSE_TIMEOUT,
    WG_CAUSE_DEFERRED, /* from here on: not faults */
    WG_CAUSE_OFFLINE,
    WG_CAUSE_REFUSED,
    WG_CAUSE_SHED,
    WG_CAUSE_INCOMPATIBLE,
    WG_CAUSE_WITHDRAWN,
    WG_CAUSES
};

const char *wg_state_text(enum wg_state state); /* "rolled-back" */
bool wg_state_parse(const char *text, enum wg_state *out);
const char *wg_cause_text(enum wg_cause cause);            /* "" for none */
bool wg_cause_parse(const char *text, enum wg_cause *out); /* "" and NULL read as none */

bool wg_state_is_final(
    enum wg_state state); /* succeeded failed rolled-back silent withdrawn superseded satisfied */
bool wg_state_is_in_flight(
    enum wg_state state); /* holds a slot of pace.in_flight: offered .. probation, but deferred */
/* Has its order and has not ended: accepted downloading installing rebooting probation. */
bool wg_state_goes_on(enum wg_state state);
/* What a device tells before it switches over: accepted deferred downloading installing. */
bool wg_state_is_before_switch(enum wg_state state);
bool wg_cause_is_fault(enum wg_cause cause);
/* Download, install and time-out of a phase may be tried again, and so may what was no attempt at
 * all (deferred, offline, shed); what the release itself did to the device (verify, boot, health,
 * silent) may not, nor what would be answered the same (refused, incompatible, withdrawn). */
bool wg_cause_is_retriable(enum wg_cause cause);

/* May a device be said to be in state by its own report? (Not waiting, offered, silent, withdrawn
 * by time-out, superseded: those are the orchestrator's words. withdrawn confirms a withdrawal.) */
bool wg_state_is_reportable(enum wg_state state);

/* Does a report of state next, for the attempt in hand, move a device that stands at now? False for
 * duplicates, stale and late reports and for every finished state: those are kept as remarks.
 * Within one attempt progress only goes forward (skipping is normal: reports get lost or
 * reordered). */
bool wg_state_may_follow(enum wg_state now, enum wg_state next);

#endif
