/* evidence.h: what an explanation needs beside the rows of the device and the campaign, read from
 * the database: other campaigns, caps, the zone of the window, the pace. */
#ifndef WG_ORCHESTRATOR_STATUS_EVIDENCE_H
#define WG_ORCHESTRATOR_STATUS_EVIDENCE_H

#include "common/posix/zone_file.h"
#include "orchestrator/status/explanation.h"

struct evidence {
    struct device_holder_row holder;
    struct device_cap_row caps[POLICY_PER_MAX];
    char zone[WG_ZONE_MAX + 1];
    const struct wg_tz *tz; /* borrowed from the zone files; NULL: not known */
};

/* Fills the pace of the view too. */
WG_MUST_CHECK bool evidence_load(struct db *db, struct zone_files *zones,
                                 const struct device_row *device, const struct campaign_row *row,
                                 const struct policy *policy, wg_time now, struct engine_view *view,
                                 struct evidence *out, struct wg_error *err);
/* The facts of one place; they borrow all that is given. */
void evidence_facts(const struct evidence *evidence, const struct device_row *device,
                    const struct device_place_row *place, const struct campaign_row *row,
                    const struct policy *policy, const struct engine_view *view, wg_time now,
                    struct explanation_facts *out);

#endif
