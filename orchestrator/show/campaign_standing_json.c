/* campaign_standing_json.c: a campaign for programs. */
#include "orchestrator/show/campaign_standing.h"

#include "orchestrator/campaign/policy_json.h"
#include "orchestrator/engine/gate.h"
#include "orchestrator/show/recall.h"
#include "orchestrator/show/show.h"
#include "orchestrator/status/explanation.h"

static json_t *counts_json(const struct wave_row *wave)
{
    json_t *out = json_object();
    for (int state = 0; state < WG_STATES; state++)
        if (wave->count[state])
            (void)json_object_set_new(out, wg_state_text((enum wg_state)state),
                                      json_integer(wave->count[state]));
    return out;
}

static json_t *faults_json(const struct campaign_row *row)
{
    json_t *out = json_object();
    for (int cause = 0; cause < WG_CAUSES; cause++) {
        int64_t sum = 0;
        for (size_t i = 0; i < row->wave_count; i++) sum += row->waves[i].fault_class[cause];
        if (sum)
            (void)json_object_set_new(out, wg_cause_text((enum wg_cause)cause), json_integer(sum));
    }
    return out;
}

/* Null where the gate has no such condition. */
static json_t *hook_json(const struct policy_gate *gate, const struct wave_row *wave)
{
    if (!gate_has_hook(gate)) return json_null();
    return json_pack("{s:s,s:s,s:o}", "answer", wave->hook, "words", wave->hook_words, "at",
                     show_time(wave->hook_at));
}

static json_t *health_json(const struct policy_gate *gate, const struct engine_wave *wave)
{
    char words[ENGINE_CAUSE_MAX];
    if (!gate->health.metric[0]) return json_null();
    (void)gate_health(gate, wave, words);
    return json_pack("{s:s,s:I,s:I,s:I,s:s}", "metric", gate->health.metric, "worse",
                     (json_int_t)wave->health.worse, "better", (json_int_t)wave->health.better,
                     "tie", (json_int_t)wave->health.tie, "words", words);
}

/* Whose approvals count now. wave -1: of the start. */
static json_t *approved_json(const struct campaign_standing *standing, int64_t wave,
                             wg_duration expires)
{
    json_t *out = json_array();
    for (size_t i = 0; i < standing->approval_count; i++) {
        const struct approval_name *name = &standing->approvals[i];
        if (name->wave == wave && (expires <= 0 || name->at > standing->now - expires))
            (void)json_array_append_new(out, json_string(name->operator_name));
    }
    return out;
}

/* How far the wave is from what its gate asks. */
static json_t *figures_json(const struct policy_gate *gate, const struct engine_wave *wave)
{
    struct gate_figures figures;
    gate_figures(gate, wave, &figures);
    int64_t succeed = (figures.finished * gate->success_ppm + POLICY_PPM - 1) / POLICY_PPM;
    return json_pack("{s:I,s:I,s:I,s:I,s:I}", "members", (json_int_t)figures.members, "finished",
                     (json_int_t)figures.finished, "finished_needed", (json_int_t)figures.needed,
                     "succeeded", (json_int_t)figures.succeeded, "succeeded_needed",
                     (json_int_t)succeed);
}

static json_t *gate_json(const struct campaign_standing *standing, size_t index)
{
    const struct policy_gate *gate = &standing->campaign->policy.gates[index];
    const struct engine_wave *view = &standing->view.waves[index];
    wg_time soaked = view->last_finish && gate->soak ? gate_soaked(gate, view) : 0;
    return json_pack("{s:o,s:o,s:o,s:o}", "gate", policy_gate_json(gate), "figures",
                     figures_json(gate, view), "soak_ends_at", show_time(soaked), "approved_by",
                     approved_json(standing, (int64_t)index, gate->approval_expires));
}

static json_t *wave_json(const struct campaign_standing *standing, size_t index)
{
    const struct wave_row *wave = &standing->row.waves[index];
    const struct engine_wave *view = &standing->view.waves[index];
    const struct policy_gate *gate = &standing->campaign->policy.gates[index];
    char reason[ENGINE_CAUSE_MAX];
    engine_wave_reason(&standing->campaign->policy, &standing->view, index, standing->now, reason);
    json_t *out =
        json_pack("{s:s,s:s,s:I,s:o,s:I,s:I,s:s,s:s,s:o}", "name", wave->name, "state", wave->state,
                  "members", (json_int_t)wave->members, "devices", counts_json(wave), "faults",
                  (json_int_t)wave->faults, "approvals", (json_int_t)view->approvals, "cause",
                  wave->cause, "waits_for", reason, "since", show_time(wave->state_at));
    json_t *more =
        json_pack("{s:I,s:s,s:s,s:o,s:o}", "approvals_needed", (json_int_t)gate->approval_count,
                  "manual", wave->manual, "manual_words", wave->manual_words, "hook",
                  hook_json(gate, wave), "health", health_json(gate, view));
    json_t *of_gate = gate_json(standing, index);
    (void)json_object_update(out, more);
    (void)json_object_update(out, of_gate);
    json_decref(more);
    json_decref(of_gate);
    return out;
}

static json_t *waves_json(const struct campaign_standing *standing)
{
    json_t *out = json_array();
    for (size_t i = 0; i < standing->row.wave_count; i++)
        (void)json_array_append_new(out, wave_json(standing, i));
    return out;
}

