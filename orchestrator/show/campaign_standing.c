/* campaign_standing.c: one look at a campaign. */
#include "orchestrator/show/campaign_standing.h"

#include "orchestrator/status/explanation.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define ZONES_MAX 1000

bool campaign_standing_init(struct campaign_standing *standing, struct wg_error *err)
{
    memset(standing, 0, sizeof *standing);
    standing->zones = zone_files_new(NULL);
    return standing->zones || wg_fail_memory(err, "reading a campaign");
}

void campaign_standing_clear(struct campaign_standing *standing)
{
    campaign_free(standing->campaign);
    zone_files_free(standing->zones);
    free(standing->approvals);
}

static bool load_once(struct campaign_standing *standing, struct db *db, const char *name,
                      struct wg_error *err)
{
    standing->now = wg_now();
    if (!campaign_row_get(db, name, &standing->row, err)) return false;
    if (standing->revision != standing->row.revision) {
        campaign_free(standing->campaign);
        standing->campaign = standing_campaign(db, standing->row.id, err);
        standing->revision = standing->row.revision;
    }
    return standing->campaign && standing_view(&standing->row, &standing->campaign->policy,
                                               standing->now, &standing->view, err);
}

/* ---- window ---- */

static void look_in_zone(struct campaign_standing *standing, const char *zone)
{
    const struct wg_windows *windows = &standing->campaign->policy.window;
    struct campaign_window *out = &standing->window;
    const struct wg_tz *tz = zone_files_get(standing->zones, zone, NULL);
    if (!tz) return;
    out->zones++;
    if (wg_windows_open(windows, tz, standing->now)) {
        out->open++;
        return;
    }
    wg_time next = wg_windows_next(windows, tz, standing->now);
    if (next > 0 && (out->next == 0 || next < out->next)) {
        out->next = next;
        (void)wg_copy(out->zone, sizeof out->zone, zone);
    }
}

/* Where every device has its own zone, all zones of the fleet are looked at. */
static bool load_window(struct campaign_standing *standing, struct db *db, const char *scopes,
                        struct wg_error *err)
{
    const struct policy *policy = &standing->campaign->policy;
    size_t count = 0;
    standing->window = (struct campaign_window){0};
    if (!explanation_has_window(policy)) return true;
    if (policy->window.kind == WG_WINDOW_NAMED) {
        look_in_zone(standing, policy->window.zone);
        return true;
    }
    standing->window.hidden = scopes != NULL;
    if (scopes) return true;
    char(*zones)[WG_ZONE_MAX + 1] = calloc(ZONES_MAX, sizeof *zones);
    if (!zones) return wg_fail_memory(err, "reading time zones");
    bool ok = device_row_zones(db, zones, ZONES_MAX, &count, err);
    for (size_t i = 0; ok && i < count; i++) look_in_zone(standing, zones[i]);
    free(zones);
    return ok;
}

/* ---- all of it ---- */

static bool load_pace(struct campaign_standing *standing, struct db *db, struct wg_error *err)
{
    const struct policy *policy = &standing->campaign->policy;
    struct engine_view *view = &standing->view;
    if (policy->rate.start > 0 && !place_offered(db, standing->row.id, standing->now,
                                                 &view->offered, &view->offered_first, err))
        return false;
    engine_pace(policy, view, standing->now, &standing->pace);
    return true;
}

/* The name is looked up once: it does not change. */
static bool load_rollback(struct campaign_standing *standing, struct db *db, struct wg_error *err)
{
    return !standing->row.rollback_made || standing->rolled_back_by[0] ||
           campaign_row_rolled_back_by(db, standing->row.id, standing->rolled_back_by, err);
}

static bool load_approvals(struct campaign_standing *standing, struct db *db, struct wg_error *err)
{
    free(standing->approvals);
    standing->approvals = NULL;
    return approval_names(db, standing->row.id, &standing->approvals, &standing->approval_count,
                          err);
}

bool campaign_standing_load(struct campaign_standing *standing, struct db *db, const char *name,
                            const char *scopes, struct wg_error *err)
{
    struct wg_error problem = {0};
    if (!load_once(standing, db, name, &problem)) {
        /* a revision may have come between the two readings: then the next one is whole */
        standing->revision = 0;
        if (!load_once(standing, db, name, err)) return false;
    }
    return load_pace(standing, db, err) && load_window(standing, db, scopes, err) &&
           load_rollback(standing, db, err) && load_approvals(standing, db, err) &&
           order_unsigned(db, standing->row.id, scopes, &standing->unsigned_orders,
                          standing->unsigned_why, err) &&
           place_reasons(db, standing->row.id, scopes, &standing->reasons, err) &&
           lease_row_get(db, standing->row.id, &standing->lease, err);
}

bool campaign_standing_waits(const struct campaign_standing *standing)
{
    const struct engine_view *view = &standing->view;
    if (view->state == CAMPAIGN_AWAITING_APPROVAL)
        return view->approvals < standing->campaign->policy.start.count;
    for (size_t i = 0; i < view->wave_count; i++)
        if (view->waves[i].state == WAVE_AT_GATE &&
            view->waves[i].approvals < standing->campaign->policy.gates[i].approval_count)
            return true;
    return false;
}

bool campaign_standing_is_ticked(const struct campaign_standing *standing)
{
    return standing->lease.until > standing->now;
}

void campaign_standing_reason(const struct campaign_standing *standing, char out[ENGINE_CAUSE_MAX])
{
    engine_campaign_reason(&standing->campaign->policy, &standing->view, standing->now, out);
    if (strstr(standing->row.cause, out)) out[0] = '\0';
}
