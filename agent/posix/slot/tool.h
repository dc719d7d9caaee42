/* tool.h: a program of the system that is run to its end, with a time limit; for short ones. */
#ifndef WG_AGENT_POSIX_SLOT_TOOL_H
#define WG_AGENT_POSIX_SLOT_TOOL_H

#include "common/buf.h"
#include "common/time.h"

struct tool {
    const char *folders; /* where it is looked for, "/usr/bin:/bin"; "": where systems have them */
    char *const *argv;   /* [0] is its name; ends with NULL */
    wg_duration limit;
};

/* What it prints is added to out (initialised by the caller; its max is the bound), and put into
 * the error when it fails. WG_E_NOT_FOUND: there is no such program; WG_E_TIMEOUT: it was killed.
 */
WG_MUST_CHECK bool tool_run(const struct tool *tool, struct wg_buf *out, struct wg_error *err);

#endif
