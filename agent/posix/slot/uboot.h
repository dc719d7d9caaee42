/* uboot.h: U-Boot's environment as a boot environment, through the programs fw_printenv and
 * fw_setenv of libubootenv or of u-boot-tools (docs/decisions/0026).
 *
 * Only a redundant environment will do: two copies, of which the older one is overwritten, so that
 * a torn write leaves the other. */
#ifndef WG_AGENT_POSIX_SLOT_UBOOT_H
#define WG_AGENT_POSIX_SLOT_UBOOT_H

#include "agent/posix/slot/boot.h"

/* config: as /etc/fw_env.config, two lines that say where the copies lie; folders: where the
 * programs are, NULL for the system's; both copied. WG_E_BAD_FILE: not two copies. */
struct boot *uboot_new(const char *config, const char *folders, struct wg_error *err);

#endif
