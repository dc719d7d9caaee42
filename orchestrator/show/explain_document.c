/* explain_document.c: explanations as JSON. */
#include "orchestrator/show/explaining.h"

#include "orchestrator/engine/gate.h"
#include "orchestrator/show/device.h"
#include "orchestrator/show/show.h"
#include "orchestrator/store/device_log.h"

#include <stdlib.h>

static json_t *gate_json(const struct explained *at, size_t wave)
{
    const struct engine_wave *view = &at->view.waves[wave];
    const struct policy_gate *gate = &at->campaign->policy.gates[wave];
    struct gate_figures figures;
    gate_figures(gate, view, &figures);
    return json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I}", "wave", view->name, "state",
                     wave_state_text(view->state), "members", (json_int_t)figures.members,
                     "finished", (json_int_t)figures.finished, "finished_needed",
                     (json_int_t)figures.needed, "succeeded", (json_int_t)figures.succeeded,
                     "approvals", (json_int_t)view->approvals, "approvals_needed",
                     (json_int_t)gate->approval_count);
}

/* Null when there is none. */
static json_t *window_json(const struct explaining *to)
{
    const struct explained *at = &to->at;
    const struct evidence *evidence = &at->evidence;
    const struct policy *policy = &at->campaign->policy;
    if (!explanation_has_window(policy)) return json_null();
    json_t *zone = evidence->zone[0] ? json_string(evidence->zone) : json_null();
    if (!evidence->tz) return json_pack("{s:o,s:n,s:n}", "zone", zone, "open", "next");
    return json_pack("{s:o,s:b,s:o}", "zone", zone, "open",
                     wg_windows_open(&policy->window, evidence->tz, to->now), "next",
                     show_time(wg_windows_next(&policy->window, evidence->tz, to->now)));
}

static json_t *rate_json(const struct explaining *to)
{
    struct engine_pace pace;
    engine_pace(&to->at.campaign->policy, &to->at.view, to->now, &pace);
    if (pace.rate < 0) return json_null();
    return json_pack("{s:I,s:I,s:o}", "in_a_minute", (json_int_t)pace.rate, "in_the_last",
                     (json_int_t)to->at.view.offered, "next", show_time(pace.next));
}

static json_t *attempt_json(const struct device_place_row *place)
{
    return json_pack("{s:I,s:I,s:o,s:o}", "number", (json_int_t)place->attempt, "spent",
                     (json_int_t)place->spent, "again_at", show_time(place->retry_at), "ready_at",
                     show_time(place->ready_at));
}

static bool holds_by_wave(enum explanation_code code)
{
    return code >= EXPLAINED_WAVE && code <= EXPLAINED_GATE_HOOK;
}

static json_t *place_json(const struct explaining *to, const struct device_place_row *place,
                          const struct explanation *why)
{
    const struct explained *at = &to->at;
    const struct policy *policy = &at->campaign->policy;
    char takes[CLAUSE_WAVE_TEXT];
    clause_wave_words(at->campaign, (size_t)place->wave_number, takes);
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:o,s:s,s:s,s:o,s:o,s:{s:I,s:I},s:{s:I,s:I},s:o}",
        "campaign", place->campaign, "campaign_state", place->campaign_state, "wave", place->wave,
        "wave_takes", takes, "state", wg_state_text(place->state), "cause",
        wg_cause_text(place->cause), "detail", place->detail, "version", place->version, "attempt",
        (json_int_t)place->attempt, "since", show_time(place->state_at), "holds",
        explanation_code_text(why->code), "reason", why->text, "until", show_time(why->until),
        "gate", holds_by_wave(why->code) ? gate_json(at, why->wave) : json_null(), "budget",
        "failed", (json_int_t)standing_faults(&at->row), "tolerated",
        (json_int_t)policy_budget_tolerates(&policy->budget, at->row.members), "in_flight", "now",
        (json_int_t)standing_in_flight(&at->row), "most", (json_int_t)policy->in_flight, "clauses",
        clause_view_json(&at->clauses));
    (void)json_object_set_new(out, "attempts", attempt_json(place));
    (void)json_object_set_new(out, "window", window_json(to));
    (void)json_object_set_new(out, "rate", rate_json(to));
    return out;
}

static void add_place(void *ctx, const struct explaining *to, const struct device_place_row *place,
                      const struct explanation *why)
{
    (void)json_array_append_new(ctx, place_json(to, place, why));
}

static void add_left_out(void *ctx, const struct explaining *to, const struct left_out *why)
{
    const struct campaign_row *row = &to->at.row;
    (void)json_array_append_new(
        ctx, json_pack("{s:s,s:s,s:n,s:s,s:s,s:s,s:n,s:o}", "campaign", row->name, "campaign_state",
                       row->state, "wave", "state", "left-out", "holds", why->holds, "reason",
                       why->text, "until", "clauses", clause_view_json(&to->at.clauses)));
}

static json_t *logs_json(struct db *db, const char *device, struct wg_error *err)
{
    int64_t count = 0;
    wg_time newest = 0;
    if (!device_log_count(db, device, NULL, &count, &newest, err)) return NULL;
    return json_pack("{s:I,s:o}", "count", (json_int_t)count, "newest", show_time(newest));
}

static json_t *reports_json(struct db *db, const char *device, struct wg_error *err)
{
    struct device_report_row *rows = NULL;
    size_t count = 0;
    if (!device_row_reports(db, device, EXPLAIN_REPORTS, &rows, &count, err)) return NULL;
    json_t *out = show_reports(rows, count);
    free(rows);
    return out;
}

static json_t *erasure_json(struct db *db, const char *device, struct wg_error *err)
{
    struct erasure_row row;
    return erasure_row_get(db, device, &row, err) ? show_erasure(&row) : NULL;
}

/* A part that is NULL has left its error. */
static bool put(json_t *out, const char *key, json_t *part)
{
    return part && json_object_set_new(out, key, part) == 0;
}

static json_t *document(struct explaining *to, struct wg_error *err)
{
    json_t *out = show_device(to->device), *campaigns = json_array();
    const struct explain_sink sink = {
        .place = add_place, .left_out = add_left_out, .ctx = campaigns};
    const char *id = to->device->id;
    bool ok = explaining_campaigns(to, &sink, err) &&
              put(out, "campaigns", json_incref(campaigns)) &&
              put(out, "timeline", reports_json(to->db, id, err)) &&
              put(out, "erasure", erasure_json(to->db, id, err)) &&
              put(out, "logs", logs_json(to->db, id, err));
    json_decref(campaigns);
    if (ok) return out;
    json_decref(out);
    return NULL;
}

json_t *explain_document(struct db *db, const char *device, const char *campaign, wg_time now,
                         struct wg_error *err)
{
    json_t *out = NULL;
    struct device_row *row = calloc(1, sizeof *row);
    struct explaining *to = calloc(1, sizeof *to);
    struct zone_files *zones = zone_files_new(NULL);
    if (!row || !to || !zones) {
        (void)wg_fail_memory(err, "explaining");
    } else {
        *to = (struct explaining){
            .db = db, .device = row, .only = campaign, .zones = zones, .now = now};
        if (db_begin_snapshot(db, err) && device_row_get(db, device, row, err))
            out = document(to, err);
        db_rollback(db);
    }
    zone_files_free(zones);
    free(to);
    free(row);
    return out;
}
