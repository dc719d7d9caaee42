/* device_ndjson.c: a device between JSON and its record. */
#include "orchestrator/registry/device_ndjson.h"

#include "orchestrator/registry/attribute.h"
#include "orchestrator/registry/degrees.h"

#include <string.h>

static const char *const members[] = {
    "id",   "hardware_model", "hardware_revision", "software", "region", "zone", "lat", "lon",
    "tags", "groups",         "attributes"};
#define MEMBERS (sizeof members / sizeof members[0])

static const char *kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        break;
    }
    return "null";
}

static bool wrong_kind(const char *member, const char *expected, const json_t *found,
                       struct wg_error *err)
{
    return wg_fail(err, WG_E_BAD_INPUT, "%s: expected %s, found %s", member, expected,
                   kind_of(found));
}

static bool check_members(const json_t *document, struct wg_error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)document, name, value)
    {
        size_t i = 0;
        while (i < MEMBERS && strcmp(name, members[i]) != 0) i++;
        if (i < MEMBERS) continue;
        const char *nearest = record_nearest(name, members, MEMBERS);
        if (!nearest)
            return record_bad(err, "unknown member",
                              "id, hardware_model, hardware_revision, software, region, zone, lat, "
                              "lon, tags, groups or attributes",
                              name);
        char shown[WG_NAME_MAX + 1];
        (void)record_shown(name, shown, sizeof shown);
        return wg_fail(err, WG_E_BAD_INPUT, "unknown member \"%s\": did you mean \"%s\"?", shown,
                       nearest);
    }
    return true;
}

static bool read_text(const json_t *document, const char *member, const char **out,
                      struct wg_error *err)
{
    const json_t *value = json_object_get(document, member);
    if (!value) return true;
    *out = json_is_null(value) ? "" : json_string_value(value);
    return *out || wrong_kind(member, "text", value, err);
}

static bool read_names(const json_t *document, const char *member, struct record_names *out,
                       struct wg_error *err)
{
    size_t i;
    json_t *name, *list = json_object_get(document, member);
    if (!list) return true;
    out->given = true;
    if (json_is_null(list)) return true;
    if (!json_is_array(list)) return wrong_kind(member, "a list of names", list, err);
    if (json_array_size(list) > RECORD_NAMES_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "%s: more than %d", member, RECORD_NAMES_MAX);
    json_array_foreach(list, i, name)
    {
        if (!json_is_string(name)) return wrong_kind(member, "a list of names", name, err);
        out->names[out->count++] = json_string_value(name);
    }
    return true;
}

static bool read_software(const json_t *document, struct device_record *out, struct wg_error *err)
{
    const char *name;
    json_t *version, *map = json_object_get(document, "software");
    if (!map || json_is_null(map)) return true;
    if (!json_is_object(map)) return wrong_kind("software", "an object of versions", map, err);
    if (json_object_size(map) > RECORD_COMPONENTS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "software: more than %d components",
                       RECORD_COMPONENTS_MAX);
    json_object_foreach(map, name, version)
    {
        if (!json_is_string(version) && !json_is_null(version))
            return wrong_kind("software", "versions as text", version, err);
        const char *text = json_string_value(version);
        out->components[out->component_count++] =
            (struct record_component){name, text && *text ? text : NULL};
    }
    return true;
}

static bool read_position(const json_t *document, struct device_record *out, struct wg_error *err)
{
    const json_t *lat = json_object_get(document, "lat"), *lon = json_object_get(document, "lon");
    if (!lat && !lon) return true;
    if (!lat || !lon || json_is_null(lat) != json_is_null(lon))
        return wg_fail(err, WG_E_BAD_INPUT, "lat and lon need each other");
    out->position = json_is_null(lat) ? POSITION_NONE : POSITION_THERE;
    if (out->position == POSITION_NONE) return true;
    if (!json_is_number(lat)) return wrong_kind("lat", "a number", lat, err);
    if (!json_is_number(lon)) return wrong_kind("lon", "a number", lon, err);
    out->lat = json_number_value(lat) + 0.0;
    out->lon = json_number_value(lon) + 0.0;
    return true;
}

