/* area_test.c: areas as they are written, and what they hold. area_wrong_test.c has what is
 * refused; tests/store/area_test.c compares with PostGIS. */
#include "tests/unit/campaign/area_outcome.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA WG_TEST_DATA "/area/"

static struct area *read_area(const char *bytes)
{
    struct yaml_doc doc;
    struct wg_error err = {0};
    ASSERT_OK(yaml_doc_parse(&doc, "a", bytes, strlen(bytes), &err), &err);
    struct area *area = area_read(&doc, doc.root);
    ASSERT_OK(area || yaml_doc_fail(&doc, &err), &err);
    yaml_doc_clear(&doc);
    return area;
}

static void read_file(const char *name, struct wg_buf *out)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s%s", DATA, name);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    wg_buf_init(out, AREA_OUTCOME_MAX);
    for (int c = fgetc(file); c != EOF; c = fgetc(file)) wg_buf_char(out, (char)c);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static struct area *area_of_file(const char *name)
{
    struct wg_buf bytes;
    read_file(name, &bytes);
    struct area *area = read_area(wg_buf_str(&bytes));
    wg_buf_clear(&bytes);
    return area;
}

static void what_encloses_something_is_read(void)
{
    static const struct example examples[] = {
        {POLYGON("[[0,0],[1,0],[0,1],[0,0]]"), MULTI("((0 0, 1 0, 0 1, 0 0))")},
        {"{type: Polygon, coordinates: [[[0,0],[1,0],[0,1],[0,0]]]}",
         MULTI("((0 0, 1 0, 0 1, 0 0))")},
        /* turned to counter-clockwise, holes to clockwise */
        {POLYGON("[[0,0],[0,9],[9,9],[9,0],[0,0]], [[1,1],[2,1],[1,2],[1,1]]"),
         MULTI("((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 2, 2 1, 1 1))")},
        /* altitudes, repeated positions, decimals */
        {POLYGON("[[0,0,5],[1,0,5],[1,0,7],[1.00000004,0],[0,1,5],[0,0,5]]"),
         MULTI("((0 0, 1 0, 0 1, 0 0))")},
        {POLYGON("[[-0.00000005,-0],[1.5e0,1E-9],[0.15e+1,1.23456785],[0,100e-2],[-0.5E-7,0]]"),
         MULTI("((-0.0000001 0, 1.5 0, 1.5 1.2345679, 0 1, -0.0000001 0))")},
        {"{\"type\": \"Feature\", \"id\": 7, \"properties\": {\"type\": \"Point\"}, "
         "\"geometry\": " POLYGON(SQUARE) "}",
         MULTI("((0 0, 9 0, 9 9, 0 9, 0 0))")},
        {"{\"type\": \"FeatureCollection\", \"name\": \"x\", \"features\": [{\"type\": "
         "\"Feature\", \"geometry\": " POLYGON(
             SQUARE) "}, {\"type\": \"Feature\", \"geometry\": "
                     "{\"type\": \"MultiPolygon\", \"coordinates\": [[" SQUARE "], "
                     "[[[20,0],[21,0],[20,1],[20,0]]]]}}]}",
         MULTI("((0 0, 9 0, 9 9, 0 9, 0 0)), ((0 0, 9 0, 9 9, 0 9, 0 0)), "
               "((20 0, 21 0, 20 1, 20 0))")},
        {"{\"type\": \"Polygon\", \"crs\": {\"type\": \"name\", \"properties\": {\"name\": "
         "\"EPSG:4326\"}}, \"coordinates\": [" SQUARE "]}",
         MULTI("((0 0, 9 0, 9 9, 0 9, 0 0))")},
        /* a hole may touch its outer ring and another hole in a point */
        {POLYGON(SQUARE ", [[0,5],[3,4],[3,6],[0,5]], [[3,4],[5,3],[5,5],[3,4]]"),
         MULTI("((0 0, 9 0, 9 9, 0 9, 0 0), (0 5, 3 6, 3 4, 0 5), (3 4, 5 5, 5 3, 3 4))")},
        {"POLYGON((0 0,1 0,0 1,0 0))", MULTI("((0 0, 1 0, 0 1, 0 0))")},
        {"\"MULTIPOLYGON  ( ((0 0 , 1.50 0,0 1,0 0)) )  \"", MULTI("((0 0, 1.5 0, 0 1, 0 0))")},
        /* text is planar: no short way */
        {"POLYGON ((-120 0, 100 0, 100 9, -120 9, -120 0))",
         MULTI("((-120 0, 100 0, 100 9, -120 9, -120 0))")},
    };
    CHECK(examples, true);
}

