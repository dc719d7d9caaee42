/* campaign_canonical.c: the model as canonical JSON, which is again a campaign file. */
#include "common/json.h"
#include "orchestrator/campaign/policy_json.h"
#include "orchestrator/campaign/selector_json.h"

#include <stdio.h>
#include <string.h>

static json_t *spread_json(const struct campaign_wave *wave)
{
    json_t *out = json_array();
    for (size_t i = 0; i < wave->spread_count; i++)
        (void)json_array_append_new(out, json_string(wave->spread[i]));
    return out;
}

static json_t *wave_json(const struct campaign *campaign, size_t i)
{
    const struct campaign_wave *wave = &campaign->waves[i];
    json_t *out = json_pack("{s:s,s:o}", "name", wave->name, "gate",
                            policy_gate_json(&campaign->policy.gates[i]));
    int bad = !out;
    if (bad) return NULL;
    if (wave->kind == WAVE_DEVICES)
        bad = json_object_set_new(out, "devices", text_list_json(&wave->devices));
    if (wave->kind == WAVE_SELECT)
        bad = json_object_set_new(out, "select", selector_json(wave->select));
    if (wave->kind == WAVE_PERCENT)
        bad = json_object_set_new(out, "percent", policy_percent_json(wave->percent_ppm, ""));
    if (wave->kind == WAVE_COUNT)
        bad = json_object_set_new(out, "count", json_integer(wave->count));
    if (wave->kind == WAVE_REMAINING) bad = json_object_set_new(out, "remaining", json_true());
    if (!bad && wave->spread_count) bad = json_object_set_new(out, "spread", spread_json(wave));
    if (!bad && campaign->policy.overlap[i]) bad = json_object_set_new(out, "overlap", json_true());
    if (!bad) return out;
    json_decref(out);
    return NULL;
}

static json_t *waves_json(const struct campaign *campaign)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < campaign->policy.wave_count; i++)
        if (json_array_append_new(array, wave_json(campaign, i)) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* What most campaigns do not have: left out when there is none. */
static bool add_relations(const struct campaign *campaign, json_t *out)
{
    int bad = 0;
    if (campaign->after.count)
        bad |= json_object_set_new(out, "after", text_list_json(&campaign->after));
    if (campaign->excludes.count)
        bad |= json_object_set_new(out, "excludes", text_list_json(&campaign->excludes));
    if (campaign->supersedes.count)
        bad |= json_object_set_new(out, "supersedes", text_list_json(&campaign->supersedes));
    if (campaign->rollback[0])
        bad |= json_object_set_new(out, "rollback_to",
                                   json_sprintf("%s/%s", campaign->component, campaign->rollback));
    return !bad;
}

static json_t *campaign_json(const struct campaign *campaign)
{
    char release[WG_NAME_MAX + WG_VERSION_MAX + 2];
    (void)snprintf(release, sizeof release, "%s/%s", campaign->component, campaign->version);
    json_t *out = policy_json(&campaign->policy);
    json_t *more =
        json_pack("{s:i,s:s,s:s,s:o,s:s,s:I,s:o}", "wavegate", 1, "campaign", campaign->name,
                  "release", release, "target", selector_json(campaign->target), "membership",
                  campaign->policy.continuous ? "continuous" : "snapshot", "priority",
                  (json_int_t)campaign->priority, "waves", waves_json(campaign));
    bool ok = out && more && json_object_update(out, more) == 0 && add_relations(campaign, out);
    json_decref(more);
    if (ok) return out;
    json_decref(out);
    return NULL;
}

bool campaign_canonical(const struct campaign *campaign, struct wg_buf *out, struct wg_error *err)
{
    json_t *json = campaign_json(campaign);
    if (!json) return wg_fail_memory(err, "writing the campaign as JSON");
    bool ok = wg_json_canonical(json, out, err);
    json_decref(json);
    return ok;
}
