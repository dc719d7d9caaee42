/* device_act.c: retry, cancel and quarantine of one device, each with its row of the audit log. */
#include "orchestrator/store/device_act.h"

#include "common/json.h"
#include "orchestrator/store/alarm_row.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/params.h"
#include "orchestrator/store/place.h"

#include <stdlib.h>
#include <string.h>

bool device_act_check_reason(const char *reason, struct wg_error *err)
{
    size_t len = reason ? strlen(reason) : 0;
    bool plain = len > 0 && len <= DEVICE_ACT_REASON_MAX && wg_text_is_utf8(reason, len);
    for (size_t i = 0; i < len && plain; i++)
        plain = (unsigned char)reason[i] >= ' ' && reason[i] != 0x7f;
    if (!plain)
        return wg_fail(err, WG_E_USAGE,
                       "a reason is needed, for others: 1 to %d bytes of plain text on one line",
                       DEVICE_ACT_REASON_MAX);
    return audit_row_plain("the reason", reason, err);
}

/* Takes detail over; what it has as before, after and reason stands in the row as such. */
static bool audit(struct db *db, const struct device_act *act, const char *kind, json_t *detail,
                  struct wg_error *err)
{
    char at[PARAM_NUMBER];
    char *text = detail ? json_dumps(detail, JSON_COMPACT) : NULL;
    const char *const params[] = {param_number(at, act->now), act->by, kind, act->device, text};
    bool ok = text ? db_run(db, SQL_ACT_AUDIT, 5, params, NULL, err)
                   : wg_fail_memory(err, "writing the audit log");
    free(text);
    json_decref(detail);
    return ok;
}

static json_t *detail_of(const struct device_act *act, const struct device_act_place *was)
{
    return json_pack("{s:s,s:s,s:s,s:s}", "campaign", act->campaign, "reason", act->reason, "state",
                     wg_state_text(was->state), "cause", wg_cause_text(was->cause));
}

/* Who has no place: because there is no such device, no such campaign, or it is not of it. */
static bool no_place(struct db *db, const struct device_act *act, struct wg_error *err)
{
    struct device_row *device = calloc(1, sizeof *device);
    struct campaign_row *campaign = calloc(1, sizeof *campaign);
    bool ok = device && campaign
                  ? device_row_get(db, act->device, device, err) &&
                        campaign_row_get(db, act->campaign, campaign, err) &&
                        wg_fail(err, WG_E_NOT_FOUND,
                                "device %s has no place in campaign %s: wavegate device explain %s "
                                "--campaign %s says why",
                                act->device, act->campaign, act->device, act->campaign)
                  : wg_fail_memory(err, "reading a place");
    free(device);
    free(campaign);
    return ok;
}

/* The campaign's row before its places, as the ticker does. */
static bool hold_place(struct db *db, const struct device_act *act, struct device_act_place *out,
                       struct wg_error *err)
{
    const char *const params[] = {act->device, act->campaign};
    *out = (struct device_act_place){.state = WG_WAITING};
    if (!campaign_row_hold(db, act->campaign, err)) return false;
    PGresult *result = db_query(db, SQL_ACT_PLACE, 2, params, err);
    if (!result) return false;
    bool found = PQntuples(result) == 1, known = false;
    if (found) {
        known = wg_state_parse(db_text(result, 0, 0), &out->state) &&
                wg_cause_parse(db_text(result, 0, 1), &out->cause);
        out->retry_at = db_int(result, 0, 2);
        db_copy(result, 0, 3, out->campaign_state, sizeof out->campaign_state);
    }
    PQclear(result);
    if (!found) return no_place(db, act, err);
    return known || wg_fail(err, WG_E_DATABASE, "device %s is in no known state", act->device);
}

/* ---- retry ---- */

static bool ended_badly(enum wg_state state)
{
    return state == WG_FAILED || state == WG_ROLLED_BACK || state == WG_SILENT ||
           state == WG_WITHDRAWN;
}

static bool cannot_retry(const struct device_act *act, const struct device_act_place *place,
                         struct wg_error *err)
{
    if (place->state == WG_WAITING)
        return wg_fail(err, WG_E_CONFLICT,
                       "device %s waits in %s for no back-off that could be cut short: wavegate "
                       "device explain %s --campaign %s says for what",
                       act->device, act->campaign, act->device, act->campaign);
    if (wg_state_is_final(place->state))
        return wg_fail(err, WG_E_CONFLICT, "device %s is %s in %s: there is nothing to retry",
                       act->device, wg_state_text(place->state), act->campaign);
    return wg_fail(err, WG_E_CONFLICT, "device %s has its update in hand in %s: it is %s",
                   act->device, act->campaign, wg_state_text(place->state));
}