static void the_antimeridian_is_cut(void)
{
    static const struct example examples[] = {
        {POLYGON("[[179,0],[181,0],[181,2],[179,2],[179,0]]"),
         MULTI("((179 0, 180 0, 180 2, 179 2, 179 0)), "
               "((-180 0, -179 0, -179 2, -180 2, -180 0))")},
        {POLYGON("[[179,0],[-179,0],[-179,2],[179,2],[179,0]]"),
         MULTI("((179 0, 180 0, 180 2, 179 2, 179 0)), "
               "((-180 0, -179 0, -179 2, -180 2, -180 0))")},
        /* written on another turn of the world, and the hole on yet another */
        {POLYGON("[[-181,0],[-179,0],[-179,2],[-181,2],[-181,0]],"
                 "[[179.25,1],[179.5,1],[179.25,1.5],[179.25,1]]"),
         MULTI("((179 0, 180 0, 180 2, 179 2, 179 0), "
               "(179.25 1, 179.25 1.5, 179.5 1, 179.25 1)), "
               "((-180 0, -179 0, -179 2, -180 2, -180 0))")},
        {POLYGON("[[190,0],[200,0],[190,9],[190,0]]"), MULTI("((-170 0, -160 0, -170 9, -170 0))")},
        /* up to the line from both sides: nothing to cut */
        {POLYGON("[[179,0],[180,0],[180,1],[179,0]]"), MULTI("((179 0, 180 0, 180 1, 179 0))")},
        {POLYGON("[[180,0],[-179,0],[180,1],[180,0]]"),
         MULTI("((-180 0, -179 0, -180 1, -180 0))")},
        /* a jump over the line along it */
        {POLYGON("[[179,0],[180,0],[-180,0],[-179,0],[-179,1],[179,1],[179,0]]"),
         MULTI("((179 0, 180 0, 180 1, 179 1, 179 0)), "
               "((-180 0, -179 0, -179 1, -180 1, -180 0))")},
        /* a notch whose tip is on the line parts the east, and a comb has three teeth */
        {POLYGON("[[179,0],[181,0],[180,1],[181,2],[179,2],[179,0]]"),
         MULTI("((179 0, 180 0, 180 2, 179 2, 179 0)), "
               "((-180 0, -179 0, -180 1, -180 0)), ((-180 1, -179 2, -180 2, -180 1))")},
        {POLYGON("[[179,0],[181,0],[181,1],[179.5,1],[179.5,2],[181,2],[181,3],[180,3],[180,4],"
                 "[181,4],[181,5],[179,5],[179,0]]"),
         MULTI("((179 0, 180 0, 180 1, 179.5 1, 179.5 2, 180 2, 180 5, 179 5, 179 0)), "
               "((-180 0, -179 0, -179 1, -180 1, -180 0)), "
               "((-180 2, -179 2, -179 3, -180 3, -180 2)), "
               "((-180 4, -179 4, -179 5, -180 5, -180 4))")},
        /* holes over the line, and holes that touch it from either side */
        {POLYGON("[[170,0],[190,0],[190,9],[170,9],[170,0]],[[179,3],[181,3],[181,6],[179,6],"
                 "[179,3]]"),
         MULTI("((170 0, 180 0, 180 3, 179 3, 179 6, 180 6, 180 9, 170 9, 170 0)), "
               "((-180 0, -170 0, -170 9, -180 9, -180 6, -179 6, -179 3, -180 3, -180 0))")},
        {POLYGON("[[170,0],[190,0],[190,20],[170,20],[170,0]],[[180,10],[176,12],[176,8],"
                 "[180,10]]"),
         MULTI("((170 0, 180 0, 180 10, 180 20, 170 20, 170 0), "
               "(176 8, 176 12, 180 10, 176 8)), "
               "((-180 0, -170 0, -170 20, -180 20, -180 0))")},
        /* two holes on the meridian that touch west of it enclose a part of the west */
        {POLYGON("[[178,0],[186,0],[186,8],[178,8],[178,0]],[[180,3],[179,3],[181,2],[180,3]],"
                 "[[180,2],[179,3],[179,2],[180,2]]"),
         MULTI("((178 0, 180 0, 180 2, 179 2, 179 3, 180 3, 180 8, 178 8, 178 0)), "
               "((179 3, 180 2, 180 2.5, 179 3)), "
               "((-180 0, -174 0, -174 8, -180 8, -180 3, -179 2, -180 2.5, -180 0))")},
    };
    CHECK(examples, true);
}

