/* removal_row.h: campaigns that go because they ended long ago, and what they leave with each
 * device: places and orders, in lots (migrations/039_removal.sql). Whoever deletes a campaign by
 * hand leaves as much. */
#ifndef WG_ORCHESTRATOR_STORE_REMOVAL_ROW_H
#define WG_ORCHESTRATOR_STORE_REMOVAL_ROW_H

#include "common/text.h"
#include "orchestrator/store/db.h"

/* Removes the campaign that ended first, if that was before the time. name: "" there is none, or
 * another orchestrator is at it. */
WG_MUST_CHECK bool removal_begin(struct db *db, wg_time before, char name[WG_NAME_MAX + 1],
                                 struct wg_error *err);

struct removal_lot {
    int64_t places, orders;     /* removed */
    char done[WG_NAME_MAX + 1]; /* the campaign of which nothing is left now; "" */
    bool more;                  /* there is something to remove, perhaps */
};

/* Removes what campaigns have left with so many devices. Of several orchestrators one is at a
 * campaign. */
WG_MUST_CHECK bool removal_step(struct db *db, int64_t devices, struct removal_lot *out,
                                struct wg_error *err);

#endif
