/* plan_map_places.c: cells to places that can be told apart on the page.
 *
 * The cells of all waves in one half degree are a place. Where these would lie in one heap, or be
 * too many for a small file, a grid of pixels gathers them, coarser until it is enough. Then a
 * place whose middle a fuller one's circle would cover joins that one. Everything is sorted first,
 * so that sums and places do not depend on the order in which cells come.
 */
#include "orchestrator/cli/plan_map_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_A_DEGREE 2
#define LOOSE_MAX 250  /* places that may lie closer than NEAR */
#define PLACES_MAX 900 /* otherwise */
#define DISCS_MAX 8000
#define NEAR 8.0 /* pixels */
#define COARSER 1.25
#define TILE 24 /* pixels: ground that has devices is counted in these */
#define TILES_WIDE (MAP_WIDTH / TILE + 1)
#define TILES_HIGH (MAP_HEIGHT / TILE + 1)
#define FILLED 0.4 /* of that ground, covered by circles */
#define RADIUS_MIN 1.7
#define RADIUS_GOOD 12.0 /* of the fullest place, at least */

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

static int by_place(const void *a, const void *b)
{
    const struct map_disc *l = a, *r = b;
    if (l->row != r->row) return l->row < r->row ? -1 : 1;
    if (l->column != r->column) return l->column < r->column ? -1 : 1;
    if (l->wave != r->wave) return l->wave < r->wave ? -1 : 1;
    if (l->devices != r->devices) return l->devices < r->devices ? -1 : 1;
    int lat = compare(l->lat, r->lat);
    return lat ? lat : compare(l->lon, r->lon);
}

static bool is_same_place(const struct map_disc *a, const struct map_disc *b)
{
    return a->row == b->row && a->column == b->column;
}

/* Sorts and joins the discs of one wave at one place; returns how many places there are. */
static size_t join(struct map_places *places)
{
    struct map_disc *discs = places->discs;
    size_t kept = 0, count = 0;
    qsort(discs, places->disc_count, sizeof *discs, by_place);
    for (size_t i = 0; i < places->disc_count; i++) {
        bool same_place = kept > 0 && is_same_place(&discs[kept - 1], &discs[i]);
        if (!same_place) count++;
        if (!same_place || discs[kept - 1].wave != discs[i].wave) {
            discs[kept++] = discs[i];
            continue;
        }
        struct map_disc *into = &discs[kept - 1];
        double part = (double)discs[i].devices / (double)(into->devices + discs[i].devices);
        into->lat += part * (discs[i].lat - into->lat);
        into->lon += part * (discs[i].lon - into->lon);
        into->devices += discs[i].devices;
    }
    places->disc_count = kept;
    return count;
}

static bool read_cells(struct map_places *places, const struct plan_map *map,
                       const struct map_view *view)
{
    places->discs = calloc(map->cell_count ? map->cell_count : 1, sizeof *places->discs);
    if (!places->discs) return false;
    for (size_t i = 0; i < map->cell_count; i++) {
        const struct plan_map_cell *cell = &map->cells[i];
        if (cell->devices == 0) continue;
        places->discs[places->disc_count++] = (struct map_disc){
            .lat = cell->lat,
            .lon = projection_turn(cell->lon - view->projection.lon0),
            .devices = cell->devices,
            .wave = cell->wave,
            .row = (int64_t)floor(cell->lat * CELLS_A_DEGREE),
            .column = (int64_t)floor(projection_turn(cell->lon) * CELLS_A_DEGREE)};
    }
    return true;
}

static void onto_grid(struct map_places *places, const struct map_view *view, double grid)
{
    for (size_t i = 0; i < places->disc_count; i++) {
        struct map_disc *disc = &places->discs[i];
        double x, y;
        map_view_point(view, disc->lat, disc->lon, &x, &y);
        disc->row = (int64_t)floor(y / grid);
        disc->column = (int64_t)floor(x / grid);
    }
}

/* Until the discs are few enough. */
static void gather(struct map_places *places, const struct map_view *view)
{
    double grid = view->scale * M_PI / 180 / CELLS_A_DEGREE;
    size_t count = join(places);
    while (count > (grid < NEAR ? LOOSE_MAX : PLACES_MAX) || places->disc_count > DISCS_MAX) {
        grid = fmax(NEAR, grid * COARSER);
        onto_grid(places, view, grid);
        count = join(places);
    }
}

