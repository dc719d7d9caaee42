/* slot_settings.h: how two systems are kept, as the agent's configuration says (docs/slots.md,
 * docs/installers.md). */
#ifndef WG_AGENT_POSIX_SLOT_SETTINGS_H
#define WG_AGENT_POSIX_SLOT_SETTINGS_H

#include "agent/posix/slot/choice.h"

#include <jansson.h>

/* The object "slots" of the agent's whole configuration; without it, as dir. Paths are relative to
 * folder. WG_E_BAD_FILE, or WG_E_BAD_INPUT. */
WG_MUST_CHECK bool slot_settings_read(const json_t *json, const char *folder,
                                      struct slot_settings *out, struct wg_error *err);
/* The object "components": a name, and such an object; without it there are none. */
WG_MUST_CHECK bool slot_places_read(const json_t *json, const char *folder, struct slot_places *out,
                                    struct wg_error *err);
/* They do not meet each other, nor the slots, which hold `main`. */
WG_MUST_CHECK bool slot_places_check(const struct slot_settings *slots,
                                     const struct slot_places *places, const char *main,
                                     struct wg_error *err);
/* One such object. */
WG_MUST_CHECK bool slot_settings_read_one(const json_t *slots, const char *folder,
                                          struct slot_settings *out, struct wg_error *err);

#endif
