/* explanation.h: why a device's place in a campaign is as it is: what it waits for right now, what
 * it does, how it ended. Pure; every reachable state has one. */
#ifndef WG_ORCHESTRATOR_STATUS_EXPLANATION_H
#define WG_ORCHESTRATOR_STATUS_EXPLANATION_H

#include "orchestrator/engine/engine.h"
#include "orchestrator/store/device_row.h"

#define EXPLANATION_TEXT 1024 /* holds a device's own words whole */

/* What holds the device; for programs. */
enum explanation_code {
    EXPLAINED_SUCCEEDED,
    EXPLAINED_FAILED,    /* failed, rolled back, silent */
    EXPLAINED_WITHDRAWN, /* or superseded */
    EXPLAINED_MOVING,    /* has its order in hand */
    EXPLAINED_DEFERRED,  /* its own hook said not now */
    EXPLAINED_REVOKED,
    EXPLAINED_BUDGET,   /* more has failed than the campaign tolerates */
    EXPLAINED_AFTER,    /* other campaigns must finish first */
    EXPLAINED_CAMPAIGN, /* the campaign does not run: paused, stopping, ended */
    EXPLAINED_WAVE,     /* a wave before its own is at work */
    EXPLAINED_GATE,     /* a wave before its own soaks, or is at its gate */
    EXPLAINED_BACKOFF,
    EXPLAINED_OFFLINE,
    EXPLAINED_OTHER_UPDATE, /* another campaign's update is in hand */
    EXPLAINED_PRIORITY,     /* another campaign goes first */
    EXPLAINED_CAP,          /* as many updates as may are in flight */
    EXPLAINED_NEXT,         /* nothing holds it */
    EXPLANATION_CODES
};
const char *explanation_code_text(enum explanation_code code); /* "other-update" */

struct explanation_facts { /* borrowed */
    const struct device_row *device;
    const struct device_place_row *place;
    const struct device_holder_row
        *holder; /* another campaign that has the device, or goes first */
    const struct policy *policy;
    const struct engine_view *view;
    wg_time now;
};

struct explanation {
    enum explanation_code code;
    char text[EXPLANATION_TEXT]; /* reads on from the device's name: "waits: .." */
    wg_time until; /* when time alone changes it, after now; 0: time does not, or the next look
                      does */
    size_t wave;   /* the wave that holds it back; its own when none does */
};

void explanation_of(const struct explanation_facts *facts, struct explanation *out);

#endif
