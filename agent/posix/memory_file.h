/* memory_file.h: the core's memory on disk: STATE/memory.json, kept twice (common/posix/kept.h). */
#ifndef WG_AGENT_POSIX_MEMORY_FILE_H
#define WG_AGENT_POSIX_MEMORY_FILE_H

#include "agent/core/core.h"

WG_MUST_CHECK bool memory_file_save(const char *state, const char *bytes, size_t len,
                                    struct wg_error *err);
/* No memory at all is a new device. False only for want of memory; damage of both copies is logged
 * and the core starts new. */
WG_MUST_CHECK bool memory_file_load(const char *state, struct core *core, struct wg_error *err);

#endif
