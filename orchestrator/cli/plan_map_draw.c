/* plan_map_draw.c: the circles. A place's first wave is its core; the area up to the outer edge of
 * a wave's ring is as large as the number of devices up to that wave.
 */
#include "orchestrator/cli/plan_map_part.h"
#include "orchestrator/cli/svg.h"

#include <math.h>

#define CORE_MIN 1.0 /* pixels: a canary in a great city can still be seen */
#define RIM_MIN 2.5  /* pixels: a ring as wide as this is parted from the next one by a rim */

static void coordinate(struct wg_buf *out, double value, const char *positive, const char *negative)
{
    svg_number(out, fabs(value), 1);
    wg_buf_printf(out, " %s", value >= 0 ? positive : negative);
}

static void draw_disc(struct wg_buf *out, const struct map_place *place,
                      const struct map_disc *disc, double radius, bool rim, const char *wave,
                      double lon0)
{
    wg_buf_printf(out, "<circle class=\"w%zu%s\"", disc->wave, rim ? " rim" : "");
    svg_attribute(out, "cx", place->x);
    svg_attribute(out, "cy", place->y);
    svg_attribute(out, "r", radius);
    wg_buf_text(out, "><title>");
    svg_text(out, wave, 64);
    wg_buf_text(out, ": ");
    svg_devices(out, disc->devices);
    wg_buf_text(out, " near ");
    coordinate(out, place->lat, "N", "S");
    wg_buf_char(out, ' ');
    coordinate(out, projection_turn(place->lon + lon0), "E", "W");
    wg_buf_text(out, "</title></circle>\n");
}

/* From the outermost ring, which is the last wave, inwards: the smaller disc lies on the larger. */
static void draw_place(struct wg_buf *out, const struct map_places *places,
                       const struct map_place *place, const struct plan_map *map, double lon0)
{
    double whole = map_places_radius(places, place->devices);
    double outer = INFINITY;
    int64_t within = place->devices;
    for (size_t i = place->count; i-- > 0;) {
        const struct map_disc *disc = &places->discs[place->first + i];
        double radius = whole * sqrt((double)within / (double)place->devices);
        radius = fmax(radius, CORE_MIN);
        bool rim = radius >= RIM_MIN && outer - radius >= RIM_MIN;
        draw_disc(out, place, disc, radius, rim, map->waves[disc->wave].name, lon0);
        outer = radius;
        within -= disc->devices;
    }
}

void map_places_draw(struct wg_buf *out, const struct map_places *places,
                     const struct plan_map *map, const struct map_view *view)
{
    wg_buf_text(out, "<g class=\"places\">\n");
    for (size_t i = 0; i < places->count; i++)
        draw_place(out, places, &places->places[i], map, view->projection.lon0);
    wg_buf_text(out, "</g>\n");
}