bool device_act_retry(struct db *db, const struct device_act *act, struct device_act_place *out,
                      struct wg_error *err)
{
    const char *const params[] = {act->device, act->campaign};
    if (!device_act_check_reason(act->reason, err) || !hold_place(db, act, out, err)) return false;
    out->needs_campaign = ended_badly(out->state);
    if (out->needs_campaign) return true;
    if (out->state != WG_WAITING || out->retry_at <= act->now) return cannot_retry(act, out, err);
    json_t *detail = detail_of(act, out);
    (void)json_object_set_new(detail, "before",
                              json_pack("{s:I}", "retry_at", (json_int_t)out->retry_at));
    (void)json_object_set_new(detail, "after", json_pack("{s:I}", "retry_at", (json_int_t)0));
    if (db_run(db, SQL_ACT_RETRY, 2, params, NULL, err))
        return audit(db, act, "retry", detail, err) && store_notify(db, err);
    json_decref(detail);
    return false;
}

/* ---- cancel ---- */

static bool cannot_cancel(const struct device_act *act, const struct device_act_place *place,
                          struct wg_error *err)
{
    if (wg_state_is_final(place->state))
        return wg_fail(err, WG_E_CONFLICT,
                       "device %s is %s in %s already: there is nothing to "
                       "cancel",
                       act->device, wg_state_text(place->state), act->campaign);
    return wg_fail(err, WG_E_CONFLICT,
                   "device %s has switched over (%s) and cannot be recalled: it finishes or falls "
                   "back by itself",
                   act->device, wg_state_text(place->state));
}

bool device_act_cancel(struct db *db, const struct device_act *act, struct device_act_place *out,
                       struct wg_error *err)
{
    char words[WG_DETAIL_MAX + 1];
    int64_t moved = 0;
    if (!device_act_check_reason(act->reason, err) || !hold_place(db, act, out, err)) return false;
    (void)wg_format(words, sizeof words, "cancelled by %s: %s", act->by, act->reason);
    if (!place_cancel(db, act->campaign, act->device, words, act->now, &moved, err)) return false;
    if (moved == 0) return cannot_cancel(act, out, err);
    json_t *detail = detail_of(act, out);
    (void)json_object_set_new(detail, "before", json_pack("{s:b}", "cancelled", 0));
    (void)json_object_set_new(detail, "after", json_pack("{s:b}", "cancelled", 1));
    return audit(db, act, "cancel", detail, err) && store_notify(db, err);
}

/* ---- quarantine ---- */

bool device_act_quarantine(struct db *db, const struct device_act *act, bool *fresh,
                           struct wg_error *err)
{
    char at[PARAM_NUMBER], why[WG_NAME_MAX + DEVICE_ACT_REASON_MAX + 8];
    const char *const params[] = {act->device, param_number(at, act->now), why};
    bool held = false;
    *fresh = false;
    if (!device_act_check_reason(act->reason, err)) return false;
    (void)wg_format(why, sizeof why, "by %s: %s", act->by, act->reason);
    PGresult *result = db_query(db, SQL_ACT_QUARANTINE, 3, params, err);
    if (!result) return false;
    bool found = PQntuples(result) == 1;
    *fresh = found && db_bool(result, 0, 0);
    held = found && !db_bool(result, 0, 1); /* by something else, before */
    PQclear(result);
    if (!found)
        return wg_fail(err, WG_E_NOT_FOUND, "there is no device \"%s\": see wavegate device list",
                       act->device);
    json_t *detail = json_pack("{s:s,s:{s:b},s:{s:b}}", "reason", act->reason, "before",
                               "quarantined", (int)held, "after", "quarantined", 1);
    return audit(db, act, "quarantine", detail, err) && store_notify(db, err);
}

static json_t *kinds_json(unsigned kinds)
{
    json_t *list = json_array();
    for (unsigned kind = 0; kind < ALARM_KINDS; kind++)
        if (kinds & 1U << kind)
            (void)json_array_append_new(list, json_string(alarm_kind_text((enum alarm_kind)kind)));
    return list;
}

bool device_act_clear(struct db *db, const struct device_act *act, const char *kind,
                      unsigned *kinds, struct wg_error *err)
{
    const struct alarm_clearing clearing = {
        .device = act->device, .kind = kind, .by = act->by, .why = act->reason};
    *kinds = 0;
    if (!alarm_row_clear(db, &clearing, act->now, kinds, err)) return false;
    if (*kinds == 0)
        return wg_fail(err, WG_E_NOT_FOUND, "%s has no open alarm%s%s", act->device,
                       kind ? " of kind " : "", kind ? kind : "");
    return audit(db, act, "alarm",
                 json_pack("{s:o,s:s,s:{s:o},s:{s:[]}}", "cleared", kinds_json(*kinds), "reason",
                           act->reason, "before", "open", kinds_json(*kinds), "after", "open"),
                 err) &&
           store_notify(db, err);
}

bool device_act_note(struct db *db, const struct device_act *act, const char *kind,
                     const char *made, struct wg_error *err)
{
    return audit(
        db, act, kind,
        json_pack("{s:s,s:s,s:s}", "campaign", act->campaign, "reason", act->reason, "made", made),
        err);
}
