/* ends.h: when the certificates end that this orchestrator shows or is shown: told to the database,
 * for the figures of wavegate-api, and once a day to the log. */
#ifndef WG_ORCHESTRATOR_DAEMON_ENDS_H
#define WG_ORCHESTRATOR_DAEMON_ENDS_H

#include "orchestrator/link/brokers.h"
#include "orchestrator/store/db.h"

#define ENDS_LOOK (10 * WG_SECOND) /* between two looks whether a broker has shown another one */
#define ENDS_AGAIN WG_HOUR         /* between two rows of what has not changed */

/* All zero to begin with. */
struct ends {
    char machine[64];
    wg_time brokers[SETTINGS_BROKERS_MAX]; /* as they were told */
    wg_time look_at, again_at, warn_at;    /* when next */
};

/* What is due. */
WG_MUST_CHECK bool ends_keep(struct ends *ends, const struct settings *settings,
                             const struct brokers *brokers, struct db *db, wg_time now,
                             struct wg_error *err);

#endif
