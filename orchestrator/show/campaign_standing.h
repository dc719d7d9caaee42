/* campaign_standing.h: a campaign as `campaign status` shows it: rows, file, view, and what is
 * beside them; as JSON. */
#ifndef WG_ORCHESTRATOR_SHOW_CAMPAIGN_STANDING_H
#define WG_ORCHESTRATOR_SHOW_CAMPAIGN_STANDING_H

#include "common/json.h"
#include "common/posix/zone_file.h"
#include "orchestrator/status/standing.h"
#include "orchestrator/store/lease_row.h"
#include "orchestrator/store/place.h"

/* The window now, over the zones in which it counts. */
struct campaign_window {
    bool hidden;                /* it counts in zones that are not for who asks */
    size_t zones, open;         /* zones 0: there is none, or no zone is known */
    wg_time next;               /* when it opens next in one where it is shut; 0: in none */
    char zone[WG_ZONE_MAX + 1]; /* where that is */
};

struct campaign_standing {
    struct campaign_row row;
    struct campaign *campaign; /* owned */
    int64_t revision;          /* that campaign is of */
    struct engine_view view;
    struct engine_pace pace;
    struct lease_row lease;
    struct campaign_window window;
    char rolled_back_by[WG_NAME_MAX + 1];
    int64_t unsigned_orders;
    char unsigned_why[ORDER_REFUSAL_MAX]; /* of the first of them */
    struct place_reasons reasons;
    struct approval_name *approvals; /* owned */
    size_t approval_count;
    struct zone_files *zones; /* owned */
    wg_time now;
};

/* Once before the first look; campaign_standing_clear() afterwards. */
WG_MUST_CHECK bool campaign_standing_init(struct campaign_standing *standing, struct wg_error *err);
void campaign_standing_clear(struct campaign_standing *standing);
/* A look; may be repeated. scopes: a list for wg_in_scopes(), whose devices alone speak: what was
 * said last, orders that are not signed; and the time zones of the others are not told (no
 * window). Waves, gates and counters are the campaign's, as it is steered by them. NULL: all. */
WG_MUST_CHECK bool campaign_standing_load(struct campaign_standing *standing, struct db *db,
                                          const char *name, const char *scopes,
                                          struct wg_error *err);

json_t *campaign_standing_json(const struct campaign_standing *standing); /* new reference */

/* Somebody has to approve something now. */
bool campaign_standing_waits(const struct campaign_standing *standing);
/* An orchestrator looks after it. */
bool campaign_standing_is_ticked(const struct campaign_standing *standing);
/* What it waits for, unless its cause says so already; "" nothing. */
void campaign_standing_reason(const struct campaign_standing *standing, char out[ENGINE_CAUSE_MAX]);

#endif
