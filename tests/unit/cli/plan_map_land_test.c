/* plan_map_land_test.c: the land on a map lies where the earth has it, whatever part is shown: the
 * drawn outline is read back and compared with the data. */
#include "orchestrator/cli/plan_map.h"
#include "orchestrator/cli/plan_map_view.h"
#include "tests/unit/cli/earth.h"
#include "tests/unit/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct step {
    double x, y, dx, dy; /* where it ends, and what it is */
    bool move;
};

/* The land's outline, step by step; the caller frees it. */
static struct step *land_of(const char *svg, size_t *count)
{
    const char *at = strstr(svg, "<path class=\"land\" d=\"");
    struct step *steps = calloc(strlen(svg), sizeof *steps);
    double x = 0, y = 0;
    *count = 0;
    CU_ASSERT_FATAL(at && steps);
    if (!at || !steps) return steps;
    for (at += 22; *at != '"';) {
        char *end;
        bool move = *at == 'M';
        if (*at == 'z' || *at == 'l' || move) at++;
        if (at[-1] == 'z') continue;
        double dx = strtod(at, &end), dy = strtod(end, &end);
        CU_ASSERT_TRUE_FATAL(end > at);
        at = end;
        x = move ? dx : x + dx;
        y = move ? dy : y + dy;
        steps[(*count)++] = (struct step){x, y, move ? 0 : dx, move ? 0 : dy, move};
    }
    return steps;
}

/* A long step of the land's outline lies along the frame, where it was cut, and nowhere else. */
static bool is_streak(const struct step *step)
{
    double left = MAP_LEFT - 13, right = MAP_LEFT + MAP_WIDTH + 13;
    double top = MAP_TOP - 13, bottom = MAP_TOP + MAP_HEIGHT + 13;
    if (step->x < left || step->x > right || step->y < top || step->y > bottom) return true;
    if (hypot(step->dx, step->dy) < 200) return false;
    if (fabs(step->dx) > 0.6 && fabs(step->dy) > 0.6) return true; /* half a pixel is left out */
    return step->x > left + 13 && step->x < right - 13 && step->y > top + 13 &&
           step->y < bottom - 13;
}

/* The whole earth ends at 180 degrees from its middle. */
static bool is_on_the_earth(const struct step *step, const struct map_view *view)
{
    double south = -90, north = 90, edge = 0, height = 0, middle = MAP_LEFT + MAP_WIDTH / 2.0;
    while (north - south > 0.01) {
        double lat = (south + north) / 2;
        map_view_point(view, lat, 180, &edge, &height);
        if (height < step->y)
            north = lat;
        else
            south = lat;
    }
    return fabs(step->x - middle) < edge - middle + 1;
}

/* The drawn land at a point: how often its outline crosses the line to the left. */
static bool is_drawn_as_land(const struct step *steps, size_t count, double x, double y)
{
    bool odd = false;
    for (size_t i = 0, start = 0; i < count; i++) {
        if (steps[i].move) start = i;
        const struct step *a = &steps[i];
        const struct step *b = i + 1 < count && !steps[i + 1].move ? a + 1 : &steps[start];
        if ((a->y < y) == (b->y < y)) continue;
        if (a->x + (b->x - a->x) * (y - a->y) / (b->y - a->y) < x) odd = !odd;
    }
    return odd;
}

/* Places all over the map are drawn as what they are; near a coast a few may not be. */
static void land_is_drawn_as_land(const struct step *steps, size_t count,
                                  const struct map_view *view)
{
    int seen = 0, wrong = 0;
    double south = fmax(view->south, -89), north = fmin(view->north, 89);
    bool near = north - south < 40;
    for (int row = 0; row <= 20; row++)
        for (int east = -178; east < 179; east += view->whole ? 23 : near ? 2 : 9) {
            double x, y, lat = south + row * (north - south) / 20;
            double lon = east + 0.005; /* no corner of an outline has such a longitude */
            map_view_point(view, lat, lon, &x, &y);
            if (x < MAP_LEFT || x > MAP_LEFT + MAP_WIDTH || y < MAP_TOP || y > MAP_TOP + MAP_HEIGHT)
                continue;
            seen++;
            wrong += is_drawn_as_land(steps, count, x, y) !=
                     earth_is_land(lat, lon + view->projection.lon0);
        }
    CU_ASSERT_TRUE(seen > 100);
    CU_ASSERT_TRUE(wrong <= seen / 100);
}

static void check_land(const struct plan_map_cell *cells, size_t cell_count)
{
    const struct plan_map_wave wave = {"canary", 15, 15};
    struct plan_map map = {.campaign = "brakes",
                           .release = "brake-controller/2.4.1",
                           .digest = "0123456789abcdef",
                           .wave_count = 1,
                           .waves = &wave,
                           .cell_count = cell_count,
                           .cells = cells,
                           .total = 15};
    struct map_view view = map_view_of(&map);
    size_t count, streaks = 0, beyond = 0;
    struct wg_error err = {0};
    struct wg_buf out;
    wg_buf_init(&out, PLAN_MAP_BYTES_MAX);
    ASSERT_OK(plan_map_svg(&map, &out, &err), &err);
    struct step *steps = land_of(wg_buf_str(&out), &count);
    for (size_t i = 0; steps && i < count; i++) {
        streaks += is_streak(&steps[i]);
        beyond += view.whole && !is_on_the_earth(&steps[i], &view);
    }
    CU_ASSERT_EQUAL(streaks, 0);
    CU_ASSERT_EQUAL(beyond, 0);
    land_is_drawn_as_land(steps, count, &view);
    free(steps);
    wg_buf_clear(&out);
}

/* Pairs of places all round the earth: the map's middle, and so its cut, is everywhere once. */
static void land_is_where_it_belongs(void)
{
    for (int lon = -180; lon < 180; lon += 36)
        for (int wide = 0; wide < 2; wide++) {
            const struct plan_map_cell cells[] = {
                {-30, lon, 0, 5},
                {wide ? 55 : 40, projection_turn(lon + (wide ? 100 : 30)), 0, 5},
                {wide ? -40 : 0, projection_turn(lon + (wide ? 200 : 60)), 0, 5}};
            check_land(cells, 3);
        }
}

static void the_poles_have_theirs(void)
{
    const struct plan_map_cell arctic[] = {{78.2, 15.6, 0, 5}, {69.7, 18.9, 0, 10}};
    const struct plan_map_cell antarctic[] = {{-77.8, 166.7, 0, 5}, {-74.7, 164.1, 0, 10}};
    check_land(NULL, 0);
    check_land(arctic, 2);
    check_land(antarctic, 2);
}

WG_SUITE("land on a map", {"land is where it belongs", land_is_where_it_belongs},
         {"the poles have theirs", the_poles_have_theirs})
