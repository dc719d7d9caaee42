/* exec_environment.h: the environment of an installer: what is always so, the device's settings,
 * and the release in hand. Pure but for memory. */
#ifndef WG_AGENT_POSIX_SLOT_EXEC_ENVIRONMENT_H
#define WG_AGENT_POSIX_SLOT_EXEC_ENVIRONMENT_H

#include "agent/posix/slot/exec.h"

#define EXEC_ENVIRONMENT_FIXED 4
#define EXEC_ENVIRONMENT_RELEASE 6
#define EXEC_ENVIRONMENT_MAX                                                                       \
    (EXEC_ENVIRONMENT_FIXED + SLOT_EXEC_SETTINGS_MAX + EXEC_ENVIRONMENT_RELEASE)
#define EXEC_PAIR_MAX 160 /* bytes of "NAME=value" of the release, with NUL */

struct exec_environment {
    char *entries[EXEC_ENVIRONMENT_MAX + 1]; /* ends with NULL */
    size_t kept;                             /* owned; behind them those of the release, borrowed */
    size_t count;
    char release[EXEC_ENVIRONMENT_RELEASE][EXEC_PAIR_MAX];
};

/* WG_E_BAD_FILE names the setting that cannot be handed on. Clear also after a failure. */
WG_MUST_CHECK bool exec_environment_init(struct exec_environment *environment, const char *folder,
                                         const json_t *settings, struct wg_error *err);
void exec_environment_clear(struct exec_environment *environment);

/* Forgets the release of the verb before. */
void exec_environment_reset(struct exec_environment *environment);
void exec_environment_release(struct exec_environment *environment,
                              const struct slot_release *release);
/* At most two, behind the release. */
void exec_environment_number(struct exec_environment *environment, const char *name, int64_t value);

#endif
