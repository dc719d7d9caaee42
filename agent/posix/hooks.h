/* hooks.h: the device's own programs, asked before a step of an update and after it, one after the
 * other in the order of their names (docs/hooks.md).
 *
 *   FOLDER/install/enter/10-parked     an executable
 *
 * Names hold letters, digits, - and _; others are no hooks. Exit code 0: go on; 75: not now, the
 * last line of output says why, a line "delay: 10m" when to ask again; all else: no. The first that
 * does not say go ends it. Folders and hooks belong to root or to the agent's user, and nobody else
 * may write there: else nothing is run, and the answer is no. */
#ifndef WG_AGENT_POSIX_HOOKS_H
#define WG_AGENT_POSIX_HOOKS_H

#include "agent/core/hook.h"
#include "agent/posix/runner.h"

#include <limits.h>

#define HOOKS_MAX 32 /* of one moment */
#define HOOKS_TEXT_MAX (RUNNER_TEXT_MAX + 192)
#define HOOKS_TIMEOUT (30 * WG_SECOND) /* usual time for one of them */

enum hooks_verdict { HOOKS_GO, HOOKS_NO, HOOKS_LATER };

struct hooks_answer {
    enum hooks_verdict verdict;
    bool any;                  /* there was one to ask */
    wg_duration delay;         /* later; 0: not said */
    char text[HOOKS_TEXT_MAX]; /* not for go: "install/enter/10-parked: the vehicle moves" */
};

struct hooks {
    const char *folder; /* borrowed; "": there are none */
    wg_duration timeout;
    struct runner runner;
    struct core_hook point;
    char slot[WG_NAME_MAX + 1];
    char path[PATH_MAX]; /* of the moment's folder */
    size_t count, next;
    char names[HOOKS_MAX][WG_NAME_MAX + 1];
    bool asking;
    bool answered; /* to be told by the next look */
    struct hooks_answer answer;
};

void hooks_init(struct hooks *hooks, const char *folder, wg_duration timeout);
/* Begins to ask; what was asked before is stopped. The answer comes from hooks_look, never from
 * here, also when there is nobody to ask. slot: that runs. */
void hooks_ask(struct hooks *hooks, const struct core_hook *point, const char *slot, wg_time now);
/* To be called when a descriptor of the runner is readable, or its time has come. True: *out is the
 * answer, and nothing runs any more. */
bool hooks_look(struct hooks *hooks, wg_time now, struct hooks_answer *out);
/* When to look again at the latest, monotonic; 0: nothing is asked. */
wg_time hooks_wake(const struct hooks *hooks);
void hooks_stop(struct hooks *hooks); /* kills; nothing is told */

#endif
