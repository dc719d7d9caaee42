/* evidence.c: rows and zone files. */
#include "orchestrator/status/evidence.h"

#include "orchestrator/store/place.h"

#include <string.h>

/* A zone that cannot be read is not known: that is what is told then. */
static bool find_zone(struct db *db, struct zone_files *zones, const struct device_row *device,
                      const struct policy *policy, struct evidence *out, struct wg_error *err)
{
    const struct wg_windows *windows = &policy->window;
    if (!explanation_has_window(policy)) return true;
    if (windows->kind == WG_WINDOW_SITE) {
        if (!device_row_site_zone(db, device->id, out->zone, err)) return false;
    } else {
        (void)wg_copy(out->zone, sizeof out->zone,
                      windows->kind == WG_WINDOW_NAMED ? windows->zone : device->zone);
    }
    if (out->zone[0]) out->tz = zone_files_get(zones, out->zone, NULL);
    return true;
}

static bool find_caps(struct db *db, const char *device, const struct policy *policy,
                      struct evidence *out, struct wg_error *err)
{
    const char *attributes[POLICY_PER_MAX];
    for (size_t i = 0; i < policy->per_count; i++) attributes[i] = policy->per[i].attribute;
    return device_row_caps(db, device, attributes, policy->per_count, out->caps, err);
}

bool evidence_load(struct db *db, struct zone_files *zones, const struct device_row *device,
                   const struct campaign_row *row, const struct policy *policy, wg_time now,
                   struct engine_view *view, struct evidence *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    return device_row_holder(db, device->id, row->name, now, &out->holder, err) &&
           find_caps(db, device->id, policy, out, err) &&
           find_zone(db, zones, device, policy, out, err) &&
           (policy->rate.start == 0 ||
            place_offered(db, row->id, now, &view->offered, &view->offered_first, err));
}

void evidence_facts(const struct evidence *evidence, const struct device_row *device,
                    const struct device_place_row *place, const struct campaign_row *row,
                    const struct policy *policy, const struct engine_view *view, wg_time now,
                    struct explanation_facts *out)
{
    *out = (struct explanation_facts){.device = device,
                                      .place = place,
                                      .holder = &evidence->holder,
                                      .caps = evidence->caps,
                                      .row = row,
                                      .policy = policy,
                                      .view = view,
                                      .zone = evidence->zone,
                                      .tz = evidence->tz,
                                      .now = now};
}
