/* feature.c: finds the features of a file by their brackets, then reads each as JSON. */
#include "orchestrator/registry/feature.h"

#include "orchestrator/registry/device_record.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_SEPARATOR 0x1e /* RFC 8142 */

bool feature_file_open(struct feature_file *file, source_read_fn read, void *ctx,
                       struct wg_error *err)
{
    file->line = 1;
    file->number = 0;
    file->region = file->zone = file->geometry = "";
    file->document = NULL;
    file->shape = NULL;
    file->depth = file->base = 0;
    file->kept = file->collection = false;
    wg_buf_init(&file->text, FEATURE_MAX);
    if (source_init(&file->source, read, ctx, err)) return true;
    if (err && err->code == WG_E_BAD_INPUT) err->code = WG_E_BAD_FILE;
    return false;
}

static void drop_last(struct feature_file *file)
{
    json_decref(file->document);
    file->document = NULL;
    free(file->shape);
    file->shape = NULL;
    file->text.len = 0;
}

static enum feature_result fail(struct feature_file *file, struct wg_error *err, const char *text)
{
    if (file->source.failed && err)
        *err = file->source.problem;
    else
        (void)wg_fail(err, WG_E_BAD_FILE, "%s", text);
    return FEATURE_FAILED;
}

static void keep(struct feature_file *file, int c)
{
    if (file->kept) wg_buf_char(&file->text, (char)c);
}

/* Behind an opening quote, up to and with the closing one; false: the file ends within. */
static bool pass_text(struct feature_file *file)
{
    size_t len = 0;
    for (int c = source_next(&file->source); c != '"'; c = source_next(&file->source)) {
        if (c == SOURCE_END) return false;
        keep(file, c);
        if (file->depth == 1 && len + 1 < sizeof file->key) file->key[len++] = (char)c;
        if (c == '\\') {
            if ((c = source_next(&file->source)) == SOURCE_END) return false;
            keep(file, c);
        }
    }
    if (file->depth == 1) file->key[len] = '\0';
    keep(file, '"');
    return true;
}

/* The brackets of the outermost object open their list of features: what was kept of it goes. */
static bool opens_features(const struct feature_file *file, int c)
{
    return c == '[' && file->depth == 1 && file->base == 0 && strcmp(file->key, "features") == 0;
}

/* One byte within an object. True when it ends a feature. */
static bool pass_byte(struct feature_file *file, int c)
{
    if (opens_features(file, c)) {
        file->depth = file->base = 2;
        file->kept = false;
        file->collection = true;
        file->text.len = 0;
        return false;
    }
    keep(file, c);
    if (c == '{' || c == '[') file->depth++;
    if ((c == '}' || c == ']') && file->depth > 0) file->depth--;
    return c == '}' && file->depth == file->base && file->kept;
}

/* One byte between objects. False when it has no place there. */
static bool pass_between(struct feature_file *file, int c)
{
    if ((c && strchr(" \t\r\n", c)) || (c == ',' && file->base > 0) || c == RECORD_SEPARATOR)
        return true;
    if (c == ']' && file->base > 0) {
        file->base = 0;
        file->depth = 1;
        file->key[0] = '\0';
        return true;
    }
    if (c != '{') return false;
    file->kept = true;
    file->line = file->source.line;
    file->key[0] = '\0';
    keep(file, c);
    file->depth++;
    return true;
}

/* The text of the next feature. */
static enum feature_result next_text(struct feature_file *file, struct wg_error *err)
{
    file->kept = file->kept && file->depth > file->base;
    for (;;) {
        int c = source_next(&file->source);
        if (c == SOURCE_END) {
            if (!file->source.failed && file->depth == 0) return FEATURE_END;
            return fail(file, err, "the file ends within an object");
        }
        if (file->depth == file->base) {
            if (!pass_between(file, c)) return fail(file, err, "expected a GeoJSON feature");
        } else if (c == '"') {
            keep(file, c);
            if (!pass_text(file)) return fail(file, err, "the file ends within a text");
        } else if (pass_byte(file, c)) {
            return FEATURE_READ;
        }
        if (file->text.failed)
            return fail(file, err,
                        file->text.over ? "a feature of more than 64 MiB"
                                        : "reading a feature: out of memory");
    }
}

/* The first of the properties that says something; Natural Earth writes -99 for nothing. */
static const char *property(const json_t *properties, const char *const *names)
{
    for (; *names; names++) {
        const char *text = json_string_value(json_object_get(properties, *names));
        if (text && *text && strcmp(text, "-99") != 0) return text;
    }
    return "";
}

static bool read_names(struct feature_file *file, struct wg_error *err)
{
    static const char *const regions[] = {"region",    "iso_3166_2", "ISO_3166_2", "iso3166_2",
                                          "ISO_A2_EH", "ISO_A2",     "iso_a2",     NULL};
    static const char *const zones[] = {"zone", "tzid", "TZID", NULL};
    const json_t *properties = json_object_get(file->document, "properties");
    file->region = property(properties, regions);
    file->zone = property(properties, zones);
    return (!*file->region || record_region_check(file->region, err)) &&
           (!*file->zone || record_zone_check(file->zone, err));
}

static bool read_geometry(struct feature_file *file, struct wg_error *err)
{
    const json_t *geometry = json_object_get(file->document, "geometry");
    const char *type = json_string_value(json_object_get(geometry, "type"));
    if (!type || (strcmp(type, "Polygon") != 0 && strcmp(type, "MultiPolygon") != 0))
        return record_bad(err, "geometry", "a Polygon or MultiPolygon", type ? type : "nothing");
    file->shape = json_dumps(geometry, JSON_COMPACT);
    file->geometry = file->shape;
    return file->shape || wg_fail_memory(err, "reading a feature");
}

static bool read_feature(struct feature_file *file, struct wg_error *err)
{
    file->document = wg_json_parse(wg_buf_str(&file->text), file->text.len, FEATURE_MAX, err);
    if (!file->document) return false;
    const char *type = json_string_value(json_object_get(file->document, "type"));
    if (!type || strcmp(type, "Feature") != 0)
        return record_bad(err, "type", "Feature or FeatureCollection", type ? type : "nothing");
    if (!read_names(file, err)) return false;
    return (!*file->region && !*file->zone) || read_geometry(file, err);
}

enum feature_result feature_file_read(struct feature_file *file, struct wg_error *err)
{
    drop_last(file);
    enum feature_result result = next_text(file, err);
    if (result == FEATURE_END && file->number == 0 && !file->collection)
        return fail(file, err, "the file is empty: expected GeoJSON features");
    if (result != FEATURE_READ) return result;
    file->number++;
    if (read_feature(file, err)) return FEATURE_READ;
    if (err && err->code == WG_E_BAD_INPUT) err->code = WG_E_BAD_FILE;
    return FEATURE_FAILED;
}

void feature_file_close(struct feature_file *file)
{
    drop_last(file);
    wg_buf_clear(&file->text);
}
