/* device_act.h: what a person does to one device: once more, no more, hands off. Each needs a
 * reason and writes a row of the audit log; each runs in the caller's transaction (db_begin ..
 * db_commit) and wakes the orchestrators when that commits. Who may is the caller's to ask: retry
 * and cancel support-agent, deployment-admin, rollout-admin, owner; quarantine the same but
 * rollout-admin. */
#ifndef WG_ORCHESTRATOR_STORE_DEVICE_ACT_H
#define WG_ORCHESTRATOR_STORE_DEVICE_ACT_H

#include "common/state.h"
#include "common/text.h"
#include "orchestrator/store/db.h"

struct device_act { /* borrowed */
    const char *device;
    const char *campaign; /* retry, cancel */
    const char *by;       /* a person's name: the actor in the audit log */
    const char *reason;   /* device_act_check_reason() */
    wg_time now;
};

/* The place as it was before. */
struct device_act_place {
    enum wg_state state;
    enum wg_cause cause;
    wg_time retry_at;        /* 0: it did not wait for a time */
    char campaign_state[24]; /* "running": else nothing is offered until it runs */
    bool needs_campaign;     /* retry: see there */
};

/* WG_E_USAGE: UTF-8 of 1 to DEVICE_ACT_REASON_MAX bytes in one line is wanted. */
#define DEVICE_ACT_REASON_MAX 160
WG_MUST_CHECK bool device_act_check_reason(const char *reason, struct wg_error *err);

/* A place that waits for a back-off, or for the time that the device asked for, waits no longer: it
 * is offered the update as soon as wave, window and caps allow. A place that has ended badly
 * (failed, rolled-back, silent, withdrawn) never changes: out->needs_campaign, and nothing is done;
 * what can be done is a campaign of exactly this device, signed by who may apply one
 * (orchestrator/plan/rollback.h: retry_text).
 * WG_E_NOT_FOUND: no such device, or it has no place there. WG_E_CONFLICT: all other states. */
WG_MUST_CHECK bool device_act_retry(struct db *db, const struct device_act *act,
                                    struct device_act_place *out, struct wg_error *err);

/* The place of a device that has not switched over ends as withdrawn, now; an order that the device
 * may have in hand is taken back. A place that is rebooting or on probation cannot be recalled:
 * WG_E_CONFLICT, as for one that has ended. WG_E_NOT_FOUND as above. */
WG_MUST_CHECK bool device_act_cancel(struct db *db, const struct device_act *act,
                                     struct device_act_place *out, struct wg_error *err);

/* Nothing is offered to it, what it has in hand and has not switched over to is taken back, until
 * somebody clears its alarm "quarantine" (alarm_row_clear). *fresh: it was in no quarantine by a
 * person before; else the newest reason is kept. act->campaign is not looked at. WG_E_NOT_FOUND. */
WG_MUST_CHECK bool device_act_quarantine(struct db *db, const struct device_act *act, bool *fresh,
                                         struct wg_error *err);

/* Closes its alarms (kind NULL: all that are open), and with them a quarantine that they were for;
 * *kinds has a bit for each. WG_E_NOT_FOUND: there is none. act->campaign is not looked at; the
 * reason may be as long as WG_DETAIL_MAX. */
WG_MUST_CHECK bool device_act_clear(struct db *db, const struct device_act *act, const char *kind,
                                    unsigned *kinds, struct wg_error *err);

/* For the audit log alone, of what was done in another way: a campaign of exactly this device. */
WG_MUST_CHECK bool device_act_note(struct db *db, const struct device_act *act, const char *kind,
                                   const char *made, struct wg_error *err);

#endif
