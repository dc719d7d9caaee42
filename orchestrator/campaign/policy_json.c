/* policy_json.c: gates, pace, budget, retry, timeout, schedule, approvals, emergency as JSON. */
#include "orchestrator/campaign/policy_json.h"

#include "orchestrator/campaign/selector_json.h"
#include "orchestrator/campaign/window_list_json.h"

#include <stdio.h>
#include <string.h>

json_t *policy_percent_json(int64_t ppm, const char *before)
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

/* Shares as "12.5%", devices as a number. */
static json_t *amount_json(const struct policy_amount *amount)
{
    /* a share of nothing cannot be written as a percentage */
    if (amount->is_share && amount->value > 0) return policy_percent_json(amount->value, "");
    return json_integer(amount->value);
}

static json_t *duration_json(wg_duration duration)
{
    char text[WG_TIME_TEXT];
    wg_duration_text(duration, text);
    return json_string(text);
}

static json_t *time_json(wg_time time)
{
    char text[WG_TIME_TEXT];
    wg_time_text(time, text);
    return json_string(text);
}

static json_t *rate_text_json(int64_t devices)
{
    return json_sprintf("%lld/min", (long long)devices);
}

/* Sets out[key], or leaves out as NULL, which later calls keep to: looked at once, at the end. */
static void add(json_t **out, const char *key, json_t *value)
{
    if (*out && json_object_set_new(*out, key, value) == 0) return;
    if (!*out) json_decref(value);
    json_decref(*out);
    *out = NULL;
}

static json_t *approvals_json(const char *role, int64_t count, wg_duration expires)
{
    json_t *out = json_pack("{s:s,s:I}", "role", role, "count", (json_int_t)count);
    if (expires > 0) add(&out, "expires", duration_json(expires));
    return out;
}

static json_t *hook_json(const struct policy_hook *hook)
{
    bool run = hook->run[0] != '\0';
    return json_pack("{s:s,s:o,s:o}", run ? "run" : "url", run ? hook->run : hook->url, "timeout",
                     duration_json(hook->timeout), "every", duration_json(hook->every));
}

static json_t *health_json(const struct policy_health *health)
{
    return json_pack("{s:s,s:s,s:o,s:o,s:o,s:o}", "metric", health->metric, "worse",
                     health->lower_is_worse ? "lower" : "higher", "margin",
                     policy_percent_json(health->margin_ppm, ""), "alpha",
                     policy_percent_json(health->alpha_ppm, ""), "beta",
                     policy_percent_json(health->beta_ppm, ""), "settle",
                     duration_json(health->settle));
}

json_t *policy_gate_json(const struct policy_gate *gate)
{
    json_t *out =
        json_pack("{s:o,s:o,s:o}", "success", policy_percent_json(gate->success_ppm, ">= "),
                  "sample", amount_json(&gate->sample), "soak", duration_json(gate->soak));
    if (gate->approval_count > 0)
        add(&out, "approvals",
            approvals_json(gate->approval_role, gate->approval_count, gate->approval_expires));
    if (gate->hook.run[0] || gate->hook.url[0]) add(&out, "hook", hook_json(&gate->hook));
    if (gate->health.metric[0]) add(&out, "health", health_json(&gate->health));
    return out;
}

static json_t *rate_json(const struct policy_rate *rate)
{
    json_t *out = json_pack("{s:o,s:o}", "start", rate_text_json(rate->start), "factor",
                            decimal_json(rate->factor_ppm / (POLICY_PPM / 10000), 4));
    if (rate->max > 0) add(&out, "max", rate_text_json(rate->max));
    return out;
}

static json_t *pace_json(const struct policy *policy)
{
    json_t *out = json_pack("{s:I}", "in_flight", (json_int_t)policy->in_flight);
    json_t *per = policy->per_count ? json_object() : NULL;
    for (size_t i = 0; i < policy->per_count; i++)
        add(&per, policy->per[i].attribute, json_integer(policy->per[i].most));
    if (policy->per_count) add(&out, "per", per);
    if (policy->rate.start > 0) add(&out, "rate", rate_json(&policy->rate));
    return out;
}

json_t *policy_budget_json(const struct policy_budget *budget)
{
    json_t *out = json_pack("{s:o,s:I,s:s}", "failures", amount_json(&budget->failures), "at_least",
                            (json_int_t)budget->at_least, "on_exceeded",
                            policy_on_exceeded_text(budget->on_exceeded));
    json_t *classes = json_object();
    for (int cause = 0; cause < WG_CAUSES; cause++)
        if (budget->class_limited[cause])
            add(&classes, wg_cause_text((enum wg_cause)cause),
                amount_json(&budget->classes[cause]));
    if (classes && json_object_size(classes) == 0)
        json_decref(classes);
    else
        add(&out, "classes", classes);
    return out;
}

static json_t *retry_class_json(const struct policy_retry_class *class)
{
    json_t *out = json_object();
    if (class->attempts > 0) add(&out, "attempts", json_integer(class->attempts));
    if (class->backoff > 0) add(&out, "backoff", duration_json(class->backoff));
    return out;
}

static json_t *retry_json(const struct policy_retry *retry)
{
    json_t *out = json_pack("{s:I,s:o,s:o}", "attempts", (json_int_t)retry->attempts, "backoff",
                            duration_json(retry->backoff), "jitter",
                            policy_percent_json(retry->jitter_ppm, ""));
    json_t *classes = json_object();
    for (int cause = 0; cause < WG_CAUSES; cause++)
        if (retry->class_set[cause])
            add(&classes, wg_cause_text((enum wg_cause)cause),
                retry_class_json(&retry->classes[cause]));
    if (classes && json_object_size(classes) == 0)
        json_decref(classes);
    else
        add(&out, "classes", classes);
    return out;
}

static json_t *timeout_json(const struct policy_timeout *timeout)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "offer", duration_json(timeout->offer), "download",
                     duration_json(timeout->download), "install", duration_json(timeout->install),
                     "probation", duration_json(timeout->probation), "silent",
                     duration_json(timeout->silent));
}

static json_t *schedule_json(const struct policy_schedule *schedule)
{
    json_t *out = json_object();
    if (schedule->start) add(&out, "start", time_json(schedule->start));
    if (schedule->end) {
        add(&out, "end", time_json(schedule->end));
        add(&out, "at_end", json_string(policy_at_end_text(schedule->at_end)));
    }
    return out;
}

json_t *policy_json(const struct policy *policy)
{
    const struct policy_approvals *start = &policy->start;
    const struct policy_emergency *emergency = &policy->emergency;
    json_t *out = json_pack("{s:o,s:o,s:o,s:o}", "pace", pace_json(policy), "budget",
                            policy_budget_json(&policy->budget), "retry",
                            retry_json(&policy->retry), "timeout", timeout_json(&policy->timeout));
    if (policy->window.count) add(&out, "window", window_list_json(&policy->window));
    if (policy->schedule.start || policy->schedule.end)
        add(&out, "schedule", schedule_json(&policy->schedule));
    if (start->count)
        add(&out, "approvals", approvals_json(start->role, start->count, start->expires));
    if (emergency->length)
        add(&out, "emergency",
            json_pack("{s:o,s:s}", "for", duration_json(emergency->length), "reason",
                      emergency->reason));
    return out;
}
