/* choice.h: the backend that the settings name. */
#ifndef WG_AGENT_POSIX_SLOT_CHOICE_H
#define WG_AGENT_POSIX_SLOT_CHOICE_H

#include "agent/posix/slot/block.h"
#include "agent/posix/slot/set.h"
#include "common/time.h"

#define SLOT_EXEC_TEXT_MAX 8192 /* bytes of an installer's settings as JSON, with NUL */

enum slot_kind { SLOT_DIR, SLOT_BLOCK, SLOT_EXEC };
enum slot_boot { SLOT_GRUB, SLOT_UBOOT };

struct slot_exec_settings {
    char program[PATH_MAX];
    char settings[SLOT_EXEC_TEXT_MAX]; /* a JSON object, "" none; members as exec.h says */
    wg_duration quick, work;           /* limits of exec.h; 0: its defaults */
};

struct slot_settings {
    enum slot_kind kind;
    struct block_settings block; /* for SLOT_BLOCK alone, and the next two */
    enum slot_boot boot;
    char environment[PATH_MAX];     /* GRUB: its block; U-Boot: fw_env.config */
    struct slot_exec_settings exec; /* for SLOT_EXEC alone */
};

/* Of a component that does not lie in the slots of the system. */
struct slot_place {
    char component[WG_NAME_MAX + 1];
    struct slot_settings slots;
};

struct slot_places {
    size_t count;
    struct slot_place places[SET_PLACES_MAX - 1];
};

/* NULL: it has no place of its own. */
const struct slot_settings *slot_places_find(const struct slot_places *places,
                                             const char *component);

/* places: of further components; what they keep in the state folder lies in places/COMPONENT there.
 * state: the agent's state folder; all are copied. stop_fd: borrowed; when it is readable, a
 * program that works for the slots is ended (WG_E_INTERRUPTED); 0: nobody asks. */
struct slot_backend *slot_open(const struct slot_settings *settings,
                               const struct slot_places *places, const char *state, int stop_fd,
                               struct wg_error *err);
/* Factory: puts the payload into slot a, of the place of that component, as the default. Only where
 * no slot holds a release, and not beside a running agent. WG_E_USAGE: no name or version, or the
 * slots are an installer's, which is told what the factory has put there. */
WG_MUST_CHECK bool slot_provision(const struct slot_settings *settings,
                                  const struct slot_places *places, const char *state,
                                  const char *payload, const char *component, const char *version,
                                  struct wg_error *err);

#endif
