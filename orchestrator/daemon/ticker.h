/* ticker.h: one look of the engine at every campaign under way, and its actions carried out, each
 * campaign in a transaction of its own that holds the campaign's lock: several orchestrators may
 * tick at once, each campaign is ticked by one of them at a time. */
#ifndef WG_ORCHESTRATOR_DAEMON_TICKER_H
#define WG_ORCHESTRATOR_DAEMON_TICKER_H

#include "orchestrator/config/settings.h"
#include "orchestrator/daemon/policies.h"

struct ticker {
    struct db *db; /* borrowed, as all here */
    struct policies *policies;
    const struct settings *settings;
};

struct ticker_result {
    wg_time wake; /* when time alone changes something; 0: nothing does */
    bool orders;  /* orders may have become due */
};

WG_MUST_CHECK bool ticker_run(const struct ticker *ticker, wg_time now, struct ticker_result *out,
                              struct wg_error *err);

#endif
