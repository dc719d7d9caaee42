/* area_wrong_test.c: what is no area, or cannot be kept as one, is told at its place. */
#include "tests/unit/campaign/area_outcome.h"

#define TYPES "a Polygon, MultiPolygon, Feature or FeatureCollection"
#define PLAIN(rings) "{type: Polygon, coordinates: [\n" rings "]}"

static void what_is_no_area_is_told(void)
{
    static const struct example examples[] = {
        {"[]", "a:1:1: error: area: expected " TYPES ", got a list"},
        {"{}", "a:1:1: error: area: type: expected " TYPES ", got nothing"},
        {"{type: [Polygon]}", "a:1:8: error: area: type: expected " TYPES ", got a list"},
        {"{type: polygon}", "a:1:8: error: area: type: expected " TYPES ", got \"polygon\""},
        {"{type: Point, coordinates: [1, 2]}",
         "a:1:8: error: area: type: expected " TYPES ", got \"Point\", which encloses nothing"},
        {"{type: Feature, geometry: {type: LineString}}",
         "a:1:34: error: area: type: expected a Polygon or MultiPolygon, got \"LineString\", "
         "which encloses nothing"},
        {"{type: GeometryCollection, geometries: []}",
         "a:1:8: error: area: type: expected " TYPES
         ", got \"GeometryCollection\": write its polygons as a MultiPolygon"},
        {"{type: Polygon}", "a:1:1: error: area: the key \"coordinates\" is missing"},
        {"{type: Feature}", "a:1:1: error: area: the key \"geometry\" is missing"},
        {"{type: Feature,\n geometry: null}",
         "a:2:12: error: area: expected a Polygon or MultiPolygon, got null"},
        {"{type: FeatureCollection, features: []}",
         "a:1:37: error: area: expected a list of features, got an empty list"},
        {"{type: FeatureCollection, features: [{type: Polygon}, 7, {type: Feature}]}",
         "a:1:45: error: area: type: expected a Feature, got \"Polygon\"\n"
         "a:1:55: error: area: expected a Feature, got a single value\n"
         "a:1:58: error: area: the key \"geometry\" is missing"},
        {"{type: Polygon, crs: {properties: {name: EPSG:25832}}, coordinates: [" SQUARE "]}",
         "a:1:42: error: area: crs: GeoJSON is in WGS 84 longitude and latitude: expected CRS84 or "
         "EPSG:4326, or no crs, got \"EPSG:25832\""},
        {"{type: Polygon, crs: null, coordinates: [" SQUARE "]}",
         "a:1:22: error: area: crs: GeoJSON is in WGS 84 longitude and latitude: expected CRS84 or "
         "EPSG:4326, or no crs, got another"},
        {"{type: MultiPolygon, coordinates: []}",
         "a:1:35: error: area: expected a list of polygons, got an empty list"},
        {"{type: MultiPolygon, coordinates: [[], 1]}",
         "a:1:36: error: area: expected a list of rings, got an empty list\n"
         "a:1:40: error: area: expected a list of rings, got a single value"},
    };
    CHECK(examples, false);
}

