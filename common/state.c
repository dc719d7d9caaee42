/* state.c: the tables of device states and causes.
 *
 * An attempt only goes forward: each state has a rank and a report may move a device to a higher
 * rank, by any number of steps, because reports get lost and overtake each other. Until the new
 * slot is marked to boot a device may put the update off or give it up. Who waits or has put it off
 * holds no slot: a report may end that attempt, but not go on with it before it is offered again.
 */
#include "common/state.h"

#include <stddef.h>
#include <string.h>

struct state_row {
    const char *text;
    int rank; /* of progress within an attempt */
    bool final, in_flight, reportable;
};

static const struct state_row states[WG_STATES] = {
    [WG_WAITING] = {"waiting", 0, false, false, false},
    [WG_OFFERED] = {"offered", 1, false, true, false},
    [WG_ACCEPTED] = {"accepted", 2, false, true, true},
    [WG_DEFERRED] = {"deferred", 2, false, false, true},
    [WG_DOWNLOADING] = {"downloading", 3, false, true, true},
    [WG_INSTALLING] = {"installing", 4, false, true, true},
    [WG_REBOOTING] = {"rebooting", 5, false, true, true},
    [WG_PROBATION] = {"probation", 6, false, true, true},
    [WG_SUCCEEDED] = {"succeeded", 7, true, false, true},
    [WG_FAILED] = {"failed", 7, true, false, true},
    [WG_ROLLED_BACK] = {"rolled-back", 7, true, false, true},
    [WG_SILENT] = {"silent", 7, true, false, false},
    [WG_WITHDRAWN] = {"withdrawn", 7, true, false, true},
    [WG_SUPERSEDED] = {"superseded", 7, true, false, false},
    [WG_SATISFIED] = {"satisfied", 7, true, false, true},
};

struct cause_row {
    const char *text;
    bool fault, retriable;
};

static const struct cause_row causes[WG_CAUSES] = {
    [WG_CAUSE_NONE] = {"", false, false},
    [WG_CAUSE_VERIFY] = {"verify", true, false},
    [WG_CAUSE_DOWNLOAD] = {"download", true, true},
    [WG_CAUSE_INSTALL] = {"install", true, true},
    [WG_CAUSE_BOOT] = {"boot", true, false},
    [WG_CAUSE_HEALTH] = {"health", true, false},
    [WG_CAUSE_SILENT] = {"silent", true, false},
    [WG_CAUSE_TIMEOUT] = {"timeout", true, true},
    [WG_CAUSE_DEFERRED] = {"deferred", false, true},
    [WG_CAUSE_OFFLINE] = {"offline", false, true},
    [WG_CAUSE_REFUSED] = {"refused", false, false},
    [WG_CAUSE_SHED] = {"shed", false, true},
    [WG_CAUSE_INCOMPATIBLE] = {"incompatible", false, false},
    [WG_CAUSE_WITHDRAWN] = {"withdrawn", false, false},
};

const char *wg_state_text(enum wg_state state)
{
    return (unsigned)state < WG_STATES ? states[state].text : "";
}

bool wg_state_parse(const char *text, enum wg_state *out)
{
    for (size_t i = 0; text && i < WG_STATES; i++)
        if (strcmp(text, states[i].text) == 0) {
            *out = (enum wg_state)i;
            return true;
        }
    return false;
}

const char *wg_cause_text(enum wg_cause cause)
{
    return (unsigned)cause < WG_CAUSES ? causes[cause].text : "";
}

bool wg_cause_parse(const char *text, enum wg_cause *out)
{
    for (size_t i = 0; i < WG_CAUSES; i++)
        if (strcmp(text ? text : "", causes[i].text) == 0) {
            *out = (enum wg_cause)i;
            return true;
        }
    return false;
}

bool wg_state_is_final(enum wg_state state)
{
    return states[state].final;
}

bool wg_state_is_in_flight(enum wg_state state)
{
    return states[state].in_flight;
}

bool wg_state_goes_on(enum wg_state state)
{
    return states[state].in_flight && state != WG_OFFERED;
}

bool wg_state_is_before_switch(enum wg_state state)
{
    return (unsigned)state < WG_STATES && states[state].reportable &&
           states[state].rank < states[WG_REBOOTING].rank;
}

bool wg_cause_is_fault(enum wg_cause cause)
{
    return causes[cause].fault;
}

bool wg_cause_is_retriable(enum wg_cause cause)
{
    return causes[cause].retriable;
}

bool wg_state_is_reportable(enum wg_state state)
{
    return states[state].reportable;
}

bool wg_state_may_follow(enum wg_state now, enum wg_state next)
{
    if (states[now].final || !states[next].reportable) return false;
    if (!states[now].in_flight)
        return next == WG_FAILED || next == WG_ROLLED_BACK || next == WG_WITHDRAWN;
    if (next == WG_DEFERRED || next == WG_WITHDRAWN)
        return states[now].rank < states[WG_REBOOTING].rank;
    return states[next].rank > states[now].rank;
}
