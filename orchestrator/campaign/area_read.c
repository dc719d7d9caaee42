/* area_read.c: GeoJSON as RFC 7946 has it, as far as it encloses something. Members that it does
 * not define are not looked at, as it asks for. */
#include "orchestrator/campaign/area_reader.h"

#include <string.h>

#define POSITION_MIN 2
#define POSITION_MAX 3 /* with the altitude */

static const char expected_types[] = "a Polygon, MultiPolygon, Feature or FeatureCollection";

static bool is_list(struct area_reader *reader, const struct yaml_value *at, const char *what)
{
    if (at->kind == YAML_LIST && at->count > 0) return true;
    return area_reader_problem(reader, at, "expected %s, got %s", what,
                               at->kind == YAML_LIST ? "an empty list" : yaml_kind_text(at));
}

static bool is_number(struct area_reader *reader, const struct yaml_value *at, const char *what)
{
    if (at->kind == YAML_TEXT && !at->quoted) return true;
    if (at->kind == YAML_TEXT)
        return area_reader_problem(reader, at, "%s: expected a number, got \"%.40s\" in quotes",
                                   what, at->text);
    return area_reader_problem(reader, at, "%s: expected a number, got %s", what,
                               yaml_kind_text(at));
}

static void read_position(struct area_reader *reader, const struct yaml_value *at)
{
    if (!is_list(reader, at, "a position like [11.58, 48.14]")) return;
    if (at->count < POSITION_MIN || at->count > POSITION_MAX) {
        area_reader_problem(reader, at,
                            "a position is [longitude, latitude] or [longitude, latitude, "
                            "altitude], found %zu values",
                            at->count);
        return;
    }
    const struct yaml_value *lon = at->items[0], *lat = at->items[1];
    bool good = is_number(reader, lon, "longitude");
    if (!is_number(reader, lat, "latitude") || !good) return;
    area_reader_corner(reader, at, lon, lon->text, strlen(lon->text), lat, lat->text,
                       strlen(lat->text));
}

static void read_polygon(struct area_reader *reader, const struct yaml_value *at)
{
    reader->broken = false;
    if (!is_list(reader, at, "a list of rings")) return;
    for (size_t i = 0; i < at->count && !reader->full && !reader->memory; i++) {
        const struct yaml_value *ring = at->items[i];
        if (!is_list(reader, ring, "a ring: a list of positions")) continue;
        for (size_t k = 0; k < ring->count && !reader->full; k++)
            read_position(reader, ring->items[k]);
        area_reader_ring(reader, ring);
    }
    area_reader_polygon(reader, at);
}

static void read_polygons(struct area_reader *reader, const struct yaml_value *at)
{
    if (!is_list(reader, at, "a list of polygons")) return;
    for (size_t i = 0; i < at->count && !reader->full && !reader->memory; i++)
        read_polygon(reader, at->items[i]);
}

/* RFC 7946 has one reference system; files of the older specification may name it. */
static void check_crs(struct area_reader *reader, const struct yaml_value *at)
{
    static const char *const same[] = {"urn:ogc:def:crs:OGC:1.3:CRS84",
                                       "urn:ogc:def:crs:OGC::CRS84",
                                       "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                                       "OGC:CRS84",
                                       "EPSG:4326",
                                       "urn:ogc:def:crs:EPSG::4326",
                                       NULL};
    const struct yaml_value *crs = yaml_get(at, "crs");
    if (!crs) return;
    const struct yaml_value *name = yaml_get(yaml_get(crs, "properties"), "name");
    bool named = name && name->kind == YAML_TEXT;
    for (size_t i = 0; named && same[i]; i++)
        if (strcmp(name->text, same[i]) == 0) return;
    area_reader_problem(reader, named ? name : crs,
                        "crs: GeoJSON is in WGS 84 longitude and latitude: expected CRS84 or "
                        "EPSG:4326, or no crs, got %.60s%s%s",
                        named ? "\"" : "", named ? name->text : "another", named ? "\"" : "");
}

