/* plan_map_legend.c: below the map: the waves with their devices, and what the sizes mean. */
#include "orchestrator/cli/plan_map_part.h"
#include "orchestrator/cli/svg.h"

#include <math.h>

#define ROWS_MIN 4 /* a column is at least as long, before another one begins */
#define COLUMNS_MAX 3
#define COLUMN_WIDTH 306
#define ROW_HEIGHT 24
#define TOP (MAP_TOP + MAP_HEIGHT + 36)
#define DEVICES_AT 196 /* right edges of the numbers in a column */
#define NONE_AT 276
#define NAME_CHARACTERS 15
#define SCALE_LEFT 984
#define SCALE_RIGHT (MAP_LEFT + MAP_WIDTH)
#define SCALE_STEPS 3

static int rows_of(const struct plan_map *map)
{
    int rows = ((int)map->wave_count + COLUMNS_MAX - 1) / COLUMNS_MAX;
    return rows > ROWS_MIN ? rows : ROWS_MIN;
}

int map_legend_height(const struct plan_map *map)
{
    return 36 + 20 + rows_of(map) * ROW_HEIGHT + 44;
}

static void open_text(struct wg_buf *out, const char *kind, const char *anchor, double x, double y)
{
    wg_buf_text(out, "<text");
    if (kind) wg_buf_printf(out, " class=\"%s\"", kind);
    if (anchor) wg_buf_printf(out, " text-anchor=\"%s\"", anchor);
    svg_attribute(out, "x", x);
    svg_attribute(out, "y", y);
    wg_buf_char(out, '>');
}

static void whole_text(struct wg_buf *out, const char *kind, const char *anchor, double x, double y,
                       const char *text)
{
    open_text(out, kind, anchor, x, y);
    svg_text(out, text, 160);
    wg_buf_text(out, "</text>\n");
}

static void draw_head(struct wg_buf *out, int left)
{
    whole_text(out, "head", NULL, left, TOP, "Wave");
    whole_text(out, "head", "end", left + DEVICES_AT, TOP, "Devices");
    whole_text(out, "head", "end", left + NONE_AT, TOP, "No position");
    wg_buf_printf(out, "<path class=\"rule\" d=\"M%d %dh%d\"/>\n", left, TOP + 8, NONE_AT);
}

static void draw_wave(struct wg_buf *out, const struct plan_map_wave *wave, size_t index, int left,
                      int y)
{
    int64_t none = wave->devices - wave->placed;
    wg_buf_printf(out, "<g class=\"key\"><circle class=\"w%zu\" cx=\"%d\" cy=\"%d\" r=\"6.5\"/>",
                  index, left + 7, y - 5);
    wg_buf_text(out, "<title>");
    svg_text(out, wave->name, 64);
    wg_buf_text(out, ": ");
    svg_devices(out, wave->devices);
    wg_buf_text(out, "</title>");
    open_text(out, NULL, NULL, left + 22, y);
    svg_text(out, wave->name, NAME_CHARACTERS);
    wg_buf_text(out, "</text>");
    open_text(out, NULL, "end", left + DEVICES_AT, y);
    svg_count(out, wave->devices);
    wg_buf_text(out, "</text>");
    open_text(out, "none", "end", left + NONE_AT, y);
    if (none > 0)
        svg_count(out, none);
    else
        wg_buf_text(out, "\xE2\x80\x93");
    wg_buf_text(out, "</text></g>\n");
}

/* 1, 2 or 5 and zeros: the largest that is not above value; 1 at least. */
static int64_t round_down(double value)
{
    int64_t power = 1;
    while ((double)power * 10 <= value) power *= 10;
    if ((double)power * 5 <= value) return power * 5;
    return (double)power * 2 <= value ? power * 2 : power;
}

/* Circles that stand on one line, with the number each stands for beside its top. */
static void draw_scale(struct wg_buf *out, const struct map_places *places)
{
    int64_t devices = round_down((double)places->places[0].devices), last = 0;
    double x = SCALE_LEFT + MAP_RADIUS_MAX + 4, text_y = 0;
    double bottom = TOP + 22 + 2 * map_places_radius(places, devices);
    for (int i = 0; i < SCALE_STEPS && devices != last; i++) {
        double radius = map_places_radius(places, devices);
        double top = bottom - 2 * radius;
        text_y = i == 0 ? top + 4 : fmax(top + 4, text_y + 15);
        wg_buf_text(out, "<circle class=\"scale\"");
        svg_attribute(out, "cx", x);
        svg_attribute(out, "cy", bottom - radius);
        svg_attribute(out, "r", radius);
        wg_buf_text(out, "/><path class=\"rule\" d=\"M");
        svg_number(out, x, 1);
        wg_buf_char(out, ' ');
        svg_number(out, top, 1);
        wg_buf_printf(out, "L%d ", SCALE_LEFT + 78);
        svg_number(out, text_y - 4, 1);
        wg_buf_text(out, "\"/>");
        open_text(out, "note", NULL, SCALE_LEFT + 84, text_y);
        svg_devices(out, devices);
        wg_buf_text(out, "</text>\n");
        last = devices;
        devices = round_down((double)devices / 4);
    }
}

static void draw_notes(struct wg_buf *out, const struct map_places *places, int y)
{
    int64_t few = map_places_smallest(places);
    open_text(out, "note", NULL, MAP_LEFT, y);
    wg_buf_text(out, "Equal-area map. Area of a circle: devices near there; its core is the first "
                     "wave, later waves are rings around it.");
    if (few > 0) {
        wg_buf_text(out, " Up to ");
        svg_devices(out, few);
        wg_buf_text(out, few == 1 ? " has the smallest circle." : " have the smallest circle.");
    }
    wg_buf_text(out, "</text>\n");
    whole_text(out, "note", "end", SCALE_RIGHT, y, "Made with Natural Earth");
}

void map_legend_draw(struct wg_buf *out, const struct plan_map *map,
                     const struct map_places *places)
{
    int rows = rows_of(map);
    for (size_t i = 0; i < map->wave_count; i++) {
        int row = (int)i % rows, left = MAP_LEFT + (int)i / rows * COLUMN_WIDTH;
        if (row == 0) draw_head(out, left);
        draw_wave(out, &map->waves[i], i, left, TOP + 20 + 8 + row * ROW_HEIGHT);
    }
    if (places->count > 0) {
        whole_text(out, "head", NULL, SCALE_LEFT, TOP, "Devices at a place");
        wg_buf_printf(out, "<path class=\"rule\" d=\"M%d %dH%d\"/>\n", SCALE_LEFT, TOP + 8,
                      SCALE_RIGHT);
        draw_scale(out, places);
    }
    draw_notes(out, places, TOP + 20 + rows * ROW_HEIGHT + 36);
}
