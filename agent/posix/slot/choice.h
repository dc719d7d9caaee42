/* choice.h: the backend that the settings name. */
#ifndef WG_AGENT_POSIX_SLOT_CHOICE_H
#define WG_AGENT_POSIX_SLOT_CHOICE_H

#include "agent/posix/slot/block.h"

enum slot_kind { SLOT_DIR, SLOT_BLOCK };
enum slot_boot { SLOT_GRUB, SLOT_UBOOT };

struct slot_settings {
    enum slot_kind kind;
    struct block_settings block; /* the rest is for SLOT_BLOCK alone */
    enum slot_boot boot;
    char environment[PATH_MAX]; /* GRUB: its block; U-Boot: fw_env.config */
};

/* state: the agent's state folder; both are copied. */
struct slot_backend *slot_open(const struct slot_settings *settings, const char *state,
                               struct wg_error *err);
/* Factory: puts the payload into slot a as the default. Only where no slot holds a
 * release, and not beside a running agent. WG_E_USAGE: no name or version. */
WG_MUST_CHECK bool slot_provision(const struct slot_settings *settings, const char *state,
                                  const char *payload, const char *component, const char *version,
                                  struct wg_error *err);

#endif