static int by_size(const void *a, const void *b)
{
    const struct map_place *l = a, *r = b;
    if (l->devices != r->devices) return l->devices > r->devices ? -1 : 1;
    return l->first < r->first ? -1 : 1;
}

/* From the sorted discs; there is room for as many places as discs. */
static void make_places(struct map_places *places, const struct map_view *view)
{
    places->count = 0;
    for (size_t i = 0; i < places->disc_count; i++) {
        const struct map_disc *disc = &places->discs[i];
        if (i == 0 || !is_same_place(disc - 1, disc))
            places->places[places->count++] = (struct map_place){.first = i};
        struct map_place *place = &places->places[places->count - 1];
        place->count++;
        place->devices += disc->devices;
        double part = (double)disc->devices / (double)place->devices;
        place->lat += part * (disc->lat - place->lat);
        place->lon += part * (disc->lon - place->lon);
    }
    for (size_t i = 0; i < places->count; i++) {
        struct map_place *place = &places->places[i];
        map_view_point(view, place->lat, place->lon, &place->x, &place->y);
    }
    qsort(places->places, places->count, sizeof *places->places, by_size);
}

static int tile(double at, double from, int count)
{
    int tile = (int)((at - from) / TILE);
    return tile < 0 ? 0 : tile < count ? tile : count - 1;
}

/* Circles as large as the ground around the devices has room for. */
static double factor_of(const struct map_places *places)
{
    bool taken[TILES_HIGH][TILES_WIDE] = {{false}};
    double ground = 0, devices = 0;
    if (places->count == 0) return 0;
    for (size_t i = 0; i < places->count; i++) {
        const struct map_place *place = &places->places[i];
        bool *at =
            &taken[tile(place->y, MAP_TOP, TILES_HIGH)][tile(place->x, MAP_LEFT, TILES_WIDE)];
        if (!*at) ground += TILE * TILE;
        *at = true;
        devices += (double)place->devices;
    }
    double factor = sqrt(FILLED * ground / M_PI / devices);
    double most = sqrt((double)places->places[0].devices);
    return fmin(fmax(factor, RADIUS_GOOD / most), MAP_RADIUS_MAX / most);
}

/* The fullest place whose circle covers the middle of place number i; i itself if there is none. */
static size_t covering(const struct map_places *places, size_t i)
{
    const struct map_place *place = &places->places[i];
    for (size_t j = 0; j < i; j++) {
        const struct map_place *fuller = &places->places[j];
        double radius = map_places_radius(places, fuller->devices);
        if (hypot(place->x - fuller->x, place->y - fuller->y) < radius) return j;
    }
    return i;
}

/* Places that are covered join what covers them, once: done again with the circles that grew, great
 * cities would swallow their country. */
static void absorb(struct map_places *places, const struct map_view *view)
{
    for (size_t i = 0; i < places->count; i++) {
        size_t into = covering(places, i);
        const struct map_place *place = &places->places[i];
        /* fuller places have their number already, perhaps that of a still fuller one */
        int64_t number = into == i ? (int64_t)i : places->discs[places->places[into].first].row;
        for (size_t d = 0; d < place->count; d++) {
            places->discs[place->first + d].row = number;
            places->discs[place->first + d].column = 0;
        }
    }
    (void)join(places);
    make_places(places, view);
}

bool map_places_gather(struct map_places *places, const struct plan_map *map,
                       const struct map_view *view, struct wg_error *err)
{
    memset(places, 0, sizeof *places);
    if (!read_cells(places, map, view)) return wg_fail_memory(err, "drawing a map");
    gather(places, view);
    places->places = calloc(places->disc_count ? places->disc_count : 1, sizeof *places->places);
    if (!places->places) return wg_fail_memory(err, "drawing a map");
    make_places(places, view);
    places->factor = factor_of(places);
    absorb(places, view);
    places->factor = factor_of(places);
    return true;
}

void map_places_clear(struct map_places *places)
{
    free(places->discs);
    free(places->places);
    memset(places, 0, sizeof *places);
}

double map_places_radius(const struct map_places *places, int64_t devices)
{
    return fmax(places->factor * sqrt((double)devices), RADIUS_MIN);
}

int64_t map_places_smallest(const struct map_places *places)
{
    int64_t few = 0;
    for (size_t i = 0; i < places->count; i++) {
        int64_t devices = places->places[i].devices;
        if (devices > few && places->factor * sqrt((double)devices) < RADIUS_MIN) few = devices;
    }
    return few;
}