/* The text of the type, or NULL with a problem. */
static const char *read_type(struct area_reader *reader, const struct yaml_value *at,
                             const char *expected)
{
    if (at->kind != YAML_MAP) {
        bool is_null = at->kind == YAML_TEXT && !at->quoted && strcmp(at->text, "null") == 0;
        area_reader_problem(reader, at, "expected %s, got %s", expected,
                            is_null ? "null" : yaml_kind_text(at));
        return NULL;
    }
    const struct yaml_value *type = yaml_get(at, "type");
    check_crs(reader, at);
    if (type && type->kind == YAML_TEXT) return type->text;
    area_reader_problem(reader, type ? type : at, "type: expected %s, got %s", expected,
                        type ? yaml_kind_text(type) : "nothing");
    return NULL;
}

/* A member that must be there; NULL with a problem. */
static const struct yaml_value *need(struct area_reader *reader, const struct yaml_value *at,
                                     const char *key)
{
    const struct yaml_value *value = yaml_get(at, key);
    if (!value) area_reader_problem(reader, at, "the key \"%s\" is missing", key);
    return value;
}

static void wrong_type(struct area_reader *reader, const struct yaml_value *at, const char *type,
                       const char *expected)
{
    static const char *const flat[] = {"Point", "MultiPoint", "LineString", "MultiLineString",
                                       NULL};
    const char *hint = "";
    for (size_t i = 0; flat[i]; i++)
        if (strcmp(type, flat[i]) == 0) hint = ", which encloses nothing";
    if (strcmp(type, "GeometryCollection") == 0) hint = ": write its polygons as a MultiPolygon";
    area_reader_problem(reader, yaml_get(at, "type"), "type: expected %s, got \"%.40s\"%s",
                        expected, type, hint);
}

static void read_geometry(struct area_reader *reader, const struct yaml_value *at, const char *type,
                          const char *expected)
{
    bool single = strcmp(type, "Polygon") == 0;
    if (!single && strcmp(type, "MultiPolygon") != 0) {
        wrong_type(reader, at, type, expected);
        return;
    }
    const struct yaml_value *coordinates = need(reader, at, "coordinates");
    if (!coordinates) return;
    if (single)
        read_polygon(reader, coordinates);
    else
        read_polygons(reader, coordinates);
}

static void read_feature(struct area_reader *reader, const struct yaml_value *at)
{
    static const char expected[] = "a Polygon or MultiPolygon";
    const struct yaml_value *geometry = need(reader, at, "geometry");
    const char *type = geometry ? read_type(reader, geometry, expected) : NULL;
    if (type) read_geometry(reader, geometry, type, expected);
}

static void read_features(struct area_reader *reader, const struct yaml_value *at)
{
    const struct yaml_value *features = need(reader, at, "features");
    if (!features || !is_list(reader, features, "a list of features")) return;
    for (size_t i = 0; i < features->count && !reader->full && !reader->memory; i++) {
        const struct yaml_value *feature = features->items[i];
        const char *type = read_type(reader, feature, "a Feature");
        if (type && strcmp(type, "Feature") == 0)
            read_feature(reader, feature);
        else if (type)
            wrong_type(reader, feature, type, "a Feature");
    }
}

static void read_object(struct area_reader *reader, const struct yaml_value *at)
{
    const char *type = read_type(reader, at, expected_types);
    if (!type) return;
    if (strcmp(type, "Feature") == 0)
        read_feature(reader, at);
    else if (strcmp(type, "FeatureCollection") == 0)
        read_features(reader, at);
    else
        read_geometry(reader, at, type, expected_types);
}

struct area *area_read(struct yaml_doc *doc, const struct yaml_value *at)
{
    struct area_reader reader;
    size_t problems = doc->problem_count;
    bool memory = area_reader_init(&reader, doc);
    if (memory && at->kind == YAML_TEXT)
        area_text_read(&reader, at);
    else if (memory)
        read_object(&reader, at);
    memory = memory && !reader.memory;
    /* problems of what was refused before, as aliases are, are not told again */
    if (memory && reader.wrong && doc->problem_count == problems)
        yaml_doc_problem_at(doc, at->line, at->column, "area: a part of it was refused");
    bool good = memory && !reader.wrong;
    area_reader_clear(&reader);
    if (!good) {
        area_free(reader.area);
        return NULL;
    }
    for (size_t i = 0; i < reader.area->ring_count; i++)
        area_ring_begin(reader.area, &reader.area->rings[i]);
    return reader.area;
}
