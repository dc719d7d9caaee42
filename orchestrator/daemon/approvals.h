/* approvals.h: judges approvals that operators have left in the database. Nothing counts for a gate
 * before certificate, signature, digest, role and "not the author" hold. */
#ifndef WG_ORCHESTRATOR_DAEMON_APPROVALS_H
#define WG_ORCHESTRATOR_DAEMON_APPROVALS_H

#include "orchestrator/daemon/ticker.h"

WG_MUST_CHECK bool approvals_judge(const struct ticker *ticker, struct wg_error *err);

#endif