static void a_pole_is_an_edge(void)
{
    static const struct example examples[] = {
        {POLYGON("[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]"),
         MULTI("((-180 -90, 180 -90, 180 90, -180 90, -180 -90))")},
        {POLYGON("[[-180,-90],[0,-90],[180,-90],[180,90],[-180,90],[-180,-90]]"),
         MULTI("((-180 -90, 0 -90, 180 -90, 180 90, -180 90, -180 -90))")},
        {POLYGON("[[-180,-90],[-180,-70],[0,-60],[180,-70],[180,-90],[-180,-90]]"),
         MULTI("((-180 -90, 180 -90, 180 -70, 0 -60, -180 -70, -180 -90))")},
        /* the other pole, and past 180 */
        {POLYGON("[[0,60],[120,70],[240,70],[360,60],[360,90],[0,90],[0,60]]"),
         MULTI("((0 60, 120 70, 180 70, 180 90, 0 90, 0 60)), "
               "((-180 70, -120 70, 0 60, 0 90, -180 90, -180 70))")},
        /* up to the pole, and over the antimeridian */
        {POLYGON("[[170,80],[-170,80],[-170,90],[170,90],[170,80]]"),
         MULTI("((170 80, 180 80, 180 90, 170 90, 170 80)), "
               "((-180 80, -170 80, -170 90, -180 90, -180 80))")},
        /* a band around the world */
        {POLYGON("[[-180,-10],[180,-10],[180,10],[-180,10],[-180,-10]]"),
         MULTI("((-180 -10, 180 -10, 180 10, -180 10, -180 -10))")},
        {POLYGON("[[-180,-10],[0,-10],[180,-10],[180,10],[0,10],[-180,10],[-180,-10]]"),
         MULTI("((-180 -10, 0 -10, 180 -10, 180 10, 0 10, -180 10, -180 -10))")},
    };
    CHECK(examples, true);
}

/* A polygon of teeth, closed: corners + 1 positions. */
static void add_teeth(struct wg_buf *out, int corners)
{
    wg_buf_text(out, "[[0,-1]");
    for (int i = 1; i < corners - 1; i++)
        wg_buf_printf(out, ",[%.4f,%d]", 0.001 * i, i % 2 ? 2 : 1);
    wg_buf_printf(out, ",[%.4f,-1],[0,-1]]", 0.001 * corners);
}

static char *teeth_outcome(int corners)
{
    struct wg_buf text;
    wg_buf_init(&text, AREA_OUTCOME_MAX);
    wg_buf_text(&text, "{\"type\":\"Polygon\",\"coordinates\":[\n");
    add_teeth(&text, corners);
    wg_buf_text(&text, "]}");
    char *out = outcome(wg_buf_str(&text), text.len);
    wg_buf_clear(&text);
    return out;
}

static void limits_hold(void)
{
    char *good = teeth_outcome(AREA_VERTICES_MAX), *bad = teeth_outcome(AREA_VERTICES_MAX + 1);
    CU_ASSERT_EQUAL(strncmp(good, "MULTIPOLYGON (((0 -1, 20 -1,", 28), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(bad, "error: area: more than 20000 corners: simplify it"));
    char *again = outcome(good, strlen(good));
    ASSERT_TEXT(again, good);
    free(again);
    free(good);
    free(bad);
}

