/* device_explain.c: `device explain ID`: why a device is updated, waits, or is not meant at all. */
#include "orchestrator/campaign/target.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/device_view.h"
#include "orchestrator/status/standing.h"

#include "common/posix/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_MAX 700
#define TARGET_SQL_MAX ((size_t)1024 * 1024)

struct explained {
    const struct device_row *device;
    const struct device_place_row *place;
    struct campaign_row *row;
    const struct policy *policy;
    const struct engine_view *view;
    wg_time now;
};

static void since(wg_time then, wg_time now, char out[WG_TIME_TEXT])
{
    wg_duration_words(then && now > then ? now - then : 0, out);
}

/* What holds back a waiting device: the first of these that does. */
static void explain_waiting(const struct explained *with, char out[REASON_MAX])
{
    const struct device_place_row *place = with->place;
    char text[WG_TIME_TEXT], gate[ENGINE_CAUSE_MAX];
    size_t wave = (size_t)place->wave_number;
    if (strcmp(place->campaign_state, "running") != 0) {
        (void)snprintf(out, REASON_MAX, "waits: the campaign is %s (%s)", place->campaign_state,
                       place->campaign_cause);
    } else if (strcmp(place->wave_state, "pending") == 0) {
        size_t open = wave;
        while (open > 0 && with->view->waves[open - 1].state != WAVE_PASSED) open--;
        engine_wave_reason(with->policy, with->view, open, with->now, gate);
        (void)snprintf(out, REASON_MAX, "waits: its wave %s has not opened; wave %s is %s: %s",
                       place->wave, with->view->waves[open].name,
                       wave_state_text(with->view->waves[open].state), gate);
    } else if (!with->device->online) {
        since(with->device->presence_at, with->now, text);
        (void)snprintf(
            out, REASON_MAX,
            "waits: the device is offline for %s; it is offered the update when it is back", text);
    } else if (place->retry_at > with->now) {
        wg_time_text(place->retry_at, text);
        (void)snprintf(out, REASON_MAX,
                       "waits: attempt %lld ended (%s %s); it is tried again at %s",
                       (long long)place->attempt, wg_cause_text(place->cause), place->detail, text);
    } else if (place->in_flight >= with->policy->in_flight) {
        (void)snprintf(out, REASON_MAX,
                       "waits: %lld of %lld updates run at once; %lld devices are before it",
                       (long long)place->in_flight, (long long)with->policy->in_flight,
                       (long long)place->ahead);
    } else {
        (void)snprintf(out, REASON_MAX,
                       "is offered the update next; %lld devices of its wave are before it",
                       (long long)place->ahead);
    }
}

static void explain_moving(const struct explained *with, char out[REASON_MAX])
{
    static const char *const words[WG_STATES] = {
        [WG_OFFERED] = "was sent its order and has not answered yet",
        [WG_ACCEPTED] = "has accepted its order",
        [WG_DEFERRED] = "put the update off",
        [WG_DOWNLOADING] = "downloads the artifact",
        [WG_INSTALLING] = "installs into its idle slot",
        [WG_REBOOTING] = "reboots into the new slot",
        [WG_PROBATION] = "runs the new version on probation"};
    const struct device_place_row *place = with->place;
    char text[WG_TIME_TEXT];
    since(place->state_at, with->now, text);
    int len = snprintf(out, REASON_MAX, "%s, for %s", words[place->state], text);
    if (place->state == WG_DOWNLOADING && place->bytes_total > 0 && len > 0 && len < REASON_MAX)
        (void)snprintf(out + len, (size_t)(REASON_MAX - len), " (%lld of %lld bytes)",
                       (long long)place->bytes, (long long)place->bytes_total);
}

