/* lockout.h: after five wrong passwords a name waits for a minute, then two, then four, up to an
 * hour; and an address likewise. Pure: failures and the time in.
 *
 * An attempt is counted when it begins, so that many at once are no more than many in turn; one
 * that was right is taken back. */
#ifndef WG_ORCHESTRATOR_PEOPLE_LOCKOUT_H
#define WG_ORCHESTRATOR_PEOPLE_LOCKOUT_H

#include "common/time.h"

#define LOCKOUT_FREE 5 /* wrong ones before the first wait */
#define LOCKOUT_FIRST WG_MINUTE
#define LOCKOUT_LONGEST WG_HOUR
#define LOCKOUT_MEMORY WG_DAY /* without any, all are forgotten */

/* Zeroed: nothing happened yet. */
struct lockout {
    int64_t failures;
    wg_time last;  /* the last attempt */
    wg_time until; /* nobody may try before; 0: they may */
};

bool lockout_is_locked(const struct lockout *lockout, wg_time now);
/* One more attempt; not while locked. */
void lockout_count(struct lockout *lockout, wg_time now);
/* The name's attempt was right: all is forgotten. */
void lockout_forgive(struct lockout *lockout);
/* The address's attempt was right: it alone is. Whoever has one account must not try others with
 * it. */
void lockout_take_back(struct lockout *lockout);

#endif
