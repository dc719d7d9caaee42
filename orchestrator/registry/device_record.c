/* device_record.c: the rules of a device's fields. */
#include "orchestrator/registry/device_record.h"

#include "common/message.h"
#include "orchestrator/registry/attribute.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 48      /* bytes of a wrong text that an error quotes */
#define ATTRIBUTE_REST 40 /* bytes of quotes, colon, comma, and a number */
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

void device_record_init(struct device_record *record)
{
    record->id = record->hardware_model = record->hardware_revision = NULL;
    record->region = record->zone = NULL;
    record->position = POSITION_UNSAID;
    record->lat = record->lon = 0;
    record->tags.given = record->groups.given = false;
    record->tags.count = record->groups.count = record->component_count = 0;
    record->attributes = record->document = NULL;
}

void device_record_clear(struct device_record *record)
{
    json_decref(record->attributes);
    json_decref(record->document);
    device_record_init(record);
}

/* C0, DEL, and C1, which terminals act on in UTF-8 too. */
bool record_shown(const char *text, char *out, size_t size)
{
    bool whole = wg_copy(out, size, text);
    for (char *c = out; *c; c++) {
        unsigned char here = (unsigned char)*c, next = (unsigned char)c[1];
        if (here < 0x20 || here == 0x7f) *c = '?';
        if (here == 0xc2 && next < 0xa0) c[0] = c[1] = '?';
    }
    return whole;
}

bool record_bad(struct wg_error *err, const char *path, const char *expected, const char *found)
{
    char shown[SHOWN_MAX + 1];
    bool whole = record_shown(found, shown, sizeof shown);
    return wg_fail(err, WG_E_BAD_INPUT, "%s: expected %s, found \"%s\"%s", path, expected, shown,
                   whole ? "" : " and more");
}

const char *record_nearest(const char *text, const char *const *words, size_t count)
{
    const char *best = NULL;
    size_t nearest = 3;
    for (size_t i = 0; i < count; i++) {
        size_t distance = wg_text_distance(text, words[i], 2);
        if (distance >= nearest) continue;
        nearest = distance;
        best = words[i];
    }
    return best;
}

static bool check_name(const char *path, const char *text, struct wg_error *err)
{
    return wg_name_is_valid(text) ||
           record_bad(err, path, "1 to 64 letters, digits, '.', '_' or '-'", text);
}

static bool is_unsaid(const char *text)
{
    return !text || !text[0];
}

bool record_region_check(const char *region, struct wg_error *err)
{
    size_t len = strlen(region);
    bool ok = strspn(region, UPPER) == 2;
    if (ok && len > 2)
        ok =
            region[2] == '-' && len >= 4 && len <= 6 && strspn(region + 3, UPPER DIGITS) == len - 3;
    return ok || record_bad(err, "region", "an ISO 3166 code, as DE or DE-BY", region);
}

bool record_zone_check(const char *zone, struct wg_error *err)
{
    size_t len = strlen(zone);
    bool ok = len > 0 && len <= WG_ZONE_MAX && strspn(zone, UPPER LOWER DIGITS "_+-/") == len;
    return ok || record_bad(err, "zone", "an IANA time zone, as Europe/Berlin", zone);
}

static bool check_degrees(const char *path, double value, double most, struct wg_error *err)
{
    if (isfinite(value) && fabs(value) <= most) return true;
    return wg_fail(err, WG_E_BAD_INPUT, "%s: expected %g to %g degrees, found %g", path, -most,
                   most, value);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool check_names(const char *path, struct record_names *list, struct wg_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (!check_name(path, list->names[i], err)) return false;
    if (list->count > 1) qsort(list->names, list->count, sizeof *list->names, compare_names);
    for (size_t i = 0; i < list->count; i++)
        if (kept == 0 || strcmp(list->names[kept - 1], list->names[i]) != 0)
            list->names[kept++] = list->names[i];
    list->count = kept;
    return true;
}

static bool check_version(const struct record_component *component, struct wg_error *err)
{
    char path[WG_NAME_MAX + 16];
    size_t len = strlen(component->version);
    bool ok = len > 0 && len <= WG_VERSION_MAX;
    for (size_t i = 0; ok && i < len; i++)
        ok = component->version[i] > 0x20 && component->version[i] < 0x7f;
    if (ok) return true;
    (void)snprintf(path, sizeof path, "software.%s", component->name);
    return record_bad(err, path, "a version (1 to 64 printable ASCII characters, no spaces)",
                      component->version);
}

static bool check_components(const struct device_record *record, struct wg_error *err)
{
    size_t there = 0;
    for (size_t i = 0; i < record->component_count; i++) {
        const struct record_component *component = &record->components[i];
        if (!check_name("software", component->name, err) ||
            (component->version && !check_version(component, err)))
            return false;
        there += component->version != NULL;
    }
    return there <= WG_COMPONENTS_MAX ||
           wg_fail(err, WG_E_BAD_INPUT, "software: %zu components, at most %d allowed", there,
                   WG_COMPONENTS_MAX);
}

/* Bytes that an attribute has at most as JSON: each byte may be escaped as six. */
static size_t attribute_bound(const char *name, const json_t *value)
{
    return 6 * (strlen(name) + json_string_length(value)) + ATTRIBUTE_REST;
}

static bool check_attributes(const struct device_record *record, struct wg_error *err)
{
    const char *name;
    json_t *value;
    struct wg_buf text;
    size_t bound = 2;
    json_object_foreach(record->attributes, name, value)
    {
        if (!attribute_check(name, value, err)) return false;
        bound += attribute_bound(name, value);
    }
    if (bound < WG_ATTRIBUTES_MAX) return true;
    wg_buf_init(&text, WG_ATTRIBUTES_MAX - 1);
    bool ok = device_record_attributes(record, &text, NULL, NULL, err);
    wg_buf_clear(&text);
    return ok;
}

bool device_record_check(struct device_record *record, struct wg_error *err)
{
    if (!record->id) return wg_fail(err, WG_E_BAD_INPUT, "id: missing");
    return check_name("id", record->id, err) &&
           (is_unsaid(record->hardware_model) ||
            check_name("hardware_model", record->hardware_model, err)) &&
           (is_unsaid(record->hardware_revision) ||
            check_name("hardware_revision", record->hardware_revision, err)) &&
           (is_unsaid(record->region) || record_region_check(record->region, err)) &&
           (is_unsaid(record->zone) || record_zone_check(record->zone, err)) &&
           check_degrees("lat", record->lat, 90, err) &&
           check_degrees("lon", record->lon, 180, err) && check_names("tags", &record->tags, err) &&
           check_names("groups", &record->groups, err) && check_components(record, err) &&
           check_attributes(record, err);
}

bool device_record_attributes(const struct device_record *record, struct wg_buf *out,
                              const char **gone, size_t *gone_count, struct wg_error *err)
{
    const char *name;
    json_t *value;
    bool first = true;
    if (gone_count) *gone_count = 0;
    wg_buf_char(out, '{');
    json_object_foreach(record->attributes, name, value)
    {
        if (json_is_null(value)) {
            if (gone) gone[(*gone_count)++] = name;
            continue;
        }
        if (!first) wg_buf_char(out, ',');
        attribute_write_text(name, strlen(name), out);
        wg_buf_char(out, ':');
        attribute_write(value, out);
        first = false;
    }
    wg_buf_char(out, '}');
    if (out->over) return wg_fail(err, WG_E_BAD_INPUT, "attributes: more than %zu bytes", out->max);
    return wg_buf_check(out, err, "attributes");
}
