/* explaining.h: why a device is updated, waits, or is not meant at all: campaign by campaign. */
#ifndef WG_ORCHESTRATOR_SHOW_EXPLAINING_H
#define WG_ORCHESTRATOR_SHOW_EXPLAINING_H

#include "common/posix/zone_file.h"
#include "orchestrator/show/clause_view.h"
#include "orchestrator/show/left_out.h"
#include "orchestrator/status/evidence.h"
#include "orchestrator/status/standing.h"

/* One campaign, and how the device stands to it. */
struct explained {
    struct campaign_row row;
    struct engine_view view;
    struct evidence evidence;
    struct clause_view clauses;
    struct campaign *campaign; /* owned, unless a plan has it */
};

/* Large: on the heap. Borrows. */
struct explaining {
    struct db *db;
    const struct device_row *device;
    const char *only; /* the one campaign that was asked for; NULL: all */
    struct zone_files *zones;
    wg_time now;
    struct explained at; /* the campaign that is told */
};

/* Who is told. */
struct explain_sink {
    void (*place)(void *ctx, const struct explaining *to, const struct device_place_row *place,
                  const struct explanation *why);
    void (*left_out)(void *ctx, const struct explaining *to, const struct left_out *why);
    void *ctx;
};

/* Campaigns that the device has a place in, then those that leave it out: the one that was asked
 * for, else the newest ones. WG_E_NOT_FOUND: there is no such campaign. In the caller's
 * transaction. */
WG_MUST_CHECK bool explaining_campaigns(struct explaining *to, const struct explain_sink *sink,
                                        struct wg_error *err);

/* All that `device explain --json` says, as of one moment: begins a transaction of its own.
 * campaign: NULL is all. New reference; NULL on failure, WG_E_NOT_FOUND. */
#define EXPLAIN_REPORTS 20
json_t *explain_document(struct db *db, const char *device, const char *campaign, wg_time now,
                         struct wg_error *err);

#endif
