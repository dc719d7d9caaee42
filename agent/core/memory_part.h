/* memory_part.h: what the writing and the reading of the memory agree on. Internal to agent/core.
 */
#ifndef WG_AGENT_CORE_MEMORY_PART_H
#define WG_AGENT_CORE_MEMORY_PART_H

#include "agent/core/memory.h"

#include <jansson.h>

#define MEMORY_FORMAT 1

bool memory_has_order(enum core_phase phase);
/* Of the canonical JSON of "memory". */
WG_MUST_CHECK bool memory_checksum(const json_t *body, char hex[WG_SHA256_HEX],
                                   struct wg_error *err);

#endif
