/* grub.h: GRUB's environment block as a boot environment: a file of 1024 bytes that begins with
 * "# GRUB Environment Block", has a line NAME=VALUE for each variable, and is filled up with '#'.
 * Specified by the GRUB manual, "The GRUB environment block", and grub-core/lib/envblk.c.
 *
 * GRUB itself writes into the file's blocks as they lie on the disk, so the file is never replaced:
 * it is written in place, with one write and a sync. A torn write is harmless as long as both
 * variables stand in the block already, because then one byte is all that changes. */
#ifndef WG_AGENT_POSIX_SLOT_GRUB_H
#define WG_AGENT_POSIX_SLOT_GRUB_H

#include "agent/posix/slot/boot.h"

#define GRUB_BLOCK 1024

/* file: copied; it is opened anew for each use. A file of another size, or none, is an error of
 * each use. One of this size that is no block (GRUB reads nothing from it then) has no variables,
 * and the next set() makes a block of it. */
struct boot *grub_new(const char *file, struct wg_error *err);

/* The block with the variable set; what it does not name stays as it is, byte for byte. WG_E_LIMIT:
 * there is no room, and the block is as it was. */
WG_MUST_CHECK bool grub_block_set(char block[GRUB_BLOCK], const char *name, const char *value,
                                  struct wg_error *err);
/* False: it is not set. */
bool grub_block_get(const char block[GRUB_BLOCK], const char *name, char out[BOOT_VALUE_MAX]);

#endif
