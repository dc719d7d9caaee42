/* memory.h: the core's memory as JSON, {"v": 1, "sha256": checksum, "memory": {...}}. The checksum
 * is over the canonical JSON of "memory". Pure. */
#ifndef WG_AGENT_CORE_MEMORY_H
#define WG_AGENT_CORE_MEMORY_H

#include "agent/core/core_state.h"

void memory_clear(struct core_memory *memory);
/* to is overwritten; both are cleared by their owner. */
void memory_share(struct core_memory *to, const struct core_memory *from);

/* Appends the JSON. */
WG_MUST_CHECK bool memory_dump(const struct core_memory *memory, struct wg_buf *out,
                               struct wg_error *err);
/* Fills *out whole (clear it later) or not at all. WG_E_BAD_INPUT: cut, changed, of another format,
 * or with content that the core could not have written. */
WG_MUST_CHECK bool memory_load(const char *bytes, size_t len, struct core_memory *out,
                               struct wg_error *err);

#endif
