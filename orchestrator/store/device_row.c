/* device_row.c: devices for people: inventory, places, timeline. */
#include "orchestrator/store/device_page.h"

#include "common/json.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define LIST_JSON_MAX 65536

static void read_software(const char *text, struct device_row *out)
{
    const char *name;
    json_t *value, *map = wg_json_parse(text, strlen(text), LIST_JSON_MAX, NULL);
    json_object_foreach(map, name, value)
    {
        if (out->component_count == WG_COMPONENTS_MAX) break;
        struct wg_component *component = &out->components[out->component_count++];
        (void)wg_copy(component->name, sizeof component->name, name);
        (void)wg_copy(component->version, sizeof component->version, json_string_value(value));
    }
    json_decref(map);
}

static void read_tags(const char *text, struct device_row *out)
{
    size_t index;
    json_t *value, *list = wg_json_parse(text, strlen(text), LIST_JSON_MAX, NULL);
    json_array_foreach(list, index, value)
    {
        if (out->tag_count == sizeof out->tags / sizeof out->tags[0]) break;
        (void)wg_copy(out->tags[out->tag_count++], sizeof out->tags[0], json_string_value(value));
    }
    json_decref(list);
}

void device_row_read(const PGresult *result, int row, struct device_row *out)
{
    memset(out, 0, sizeof *out);
    db_copy(result, row, 0, out->id, sizeof out->id);
    db_copy(result, row, 1, out->hardware_model, sizeof out->hardware_model);
    db_copy(result, row, 2, out->hardware_revision, sizeof out->hardware_revision);
    db_copy(result, row, 3, out->region, sizeof out->region);
    db_copy(result, row, 4, out->zone, sizeof out->zone);
    db_copy(result, row, 5, out->slot, sizeof out->slot);
    db_copy(result, row, 6, out->agent, sizeof out->agent);
    out->has_position = db_bool(result, row, 7);
    out->lat = strtod(db_text(result, row, 8), NULL);
    out->lon = strtod(db_text(result, row, 9), NULL);
    out->online = db_bool(result, row, 10);
    out->presence_at = db_int(result, row, 11);
    out->seen_at = db_int(result, row, 12);
    out->registered_at = db_int(result, row, 13);
    out->revoked_at = db_int(result, row, 14);
    out->report_seq = db_int(result, row, 15);
    db_copy(result, row, 16, out->attributes, sizeof out->attributes);
    read_software(db_text(result, row, 17), out);
    read_tags(db_text(result, row, 18), out);
    out->quarantined_at = db_int(result, row, 19);
    db_copy(result, row, 20, out->alarms, sizeof out->alarms);
    db_copy(result, row, 21, out->cloned_why, sizeof out->cloned_why);
    db_copy(result, row, 22, out->tampered_why, sizeof out->tampered_why);
    db_copy(result, row, 23, out->held_why, sizeof out->held_why);
    db_copy(result, row, 24, out->broker, sizeof out->broker);
}

bool device_row_get(struct db *db, const char *id, struct device_row *out, struct wg_error *err)
{
    const char *const params[] = {id};
    PGresult *result = db_query(db, SQL_DEVICE_GET, 1, params, err);
    if (!result) return false;
    bool found = PQntuples(result) == 1;
    if (found) device_row_read(result, 0, out);
    PQclear(result);
    return found ||
           wg_fail(err, WG_E_NOT_FOUND, "there is no device \"%s\": see wavegate device list", id);
}

bool device_row_tag(struct db *db, const char *id, const char *tag, bool on, wg_time now,
                    struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const device[] = {id, param_number(at, now)};
    const char *const params[] = {id, tag};
    int64_t changed = 0;
    if ((on && !db_run(db, SQL_DEVICE_REGISTER, 2, device, NULL, err)) ||
        !db_run(db, on ? SQL_DEVICE_TAG_ADD : SQL_DEVICE_TAG_REMOVE, 2, params, &changed, err))
        return false;
    const struct audit_change change = {
        .kind = "tag",
        .subject = id,
        .at = now,
        .detail = changed ? json_pack("{s:s,s:b}", "tag", tag, "given", (int)on) : NULL,
        .before = changed ? json_pack("{s:b}", "given", (int)!on) : NULL,
        .after = changed ? json_pack("{s:b}", "given", (int)on) : NULL};
    return changed == 0 || audit_row_change(db, &change, err);
}

