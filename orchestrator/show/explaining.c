/* explaining.c: loads each campaign, and asks for the reason. */
#include "orchestrator/show/explaining.h"

#include <stdlib.h>
#include <string.h>

#define NEWEST_SHOWN 10 /* campaigns that leave the device out, unless one is asked for */

static bool load(struct explaining *to, const char *campaign, struct wg_error *err)
{
    struct explained *at = &to->at;
    struct db *db = to->db;
    memset(at, 0, sizeof *at);
    return campaign_row_get(db, campaign, &at->row, err) &&
           (at->campaign = standing_campaign(db, at->row.id, err)) != NULL &&
           clause_view_load(&at->clauses, db, at->campaign, to->device->id, err);
}

static void unload(struct explaining *to)
{
    clause_view_clear(&to->at.clauses);
    campaign_free(to->at.campaign);
}

static bool tell_place(struct explaining *to, const struct explain_sink *sink,
                       const struct device_place_row *place, struct wg_error *err)
{
    struct explained *at = &to->at;
    struct db *db = to->db;
    bool ok = load(to, place->campaign, err);
    if (ok) {
        const struct policy *policy = &at->campaign->policy;
        ok = standing_view(&at->row, policy, to->now, &at->view, err) &&
             evidence_load(db, to->zones, to->device, &at->row, policy, to->now, &at->view,
                           &at->evidence, err);
    }
    if (ok) {
        struct explanation_facts facts;
        struct explanation why;
        evidence_facts(&at->evidence, to->device, place, &at->row, &at->campaign->policy, &at->view,
                       to->now, &facts);
        explanation_of(&facts, &why);
        sink->place(sink->ctx, to, place, &why);
    }
    unload(to);
    return ok;
}

static bool tell_left_out(struct explaining *to, const struct explain_sink *sink,
                          const char *campaign, struct wg_error *err)
{
    struct explained *at = &to->at;
    struct db *db = to->db;
    struct plan plan = {0};
    struct left_out why;
    int code = 0;
    bool ok = load(to, campaign, err);
    if (ok) {
        ok = plan_prepare(&plan, db, at->campaign, at->row.id, 0, err) &&
             plan_code_of(db, &plan.query, to->device->id, &code, err);
        at->campaign = NULL;
    }
    if (ok) {
        struct left_out_facts facts = {
            .plan = &plan, .row = &at->row, .device = to->device, .code = code};
        left_out_of(&facts, &why);
        sink->left_out(sink->ctx, to, &why);
    }
    plan_clear(&plan);
    unload(to);
    return ok;
}

static bool has_place(const struct device_place_row *places, size_t count, const char *campaign)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(places[i].campaign, campaign) == 0) return true;
    return false;
}

/* Campaigns that leave the device out: the one that was asked for, else the newest ones. */
static bool tell_others(struct explaining *to, const struct explain_sink *sink,
                        const struct device_place_row *places, size_t count, struct wg_error *err)
{
    struct campaign_row *rows = NULL;
    size_t campaigns = 0;
    if (!campaign_row_list(to->db, &rows, &campaigns, err)) return false;
    bool ok = true, found = false;
    for (size_t i = 0; i < campaigns && ok; i++) {
        if (to->only && strcmp(rows[i].name, to->only) != 0) continue;
        found = true;
        if (has_place(places, count, rows[i].name) || (!to->only && i >= NEWEST_SHOWN)) continue;
        ok = tell_left_out(to, sink, rows[i].name, err);
    }
    free(rows);
    if (ok && to->only && !found)
        return wg_fail(err, WG_E_NOT_FOUND,
                       "there is no campaign \"%.64s\": see wavegate campaign list", to->only);
    return ok;
}

bool explaining_campaigns(struct explaining *to, const struct explain_sink *sink,
                          struct wg_error *err)
{
    struct device_place_row *places = NULL;
    size_t count = 0;
    if (!device_row_places(to->db, to->device->id, &places, &count, err)) return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        if (!to->only || strcmp(places[i].campaign, to->only) == 0)
            ok = tell_place(to, sink, &places[i], err);
    ok = ok && tell_others(to, sink, places, count, err);
    free(places);
    return ok;
}