static char *triangles_outcome(int count)
{
    struct wg_buf text;
    wg_buf_init(&text, AREA_OUTCOME_MAX);
    wg_buf_text(&text, "{type: Polygon, coordinates: [[[0,0],[50,0],[50,50],[0,50],[0,0]]");
    for (int i = 1; i < count; i++) {
        int x = i % 40, y = i / 40;
        wg_buf_printf(&text, ",\n[[%d.1,%d.1],[%d.9,%d.1],[%d.1,%d.9],[%d.1,%d.1]]", x, y, x, y, x,
                      y, x, y);
    }
    wg_buf_text(&text, "]}");
    char *out = outcome(wg_buf_str(&text), text.len);
    wg_buf_clear(&text);
    return out;
}

static void rings_are_limited(void)
{
    char *good = triangles_outcome(AREA_RINGS_MAX), *bad = triangles_outcome(AREA_RINGS_MAX + 1);
    CU_ASSERT_EQUAL(strncmp(good, "MULTIPOLYGON (((0 0,", 20), 0);
    ASSERT_TEXT(bad, "a:1001:1: error: area: more than 1000 rings");
    free(good);
    free(bad);
}

static void a_place_is_in_or_out(void)
{
    struct area *alps = area_of_file("alps.geojson");
    double west = 0, south = 0, east = 0, north = 0;
    CU_ASSERT_TRUE(area_holds(alps, 47, 10)); /* lat, lon */
    CU_ASSERT_FALSE(area_holds(alps, 10, 47));
    CU_ASSERT_FALSE(area_holds(alps, 46.3, 9.5));    /* in the hole */
    CU_ASSERT_TRUE(area_holds(alps, 46.1, 9.2));     /* a corner of the hole */
    CU_ASSERT_TRUE(area_holds(alps, 45.2, 5.5));     /* a corner */
    CU_ASSERT_FALSE(area_holds(alps, 48.14, 11.58)); /* Munich */
    CU_ASSERT_FALSE(area_holds(alps, NAN, 10));
    CU_ASSERT_FALSE(area_holds(alps, INFINITY, -INFINITY));
    CU_ASSERT_EQUAL(area_vertices(alps), 16);
    area_box(alps, &west, &south, &east, &north);
    CU_ASSERT_TRUE(west == 5.5 && south == 43.7 && east == 16.2 && north == 47.9);
    area_free(alps);

    /* a hole with an island, and two polygons side by side */
    struct area *islands = area_of_file("islands.geojson");
    CU_ASSERT_TRUE(area_holds(islands, 1.5, 2));
    CU_ASSERT_FALSE(area_holds(islands, 2.25, 2));
    CU_ASSERT_TRUE(area_holds(islands, 2, 4)); /* the border that they share */
    CU_ASSERT_TRUE(area_holds(islands, 2, 6));
    area_free(islands);
}

static void the_antimeridian_is_crossed_in_each_spelling(void)
{
    static const char *const files[] = {"fiji_cut.geojson", "fiji_past.geojson",
                                        "fiji_jump.geojson"};
    static const char expected[] = MULTI("((177 -19, 180 -19, 180 -16, 177 -16, 177 -19), "
                                         "(178 -18, 178 -17, 179 -17, 179 -18, 178 -18)), "
                                         "((-180 -19, -178 -19, -178 -16, -180 -16, -180 -19))");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct wg_error err = {0};
        struct wg_buf text;
        double west = 0, south = 0, east = 0, north = 0;
        struct area *fiji = area_of_file(files[i]);
        wg_buf_init(&text, AREA_OUTCOME_MAX);
        ASSERT_OK(area_wkt(fiji, &text, &err), &err);
        ASSERT_TEXT(wg_buf_str(&text), expected);
        CU_ASSERT_TRUE(area_holds(fiji, -17.5, 177.5) && area_holds(fiji, -17.5, -178.5));
        CU_ASSERT_TRUE(area_holds(fiji, -17, 180) && area_holds(fiji, -17, -180));
        CU_ASSERT_FALSE(area_holds(fiji, -17.5, 178.5) || area_holds(fiji, -17.5, 0));
        area_box(fiji, &west, &south, &east, &north);
        CU_ASSERT_TRUE(west == -180 && east == 180 && south == -19 && north == -16);
        wg_buf_clear(&text);
        area_free(fiji);
    }
    struct area *south = area_of_file("antarctica.geojson"), *world = area_of_file("world.geojson");
    CU_ASSERT_TRUE(area_holds(south, -90, 17) && area_holds(south, -75, 30));
    CU_ASSERT_FALSE(area_holds(south, -60, 30) || area_holds(south, 90, 0));
    CU_ASSERT_TRUE(area_holds(world, 90, -180) && area_holds(world, -11.5, 179.9999));
    area_free(south);
    area_free(world);
}

