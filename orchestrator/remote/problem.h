/* problem.h: a problem document (RFC 9457) as the error that the server had. Pure. */
#ifndef WG_ORCHESTRATOR_REMOTE_PROBLEM_H
#define WG_ORCHESTRATOR_REMOTE_PROBLEM_H

#include "common/error.h"

#include <jansson.h>

/* document: what came with the status, NULL when it was no JSON. Always returns false. */
bool problem_fail(long status, const json_t *document, struct wg_error *err);

#endif
