/* land_test.c: the compiled-in outline is whole, and lies where the earth has land. */
#include "orchestrator/cli/land.h"

#include "tests/unit/cli/earth.h"
#include "tests/unit/harness.h"

#include <math.h>

static void every_line_is_read_to_its_end(void)
{
    struct land_cursor line;
    size_t rings = 0, borders = 0;
    for (size_t i = 0; land_line(i, &line); i++) {
        double lat, lon;
        size_t points = 0;
        while (land_next(&line, &lat, &lon)) {
            CU_ASSERT_TRUE(fabs(lat) <= 90 && fabs(lon) <= 540);
            points++;
        }
        CU_ASSERT_EQUAL(*line.at, '\0');
        CU_ASSERT_TRUE(points >= (line.kind == LAND_RING ? 4 : 2));
        if (line.kind == LAND_RING)
            rings++;
        else
            borders++;
    }
    CU_ASSERT_TRUE(rings > 300);
    CU_ASSERT_TRUE(borders > 300);
}

/* Antarctica alone comes back one turn away. */
static void rings_are_closed(void)
{
    struct land_cursor line;
    int round_a_pole = 0;
    for (size_t i = 0; land_line(i, &line); i++) {
        double lat, lon, first_lat, first_lon;
        if (line.kind != LAND_RING) continue;
        CU_ASSERT_TRUE_FATAL(land_next(&line, &first_lat, &first_lon));
        while (land_next(&line, &lat, &lon)) continue;
        CU_ASSERT_DOUBLE_EQUAL(lat, first_lat, 1e-9);
        if (fabs(lon - first_lon) > 180) round_a_pole++;
        CU_ASSERT_DOUBLE_EQUAL(remainder(lon - first_lon, 360), 0, 1e-9);
    }
    CU_ASSERT_EQUAL(round_a_pole, 1);
}

static void land_is_where_the_earth_has_it(void)
{
    static const double land[][2] = {{48.1, 11.6}, {40, -100},   {-25, 135}, {67, -178},
                                     {-17.8, 178}, {-41, 175.5}, {65, -19},  {19.6, -155.5},
                                     {-3, 23},     {-18, 46},    {36, 138},  {72, -40}};
    static const double water[][2] = {{0, -30},  {0, 180}, {42, 51},  {55.5, 3}, {38, 5},
                                      {-60, 20}, {85, 0},  {60, -85}, {43, 34},  {30, -170}};
    for (size_t i = 0; i < sizeof land / sizeof land[0]; i++)
        CU_ASSERT_TRUE(earth_is_land(land[i][0], land[i][1]));
    for (size_t i = 0; i < sizeof water / sizeof water[0]; i++)
        CU_ASSERT_FALSE(earth_is_land(water[i][0], water[i][1]));
}

WG_SUITE("land", {"every line is read to its end", every_line_is_read_to_its_end},
         {"rings are closed", rings_are_closed},
         {"land is where the earth has it", land_is_where_the_earth_has_it})