static void a_full_buffer_is_told(void)
{
    struct wg_error err = {0};
    struct wg_buf text;
    struct area *world = area_of_file("world.geojson");
    wg_buf_init(&text, 20);
    CU_ASSERT_FALSE(area_wkt(world, &text, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    wg_buf_clear(&text);
    area_free(world);
    area_free(NULL);
}

static void texts_and_files_are_told_apart(void)
{
    CU_ASSERT_TRUE(area_is_text("POLYGON ((0 0") && area_is_text("MULTIPOLYGON("));
    CU_ASSERT_FALSE(area_is_text("POLYGON") || area_is_text("POLYGON.geojson"));
    CU_ASSERT_FALSE(area_is_text("") || area_is_text("areas/POLYGON (1).geojson"));
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void mangle(struct wg_buf *bytes, uint64_t *seed)
{
    static const char likely[] = "[]{},:\"0123456789.-+eE \n()";
    size_t at = next_random(seed) % bytes->len, other = next_random(seed) % bytes->len;
    switch (next_random(seed) % 4) {
    case 0:
        bytes->data[at] = (char)next_random(seed);
        break;
    case 1:
        bytes->data[at] = likely[next_random(seed) % (sizeof likely - 1)];
        break;
    case 2:
        bytes->data[at] = bytes->data[other];
        break;
    default:
        memmove(bytes->data + at, bytes->data + at + 1, bytes->len - at - 1);
        bytes->data[bytes->len - 1] = ' ';
    }
}

/* Moves corners: what comes of it can be read, and may be a shape or none. */
static void move(struct wg_buf *bytes, uint64_t *seed)
{
    for (size_t i = 0; i < bytes->len; i++)
        if (bytes->data[i] >= '0' && bytes->data[i] <= '9' && next_random(seed) % 40 == 0)
            bytes->data[i] = (char)('0' + next_random(seed) % 10);
}

/* What is taken, in whatever state it is, is taken again from its own text. */
static void any_bytes_are_taken_or_refused(void)
{
    static const char *const files[] = {
        "alps.geojson",    "fiji_cut.geojson",   "fiji_past.geojson", "fiji_jump.geojson",
        "islands.geojson", "antarctica.geojson", "text.txt"};
    uint64_t seed = 0x5eed0a4ea;
    size_t taken = 0, refused = 0;
    for (int round = 0; round < 3000; round++) {
        struct wg_buf bytes;
        read_file(files[(size_t)round % (sizeof files / sizeof *files)], &bytes);
        if (round % 3 == 0)
            mangle(&bytes, &seed);
        else
            move(&bytes, &seed);
        char *text = outcome(bytes.data, bytes.len);
        bool good = text && strncmp(text, "MULTIPOLYGON", 12) == 0;
        char *again = good ? outcome(text, strlen(text)) : NULL;
        if (good) ASSERT_TEXT(again, text);
        CU_ASSERT_PTR_NOT_NULL(text);
        *(good ? &taken : &refused) += 1;
        free(again);
        free(text);
        wg_buf_clear(&bytes);
    }
    CU_ASSERT_TRUE(taken > 300 && refused > 300);
}

WG_SUITE("area", {"what encloses something is read", what_encloses_something_is_read},
         {"the antimeridian is cut", the_antimeridian_is_cut},
         {"a pole is an edge", a_pole_is_an_edge}, {"limits hold", limits_hold},
         {"rings are limited", rings_are_limited}, {"a place is in or out", a_place_is_in_or_out},
         {"the antimeridian is crossed in each spelling",
          the_antimeridian_is_crossed_in_each_spelling},
         {"a full buffer is told", a_full_buffer_is_told},
         {"texts and files are told apart", texts_and_files_are_told_apart},
         {"any bytes are taken or refused", any_bytes_are_taken_or_refused})