static bool read_attributes(const json_t *document, struct device_record *out, struct wg_error *err)
{
    json_t *map = json_object_get(document, "attributes");
    if (!map || json_is_null(map)) return true;
    if (!json_is_object(map)) return wrong_kind("attributes", "an object", map, err);
    out->attributes = json_incref(map);
    return true;
}

/* Takes over the document. */
static bool read_document(json_t *document, struct device_record *out, struct wg_error *err)
{
    out->document = document;
    if (!json_is_object(document))
        return wg_fail(err, WG_E_BAD_INPUT, "expected an object for a device, found %s",
                       kind_of(document));
    return check_members(document, err) && read_text(document, "id", &out->id, err) &&
           read_text(document, "hardware_model", &out->hardware_model, err) &&
           read_text(document, "hardware_revision", &out->hardware_revision, err) &&
           read_text(document, "region", &out->region, err) &&
           read_text(document, "zone", &out->zone, err) && read_position(document, out, err) &&
           read_names(document, "tags", &out->tags, err) &&
           read_names(document, "groups", &out->groups, err) && read_software(document, out, err) &&
           read_attributes(document, out, err);
}

bool device_ndjson_read(const char *text, size_t len, struct device_record *out,
                        struct wg_error *err)
{
    static const char same_line[] = "line 1, "; /* the caller knows the line */
    json_t *document = wg_json_parse(text, len, NDJSON_LINE_MAX, err);
    if (document) return read_document(document, out, err);
    size_t skip =
        err && strncmp(err->text, same_line, strlen(same_line)) == 0 ? strlen(same_line) : 0;
    if (skip) memmove(err->text, err->text + skip, strlen(err->text + skip) + 1);
    return false;
}

bool device_ndjson_read_stored(const char *text, struct device_record *out, struct wg_error *err)
{
    json_error_t error;
    json_t *document = json_loads(text, JSON_DECODE_INT_AS_REAL, &error);
    if (!document) return wg_fail(err, WG_E_DATABASE, "a device in the database: %s", error.text);
    return read_document(document, out, err);
}

/* The value is borrowed; a new line of the object begins with its comma. */
static void write_member(const char *name, json_t *value, struct wg_buf *out)
{
    wg_buf_printf(out, ",\"%s\":", name);
    attribute_write(value, out);
}

static void write_text(const char *name, const char *text, struct wg_buf *out)
{
    json_t *value = json_string(text ? text : "");
    if (value)
        write_member(name, value, out);
    else
        out->failed = true;
    json_decref(value);
}

static void write_position(const struct device_record *record, struct wg_buf *out)
{
    char lat[DEGREES_TEXT] = "null", lon[DEGREES_TEXT] = "null";
    if (record->position == POSITION_THERE) {
        degrees_text(record->lat, lat);
        degrees_text(record->lon, lon);
    }
    wg_buf_printf(out, ",\"lat\":%s,\"lon\":%s", lat, lon);
}

static void write_names(const char *member, const struct record_names *list, struct wg_buf *out)
{
    wg_buf_printf(out, ",\"%s\":[", member);
    for (size_t i = 0; i < list->count; i++)
        wg_buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", list->names[i]);
    wg_buf_char(out, ']');
}

static void write_software(const struct device_record *record, struct wg_buf *out)
{
    json_t *map = json_object();
    for (size_t i = 0; i < record->component_count; i++)
        if (json_object_set_new(map, record->components[i].name,
                                record->components[i].version
                                    ? json_string(record->components[i].version)
                                    : json_null()) != 0)
            out->failed = true;
    write_member("software", map, out);
    json_decref(map);
}

void device_ndjson_write(const struct device_record *record, struct wg_buf *out)
{
    wg_buf_printf(out, "{\"id\":\"%s\"", record->id);
    write_text("hardware_model", record->hardware_model, out);
    write_text("hardware_revision", record->hardware_revision, out);
    write_software(record, out);
    write_text("region", record->region, out);
    write_text("zone", record->zone, out);
    write_position(record, out);
    write_names("tags", &record->tags, out);
    write_names("groups", &record->groups, out);
    wg_buf_text(out, ",\"attributes\":");
    if (!device_record_attributes(record, out, NULL, NULL, NULL)) out->failed = true;
    wg_buf_text(out, "}\n");
}
