/* campaign_canonical.c: the model as canonical JSON, which is again a campaign file. */
#include "common/json.h"
#include "orchestrator/campaign/selector_json.h"

#include <stdio.h>
#include <string.h>

/* Shares as "12.5%", devices as a number. */
static json_t *percent_json(int64_t ppm, const char *before)
{
    char text[40];
    int len = snprintf(text, sizeof text, "%s%lld.%04lld", before, (long long)(ppm / 10000),
                       (long long)(ppm % 10000));
    if (len < 0) return NULL;
    size_t end = (size_t)len;
    while (text[end - 1] == '0') end--;
    if (text[end - 1] == '.') end--;
    (void)snprintf(text + end, sizeof text - end, "%%");
    return json_string(text);
}

static json_t *amount_json(const struct policy_amount *amount)
{
    /* a share of nothing cannot be written as a percentage */
    if (amount->is_share && amount->value > 0) return percent_json(amount->value, "");
    return json_integer(amount->value);
}

static json_t *duration_json(wg_duration duration)
{
    char text[WG_TIME_TEXT];
    wg_duration_text(duration, text);
    return json_string(text);
}

static json_t *gate_json(const struct policy_gate *gate)
{
    json_t *out =
        json_pack("{s:o,s:o,s:o}", "success", percent_json(gate->success_ppm, ">= "), "sample",
                  amount_json(&gate->sample), "soak", duration_json(gate->soak));
    if (!out || gate->approval_count == 0) return out;
    json_t *approvals = json_pack("{s:s,s:I}", "role", gate->approval_role, "count",
                                  (json_int_t)gate->approval_count);
    if (json_object_set_new(out, "approvals", approvals) == 0) return out;
    json_decref(out);
    return NULL;
}

static json_t *spread_json(const struct campaign_wave *wave)
{
    json_t *out = json_array();
    for (size_t i = 0; i < wave->spread_count; i++)
        (void)json_array_append_new(out, json_string(wave->spread[i]));
    return out;
}

static json_t *wave_json(const struct campaign_wave *wave, const struct policy_gate *gate)
{
    json_t *out = json_pack("{s:s,s:o}", "name", wave->name, "gate", gate_json(gate));
    int bad = !out;
    if (bad) return NULL;
    if (wave->kind == WAVE_DEVICES)
        bad = json_object_set_new(out, "devices", text_list_json(&wave->devices));
    if (wave->kind == WAVE_SELECT)
        bad = json_object_set_new(out, "select", selector_json(wave->select));
    if (wave->kind == WAVE_PERCENT)
        bad = json_object_set_new(out, "percent", percent_json(wave->percent_ppm, ""));
    if (wave->kind == WAVE_COUNT)
        bad = json_object_set_new(out, "count", json_integer(wave->count));
    if (wave->kind == WAVE_REMAINING) bad = json_object_set_new(out, "remaining", json_true());
    if (!bad && wave->spread_count) bad = json_object_set_new(out, "spread", spread_json(wave));
    if (!bad) return out;
    json_decref(out);
    return NULL;
}

static json_t *waves_json(const struct campaign *campaign)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < campaign->policy.wave_count; i++)
        if (json_array_append_new(
                array, wave_json(&campaign->waves[i], &campaign->policy.gates[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *timeout_json(const struct policy_timeout *timeout)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "offer", duration_json(timeout->offer), "download",
                     duration_json(timeout->download), "install", duration_json(timeout->install),
                     "probation", duration_json(timeout->probation), "silent",
                     duration_json(timeout->silent));
}

/* What most campaigns do not have: left out when there is none. */
static bool add_relations(const struct campaign *campaign, json_t *out)
{
    int bad = 0;
    if (campaign->after.count)
        bad |= json_object_set_new(out, "after", text_list_json(&campaign->after));
    if (campaign->excludes.count)
        bad |= json_object_set_new(out, "excludes", text_list_json(&campaign->excludes));
    if (campaign->rollback[0])
        bad |= json_object_set_new(out, "rollback_to",
                                   json_sprintf("%s/%s", campaign->component, campaign->rollback));
    return !bad;
}

static json_t *campaign_json(const struct campaign *campaign)
{
    const struct policy *policy = &campaign->policy;
    char release[WG_NAME_MAX + WG_VERSION_MAX + 2];
    (void)snprintf(release, sizeof release, "%s/%s", campaign->component, campaign->version);
    json_t *budget = json_pack("{s:o,s:I,s:s}", "failures", amount_json(&policy->budget.failures),
                               "at_least", (json_int_t)policy->budget.at_least, "on_exceeded",
                               policy_on_exceeded_text(policy->budget.on_exceeded));
    json_t *out = json_pack(
        "{s:i,s:s,s:s,s:o,s:s,s:I,s:o,s:{s:I},s:o,s:{s:I,s:o},s:o}", "wavegate", 1, "campaign",
        campaign->name, "release", release, "target", selector_json(campaign->target), "membership",
        campaign->policy.continuous ? "continuous" : "snapshot", "priority",
        (json_int_t)campaign->priority, "waves", waves_json(campaign), "pace", "in_flight",
        (json_int_t)policy->in_flight, "budget", budget, "retry", "attempts",
        (json_int_t)policy->retry.attempts, "backoff", duration_json(policy->retry.backoff),
        "timeout", timeout_json(&policy->timeout));
    if (out && add_relations(campaign, out)) return out;
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
