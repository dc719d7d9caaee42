/* plan_map.c: checks a plan and puts its map together: title, ground, circles, legend. */
#include "orchestrator/cli/plan_map.h"

#include "orchestrator/cli/plan_map_part.h"
#include "orchestrator/cli/svg.h"
#include "orchestrator/engine/policy.h"

#include <math.h>

#define DIGEST_SHOWN 12

static bool count_is_sane(int64_t count)
{
    return count >= 0 && count <= PLAN_MAP_DEVICES_MAX;
}

static bool check_waves(const struct plan_map *map, struct wg_error *err)
{
    if (map->wave_count == 0 || map->wave_count > POLICY_WAVES_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "map: %zu waves, expected 1 to %d", map->wave_count,
                       POLICY_WAVES_MAX);
    for (size_t i = 0; i < map->wave_count; i++) {
        const struct plan_map_wave *wave = &map->waves[i];
        if (!count_is_sane(wave->devices) || wave->placed < 0 || wave->placed > wave->devices)
            return wg_fail(err, WG_E_BAD_INPUT,
                           "map: wave %zu has %lld devices, %lld with a position", i,
                           (long long)wave->devices, (long long)wave->placed);
    }
    if (map->total < 0 || map->no_position < 0 || map->no_position > map->total)
        return wg_fail(err, WG_E_BAD_INPUT, "map: %lld of %lld devices without a position",
                       (long long)map->no_position, (long long)map->total);
    return true;
}

static bool check_cells(const struct plan_map *map, struct wg_error *err)
{
    if (map->cell_count > PLAN_MAP_CELLS_MAX)
        return wg_fail(err, WG_E_LIMIT, "map: %zu cells, at most %zu can be drawn", map->cell_count,
                       PLAN_MAP_CELLS_MAX);
    for (size_t i = 0; i < map->cell_count; i++) {
        const struct plan_map_cell *cell = &map->cells[i];
        /* written so that NaN fails too */
        if (!(fabs(cell->lat) <= 90) || !(fabs(cell->lon) <= 180))
            return wg_fail(err, WG_E_BAD_INPUT, "map: cell %zu lies at latitude %g, longitude %g",
                           i, cell->lat, cell->lon);
        if (cell->wave >= map->wave_count || !count_is_sane(cell->devices))
            return wg_fail(err, WG_E_BAD_INPUT, "map: cell %zu has %lld devices of wave %zu of %zu",
                           i, (long long)cell->devices, cell->wave, map->wave_count);
    }
    return true;
}

/* For the line under the total, and for whoever cannot see the map. */
static void write_summary(struct wg_buf *out, const struct plan_map *map)
{
    wg_buf_printf(out, "in %zu wave%s", map->wave_count, map->wave_count == 1 ? "" : "s");
    if (map->no_position == 0) return;
    wg_buf_text(out, ", ");
    svg_count(out, map->no_position);
    wg_buf_text(out, " without a position");
}

static void write_head(struct wg_buf *out, const struct plan_map *map)
{
    int right = MAP_LEFT + MAP_WIDTH;
    wg_buf_printf(out, "<text class=\"name\" x=\"%d\" y=\"54\">", MAP_LEFT);
    svg_text(out, map->campaign, 56);
    wg_buf_printf(out, "</text>\n<text class=\"sub\" x=\"%d\" y=\"82\">", MAP_LEFT);
    svg_text(out, map->release, 90);
    wg_buf_printf(out, " \xC2\xB7 digest ");
    for (size_t i = 0; i < DIGEST_SHOWN && map->digest[i]; i++) {
        char letter[2] = {map->digest[i], '\0'};
        svg_text(out, letter, 1);
    }
    wg_buf_printf(out, "</text>\n<text class=\"total\" text-anchor=\"end\" x=\"%d\" y=\"54\">",
                  right);
    svg_devices(out, map->total);
    wg_buf_printf(out, "</text>\n<text class=\"sub\" text-anchor=\"end\" x=\"%d\" y=\"82\">",
                  right);
    write_summary(out, map);
    wg_buf_text(out, "</text>\n");
}

static void open_page(struct wg_buf *out, const struct plan_map *map)
{
    int height = MAP_TOP + MAP_HEIGHT + map_legend_height(map);
    wg_buf_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                  "viewBox=\"0 0 %d %d\">\n<title>",
                  MAP_PAGE_WIDTH, height, MAP_PAGE_WIDTH, height);
    svg_text(out, map->campaign, 64);
    wg_buf_text(out, ": ");
    svg_text(out, map->release, 160);
    wg_buf_text(out, "</title>\n<desc>");
    svg_devices(out, map->total);
    wg_buf_char(out, ' ');
    write_summary(out, map);
    wg_buf_text(out, "</desc>\n");
    map_style_write(out, map->wave_count);
    wg_buf_printf(out, "<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n", MAP_PAGE_WIDTH,
                  height);
}

static void write_frame(struct wg_buf *out, const char *kind)
{
    wg_buf_printf(out, "<rect%s x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"10\"/>", kind,
                  MAP_LEFT, MAP_TOP, MAP_WIDTH, MAP_HEIGHT);
}

/* The ground of a part of the earth is clipped to a frame; the whole earth has its own edge. */
static bool write_ground(struct wg_buf *out, const struct map_view *view, struct wg_error *err)
{
    if (view->whole) return map_ground_draw(out, view, err);
    wg_buf_text(out, "<clipPath id=\"frame\">");
    write_frame(out, "");
    wg_buf_text(out, "</clipPath>\n<g clip-path=\"url(#frame)\">\n");
    write_frame(out, " class=\"void\"");
    if (!map_ground_draw(out, view, err)) return false;
    wg_buf_text(out, "</g>\n");
    write_frame(out, " class=\"frame\"");
    wg_buf_char(out, '\n');
    return true;
}

static void write_empty(struct wg_buf *out)
{
    wg_buf_printf(out,
                  "<text class=\"sub\" text-anchor=\"middle\" x=\"%d\" y=\"%d\">No device of "
                  "this campaign has a position.</text>\n",
                  MAP_LEFT + MAP_WIDTH / 2, MAP_TOP + MAP_HEIGHT + 14);
}

bool plan_map_svg(const struct plan_map *map, struct wg_buf *out, struct wg_error *err)
{
    struct map_places places = {0};
    if (!check_waves(map, err) || !check_cells(map, err)) return false;
    struct map_view view = map_view_of(map);
    bool ok = map_places_gather(&places, map, &view, err);
    if (ok) {
        open_page(out, map);
        write_head(out, map);
        ok = write_ground(out, &view, err);
    }
    if (ok) {
        map_ground_label(out, &view);
        map_places_draw(out, &places, map, &view);
        if (places.count == 0) write_empty(out);
        map_legend_draw(out, map, &places);
        wg_buf_text(out, "</svg>\n");
        ok = wg_buf_check(out, err, "map");
    }
    map_places_clear(&places);
    return ok;
}
