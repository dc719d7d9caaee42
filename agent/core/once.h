/* once.h: whether a device on the factory's line is through: what the jig is told, and the exit
 * code for it. Pure. docs/agent.md, "Factory line", has the table. */
#ifndef WG_AGENT_CORE_ONCE_H
#define WG_AGENT_CORE_ONCE_H

#include "agent/core/core.h"

/* The value is the exit code. */
enum once_result {
    ONCE_DONE = 0,     /* it runs the newest release that it may have, and is well */
    ONCE_ERROR = 1,    /* the agent cannot go on */
    ONCE_SETTINGS = 2, /* command line or configuration */
    ONCE_LATER = 3,    /* there is a release for it, and it may not have it now */
    ONCE_REFUSED = 4,  /* the token is not good */
    ONCE_NO_TOKEN = 5, /* neither certificate nor token */
    ONCE_CONFLICT = 6, /* another agent runs here, or another certificate is in force */
    ONCE_FAILED = 7,   /* the last update failed, or was rolled back */
    ONCE_TIMEOUT = 8,  /* the time is up; to be called again */
    ONCE_OFFLINE = 9,  /* the time is up, and there is no connection */
    ONCE_REBOOT = 10,  /* to be rebooted now, and called again */
    ONCE_UNWELL = 11,  /* a check of the device itself says no */
    ONCE_INTERRUPTED = 130
};
const char *once_result_text(enum once_result result); /* "done"; "" none */
/* What a failure before or beside the update means for the jig. */
enum once_result once_result_of(enum wg_error_code code);

/* What the core knows. */
struct once_facts {
    enum core_phase phase;
    bool online;
    bool put_off;       /* the order in hand waits until it is offered again */
    size_t pending;     /* reports not yet acknowledged */
    enum wg_next next;  /* the answer to the last question; unknown: there is none */
    enum wg_state last; /* how the last order ended; WG_WAITING: there was none */
    bool reboot;        /* one was asked for that the agent does not do itself */
    bool is_over;       /* the time is up */
};
void once_facts_of(const struct core *core, struct once_facts *out);

/* Is it settled, and how? ONCE_DONE, ONCE_LATER and ONCE_FAILED are said once all reports are
 * acknowledged; the device's own checks come after them. */
bool once_judge(const struct once_facts *facts, enum once_result *out);

/* How the last order ended, and why one was put off; borrowed until the core is called again. */
struct once_story {
    const char *order, *campaign, *detail; /* "" none */
    enum wg_state state;                   /* WG_WAITING: none has ended */
    enum wg_cause cause;
    const char *later; /* "" none was put off */
};
void once_story_of(const struct core *core, struct once_story *out);

#endif
