/* exec.h: slots kept by a program, the installer: "PROGRAM VERB" for every verb, as
 * docs/installers.md says. What it does, prints or leaves undone is bounded in time and space: no
 * call hangs, and an installer that misbehaves costs an error that names it.
 *
 * The content goes through in whatever pieces write() is given; nothing of it is kept here. read()
 * is not offered: bytes of an earlier begin() are vouched for by the installer, which compares the
 * whole with the announced SHA-256 in finish.
 *
 * Threads: as backend.h says; and the thread that began to write has to live until sync() or
 * finish(), for the installer is killed when it ends. Calls block up to the limits below. */
#ifndef WG_AGENT_POSIX_SLOT_EXEC_H
#define WG_AGENT_POSIX_SLOT_EXEC_H

#include "agent/posix/slot/backend.h"
#include "common/time.h"

#define SLOT_EXEC_SETTINGS_MAX 32       /* members of settings */
#define SLOT_EXEC_VALUE_MAX 1024        /* bytes of a value */
#define SLOT_EXEC_QUICK WG_MINUTE       /* default of quick */
#define SLOT_EXEC_WORK (30 * WG_MINUTE) /* default of work */

struct slot_exec_config {
    const char *program; /* absolute; executable, and not writable by everybody */
    const char *folder;  /* absolute; the installer's own, made when missing; its cwd */
    const json_t
        *settings;     /* object of text, integers and booleans, or NULL; for its environment */
    wg_duration quick; /* limit of begin and of each write(); 0: the default */
    wg_duration work;  /* of the other verbs and of sync(); 0: the default */
    int stop_fd;       /* when readable, what runs is ended: WG_E_INTERRUPTED; 0: none */
};

/* Everything in config is copied but stop_fd, which is borrowed. NULL with WG_E_BAD_FILE when the
 * settings or the program are wrong, WG_E_IO or WG_E_NOT_FOUND when it cannot be reached. Starts
 * nothing. */
WG_MUST_CHECK struct slot_backend *slot_exec_new(const struct slot_exec_config *config,
                                                 struct wg_error *err);

#endif
