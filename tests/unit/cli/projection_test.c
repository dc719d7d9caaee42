/* projection_test.c: equal areas, known values, and where maps have their middle and edges. */
#include "orchestrator/cli/projection.h"

#include "tests/unit/harness.h"

#include <math.h>

#define DEGREE (M_PI / 180)

/* Area on the map of a tiny field on the ground, as a multiple of its area there. */
static double swelling(const struct projection *projection, double lat, double lon)
{
    double x0, y0, x1, y1, x2, y2, step = 1e-4;
    projection_point(projection, lat, lon, &x0, &y0);
    projection_point(projection, lat, lon + step, &x1, &y1);
    projection_point(projection, lat + step, lon, &x2, &y2);
    double area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
    return area / (step * DEGREE * step * DEGREE * cos(lat * DEGREE));
}

static void areas_are_true_everywhere(void)
{
    const struct projection maps[] = {
        projection_equal_earth(0),       projection_equal_earth(-150),
        projection_albers(10, 47, 54),   projection_albers(135, -38, -20),
        projection_albers(180, -20, 20), projection_albers(0, 79, 80),
        projection_albers(100, -5, 5.5),
    };
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        for (int lat = -85; lat < 86; lat += 10)
            for (int lon = -175; lon < 176; lon += 35)
                CU_ASSERT_DOUBLE_EQUAL(swelling(&maps[i], lat, lon), 1, 1e-3);
}

/* Edges of the whole map as published with the projection. */
static void equal_earth_has_its_known_size(void)
{
    struct projection map = projection_equal_earth(11);
    double x, y;
    projection_point(&map, 0, 180, &x, &y);
    CU_ASSERT_DOUBLE_EQUAL(x, 2.70663, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(y, 0, 1e-12);
    projection_point(&map, 90, 0, &x, &y);
    CU_ASSERT_DOUBLE_EQUAL(x, 0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(y, 1.31737, 1e-5);
}

/* Snyder, Map Projections: A Working Manual, p. 291: 35 N 75 W with parallels 29.5 and 45.5, middle
 * 96 W; there y counts from 23 N. */
static void albers_agrees_with_snyder(void)
{
    struct projection map = projection_albers(-96, 29.5, 45.5);
    double x, y, base_x, base_y;
    projection_point(&map, 35, projection_turn(-75 + 96), &x, &y);
    projection_point(&map, 23, 0, &base_x, &base_y);
    CU_ASSERT_DOUBLE_EQUAL(x - base_x, 0.2952720, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(y - base_y, 0.2416774, 1e-6);
}

static void north_is_up_on_both_halves(void)
{
    const struct projection maps[] = {projection_albers(0, 40, 60), projection_albers(0, -60, -40),
                                      projection_albers(0, -10, 10)};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        double x, y, north_x, north_y, east_x, east_y;
        projection_point(&maps[i], 0, 0, &x, &y);
        projection_point(&maps[i], 5, 0, &north_x, &north_y);
        projection_point(&maps[i], 0, 5, &east_x, &east_y);
        CU_ASSERT_TRUE(north_y > y);
        CU_ASSERT_TRUE(east_x > x);
    }
}

static void longitudes_turn_the_short_way(void)
{
    CU_ASSERT_DOUBLE_EQUAL(projection_turn(190), -170, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(projection_turn(-190), 170, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(projection_turn(180), -180, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(projection_turn(-180), -180, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(projection_turn(725), 5, 1e-12);
}

WG_SUITE("projection", {"areas are true everywhere", areas_are_true_everywhere},
         {"Equal Earth has its known size", equal_earth_has_its_known_size},
         {"Albers agrees with Snyder", albers_agrees_with_snyder},
         {"north is up on both halves", north_is_up_on_both_halves},
         {"longitudes turn the short way", longitudes_turn_the_short_way})