static json_t *rate_json(const struct campaign_standing *standing)
{
    const struct engine_pace *pace = &standing->pace;
    if (pace->rate < 0) return json_null();
    return json_pack("{s:I,s:I,s:o}", "in_a_minute", (json_int_t)pace->rate, "in_the_last",
                     (json_int_t)standing->view.offered, "next", show_time(pace->next));
}

/* "open in 3 of 4 time zones, next ..." */
static void window_words(const struct campaign_standing *standing, struct wg_buf *out)
{
    const struct campaign_window *window = &standing->window;
    struct wg_windows windows = standing->campaign->policy.window;
    char words[WG_WINDOWS_WORDS];
    if (window->zones == 0) {
        wg_buf_text(out, "no time zone is known that it could be open in");
        return;
    }
    if (windows.kind != WG_WINDOW_NAMED)
        wg_buf_printf(out, "open in %zu of %zu time zones%s", window->open, window->zones,
                      window->next ? ", next " : "");
    if (windows.kind == WG_WINDOW_NAMED || window->next) {
        const char *zone = windows.kind == WG_WINDOW_NAMED ? windows.zone : window->zone;
        const struct wg_tz *tz = zone_files_get(standing->zones, zone, NULL);
        (void)wg_copy(windows.zone, sizeof windows.zone, zone);
        wg_windows_words(&windows, tz, standing->now, words);
        wg_buf_text(out, words);
    }
}

static json_t *window_json(const struct campaign_standing *standing)
{
    const struct campaign_window *window = &standing->window;
    struct wg_buf words;
    if (!explanation_has_window(&standing->campaign->policy) || window->hidden) return json_null();
    wg_buf_init(&words, 4096);
    window_words(standing, &words);
    json_t *out = json_pack("{s:I,s:I,s:o,s:o,s:s}", "zones", (json_int_t)window->zones, "open",
                            (json_int_t)window->open, "next", show_time(window->next), "next_in",
                            window->next ? json_string(window->zone) : json_null(), "words",
                            wg_buf_str(&words));
    wg_buf_clear(&words);
    return out;
}

static json_t *lease_json(const struct campaign_standing *standing)
{
    const struct lease_row *lease = &standing->lease;
    if (!campaign_standing_is_ticked(standing)) return json_null();
    return json_pack("{s:s,s:I,s:o}", "holder", lease->holder, "token", (json_int_t)lease->token,
                     "until", show_time(lease->until));
}

/* What steers it: beside the figures. */
static json_t *steering_json(const struct campaign_standing *standing)
{
    const struct campaign_row *row = &standing->row;
    const struct policy *policy = &standing->campaign->policy;
    char reason[ENGINE_CAUSE_MAX];
    struct recall recall;
    recall_of(row, &recall);
    engine_campaign_reason(policy, &standing->view, standing->now, reason);
    return json_pack("{s:{s:s,s:s,s:s},s:{s:I,s:s},s:s,s:b,s:I,s:o,s:b,s:I,s:I,s:{s:I,s:I,s:s},s:o,"
                     "s:o,s:o,s:o,s:o,"
                     "s:o,s:o}",
                     "said_last", "put_off", standing->reasons.put_off, "failed",
                     standing->reasons.failed, "failure", standing->reasons.failure, "unsigned",
                     "orders", (json_int_t)standing->unsigned_orders, "why", standing->unsigned_why,
                     "waits_for", reason, "held", row->held, "ready", (json_int_t)row->ready,
                     "stop", show_text(row->stop), "emergency", row->emergency, "priority",
                     (json_int_t)row->priority, "revision", (json_int_t)row->revision, "approvals",
                     "given", (json_int_t)standing->view.approvals, "needed",
                     (json_int_t)policy->start.count, "role", policy->start.role, "rate",
                     rate_json(standing), "window", window_json(standing), "lease",
                     lease_json(standing), "rolls_back", show_text(row->rolls_back),
                     "rolled_back_by", show_text(standing->rolled_back_by), "started_at",
                     show_time(row->started_at), "not_recalled", recall_json(&recall));
}

/* What was agreed about it: the budget, the way back, who has approved its start. */
static json_t *agreed_json(const struct campaign_standing *standing)
{
    const struct campaign *campaign = standing->campaign;
    char back[WG_NAME_MAX + WG_VERSION_MAX + 2] = "";
    if (campaign->rollback[0])
        (void)wg_format(back, sizeof back, "%s/%s", standing->row.component, campaign->rollback);
    return json_pack("{s:o,s:o,s:o}", "budget", policy_budget_json(&campaign->policy.budget),
                     "rollback_to", show_text(back), "approved_by",
                     approved_json(standing, -1, campaign->policy.start.expires));
}

json_t *campaign_standing_json(const struct campaign_standing *standing)
{
    const struct campaign_row *row = &standing->row;
    const struct policy *policy = &standing->campaign->policy;
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o}", "campaign", row->name,
        "digest", row->digest, "component", row->component, "version", row->version, "state",
        row->state, "cause", row->cause, "author", row->author, "members", (json_int_t)row->members,
        "in_flight", (json_int_t)standing_in_flight(row), "in_flight_max",
        (json_int_t)policy->in_flight, "faults", (json_int_t)standing_faults(row),
        "faults_tolerated", (json_int_t)policy_budget_tolerates(&policy->budget, row->members),
        "failures_by_class", faults_json(row), "waves", waves_json(standing), "created_at",
        show_time(row->created_at), "state_at", show_time(row->state_at));
    json_t *more = steering_json(standing), *agreed = agreed_json(standing);
    (void)json_object_update(out, more);
    (void)json_object_update(out, agreed);
    json_decref(more);
    json_decref(agreed);
    return out;
}
