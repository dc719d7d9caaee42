/* hearing.h: who hears a broker that does not share messages out: the orchestrator that holds its
 * lease. What two hear for a moment, when a lease changes hands, does no harm: a report is known by
 * its number. */
#ifndef WG_ORCHESTRATOR_LINK_HEARING_H
#define WG_ORCHESTRATOR_LINK_HEARING_H

#include "orchestrator/link/brokers.h"
#include "orchestrator/store/db.h"

#define HEARING_APART WG_SECOND       /* between two looks */
#define HEARING_LEASE (5 * WG_SECOND) /* so long nobody else hears it when its holder dies */

/* Takes or renews the lease of every such broker that is connected, and hears it or does not. Who
 * has no connection lets the lease run out. */
WG_MUST_CHECK bool hearing_keep(struct brokers *brokers, struct db *db, const char *holder,
                                wg_time now, struct wg_error *err);

#endif
