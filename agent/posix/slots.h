/* slots.h: two slots as folders, and a boot record that says which one runs.
 *
 *   STATE/slots/a/payload       the artifact itself, an executable
 *   STATE/slots/a/release.json  what it is; written last: a slot without it cannot be booted
 *   STATE/slots/b/payload.part  while it is fetched
 *   STATE/boot.json             {"default": "a", "once": ""}
 *
 * A slot named in "once" boots once: the mark is cleared on disk before the slot runs, so whatever
 * happens then, the next boot takes the default again, until slots_commit() makes the new one the
 * default. */
#ifndef WG_AGENT_POSIX_SLOTS_H
#define WG_AGENT_POSIX_SLOTS_H

#include "agent/core/core.h"

#include <limits.h>

struct slots {
    char state[PATH_MAX - 256]; /* folder; room is left for names below it */
    char running[2], idle[2];   /* "a", "b" */
    bool trial;
    bool has_release;
    struct wg_component release; /* of the running slot */
};

/* What a boot loader does: picks the slot. Makes folders that are missing. */
WG_MUST_CHECK bool slots_boot(struct slots *slots, const char *state, struct wg_error *err);
/* Path of a file in the slot. */
WG_MUST_CHECK bool slots_path(const struct slots *slots, const char *slot, const char *file,
                              char out[PATH_MAX], struct wg_error *err);
/* Makes the idle slot unbootable before something is written to it; keeps a part. */
WG_MUST_CHECK bool slots_open_idle(const struct slots *slots, struct wg_error *err);
/* The fetched part, or what an interrupted install left, becomes the payload; its hash is checked.
 */
WG_MUST_CHECK bool slots_place_payload(const struct slots *slots,
                                       const struct core_release *release, struct wg_error *err);
/* The idle slot is complete: release.json is written. */
WG_MUST_CHECK bool slots_finish(const struct slots *slots, const struct wg_order *order,
                                const struct core_release *release, struct wg_error *err);
WG_MUST_CHECK bool slots_activate(const struct slots *slots, struct wg_error *err);
/* The idle slot boots no more by itself. */
WG_MUST_CHECK bool slots_clear_once(const struct slots *slots, struct wg_error *err);
WG_MUST_CHECK bool slots_commit(struct slots *slots, struct wg_error *err);
void slots_discard(const struct slots *slots);
/* Factory: puts the payload into slot a as the default. Only where no slot holds a
 * release, and not beside a running agent. WG_E_USAGE: no name or version. */
WG_MUST_CHECK bool slots_provision(const char *state, const char *payload, const char *component,
                                   const char *version, struct wg_error *err);

#endif
