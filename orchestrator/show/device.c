/* device.c: a device, and its parts. */
#include "orchestrator/show/device.h"

#include "orchestrator/show/show.h"

#include <string.h>

static json_t *position_json(const struct device_row *row)
{
    return row->has_position ? json_pack("{s:f,s:f}", "lat", row->lat, "lon", row->lon)
                             : json_null();
}

json_t *show_device(const struct device_row *row)
{
    json_t *software = json_object(), *tags = json_array();
    for (size_t i = 0; i < row->component_count; i++)
        (void)json_object_set_new(software, row->components[i].name,
                                  json_string(row->components[i].version));
    for (size_t i = 0; i < row->tag_count; i++)
        (void)json_array_append_new(tags, json_string(row->tags[i]));
    json_t *attributes = json_loads(row->attributes, 0, NULL);
    return json_pack(
        "{s:s,s:{s:s,s:s},s:o,s:s,s:s,s:o,s:s,s:s,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:s}", "id",
        row->id, "hardware", "model", row->hardware_model, "revision", row->hardware_revision,
        "software", software, "region", row->region, "zone", row->zone, "position",
        position_json(row), "slot", row->slot, "agent", row->agent, "online", row->online,
        "presence_at", show_time(row->presence_at), "seen_at", show_time(row->seen_at),
        "registered_at", show_time(row->registered_at), "tags", tags, "attributes",
        attributes ? attributes : json_object(), "quarantined_at", show_time(row->quarantined_at),
        "alarms", row->alarms, "broker", row->broker);
}

json_t *show_reports(const struct device_report_row *rows, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(
            out,
            json_pack("{s:o,s:s,s:I,s:I,s:s,s:s,s:s,s:s}", "received", show_time(rows[i].received),
                      "campaign", rows[i].campaign, "attempt", (json_int_t)rows[i].attempt, "seq",
                      (json_int_t)rows[i].seq, "state", rows[i].state, "cause", rows[i].cause,
                      "detail", rows[i].detail, "remark", rows[i].remark));
    return out;
}

static json_t *place_json(const struct device_place_row *row)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:o,s:o}", "campaign", row->campaign,
                     "campaign_state", row->campaign_state, "component", row->component, "version",
                     row->version, "wave", row->wave, "state", wg_state_text(row->state), "cause",
                     wg_cause_text(row->cause), "detail", row->detail, "attempt",
                     (json_int_t)row->attempt, "spent", (json_int_t)row->spent, "since",
                     show_time(row->state_at), "again_at", show_time(row->retry_at));
}

json_t *show_places(const struct device_place_row *rows, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(out, place_json(&rows[i]));
    return out;
}

static json_t *alarm_json(const struct alarm_row *row)
{
    return json_pack("{s:s,s:s,s:I,s:o,s:o,s:s,s:o,s:s,s:s}", "device", row->device, "kind",
                     row->kind, "count", (json_int_t)row->count, "first_at",
                     show_time(row->first_at), "last_at", show_time(row->last_at), "why", row->why,
                     "cleared_at", show_time(row->cleared_at), "cleared_by", row->cleared_by,
                     "cleared_why", row->cleared_why);
}

json_t *show_alarms(const struct alarm_row *rows, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(out, alarm_json(&rows[i]));
    return out;
}

static const char *erasure_state(const struct erasure_row *row)
{
    if (row->done_at) return "done";
    if (row->dropped_at) return "dropped";
    if (row->started_at) return "started";
    return row->told_at ? "told" : "asked";
}

json_t *show_erasure(const struct erasure_row *row)
{
    if (!row->asked_at) return json_null();
    return json_pack("{s:s,s:o,s:s,s:s,s:I,s:s,s:o,s:o,s:o,s:o}", "state", erasure_state(row),
                     "asked_at", show_time(row->asked_at), "asked_by", row->asked_by, "reason",
                     row->reason, "asked", (json_int_t)row->asked, "refusal", row->refusal,
                     "told_at", show_time(row->told_at), "started_at", show_time(row->started_at),
                     "done_at", show_time(row->done_at), "dropped_at", show_time(row->dropped_at));
}
