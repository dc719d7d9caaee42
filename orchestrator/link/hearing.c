/* hearing.c: leases of brokers, kept while they are connected. */
#include "orchestrator/link/hearing.h"

#include "orchestrator/store/lease_row.h"

bool hearing_keep(struct brokers *brokers, struct db *db, const char *holder, wg_time now,
                  struct wg_error *err)
{
    for (size_t i = 0; i < brokers_count(brokers); i++) {
        const char *name = brokers_alone(brokers, i);
        bool mine = false;
        if (!name) continue;
        if (!lease_row_take_broker(db, name, holder, HEARING_LEASE, now, &mine, err)) return false;
        brokers_hear(brokers, i, mine, now);
    }
    return true;
}
