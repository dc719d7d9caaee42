/* memory_forms.h: the forms of the artifact in hand, within the core's memory: where they are, as
 * the order says, and what they are, as the repository does. For agent/core/memory*.c only. */
#ifndef WG_AGENT_CORE_MEMORY_FORMS_H
#define WG_AGENT_CORE_MEMORY_FORMS_H

#include "agent/core/core.h"

/* New references; NULL: out of memory. */
json_t *memory_urls_make(const char urls[WG_URLS_MAX][WG_URL_MAX], size_t count);
json_t *memory_places_make(const struct wg_order *order); /* NULL also when there are none */
json_t *memory_forms_make(const struct core_release *release);

/* Members "urls" (1..) and "forms" (may be missing) of an object. WG_E_BAD_INPUT. */
WG_MUST_CHECK bool memory_urls_get(const json_t *obj, char out[WG_URLS_MAX][WG_URL_MAX],
                                   size_t *count, struct wg_error *err);
WG_MUST_CHECK bool memory_places_get(const json_t *obj, struct wg_order *out, struct wg_error *err);
WG_MUST_CHECK bool memory_forms_get(const json_t *obj, struct core_release *out,
                                    struct wg_error *err);

#endif