bool device_row_revoke(struct db *db, const char *id, bool on, const char *why, wg_time now,
                       bool *changed, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {id, on ? "true" : "false", param_number(at, now), why};
    PGresult *result = db_query(db, SQL_DEVICE_REVOKE, 4, params, err);
    if (!result) return false;
    bool found = PQntuples(result) == 1;
    *changed = found && db_bool(result, 0, 0);
    PQclear(result);
    return found || wg_fail(err, WG_E_NOT_FOUND, "there is no device %s", id);
}

static bool read_place(const PGresult *result, int row, struct device_place_row *out)
{
    db_copy(result, row, 0, out->campaign, sizeof out->campaign);
    db_copy(result, row, 1, out->campaign_state, sizeof out->campaign_state);
    db_copy(result, row, 2, out->campaign_cause, sizeof out->campaign_cause);
    db_copy(result, row, 3, out->component, sizeof out->component);
    db_copy(result, row, 4, out->version, sizeof out->version);
    db_copy(result, row, 5, out->wave, sizeof out->wave);
    db_copy(result, row, 6, out->wave_state, sizeof out->wave_state);
    out->wave_number = db_int(result, row, 7);
    db_copy(result, row, 10, out->detail, sizeof out->detail);
    out->attempt = db_int(result, row, 11);
    out->state_at = db_int(result, row, 12);
    out->retry_at = db_int(result, row, 13);
    out->bytes = db_int(result, row, 14);
    out->bytes_total = db_int(result, row, 15);
    out->spent = db_int(result, row, 16);
    out->ready_at = db_int(result, row, 17);
    out->ahead = db_int(result, row, 18);
    db_copy(result, row, 19, out->refusal, sizeof out->refusal);
    return wg_state_parse(db_text(result, row, 8), &out->state) &&
           wg_cause_parse(db_text(result, row, 9), &out->cause);
}

bool device_row_places(struct db *db, const char *id, struct device_place_row **out, size_t *count,
                       struct wg_error *err)
{
    const char *const params[] = {id};
    PGresult *result = db_query(db, SQL_DEVICE_PLACES, 1, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    bool ok = *out || wg_fail_memory(err, "reading a device");
    for (size_t i = 0; *out && ok && i < *count; i++)
        if (!read_place(result, (int)i, &(*out)[i]))
            ok = wg_fail(err, WG_E_DATABASE, "device %s is in no known state", id);
    PQclear(result);
    if (!ok) {
        free(*out);
        *out = NULL;
    }
    return ok;
}

bool device_row_holder(struct db *db, const char *id, const char *campaign, wg_time now,
                       struct device_holder_row *out, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {id, campaign, param_number(at, now)};
    PGresult *result = db_query(db, SQL_DEVICE_HOLDER, 3, params, err);
    *out = (struct device_holder_row){0};
    if (!result) return false;
    if (PQntuples(result) > 0) {
        db_copy(result, 0, 0, out->campaign, sizeof out->campaign);
        out->in_hand = db_bool(result, 0, 1);
        out->priority = db_int(result, 0, 2);
        out->own_priority = db_int(result, 0, 3);
        out->emergency = db_bool(result, 0, 4);
    }
    PQclear(result);
    return true;
}

bool device_row_reports(struct db *db, const char *id, size_t limit, struct device_report_row **out,
                        size_t *count, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {id, param_number(most, (int64_t)limit)};
    PGresult *result = db_query(db, SQL_DEVICE_REPORTS, 2, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (int i = 0; *out && i < (int)*count; i++) {
        struct device_report_row *row = &(*out)[i];
        row->received = db_int(result, i, 0);
        row->device_at = db_int(result, i, 1);
        db_copy(result, i, 2, row->campaign, sizeof row->campaign);
        row->attempt = db_int(result, i, 3);
        row->seq = db_int(result, i, 4);
        db_copy(result, i, 5, row->state, sizeof row->state);
        db_copy(result, i, 6, row->cause, sizeof row->cause);
        db_copy(result, i, 7, row->detail, sizeof row->detail);
        db_copy(result, i, 8, row->remark, sizeof row->remark);
    }
    PQclear(result);
    return *out || wg_fail_memory(err, "reading a device's reports");
}

bool device_row_age_key(struct db *db, const char *id, const char *recipient, struct wg_error *err)
{
    const char *const params[] = {id, recipient};
    int64_t affected = 0;
    return db_run(db, SQL_DEVICE_AGE_KEY, 2, params, &affected, err) &&
           (affected == 1 || wg_fail(err, WG_E_NOT_FOUND, "there is no device %s", id));
}

bool device_row_enrol(struct db *db, const char *id, const char *record, const char *age_key,
                      wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {id, record, age_key, param_number(at, now)};
    return db_run(db, SQL_DEVICE_ENROL, 4, params, NULL, err);
}
