/* asking.h: gates' hooks between the ticker, which asks, and the room that runs them. */
#ifndef WG_ORCHESTRATOR_DAEMON_ASKING_H
#define WG_ORCHESTRATOR_DAEMON_ASKING_H

#include "orchestrator/daemon/ticker.h"

#include <poll.h>

#define ASKING_POLL_MAX 48

struct asking;

struct asking *asking_new(const struct settings *settings, struct wg_error *err);
void asking_free(struct asking *asking); /* ends what runs */

const struct ticker_hooks *asking_hooks(const struct asking *asking);
size_t asking_poll_set(const struct asking *asking, struct pollfd *out, size_t max);
/* Takes in what has ended and stores the answers; *answered: some came. Returns when to come again
 * in out (milliseconds from now; -1: no need). An answer that cannot be stored is lost: the gate
 * asks again. */
WG_MUST_CHECK bool asking_step(struct asking *asking, struct db *db, wg_time now, bool *answered,
                               wg_duration *again, struct wg_error *err);

#endif
