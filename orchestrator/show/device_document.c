/* device_document.c: all that is known of one device. */
#include "orchestrator/show/device.h"

#include "orchestrator/show/show.h"
#include "orchestrator/store/device_detail.h"
#include "orchestrator/store/device_log.h"

#include <stdlib.h>
#include <string.h>

struct known {
    struct device_row row;
    struct device_detail detail;
    struct erasure_row erasure;
    struct device_report_row *reports;
    struct device_place_row *places;
    struct alarm_row *alarms;
    struct device_log_head *logs;
    size_t report_count, place_count, alarm_count, log_count;
};

static bool read_all(struct db *db, const char *id, struct known *known, struct wg_error *err)
{
    return device_row_get(db, id, &known->row, err) &&
           device_detail_get(db, id, &known->detail, err) &&
           device_row_reports(db, id, DEVICE_REPORTS, &known->reports, &known->report_count, err) &&
           device_row_places(db, id, &known->places, &known->place_count, err) &&
           alarm_row_list(db, id, true, DEVICE_ALARMS, &known->alarms, &known->alarm_count, err) &&
           device_log_heads(db, id, DEVICE_LOG_KEPT, &known->logs, &known->log_count, err) &&
           erasure_row_get(db, id, &known->erasure, err);
}

static void known_free(struct known *known)
{
    if (!known) return;
    free(known->reports);
    free(known->places);
    free(known->alarms);
    free(known->logs);
    free(known);
}

/* The device says which slot runs, and what is in it: of the other one it says nothing. */
static json_t *slots_json(const struct known *known)
{
    json_t *out = json_array();
    for (size_t i = 0; known->row.slot[0] && i < known->row.component_count; i++)
        (void)json_array_append_new(
            out, json_pack("{s:s,s:b,s:s,s:s,s:s}", "name", known->row.slot, "active", 1,
                           "component", known->row.components[i].name, "version",
                           known->row.components[i].version, "state", "runs"));
    return out;
}

/* What the device says of the one that it connected with. */
static json_t *certificate_json(const struct known *known)
{
    if (!known->detail.certificate_ends) return json_null();
    return json_pack("{s:s,s:n,s:n,s:o,s:n}", "subject", known->row.id, "serial", "not_before",
                     "not_after", show_time(known->detail.certificate_ends), "key");
}

static json_t *presence_json(const struct known *known)
{
    const struct device_detail *detail = &known->detail;
    return json_pack(
        "{s:b,s:o,s:o,s:o,s:I,s:I,s:o,s:I,s:I}", "online", (int)known->row.online, "since",
        show_time(known->row.presence_at), "seen_at", show_time(known->row.seen_at), "due_at",
        show_time(detail->due_at), "absences", (json_int_t)detail->absences, "usually_away_seconds",
        (json_int_t)(detail->usually_away / WG_SECOND), "boot_at", show_time(detail->boot_at),
        "boots_in_a_row", (json_int_t)(detail->boot_at ? detail->boot_run + 1 : 0),
        "clock_off_minutes", (json_int_t)detail->clock_off);
}

static json_t *logs_json(const struct known *known)
{
    return json_pack("{s:I,s:o}", "count", (json_int_t)known->log_count, "newest",
                     show_time(known->log_count ? known->logs[0].received : 0));
}

static json_t *log_list_json(const struct known *known)
{
    json_t *out = json_array();
    for (size_t i = 0; i < known->log_count; i++) {
        const struct device_log_head *log = &known->logs[i];
        (void)json_array_append_new(out, json_pack("{s:o,s:o,s:s,s:I,s:s,s:s,s:b,s:I}", "received",
                                                   show_time(log->received), "at",
                                                   show_time(log->at), "campaign", log->campaign,
                                                   "attempt", (json_int_t)log->attempt, "order",
                                                   log->order, "source", log->source, "cut",
                                                   (int)log->cut, "bytes", (json_int_t)log->bytes));
    }
    return out;
}

static json_t *document_of(const struct known *known)
{
    json_t *out = show_device(&known->row);
    json_t *groups = json_loads(known->detail.groups, 0, NULL);
    json_t *more = json_pack(
        "{s:o,s:{s:b,s:o},s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "groups",
        groups ? groups : json_array(), "identity", "enrolled", (int)known->detail.enrolled,
        "age_recipient", show_text(known->detail.age_recipient), "revoked_at",
        show_time(known->row.revoked_at), "revoked_why",
        show_text(known->row.revoked_at ? known->detail.revoked_why : ""), "updated_at",
        show_time(known->detail.updated_at), "held_why", show_text(known->row.held_why), "slots",
        slots_json(known), "certificate", certificate_json(known), "presence", presence_json(known),
        "campaigns", show_places(known->places, known->place_count), "reports",
        show_reports(known->reports, known->report_count), "alarm_list",
        show_alarms(known->alarms, known->alarm_count), "logs", logs_json(known), "log_list",
        log_list_json(known), "erasure", show_erasure(&known->erasure));
    bool ok = out && more && json_object_update(out, more) == 0;
    json_decref(more);
    if (ok) return out;
    json_decref(out);
    return NULL;
}

json_t *device_document(struct db *db, const char *id, wg_time now, struct wg_error *err)
{
    json_t *out = NULL;
    struct known *known = calloc(1, sizeof *known);
    (void)now;
    if (!known)
        (void)wg_fail_memory(err, "showing a device");
    else if (read_all(db, id, known, err))
        out = show_made(document_of(known), "showing a device", err);
    known_free(known);
    return out;
}
