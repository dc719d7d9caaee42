/* exec_answer.h: what an installer says on its stdout: one JSON object (docs/installers.md). Any
 * bytes are taken; the whole is filled in or nothing. Unknown members are ignored. Pure. */
#ifndef WG_AGENT_POSIX_SLOT_EXEC_ANSWER_H
#define WG_AGENT_POSIX_SLOT_EXEC_ANSWER_H

#include "agent/posix/slot/backend.h"

#define EXEC_PROTOCOL 1 /* the newest that this agent speaks; it speaks all from 1 on */

/* "protocol", of probe: WG_E_BAD_INPUT when it is not one that this agent speaks. */
WG_MUST_CHECK bool exec_answer_protocol(const char *text, size_t len, struct wg_error *err);
/* probe and status. */
WG_MUST_CHECK bool exec_answer_status(const char *text, size_t len, struct slot_status *out,
                                      struct wg_error *err);
/* begin: from 0 to most. */
WG_MUST_CHECK bool exec_answer_have(const char *text, size_t len, int64_t most, int64_t *have,
                                    struct wg_error *err);

#endif
