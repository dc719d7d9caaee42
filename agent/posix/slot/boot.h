/* boot.h: the few variables of a boot loader's environment that say which slot boots.
 *
 *   wg_default  "a" or "b": boots when nothing else is said; anything else, or nothing, counts as
 * "a" wg_once     "a" or "b": boots once; the boot script writes "-" before it does
 *   wg_starts   "0" to "5": how often the default was started since it was said to be well; the
 * boot script counts, and starts the other slot once after that; anything else: it does not count
 *
 * deploy/boot/ has the scripts. "-" and not an empty value, so that no write ever changes a length:
 * where they stand in the environment they stay, and one byte changes at a time. */
#ifndef WG_AGENT_POSIX_SLOT_BOOT_H
#define WG_AGENT_POSIX_SLOT_BOOT_H

#include "common/error.h"

#include <stddef.h>

#define BOOT_DEFAULT "wg_default"
#define BOOT_ONCE "wg_once"
#define BOOT_STARTS "wg_starts"
#define BOOT_NONE "-"
#define BOOT_WELL "0" /* starts */
#define BOOT_VALUE_MAX 16

struct boot;

struct boot_ops {
    /* "" when it is not set; a value that is longer than BOOT_VALUE_MAX - 1 is cut there. */
    bool (*get)(struct boot *boot, const char *name, char out[BOOT_VALUE_MAX],
                struct wg_error *err);
    /* Durable when it returns true; after a power cut the old value or the new one is there, and
     * all others are as before. value: letters, digits, '-'. */
    bool (*set)(struct boot *boot, const char *name, const char *value, struct wg_error *err);
    void (*free)(struct boot *boot);
};

/* The first member of each. */
struct boot {
    const struct boot_ops *ops;
};

#endif
