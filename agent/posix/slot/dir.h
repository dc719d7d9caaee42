/* dir.h: two slots as folders, and a boot record that says which one runs; for payloads that are
 * one program, for the demo and for tests.
 *
 *   STATE/slots/a/payload       the artifact itself, an executable
 *   STATE/slots/a/release.json  what it is; written last: a slot without it cannot be booted
 *   STATE/slots/a/committed.json  {"number": 3}: it was the third that was committed
 *   STATE/slots/b/payload.part  while it is fetched
 *   STATE/boot.json             {"default": "a", "once": ""}
 *
 * The records are kept twice (common/posix/kept.h). Without both copies of boot.json the default is
 * the slot that is whole and was committed last.
 *
 * A slot named in "once" boots once: probe() is the boot loader here, and clears the mark on disk
 * before the slot runs, so whatever happens then, the next boot takes the default again, until
 * confirm() makes the new one the default. */
#ifndef WG_AGENT_POSIX_SLOT_DIR_H
#define WG_AGENT_POSIX_SLOT_DIR_H

#include "agent/posix/slot/backend.h"

/* state: the folder; copied. Makes folders that are missing. */
struct slot_backend *dir_new(const char *state, struct wg_error *err);
/* Factory: puts the payload into slot a as the default. Only where no slot holds a
 * release, and not beside a running agent. release: its component and version. */
WG_MUST_CHECK bool dir_provision(const char *state, const char *payload,
                                 const struct slot_release *release, struct wg_error *err);

#endif
