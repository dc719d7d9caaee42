/* area_test.c: areas against PostGIS: the same places are inside, the same shapes are polygons, and
 * what is cut at the antimeridian is what was written. All shapes come from a seed. */
#include "orchestrator/campaign/area.h"
#include "tests/store/ground.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)4 * 1024 * 1024)
#define CORNERS_MAX 64
#define RINGS_MAX 3
#define POINTS 200
#define TURN 360.0
#define PI 3.14159265358979323846

struct ring {
    size_t count; /* corners; the first is not repeated */
    double lon[CORNERS_MAX], lat[CORNERS_MAX];
};

struct shape {
    size_t count;
    struct ring rings[RINGS_MAX];
};

struct points {
    size_t count;
    double lon[POINTS], lat[POINTS];
};

/* No table is needed, so nothing is migrated. */
static struct db *open_db(void)
{
    struct db *db = ground_open();
    ground_run(db, "create extension if not exists postgis");
    return db;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static double between(uint64_t *seed, double least, double most)
{
    return least + (most - least) * (double)(next_random(seed) >> 11) / 9007199254740992.0;
}

static double rounded(double degrees)
{
    return round(degrees * 1e7) / 1e7;
}

static double wrapped(double lon)
{
    return lon > 180 ? rounded(lon - TURN) : lon < -180 ? rounded(lon + TURN) : lon;
}

static void write_rings(const struct shape *shape, const char *mark, bool wrap, struct wg_buf *out)
{
    bool json = strcmp(mark, "[") == 0;
    const char *end = json ? "]" : ")";
    for (size_t r = 0; r < shape->count; r++) {
        const struct ring *ring = &shape->rings[r];
        wg_buf_printf(out, "%s%s", r ? "," : "", mark);
        for (size_t i = 0; i <= ring->count; i++) {
            double lon = ring->lon[i % ring->count], lat = ring->lat[i % ring->count];
            if (wrap) lon = wrapped(lon);
            wg_buf_printf(out, json ? "%s[%.7f,%.7f]" : "%s%.7f %.7f", i ? "," : "", lon, lat);
        }
        wg_buf_text(out, end);
    }
}

/* The area of a shape, or NULL when it is refused. wrap: jumps at the antimeridian. */
static struct area *area_of(const struct shape *shape, bool wrap)
{
    struct wg_error err = {0};
    struct yaml_doc doc;
    struct wg_buf text;
    wg_buf_init(&text, TEXT_MAX);
    wg_buf_text(&text, "{\"type\":\"Polygon\",\"coordinates\":[");
    write_rings(shape, "[", wrap, &text);
    wg_buf_text(&text, "]}");
    ASSERT_OK(yaml_doc_parse(&doc, "shape", wg_buf_str(&text), text.len, &err), &err);
    struct area *area = area_read(&doc, doc.root);
    CU_ASSERT_EQUAL(area == NULL, doc.problem_count > 0);
    yaml_doc_clear(&doc);
    wg_buf_clear(&text);
    return area;
}

/* As it was written, for PostGIS. */
static void plain_wkt(const struct shape *shape, struct wg_buf *out)
{
    wg_buf_init(out, TEXT_MAX);
    wg_buf_text(out, "POLYGON(");
    write_rings(shape, "(", false, out);
    wg_buf_char(out, ')');
}

static void own_wkt(const struct area *area, struct wg_buf *out)
{
    struct wg_error err = {0};
    wg_buf_init(out, TEXT_MAX);
    ASSERT_OK(area_wkt(area, out, &err), &err);
}

static void add_array(struct wg_buf *out, const double *numbers, size_t count)
{
    wg_buf_init(out, TEXT_MAX);
    for (size_t i = 0; i < count; i++) wg_buf_printf(out, "%s%.17g", i ? "," : "{", numbers[i]);
    wg_buf_char(out, '}');
}

/* A digit per point: '1' where covered. turns: the point one turn further on counts, too. */
static void ask_covers(struct db *db, const char *wkt, const struct points *points, bool turns,
                       char out[POINTS + 1])
{
    static const char sql[] =
        "select string_agg((st_covers(g, st_setsrid(st_point(x, y), 4326)) or ($4::bool and "
        "(st_covers(g, st_setsrid(st_point(x + 360, y), 4326)) or "
        "st_covers(g, st_setsrid(st_point(x - 360, y), 4326)))))::int::text, '' order by n) "
        "from (select st_geomfromtext($1, 4326) g) s, "
        "unnest($2::float8[], $3::float8[]) with ordinality p (x, y, n)";
    struct wg_error err = {0};
    struct wg_buf lon, lat;
    add_array(&lon, points->lon, points->count);
    add_array(&lat, points->lat, points->count);
    const char *params[] = {wkt, wg_buf_str(&lon), wg_buf_str(&lat), turns ? "t" : "f"};
    PGresult *rows = db_query_text(db, sql, 4, params, &err);
    ASSERT_OK(rows != NULL, &err);
    db_copy(rows, 0, 0, out, POINTS + 1);
    CU_ASSERT_EQUAL(strlen(out), points->count);
    PQclear(rows);
    wg_buf_clear(&lon);
    wg_buf_clear(&lat);
}

/* The first cell of a question about one or two shapes, valid until the next call. */
static const char *ask_shapes(struct db *db, const char *sql, const char *a, const char *b)
{
    static char out[256];
    struct wg_error err = {0};
    const char *params[] = {a, b};
    PGresult *rows = db_query_text(db, sql, b ? 2 : 1, params, &err);
    ASSERT_OK(rows != NULL, &err);
    db_copy(rows, 0, 0, out, sizeof out);
    PQclear(rows);
    return out;
}

static void compare(const struct area *area, const char *wkt, const struct points *points,
                    const char *covers)
{
    for (size_t i = 0; i < points->count; i++) {
        bool holds = area_holds(area, points->lat[i], points->lon[i]);
        if (holds == (covers[i] == '1')) continue;
        printf("\n    %.17g %.17g: area_holds says %d, PostGIS %c, of %.2000s\n", points->lon[i],
               points->lat[i], holds, covers[i], wkt);
        CU_FAIL("area_holds and st_covers differ");
    }
}

/* Corners by angle around a centre, each as far out as it likes: never crosses itself. */
static void make_star(uint64_t *seed, double lon, double lat, double least, double most,
                      struct ring *out)
{
    out->count = 8 + next_random(seed) % 40;
    for (size_t i = 0; i < out->count; i++) {
        double angle = 2 * PI * ((double)i + between(seed, 0, 0.9)) / (double)out->count;
        double radius = between(seed, least, most);
        out->lon[i] = rounded(lon + radius * cos(angle));
        out->lat[i] = rounded(lat + radius * sin(angle) / 2);
    }
}

/* Three of four lie across the antimeridian, about there. */
static void make_shape(uint64_t *seed, struct shape *out)
{
    bool across = next_random(seed) % 4 > 0;
    double size = between(seed, 0.01, 80);
    double lon = across ? 180 + between(seed, -size, size) : between(seed, -100, 100);
    double lat = between(seed, -45, 45);
    out->count = 1 + next_random(seed) % 2;
    make_star(seed, lon, lat, size * 0.5, size, &out->rings[0]);
    make_star(seed, lon, lat, size * 0.1, size * 0.3, &out->rings[1]);
}

static void make_points(uint64_t *seed, const struct shape *shape, struct points *out)
{
    const struct ring *outer = &shape->rings[0];
    double west = TURN, south = TURN, east = -TURN, north = -TURN;
    for (size_t i = 0; i < outer->count; i++) {
        west = fmin(west, outer->lon[i]);
        east = fmax(east, outer->lon[i]);
        south = fmin(south, outer->lat[i]);
        north = fmax(north, outer->lat[i]);
    }
    out->count = POINTS;
    for (size_t i = 0; i < POINTS; i++) {
        out->lon[i] = wrapped(rounded(between(seed, west - 0.1, east + 0.1)));
        out->lat[i] = between(seed, south, north);
    }
}

/* Corners, and the middles of edges as far as a double can tell them. */
static void make_border_points(const struct shape *shape, struct points *out)
{
    out->count = 0;
    for (size_t r = 0; r < shape->count; r++) {
        const struct ring *ring = &shape->rings[r];
        for (size_t i = 0; i < ring->count && out->count + 2 <= POINTS; i++) {
            size_t k = (i + 1) % ring->count;
            out->lon[out->count] = wrapped(ring->lon[i]);
            out->lat[out->count++] = ring->lat[i];
            out->lon[out->count] = wrapped((ring->lon[i] + ring->lon[k]) / 2);
            out->lat[out->count++] = (ring->lat[i] + ring->lat[k]) / 2;
        }
    }
}

static void check_text(const struct wg_buf *text)
{
    struct wg_error err = {0};
    struct yaml_doc doc;
    struct wg_buf again;
    ASSERT_OK(yaml_doc_parse(&doc, "text", text->data, text->len, &err), &err);
    struct area *area = area_read(&doc, doc.root);
    ASSERT_OK(area || yaml_doc_fail(&doc, &err), &err);
    own_wkt(area, &again);
    ASSERT_TEXT(wg_buf_str(&again), wg_buf_str(text));
    wg_buf_clear(&again);
    yaml_doc_clear(&doc);
    area_free(area);
}

/* What is taken is cut into polygons that together are as large as it was. */
static void check_cut(struct db *db, const struct area *area, const char *plain)
{
    static const char same[] =
        "select abs(st_area(st_geomfromtext($1)) - st_area(st_geomfromtext($2))) <= "
        "1e-7 * st_perimeter(st_geomfromtext($1)) and "
        "st_xmin(st_geomfromtext($2)) >= -180 and st_xmax(st_geomfromtext($2)) <= 180";
    static const char worst[] = "select coalesce(min(st_isvalidreason(geom)) filter (where not "
                                "st_isvalid(geom)), 'Valid Geometry') from "
                                "st_dump(st_geomfromtext($1))";
    struct wg_buf own;
    own_wkt(area, &own);
    check_text(&own);
    bool good = strcmp(ask_shapes(db, same, plain, wg_buf_str(&own)), "t") == 0;
    const char *reason = ask_shapes(db, worst, wg_buf_str(&own), NULL);
    good = strcmp(reason, "Valid Geometry") == 0 && good;
    if (!good) printf("\n    %s became %s: %s\n", plain, wg_buf_str(&own), reason);
    CU_ASSERT_TRUE(good);
    wg_buf_clear(&own);
}

static void compare_shape(struct db *db, uint64_t *seed)
{
    struct shape shape;
    struct points points;
    struct wg_buf plain, own;
    char covers[POINTS + 1];
    make_shape(seed, &shape);
    struct area *area = area_of(&shape, next_random(seed) % 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(area);
    plain_wkt(&shape, &plain);
    own_wkt(area, &own);
    check_cut(db, area, wg_buf_str(&plain));
    make_points(seed, &shape, &points);
    ask_covers(db, wg_buf_str(&own), &points, false, covers);
    compare(area, wg_buf_str(&own), &points, covers);
    ask_covers(db, wg_buf_str(&plain), &points, true, covers);
    compare(area, wg_buf_str(&plain), &points, covers);
    make_border_points(&shape, &points);
    ask_covers(db, wg_buf_str(&own), &points, false, covers);
    compare(area, wg_buf_str(&own), &points, covers);
    wg_buf_clear(&plain);
    wg_buf_clear(&own);
    area_free(area);
}

static void the_same_places_are_inside(void)
{
    struct db *db = open_db();
    uint64_t seed = 0xa4ea;
    for (int i = 0; i < 400; i++) compare_shape(db, &seed);
    db_close(db);
}

/* Any corners at all, from a grid so small that everything meets; its middle is the antimeridian.
 */
static void make_knot(uint64_t *seed, struct shape *out)
{
    uint64_t width = 4 + next_random(seed) % 5;
    out->count = 1 + next_random(seed) % RINGS_MAX;
    for (size_t r = 0; r < out->count; r++) {
        struct ring *ring = &out->rings[r];
        ring->count = r ? 3 + next_random(seed) % 2 : 3 + next_random(seed) % 6;
        for (size_t i = 0; i < ring->count; i++) {
            ring->lon[i] = 178 + (double)(next_random(seed) % width);
            ring->lat[i] = (double)(next_random(seed) % width);
        }
    }
}

/* A grid square as outer ring leaves more room for holes that are good. */
static void widen(uint64_t *seed, struct shape *shape)
{
    static const double lon[] = {178, 186, 186, 182, 178}, lat[] = {0, 0, 8, 8, 8};
    struct ring *outer = &shape->rings[0];
    if (next_random(seed) % 2) return;
    outer->count = sizeof lon / sizeof *lon;
    memcpy(outer->lon, lon, sizeof lon);
    memcpy(outer->lat, lat, sizeof lat);
}

static bool compare_knot(struct db *db, uint64_t *seed)
{
    struct shape shape;
    struct points points;
    struct wg_buf plain;
    char covers[POINTS + 1];
    make_knot(seed, &shape);
    widen(seed, &shape);
    struct area *area = area_of(&shape, next_random(seed) % 2);
    plain_wkt(&shape, &plain);
    const char *reason =
        ask_shapes(db, "select st_isvalidreason(st_geomfromtext($1))", wg_buf_str(&plain), NULL);
    bool good = strcmp(reason, "Valid Geometry") == 0;
    if (good != (area != NULL))
        printf("\n    %s: %s, and area_read says %d\n", wg_buf_str(&plain), reason, area != NULL);
    CU_ASSERT_EQUAL(good, area != NULL);
    if (area) {
        check_cut(db, area, wg_buf_str(&plain));
        make_points(seed, &shape, &points);
        ask_covers(db, wg_buf_str(&plain), &points, true, covers);
        compare(area, wg_buf_str(&plain), &points, covers);
    }
    wg_buf_clear(&plain);
    area_free(area);
    return good;
}

static void the_same_shapes_are_polygons(void)
{
    struct db *db = open_db();
    uint64_t seed = 0x5eed;
    int good = 0;
    for (int i = 0; i < 3000; i++) good += compare_knot(db, &seed);
    CU_ASSERT_TRUE(good > 300);
    db_close(db);
}

WG_SUITE("areas and PostGIS", {"the same places are inside", the_same_places_are_inside},
         {"the same shapes are polygons", the_same_shapes_are_polygons})
