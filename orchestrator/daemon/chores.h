/* chores.h: what the database needs now and then, between other work: months of reports made and
 * dropped, the fleet's day written down, old changes forgotten, campaigns of long ago removed. */
#ifndef WG_ORCHESTRATOR_DAEMON_CHORES_H
#define WG_ORCHESTRATOR_DAEMON_CHORES_H

#include "orchestrator/config/settings.h"
#include "orchestrator/store/db.h"

struct chores {
    wg_time fleet_at; /* to look whether today is written down */
    wg_time sweep_at;
    wg_time removal_at;
};

/* Does what is due. False: the database failed; what can wait for a later look is only logged. */
WG_MUST_CHECK bool chores_step(struct chores *chores, struct db *db,
                               const struct settings *settings, wg_time now, struct wg_error *err);

#endif