static void wrong_positions_are_told(void)
{
    static const struct example examples[] = {
        {PLAIN("[1]"), "a:2:2: error: area: expected a position like [11.58, 48.14], got a single "
                       "value"},
        {PLAIN("[[0,0],[9,0],\n [9],[1,2,3,4],[0,0]]"),
         "a:3:2: error: area: a position is [longitude, latitude] or [longitude, latitude, "
         "altitude], found 1 values\n"
         "a:3:6: error: area: a position is [longitude, latitude] or [longitude, latitude, "
         "altitude], found 4 values"},
        {PLAIN("[[0,\"0\"],[[],0],[01,+1]]"),
         "a:2:5: error: area: latitude: expected a number, got \"0\" in quotes\n"
         "a:2:11: error: area: longitude: expected a number, got a list\n"
         "a:2:18: error: area: longitude: expected a number from -360 to 360, got \"01\"\n"
         "a:2:21: error: area: latitude: expected a number from -90 to 90, got \"+1\" (a position "
         "is longitude, then latitude)"},
        {PLAIN("[[1e,.5],[0x1,NaN],[1.,-]]"),
         "a:2:3: error: area: longitude: expected a number from -360 to 360, got \"1e\"\n"
         "a:2:6: error: area: latitude: expected a number from -90 to 90, got \".5\" (a position "
         "is longitude, then latitude)\n"
         "a:2:11: error: area: longitude: expected a number from -360 to 360, got \"0x1\"\n"
         "a:2:15: error: area: latitude: expected a number from -90 to 90, got \"NaN\" (a "
         "position is longitude, then latitude)\n"
         "a:2:21: error: area: longitude: expected a number from -360 to 360, got \"1.\"\n"
         "a:2:24: error: area: latitude: expected a number from -90 to 90, got \"-\" (a position "
         "is longitude, then latitude)"},
        {PLAIN("[[0,0],[360.0000001,1],[0,-90.0000001],[1e999,0],[0,0]]"),
         "a:2:9: error: area: longitude: expected a number from -360 to 360, got \"360.0000001\"\n"
         "a:2:27: error: area: latitude: expected a number from -90 to 90, got \"-90.0000001\" (a "
         "position is longitude, then latitude)\n"
         "a:2:41: error: area: longitude: expected a number from -360 to 360, got \"1e999\""},
    };
    CHECK(examples, false);
}

static void wrong_rings_are_told(void)
{
    static const struct example examples[] = {
        {PLAIN("[[0,0],[1,0],[0,0]]"),
         "a:2:1: error: area: a ring has at least 4 positions, the last being the first again; "
         "found 3"},
        {PLAIN("[[0,0],[1,0],[0,1],[0,0.5]]"),
         "a:2:20: error: area: the ring is not closed: expected its first position 0 0, got 0 0.5"},
        {PLAIN("[[0,0],[1,1],[2,2],[0,0]]"), "a:2:1: error: area: the ring encloses nothing"},
        {PLAIN("[[0,0],[0,0],[0,0],[0,0]]"), "a:2:1: error: area: the ring encloses nothing"},
        {PLAIN("[[0,0],[2,2],[2,0],\n[0,2],[0,0]]"),
         "a:2:2: error: area: the edge (0 0, 2 2) crosses the edge (2 0, 0 2)"},
        {PLAIN("[[0,0],[1,0],\n[2,2],[4,0],[4,4],[2,2],[0,4],[0,0]]"),
         "a:2:8: error: area: the edge (1 0, 2 2) touches the edge (2 2, 0 4)"},
        {PLAIN("[[0,0],[4,0],[4,4],[2,4],[2,6],[2,4],[0,4],[0,0]]"),
         "a:2:14: error: area: the edge (4 4, 2 4) touches the edge (2 4, 0 4)"},
    };
    CHECK(examples, false);
}

static void wrong_holes_are_told(void)
{
    static const struct example examples[] = {
        {PLAIN(SQUARE ",\n [[20,1],[21,1],[20,2],[20,1]]"),
         "a:3:2: error: area: the hole does not lie inside its outer ring, the first of the "
         "polygon"},
        {PLAIN("[[1,1],[2,1],[1,2],[1,1]],\n" SQUARE),
         "a:3:1: error: area: the hole does not lie inside its outer ring, the first of the "
         "polygon"},
        {PLAIN(SQUARE ",\n [[1,1],[8,1],[8,8],[1,1]],\n[[6,2],[7,2],[7,3],[6,2]]"),
         "a:4:1: error: area: the hole lies inside another hole"},
        {PLAIN(SQUARE ",\n [[8,1],[10,1],[8,2],[8,1]]"),
         "a:2:8: error: area: the edge (9 0, 9 9) crosses the edge (8 1, 10 1)"},
        {PLAIN(SQUARE ",\n [[8,1],[9,3],[8,5],[8,1]], [[7,3],[8,3],[7,4],[7,3]],"
                      " [[9,6],[9,8],[8,7],[9,6]]"),
         "a:2:8: error: area: the edge (9 0, 9 9) lies on the edge (9 6, 9 8)"},
        {PLAIN(SQUARE ",\n[[0,5],[4,4],[9,5],[4,6],[0,5]]"),
         "a:3:1: error: area: the holes and the outer ring touch so that they part the polygon: "
         "expected a polygon for each part"},
        {PLAIN(SQUARE ",\n[[1,1],[5,1],[1,4],[1,1]],\n[[5,1],[8,8],[6,7],[5,1]],\n"
                      "[[1,4],[6,7],[1,8],[1,4]]"),
         "a:5:1: error: area: the holes and the outer ring touch so that they part the polygon: "
         "expected a polygon for each part"},
        /* through a corner, and out where the border has one */
        {PLAIN("[[0,0],[9,0],[5,5],[9,9],[0,9],[0,0]],[[4,5],[6,4],[6,6],[4,5]]"),
         "a:2:8: error: area: the edge (9 0, 5 5) crosses the edge (4 5, 6 4)"},
        {PLAIN("[[0,0],[9,0],[5,5],[9,9],[0,9],[0,0]],[[2,5],[8,5],[3,6],[2,5]]"),
         "a:2:8: error: area: the edge (9 0, 5 5) crosses the edge (2 5, 8 5)"},
    };
    CHECK(examples, false);
}

