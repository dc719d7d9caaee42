/* block.h: two raw partitions, or image files, of which the boot loader starts one.
 *
 *   STATE/block/a.json, b.json  what is in the slot; without it the slot is not activated
 *   STATE/block/write.json      which release is being written, and how much of it is durable
 *
 * The choice is the boot environment's (boot.h). What a slot holds begins at its first byte; what
 * is behind its length is left as it is. */
#ifndef WG_AGENT_POSIX_SLOT_BLOCK_H
#define WG_AGENT_POSIX_SLOT_BLOCK_H

#include "agent/posix/slot/backend.h"
#include "agent/posix/slot/boot.h"

struct block_settings {
    char a[PATH_MAX], b[PATH_MAX];   /* devices, or files of the size that slots have */
    char cmdline[PATH_MAX], key[64]; /* as which.h has them */
};

/* state: the agent's state folder. All is copied, but for boot, which is owned, also when this
 * fails. */
struct slot_backend *block_new(const struct block_settings *settings, const char *state,
                               struct boot *boot, struct wg_error *err);
/* Factory: the image goes into slot a, which becomes the default; it is not written when it is
 * there already. Which slot runs does not matter. release: its component and version. */
WG_MUST_CHECK bool block_provision(struct slot_backend *backend, const char *image,
                                   const struct slot_release *release, struct wg_error *err);

#endif
