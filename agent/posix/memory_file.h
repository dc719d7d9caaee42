/* memory_file.h: the core's memory on disk: STATE/memory.json, and the one before it as
 * memory.json.1. A copy that is torn or damaged gives way to the other. */
#ifndef WG_AGENT_POSIX_MEMORY_FILE_H
#define WG_AGENT_POSIX_MEMORY_FILE_H

#include "agent/core/core.h"

WG_MUST_CHECK bool memory_file_save(const char *state, const char *bytes, size_t len,
                                    struct wg_error *err);
/* No memory at all is a new device. False only when files are there and neither can be used for
 * want of memory or access; damage is logged and the core starts new. */
WG_MUST_CHECK bool memory_file_load(const char *state, struct core *core, struct wg_error *err);

#endif
