/* reload.h: what wavegated reads again at SIGHUP: the log level of its configuration, the keys of
 * URLs, and certificate, key and authority of its connections with brokers. The authority of
 * approvals and its revocation list are read with each approval, anyway. All else needs a start. */
#ifndef WG_ORCHESTRATOR_DAEMON_RELOAD_H
#define WG_ORCHESTRATOR_DAEMON_RELOAD_H

#include "orchestrator/config/settings.h"
#include "orchestrator/link/brokers.h"
#include "orchestrator/release/url_keys.h"

struct reload {
    const struct settings *settings; /* as it was started with */
    struct brokers *brokers;
    struct url_keys *url_keys;
    bool log_is_given;
};

/* What is wrong is in the log, and what was there before holds on. */
void reload_run(struct reload *reload, wg_time now);

#endif
