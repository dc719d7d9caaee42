/* campaign_canonical.c: the model as canonical JSON, which is again a campaign file. */
#include "orchestrator/campaign/campaign.h"

#include "common/json.h"

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

static json_t *list_json(const struct text_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < list->count; i++)
        if (json_array_append_new(array, json_string(list->items[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *selector_json(const struct selector *selector);

static json_t *children_json(const struct selector *selector)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < selector->child_count; i++)
        if (json_array_append_new(array, selector_json(selector->children[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *hardware_json(const struct selector *selector)
{
    if (!selector->range_text[0])
        return json_pack("{s:{s:s}}", "hardware", "model", selector->name);
    return json_pack("{s:{s:s,s:s}}", "hardware", "model", selector->name, "revision",
                     selector->range_text);
}

static json_t *selector_json(const struct selector *selector)
{
    switch (selector->kind) {
    case SELECT_ALL:
        return json_pack("{s:o}", "all", children_json(selector));
    case SELECT_ANY:
        return json_pack("{s:o}", "any", children_json(selector));
    case SELECT_NOT: /* its one child is an "all" */
        return json_pack("{s:[o]}", "not",
                         selector->children[0]->child_count == 1
                             ? selector_json(selector->children[0]->children[0])
                             : selector_json(selector->children[0]));
    case SELECT_DEVICE:
        return json_pack("{s:o}", "device", list_json(&selector->values));
    case SELECT_REGION:
        return json_pack("{s:o}", "region", list_json(&selector->values));
    case SELECT_TAG:
        return json_pack("{s:o}", "tag", list_json(&selector->values));
    case SELECT_HARDWARE:
        return hardware_json(selector);
    case SELECT_SOFTWARE:
        return json_pack("{s:{s:s}}", "software", selector->name,
                         selector->range_text[0] ? selector->range_text : "*");
    }
    return NULL;
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

static json_t *wave_json(const struct campaign_wave *wave, const struct policy_gate *gate)
{
    json_t *out = json_pack("{s:s,s:o}", "name", wave->name, "gate", gate_json(gate));
    int bad = !out;
    if (bad) return NULL;
    if (wave->kind == WAVE_DEVICES)
        bad = json_object_set_new(out, "devices", list_json(&wave->devices));
    if (wave->kind == WAVE_PERCENT)
        bad = json_object_set_new(out, "percent", percent_json(wave->percent_ppm, ""));
    if (wave->kind == WAVE_COUNT)
        bad = json_object_set_new(out, "count", json_integer(wave->count));
    if (wave->kind == WAVE_REMAINING) bad = json_object_set_new(out, "remaining", json_true());
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

static json_t *campaign_json(const struct campaign *campaign)
{
    const struct policy *policy = &campaign->policy;
    char release[WG_NAME_MAX + WG_VERSION_MAX + 2];
    (void)snprintf(release, sizeof release, "%s/%s", campaign->component, campaign->version);
    json_t *budget = json_pack("{s:o,s:I,s:s}", "failures", amount_json(&policy->budget.failures),
                               "at_least", (json_int_t)policy->budget.at_least, "on_exceeded",
                               policy_on_exceeded_text(policy->budget.on_exceeded));
    return json_pack("{s:i,s:s,s:s,s:o,s:s,s:o,s:{s:I},s:o,s:{s:I,s:o},s:o}", "wavegate", 1,
                     "campaign", campaign->name, "release", release, "target",
                     selector_json(campaign->target), "membership", "snapshot", "waves",
                     waves_json(campaign), "pace", "in_flight", (json_int_t)policy->in_flight,
                     "budget", budget, "retry", "attempts", (json_int_t)policy->retry.attempts,
                     "backoff", duration_json(policy->retry.backoff), "timeout",
                     timeout_json(&policy->timeout));
}

bool campaign_canonical(const struct campaign *campaign, struct wg_buf *out, struct wg_error *err)
{
    json_t *json = campaign_json(campaign);
    if (!json) return wg_fail_memory(err, "writing the campaign as JSON");
    bool ok = wg_json_canonical(json, out, err);
    json_decref(json);
    return ok;
}
