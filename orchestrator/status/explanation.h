/* explanation.h: why a device's place in a campaign is as it is: what it waits for right now, what
 * it does, how it ended. Pure; every reachable state has one. */
#ifndef WG_ORCHESTRATOR_STATUS_EXPLANATION_H
#define WG_ORCHESTRATOR_STATUS_EXPLANATION_H

#include "orchestrator/engine/engine.h"
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/device_row.h"

#define EXPLANATION_TEXT 1536 /* holds a device's own words whole */

/* What holds the device; for programs. */
enum explanation_code {
    EXPLAINED_SUCCEEDED,
    EXPLAINED_SATISFIED, /* ran the release already */
    EXPLAINED_FAILED,    /* failed, rolled back, silent */
    EXPLAINED_WITHDRAWN,
    EXPLAINED_SUPERSEDED, /* another campaign took its place */
    EXPLAINED_MOVING,     /* has its order in hand */
    EXPLAINED_UNSIGNED,   /* is offered it, and its order is not signed */
    EXPLAINED_HELD,       /* has installed, and waits for the word to switch over */
    EXPLAINED_DEFERRED,   /* its own hook said not now */
    EXPLAINED_REVOKED,
    EXPLAINED_QUARANTINED,    /* it looks cloned */
    EXPLAINED_BUDGET,         /* more has failed than the campaign tolerates */
    EXPLAINED_DRAFT,          /* the campaign has not been started */
    EXPLAINED_APPROVALS,      /* before the campaign starts */
    EXPLAINED_AFTER,          /* other campaigns must finish first */
    EXPLAINED_SCHEDULE,       /* the campaign has not begun yet, or its time is over */
    EXPLAINED_CAMPAIGN,       /* the campaign does not run: paused, stopping, ended */
    EXPLAINED_WAVE,           /* a wave before its own is at work */
    EXPLAINED_GATE,           /* a wave before its own soaks, or is at its gate */
    EXPLAINED_GATE_HELD,      /* that gate is held by a person */
    EXPLAINED_GATE_APPROVALS, /* that gate asks for approvals */
    EXPLAINED_GATE_HEALTH,    /* that gate compares devices */
    EXPLAINED_GATE_HOOK,      /* that gate asks its hook */
    EXPLAINED_ZONE,           /* a window in a time zone that is not known */
    EXPLAINED_BACKOFF,
    EXPLAINED_OFFLINE,
    EXPLAINED_GIVEN_BACK,   /* it went offline with its update in hand */
    EXPLAINED_WINDOW,       /* outside its maintenance window */
    EXPLAINED_EMERGENCY,    /* an emergency campaign has it, or goes first */
    EXPLAINED_OTHER_UPDATE, /* another campaign's update is in hand */
    EXPLAINED_PRIORITY,     /* another campaign goes first */
    EXPLAINED_VALUE_CAP,    /* as many updates as may are in hand with its value of an attribute */
    EXPLAINED_CAP,          /* as many updates as may are in flight */
    EXPLAINED_RATE,         /* as many as may were offered in this minute */
    EXPLAINED_TURN,         /* others before it take the slots that are free */
    EXPLAINED_NEXT,         /* nothing holds it */
    EXPLANATION_CODES
};
const char *explanation_code_text(enum explanation_code code); /* "other-update" */

struct explanation_facts { /* borrowed */
    const struct device_row *device;
    const struct device_place_row *place;
    const struct device_holder_row
        *holder;                       /* another campaign that has the device, or goes first */
    const struct device_cap_row *caps; /* one for each of the policy's attributes; NULL: none */
    const struct campaign_row *row;    /* NULL: approvals that expired are not told */
    const struct policy *policy;
    const struct engine_view *view; /* with what was offered in the last minute */
    const char *zone;               /* in which the window counts; NULL or "" not known */
    const struct wg_tz *tz;         /* of that name; NULL: there is none */
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

/* Whether the campaign has a window that counts for this look. */
bool explanation_has_window(const struct policy *policy);

#endif
