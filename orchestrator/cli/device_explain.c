/* device_explain.c: `device explain ID`: why a device is updated, waits, or is not meant at all. */
#include "orchestrator/cli/clause_view.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/device_logs.h"
#include "orchestrator/cli/device_timeline.h"
#include "orchestrator/cli/device_view.h"
#include "orchestrator/cli/left_out.h"
#include "orchestrator/engine/gate.h"
#include "orchestrator/status/evidence.h"
#include "orchestrator/status/standing.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define REPORTS_SHOWN 20
#define NEWEST_SHOWN 10 /* campaigns that leave the device out, unless one is asked for */

/* One campaign, and how the device stands to it. */
struct explained {
    struct campaign_row row;
    struct engine_view view;
    struct evidence evidence;
    struct clause_view clauses;
    struct campaign *campaign; /* owned, unless a plan has it */
};

struct explainer {
    struct cli *cli;
    const struct device_row *device;
    const char *only; /* the one campaign that was asked for; NULL: all */
    json_t *out;      /* an array; NULL: to the screen */
    struct zone_files *zones;
    struct device_logs_known logs;
    wg_time now;
    struct explained at;
};

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
static json_t *window_json(const struct explainer *to)
{
    const struct explained *at = &to->at;
    const struct evidence *evidence = &at->evidence;
    const struct policy *policy = &at->campaign->policy;
    if (!explanation_has_window(policy)) return json_null();
    json_t *zone = evidence->zone[0] ? json_string(evidence->zone) : json_null();
    if (!evidence->tz) return json_pack("{s:o,s:n,s:n}", "zone", zone, "open", "next");
    return json_pack("{s:o,s:b,s:o}", "zone", zone, "open",
                     wg_windows_open(&policy->window, evidence->tz, to->now), "next",
                     screen_json_time(wg_windows_next(&policy->window, evidence->tz, to->now)));
}

static json_t *rate_json(const struct explainer *to)
{
    struct engine_pace pace;
    engine_pace(&to->at.campaign->policy, &to->at.view, to->now, &pace);
    if (pace.rate < 0) return json_null();
    return json_pack("{s:I,s:I,s:o}", "in_a_minute", (json_int_t)pace.rate, "in_the_last",
                     (json_int_t)to->at.view.offered, "next", screen_json_time(pace.next));
}

static json_t *attempt_json(const struct device_place_row *place)
{
    return json_pack("{s:I,s:I,s:o,s:o}", "number", (json_int_t)place->attempt, "spent",
                     (json_int_t)place->spent, "again_at", screen_json_time(place->retry_at),
                     "ready_at", screen_json_time(place->ready_at));
}

static bool holds_by_wave(enum explanation_code code)
{
    return code >= EXPLAINED_WAVE && code <= EXPLAINED_GATE_HOOK;
}

static json_t *place_json(const struct explainer *to, const struct device_place_row *place,
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
        (json_int_t)place->attempt, "since", screen_json_time(place->state_at), "holds",
        explanation_code_text(why->code), "reason", why->text, "until",
        screen_json_time(why->until), "gate",
        holds_by_wave(why->code) ? gate_json(at, why->wave) : json_null(), "budget", "failed",
        (json_int_t)standing_faults(&at->row), "tolerated",
        (json_int_t)policy_budget_tolerates(&policy->budget, at->row.members), "in_flight", "now",
        (json_int_t)standing_in_flight(&at->row), "most", (json_int_t)policy->in_flight, "clauses",
        clause_view_json(&at->clauses));
    (void)json_object_set_new(out, "attempts", attempt_json(place));
    (void)json_object_set_new(out, "window", window_json(to));
    (void)json_object_set_new(out, "rate", rate_json(to));
    return out;
}

/* The clauses are asked for with one campaign alone: nobody reads those of ten. */
static void show_clauses(const struct explainer *to)
{
    if (!to->only) return;
    screen_text(&to->cli->screen, "  clause by clause, as it is now:\n");
    clause_view_show(&to->at.clauses, &to->cli->screen);
}

static void show_place(struct explainer *to, const struct device_place_row *place)
{
    struct explained *at = &to->at;
    struct screen *screen = &to->cli->screen;
    struct explanation_facts facts;
    struct explanation why;
    char takes[CLAUSE_WAVE_TEXT];
    evidence_facts(&at->evidence, to->device, place, &at->row, &at->campaign->policy, &at->view,
                   to->now, &facts);
    explanation_of(&facts, &why);
    if (to->out) {
        (void)json_array_append_new(to->out, place_json(to, place, &why));
        return;
    }
    clause_wave_words(at->campaign, (size_t)place->wave_number, takes);
    screen_text(screen, "%s, wave %s (%s): %s\n  %s %s\n", place->campaign, place->wave, takes,
                wg_state_text(place->state), to->device->id, why.text);
    show_clauses(to);
}

static bool load(struct explainer *to, const char *campaign, struct wg_error *err)
{
    struct explained *at = &to->at;
    struct db *db = to->cli->db;
    memset(at, 0, sizeof *at);
    return campaign_row_get(db, campaign, &at->row, err) &&
           (at->campaign = standing_campaign(db, at->row.id, err)) != NULL &&
           clause_view_load(&at->clauses, db, at->campaign, to->device->id, err);
}

static void unload(struct explainer *to)
{
    clause_view_clear(&to->at.clauses);
    campaign_free(to->at.campaign);
}

