/* call.h: which program a call means, and how it is run: a file of the folder of hooks, or curl for
 * a URL. */
#ifndef WG_ORCHESTRATOR_HOOK_CALL_H
#define WG_ORCHESTRATOR_HOOK_CALL_H

#include "orchestrator/hook/hooks.h"
#include "orchestrator/hook/process.h"

#include <limits.h>

#define CALL_ARGUMENTS_MAX 32
#define CALL_ENVIRONMENT_MAX 8
#define CALL_TEXT_MAX 256

struct call {
    char program[PATH_MAX];
    const char *arguments[CALL_ARGUMENTS_MAX + 1];
    const char *environment[CALL_ENVIRONMENT_MAX + 1];
    char texts[CALL_ENVIRONMENT_MAX][CALL_TEXT_MAX];
    size_t argument_count, environment_count;
    struct process_job job; /* points into this and into what was called */
};

bool call_is_url(const struct hook_call *given);

/* WG_E_USAGE: the call itself is wrong; WG_E_NOT_FOUND, WG_E_DENIED: the program is not there, or
 * not one that may be run. Not to be copied: out points into itself. */
WG_MUST_CHECK bool call_prepare(struct call *out, const struct hooks_settings *settings,
                                const struct hook_call *given, struct wg_error *err);

#endif
