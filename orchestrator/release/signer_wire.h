/* signer_wire.h: what orchestrator and signer say to each other over a Unix socket: frames of four
 * bytes, big-endian, that say how long the JSON behind them is.
 *
 *   -> {"order": ORDER, "wave": "rest", "gates": [STATEMENT, ...], "enrolment": RECORD,
 *       "campaign": "canonical JSON"}       gates: the approvals of those before the wave
 *   <- {"envelope": ENVELOPE}
 *   <- {"need": "campaign"}                                              ask again, with it
 *   <- {"error": {"code": "denied", "text": "..."}} */
#ifndef WG_ORCHESTRATOR_RELEASE_SIGNER_WIRE_H
#define WG_ORCHESTRATOR_RELEASE_SIGNER_WIRE_H

#include "common/json.h"

#define SIGNER_FRAME_MAX                                                                           \
    ((size_t)24 * 1024 * 1024) /* bytes of JSON: a campaign may name devices                       \
                                */
#define SIGNER_PATIENCE 10000  /* ms without a byte */

/* Connected to the socket at path; -1 on failure. */
int signer_wire_connect(const char *path, struct wg_error *err);
/* WG_E_NETWORK: the other side has gone, or is silent for too long. */
WG_MUST_CHECK bool signer_wire_send(int fd, const json_t *message, struct wg_error *err);
/* New reference; NULL on failure. *ended (may be NULL): the other side has closed between frames.
 */
json_t *signer_wire_receive(int fd, bool *ended, struct wg_error *err);

#endif