static void explain_ended(const struct explained *with, char out[REASON_MAX])
{
    const struct device_place_row *place = with->place;
    const char *cause = wg_cause_text(place->cause);
    switch (place->state) {
    case WG_SUCCEEDED:
        (void)snprintf(out, REASON_MAX, "runs %s %s: booted, healthy and reporting it",
                       place->component, place->version);
        break;
    case WG_ROLLED_BACK:
        (void)snprintf(out, REASON_MAX, "went back to its old slot by itself (%s: %s)", cause,
                       place->detail);
        break;
    case WG_WITHDRAWN:
        (void)snprintf(out, REASON_MAX,
                       "was not touched: its place was withdrawn because the campaign ended (%s)",
                       place->campaign_cause);
        break;
    case WG_SILENT:
        (void)snprintf(out, REASON_MAX, "rebooted into the new version and was not heard of again");
        break;
    default:
        (void)snprintf(out, REASON_MAX, "%s in attempt %lld (%s: %s)", wg_state_text(place->state),
                       (long long)place->attempt, cause, place->detail);
    }
}

static void explain_place(const struct explained *with, char out[REASON_MAX])
{
    if (with->place->state == WG_WAITING)
        explain_waiting(with, out);
    else if (wg_state_is_final(with->place->state))
        explain_ended(with, out);
    else
        explain_moving(with, out);
}

static json_t *place_json(const struct explained *with, const char *reason)
{
    const struct device_place_row *place = with->place;
    return json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:o,s:s}", "campaign", place->campaign, "campaign_state",
        place->campaign_state, "wave", place->wave, "state", wg_state_text(place->state), "cause",
        wg_cause_text(place->cause), "detail", place->detail, "version", place->version, "attempt",
        (json_int_t)place->attempt, "since", screen_json_time(place->state_at), "reason", reason);
}

/* Adds to out (JSON) or to the screen. */
static bool tell_place(struct cli *cli, struct explained *with, json_t *out, struct wg_error *err)
{
    char reason[REASON_MAX];
    struct engine_view *view = calloc(1, sizeof *view);
    struct campaign *campaign = NULL;
    bool ok = view ? campaign_row_get(cli->db, with->place->campaign, with->row, err) &&
                         (campaign = standing_campaign(cli->db, with->row->id, err)) &&
                         standing_view(with->row, &campaign->policy, view, err)
                   : wg_fail_memory(err, "explaining");
    if (ok) {
        with->policy = &campaign->policy;
        with->view = view;
        explain_place(with, reason);
        if (out)
            (void)json_array_append_new(out, place_json(with, reason));
        else
            screen_text(&cli->screen, "%s, wave %s: %s\n  %s %s\n", with->place->campaign,
                        with->place->wave, wg_state_text(with->place->state), with->device->id,
                        reason);
    }
    campaign_free(campaign);
    free(view);
    return ok;
}

/* The first clause of the target that this device does not meet; clause_count: all are met. */
static bool first_unmet(struct cli *cli, const struct target *target, const char *id, size_t *unmet,
                        struct wg_error *err)
{
    const char *params[TARGET_PARAMS_MAX + 1];
    struct wg_buf sql;
    wg_buf_init(&sql, TARGET_SQL_MAX);
    wg_buf_text(&sql, "select case");
    for (size_t i = 0; i < target->clause_count; i++)
        wg_buf_printf(&sql, " when (%s) is not true then %zu", target->clauses[i].sql, i);
    wg_buf_printf(&sql, " else %zu end from device d where d.id = $%zu::text", target->clause_count,
                  target->param_count + 1);
    for (size_t i = 0; i < target->param_count; i++) params[i] = target->params[i];
    params[target->param_count] = id;
    PGresult *result =
        wg_buf_check(&sql, err, "the target")
            ? db_query_text(cli->db, wg_buf_str(&sql), target->param_count + 1, params, err)
            : NULL;
    bool ok = result && PQntuples(result) == 1;
    if (ok) *unmet = (size_t)db_int(result, 0, 0);
    PQclear(result);
    wg_buf_clear(&sql);
    return ok;
}