static void what_cannot_be_laid_out_is_told(void)
{
    static const struct example examples[] = {
        {PLAIN("[[0,80],[120,80],[-120,80],[0,80]]"),
         "a:2:1: error: area: the ring goes around a pole: expected an edge along the pole, from "
         "-180 to 180 at latitude 90 or -90, or no edge wider than 180 degrees"},
        {PLAIN("[[0,0],[100,0],[200,0],[300,0],[360,0],[360,5],[200,5],[359,20],[359,30],[180,30],"
               "[0,30],[-5,30],[0,0]]"),
         "a:2:1: error: area: the ring is more than 360 degrees wide"},
        /* its edge, once rounded where it is cut, leaves the hole outside */
        {PLAIN("[[179.9999700,0.0000000],[180.0000151,0.0000102],[180.0000151,0.0000200],"
               "[179.9999700,0.0000200],[179.9999700,0.0000000]],"
               "[[179.9999903,0.0000046],[179.9999903,0.0000060],[179.9999890,0.0000060],[179."
               "9999903,0.0000046]]"),
         "a:1:30: error: area: the polygon cannot be cut at the antimeridian in steps of 1e-7 "
         "degrees: corners are too close together there"},
    };
    CHECK(examples, false);
}

static void wrong_text_is_told(void)
{
    static const struct example examples[] = {
        {"POLYGON EMPTY", "a:1:1: error: area: at character 1: expected \"POLYGON (\" or "
                          "\"MULTIPOLYGON (\", got \"POLYGON EMPTY\""},
        {"POLYGON ((0 0, 1 0, 0 1 5, 0 0))",
         "a:1:1: error: area: at character 25: expected \",\" or \")\", got \"5, 0 0))\""},
        {"POLYGON ((0 0, 1 0, 0 , 0 0))",
         "a:1:1: error: area: at character 23: expected a longitude and a latitude, got "
         "\", 0 0))\""},
        {"POLYGON ((0 0, 1 0, 0 1, 0 0)",
         "a:1:1: error: area: at character 30: expected \",\" or \")\", got \"\""},
        {"MULTIPOLYGON (((0 0, 1 0, 0 1, 0 0))) x",
         "a:1:1: error: area: at character 39: expected nothing more, got \"x\""},
        {"MULTIPOLYGON ((0 0, 1 0, 0 1, 0 0))",
         "a:1:1: error: area: at character 16: expected \"(\", got \"0 0, 1 0, 0 1, 0 0))\""},
        {"POLYGON ((179 0, 181 0, 180 1, 179 0))",
         "a:1:1: error: area: longitude: expected a number from -180 to 180, got \"181\""},
        {"POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))",
         "a:1:1: error: area: the edge (0 0, 2 2) crosses the edge (2 0, 0 2)"},
    };
    CHECK(examples, false);
}

WG_SUITE("wrong areas", {"what is no area is told", what_is_no_area_is_told},
         {"wrong positions are told", wrong_positions_are_told},
         {"wrong rings are told", wrong_rings_are_told},
         {"wrong holes are told", wrong_holes_are_told},
         {"what cannot be laid out is told", what_cannot_be_laid_out_is_told},
         {"wrong text is told", wrong_text_is_told})
