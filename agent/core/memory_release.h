/* memory_release.h: what the forms and the companions of the release in hand are, as the repository
 * says, within the core's memory. Where they are stands in the order. For agent/core/memory*.c
 * only.
 */
#ifndef WG_AGENT_CORE_MEMORY_RELEASE_H
#define WG_AGENT_CORE_MEMORY_RELEASE_H

#include "agent/core/core.h"

json_t *memory_forms_make(const struct core_release *release); /* NULL: out of memory */
/* Member "forms", which may be missing; companions are there already. WG_E_BAD_INPUT. */
WG_MUST_CHECK bool memory_forms_get(const json_t *obj, struct core_release *out,
                                    struct wg_error *err);

/* "companions" and "sequence", where there are some. False: out of memory. */
WG_MUST_CHECK bool memory_companions_add(json_t *obj, const struct core_release *release);
/* As many as the order has, which out says already; what an agent of old has kept has none.
 * WG_E_BAD_INPUT. */
WG_MUST_CHECK bool memory_companions_get(const json_t *obj, struct core_release *out,
                                         struct wg_error *err);

#endif