static bool tell_left_out(struct cli *cli, const struct campaign_row *row, const char *id,
                          json_t *out, struct wg_error *err)
{
    struct target target = {0};
    char reason[REASON_MAX];
    size_t unmet = 0;
    struct campaign *campaign = standing_campaign(cli->db, row->id, err);
    bool ok = campaign && target_compile(campaign->target, &target, err) &&
              first_unmet(cli, &target, id, &unmet, err);
    if (ok && unmet < target.clause_count)
        (void)snprintf(reason, sizeof reason, "is not meant: it does not match \"%s\"",
                       target.clauses[unmet].words);
    else if (ok)
        (void)snprintf(
            reason, sizeof reason,
            "matches now, but had no place when the campaign was applied (members are a snapshot)");
    if (ok && out)
        (void)json_array_append_new(out, json_pack("{s:s,s:s,s:n,s:s,s:s}", "campaign", row->name,
                                                   "campaign_state", row->state, "wave", "state",
                                                   "left-out", "reason", reason));
    else if (ok)
        screen_text(&cli->screen, "%s: left out\n  %s %s\n", row->name, id, reason);
    target_clear(&target);
    campaign_free(campaign);
    return ok;
}

static bool has_place(const struct device_place_row *places, size_t count, const char *campaign)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(places[i].campaign, campaign) == 0) return true;
    return false;
}

/* Campaigns that leave the device out: the one that was asked for, else the newest ones. */
static bool tell_others(struct cli *cli, const struct device_row *device,
                        const struct device_place_row *places, size_t count, json_t *out,
                        struct wg_error *err)
{
    const char *only = args_value(cli->args, "campaign");
    struct campaign_row *rows = NULL;
    size_t campaigns = 0;
    if (!campaign_row_list(cli->db, &rows, &campaigns, err)) return false;
    bool ok = true, found = false;
    for (size_t i = 0; i < campaigns && ok; i++) {
        if (only && strcmp(rows[i].name, only) != 0) continue;
        found = true;
        if (has_place(places, count, rows[i].name) || (!only && i >= 10)) continue;
        ok = tell_left_out(cli, &rows[i], device->id, out, err);
    }
    free(rows);
    if (ok && only && !found)
        return wg_fail(err, WG_E_NOT_FOUND,
                       "there is no campaign \"%.64s\": see wavegate campaign list", only);
    return ok;
}

static bool explain(struct cli *cli, const struct device_row *device, struct campaign_row *row,
                    json_t *out, struct wg_error *err)
{
    const char *only = args_value(cli->args, "campaign");
    struct device_place_row *places = NULL;
    size_t count = 0;
    if (!device_row_places(cli->db, device->id, &places, &count, err)) return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        struct explained with = {
            .device = device, .place = &places[i], .row = row, .now = wg_now()};
        if (only && strcmp(places[i].campaign, only) != 0) continue;
        ok = tell_place(cli, &with, out, err);
    }
    ok = ok && tell_others(cli, device, places, count, out, err);
    free(places);
    return ok;
}

static bool show_all(struct cli *cli, const struct device_row *device, struct campaign_row *row,
                     struct wg_error *err)
{
    char software[512];
    if (cli->screen.json) {
        json_t *list = json_array(), *out = device_json(device);
        bool ok = explain(cli, device, row, list, err);
        (void)json_object_set_new(out, "campaigns", list);
        if (ok) return screen_json(out, err);
        json_decref(out);
        return false;
    }
    device_software_words(device, software, sizeof software);
    screen_coloured(&cli->screen, SCREEN_BOLD, "%s", device->id);
    screen_text(&cli->screen, " runs %s, %s\n", software[0] ? software : "nothing known",
                device->online ? "online" : "offline");
    size_t before = cli->screen.text.len;
    if (!explain(cli, device, row, NULL, err)) return false;
    if (cli->screen.text.len == before) screen_text(&cli->screen, "There is no campaign yet.\n");
    return screen_flush(&cli->screen, err);
}

bool device_explain_run(struct cli *cli, struct wg_error *err)
{
    const char *id;
    if (!command_name_argument(cli, 0, "device id", &id, err)) return false;
    struct device_row *device = calloc(1, sizeof *device);
    struct campaign_row *row = calloc(1, sizeof *row);
    bool ok = device && row
                  ? device_row_get(cli->db, id, device, err) && show_all(cli, device, row, err)
                  : wg_fail_memory(err, "explaining");
    free(row);
    free(device);
    return ok;
}
