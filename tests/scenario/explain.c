/* explain.c: the same rows and functions as the command's. */
#include "tests/scenario/explain.h"

#include "orchestrator/status/evidence.h"
#include "orchestrator/status/standing.h"

#include <stdlib.h>
#include <string.h>

struct explained {
    struct standing_now standing;
    struct device_row device;
    struct evidence evidence;
};

bool explain_standing(struct scene *scene, const char *campaign, struct standing_now *out)
{
    struct wg_error err = {0};
    out->campaign = NULL;
    if (campaign_row_get(scene->db, campaign, &out->row, &err) &&
        (out->campaign = standing_campaign(scene->db, out->row.id, &err)) &&
        standing_view(&out->row, &out->campaign->policy, scene->now, &out->view, &err))
        return true;
    campaign_free(out->campaign);
    out->campaign = NULL;
    return scene_fail_error(scene, NULL, &err);
}

static const struct device_place_row *find(const struct device_place_row *places, size_t count,
                                           const char *campaign)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(places[i].campaign, campaign) == 0) return &places[i];
    return NULL;
}

static bool tell(struct scene *scene, struct explained *at, const char *campaign,
                 const char *device, struct explanation *out)
{
    struct wg_error err = {0};
    struct device_place_row *places = NULL;
    size_t count = 0;
    struct standing_now *standing = &at->standing;
    const struct policy *policy = &standing->campaign->policy;
    bool ok = device_row_get(scene->db, device, &at->device, &err) &&
              device_row_places(scene->db, device, &places, &count, &err) &&
              evidence_load(scene->db, scene->zones, &at->device, &standing->row, policy,
                            scene->now, &standing->view, &at->evidence, &err);
    if (ok) {
        struct explanation_facts facts;
        const struct device_place_row *place = find(places, count, campaign);
        if (!place) {
            free(places);
            return scene_fail(scene, NULL, "%s has no place in %s", device, campaign);
        }
        evidence_facts(&at->evidence, &at->device, place, &standing->row, policy, &standing->view,
                       scene->now, &facts);
        explanation_of(&facts, out);
    }
    free(places);
    return ok || scene_fail_error(scene, NULL, &err);
}

bool explain(struct scene *scene, const char *campaign, const char *device, struct explanation *out)
{
    struct explained *at = calloc(1, sizeof *at);
    if (!at) return scene_fail(scene, NULL, "no memory");
    bool ok =
        explain_standing(scene, campaign, &at->standing) && tell(scene, at, campaign, device, out);
    campaign_free(at->standing.campaign);
    free(at);
    return ok;
}