static bool tell_place(struct explainer *to, const struct device_place_row *place,
                       struct wg_error *err)
{
    struct explained *at = &to->at;
    struct db *db = to->cli->db;
    bool ok = load(to, place->campaign, err);
    if (ok) {
        const struct policy *policy = &at->campaign->policy;
        ok = standing_view(&at->row, policy, to->now, &at->view, err) &&
             evidence_load(db, to->zones, to->device, &at->row, policy, to->now, &at->view,
                           &at->evidence, err);
    }
    if (ok) show_place(to, place);
    unload(to);
    return ok;
}

static void show_left_out(struct explainer *to, const struct left_out *why)
{
    const struct campaign_row *row = &to->at.row;
    if (to->out) {
        (void)json_array_append_new(
            to->out,
            json_pack("{s:s,s:s,s:n,s:s,s:s,s:s,s:n,s:o}", "campaign", row->name, "campaign_state",
                      row->state, "wave", "state", "left-out", "holds", why->holds, "reason",
                      why->text, "until", "clauses", clause_view_json(&to->at.clauses)));
        return;
    }
    screen_text(&to->cli->screen, "%s: left out\n  %s %s\n", row->name, to->device->id, why->text);
    show_clauses(to);
}

static bool tell_left_out(struct explainer *to, const char *campaign, struct wg_error *err)
{
    struct explained *at = &to->at;
    struct db *db = to->cli->db;
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
        show_left_out(to, &why);
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
static bool tell_others(struct explainer *to, const struct device_place_row *places, size_t count,
                        struct wg_error *err)
{
    struct campaign_row *rows = NULL;
    size_t campaigns = 0;
    if (!campaign_row_list(to->cli->db, &rows, &campaigns, err)) return false;
    bool ok = true, found = false;
    for (size_t i = 0; i < campaigns && ok; i++) {
        if (to->only && strcmp(rows[i].name, to->only) != 0) continue;
        found = true;
        if (has_place(places, count, rows[i].name) || (!to->only && i >= NEWEST_SHOWN)) continue;
        ok = tell_left_out(to, rows[i].name, err);
    }
    free(rows);
    if (ok && to->only && !found)
        return wg_fail(err, WG_E_NOT_FOUND,
                       "there is no campaign \"%.64s\": see wavegate campaign list", to->only);
    return ok;
}

static bool tell_campaigns(struct explainer *to, struct wg_error *err)
{
    struct device_place_row *places = NULL;
    size_t count = 0;
    if (!device_row_places(to->cli->db, to->device->id, &places, &count, err)) return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        if (!to->only || strcmp(places[i].campaign, to->only) == 0)
            ok = tell_place(to, &places[i], err);
    ok = ok && tell_others(to, places, count, err);
    free(places);
    return ok;
}

static bool explain_json(struct explainer *to, const struct device_report_row *reports,
                         size_t count, struct wg_error *err)
{
    json_t *out = device_json(to->device);
    to->out = json_array();
    bool ok = tell_campaigns(to, err);
    (void)json_object_set_new(out, "campaigns", to->out);
    (void)json_object_set_new(out, "timeline", device_timeline_json(reports, count));
    (void)json_object_set_new(out, "logs", device_logs_known_json(&to->logs));
    if (ok) return screen_json(out, err);
    json_decref(out);
    return false;
}

static bool explain_text(struct explainer *to, const struct device_report_row *reports,
                         size_t count, struct wg_error *err)
{
    struct screen *screen = &to->cli->screen;
    const struct device_row *device = to->device;
    char software[512];
    device_software_words(device, software, sizeof software);
    screen_coloured(screen, SCREEN_BOLD, "%s", device->id);
    screen_text(screen, " runs %s, %s\n", software[0] ? software : "what it has not said yet",
                device->online ? "online" : "offline");
    size_t before = screen->text.len;
    if (!tell_campaigns(to, err)) return false;
    if (screen->text.len == before) screen_text(screen, "There is no campaign yet.\n");
    device_timeline_show(screen, reports, count);
    device_logs_known_show(screen, device->id, &to->logs);
    return screen_flush(screen, err);
}

static bool explain(struct explainer *to, struct wg_error *err)
{
    struct device_report_row *reports = NULL;
    size_t count = 0;
    bool ok =
        device_row_reports(to->cli->db, to->device->id, REPORTS_SHOWN, &reports, &count, err) &&
        device_logs_know(to->cli, to->device->id, &to->logs, err) &&
        (to->cli->screen.json ? explain_json(to, reports, count, err)
                              : explain_text(to, reports, count, err));
    free(reports);
    return ok;
}

/* All of it as of one moment. */
static bool explain_all(struct cli *cli, const struct device_row *device, struct explainer *to,
                        struct wg_error *err)
{
    to->cli = cli;
    to->device = device;
    to->only = args_value(cli->args, "campaign");
    to->now = wg_now();
    to->zones = zone_files_new(NULL);
    if (!to->zones) return wg_fail_memory(err, "explaining");
    bool ok = db_begin_snapshot(cli->db, err) && explain(to, err);
    db_rollback(cli->db);
    zone_files_free(to->zones);
    return ok;
}

bool device_explain_run(struct cli *cli, struct wg_error *err)
{
    const char *id;
    if (!command_name_argument(cli, 0, "device id", &id, err)) return false;
    struct device_row *device = calloc(1, sizeof *device);
    struct explainer *to = calloc(1, sizeof *to);
    bool ok = device && to
                  ? device_row_get(cli->db, id, device, err) && explain_all(cli, device, to, err)
                  : wg_fail_memory(err, "explaining");
    free(to);
    free(device);
    return ok;
}
