/* plan_map_test.c: what a map holds, whatever the plan: well-formed, complete, in bounds, without
 * streaks; the same bytes for the same plan. */
#include "orchestrator/cli/plan_map.h"

#include "orchestrator/cli/plan_map_view.h"
#include "tests/unit/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct plan_map_wave two[] = {{"canary", 15, 12}, {"rest", 400, 400}};
static const struct plan_map_cell munich[] = {{48.25, 11.75, 0, 12}, {48.25, 11.75, 1, 36}};

static struct plan_map map_of(const struct plan_map_cell *cells, size_t count)
{
    return (struct plan_map){.campaign = "brakes",
                             .release = "brake-controller/2.4.1",
                             .digest = "0123456789abcdef",
                             .wave_count = 2,
                             .waves = two,
                             .cell_count = count,
                             .cells = cells,
                             .no_position = 3,
                             .total = 415};
}

/* The file, or an empty text where it is refused; the caller frees it. */
static char *draw(const struct plan_map *map, struct wg_error *err)
{
    struct wg_buf out;
    wg_buf_init(&out, PLAN_MAP_BYTES_MAX);
    bool ok = plan_map_svg(map, &out, err);
    CU_ASSERT_EQUAL(ok, err->code == WG_OK);
    if (!ok) wg_buf_clear(&out);
    char *text = ok ? wg_buf_take(&out) : strdup("");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    return text;
}

static char *draw_cells(const struct plan_map_cell *cells, size_t count)
{
    struct plan_map map = map_of(cells, count);
    struct wg_error err = {0};
    char *svg = draw(&map, &err);
    ASSERT_TEXT(err.text, "");
    return svg;
}

static bool has(const char *svg, const char *text)
{
    return strstr(svg, text) != NULL;
}

/* Tags close in the order they opened in; text and values hold nothing that XML refuses. */
static bool is_well_formed(const char *svg)
{
    char open[16][16];
    size_t depth = 0, opened = 0;
    for (const char *at = svg; *at; at++) {
        if ((unsigned char)*at < 0x20 && *at != '\n') return false;
        if (*at == '&' && !strchr("aglq#", at[1])) return false;
        if (*at != '<') continue;
        bool closing = at[1] == '/';
        const char *name = at + 1 + closing, *end = strchr(at, '>');
        size_t length = strcspn(name, " />");
        if (!end || length == 0 || length > 15 || memchr(at + 1, '<', (size_t)(end - at - 1)))
            return false;
        if (closing && (depth == 0 || strlen(open[depth - 1]) != length ||
                        memcmp(open[depth - 1], name, length) != 0))
            return false;
        if (closing)
            depth--;
        else if (end[-1] != '/' && depth == 16)
            return false;
        else if (end[-1] != '/') {
            memcpy(open[depth], name, length);
            open[depth++][length] = '\0';
            opened++;
        }
        at = end;
    }
    return depth == 0 && opened > 0;
}

struct circle {
    double x, y, r;
};

/* The circles among the places, in the order they are drawn in; returns how many. */
static size_t circles_of(const char *svg, struct circle *circles, size_t max)
{
    const char *at = strstr(svg, "<g class=\"places\">"), *end = at ? strstr(at, "</g>") : NULL;
    size_t count = 0;
    CU_ASSERT_FATAL(at && end);
    while (at && (at = strstr(at, " cx=\"")) && at < end) {
        struct circle circle = {strtod(at + 5, NULL), strtod(strstr(at, " cy=\"") + 5, NULL),
                                strtod(strstr(at, " r=\"") + 4, NULL)};
        if (count < max) circles[count] = circle;
        count++;
        at++;
    }
    return count;
}

/* All devices that the circles' titles speak of. */
static long long devices_of(const char *svg)
{
    const char *at = strstr(svg, "<g class=\"places\">"), *end = at ? strstr(at, "</g>") : NULL;
    long long sum = 0;
    while (end && (at = strstr(at, "<title>")) && at < end) {
        long long count = 0;
        for (at = strstr(at, ": ") + 2; *at != 'd'; at++)
            if (*at >= '0' && *at <= '9') count = 10 * count + *at - '0';
        sum += count;
    }
    return sum;
}

static void says_what_it_shows(void)
{
    char *svg = draw_cells(munich, 2);
    CU_ASSERT_TRUE(is_well_formed(svg));
    CU_ASSERT_EQUAL(strncmp(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\"", 39), 0);
    CU_ASSERT_TRUE(has(svg, "<title>brakes: brake-controller/2.4.1</title>"));
    CU_ASSERT_TRUE(has(svg, "digest 0123456789ab</text>"));
    CU_ASSERT_TRUE(has(svg, ">415 devices</text>"));
    CU_ASSERT_TRUE(has(svg, "in 2 waves, 3 without a position</text>"));
    CU_ASSERT_TRUE(has(svg, "<title>canary: 12 devices near 48.3 N 11.8 E</title>"));
    CU_ASSERT_TRUE(has(svg, "<title>rest: 36 devices near 48.3 N 11.8 E</title>"));
    CU_ASSERT_TRUE(has(svg, ">canary</text>"));
    CU_ASSERT_TRUE(has(svg, "prefers-color-scheme:dark"));
    free(svg);
}

static void stands_alone(void)
{
    static const char *const outside[] = {"<script", "href",          "@import",  "url(h",
                                          "<image",  "foreignObject", "<!ENTITY", " on"};
    char *svg = draw_cells(munich, 2);
    const char *body = strstr(svg, "</style>");
    for (size_t i = 0; i + 1 < sizeof outside / sizeof outside[0]; i++)
        CU_ASSERT_FALSE(has(svg, outside[i]));
    for (const char *at = body; (at = strstr(at, " on")); at++)
        CU_ASSERT_PTR_NULL(strchr("=", at[3]));
    CU_ASSERT_PTR_NULL(strstr(svg + 40, "http"));
    free(svg);
}

static void foreign_text_stays_text(void)
{
    const struct plan_map_wave waves[] = {{"<script>alert('1')</script>", 12, 12},
                                          {"a\x01"
                                           "b\xFF"
                                           "c\xEF\xBF\xBF&\"",
                                           36, 36}};
    struct plan_map map = map_of(munich, 2);
    struct wg_error err = {0};
    map.waves = waves;
    map.campaign = "</title>&<svg onload=x>";
    map.release = "r\n\"/\xC3";
    map.digest = "<&>";
    char *svg = draw(&map, &err);
    CU_ASSERT_TRUE(is_well_formed(svg));
    CU_ASSERT_FALSE(has(svg, "<script"));
    CU_ASSERT_FALSE(has(svg, "<svg onload"));
    CU_ASSERT_TRUE(has(svg, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;: 12 devices"));
    CU_ASSERT_TRUE(has(svg, "a\xEF\xBF\xBD"
                            "b\xEF\xBF\xBD"
                            "c\xEF\xBF\xBD&amp;&quot;: 36"));
    CU_ASSERT_TRUE(
        has(svg, "<title>&lt;/title&gt;&amp;&lt;svg onload=x&gt;: r\xEF\xBF\xBD&quot;/"));
    CU_ASSERT_TRUE(has(svg, "digest &lt;&amp;&gt;</text>"));
    free(svg);
}

static void long_names_are_cut_between_characters(void)
{
    const struct plan_map_wave waves[] = {
        {"\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
         "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4",
         12, 12},
        {"fifteen-letters", 36, 36}};
    struct plan_map map = map_of(munich, 2);
    struct wg_error err = {0};
    map.waves = waves;
    char *svg = draw(&map, &err);
    CU_ASSERT_TRUE(has(svg, "\xC3\xA4\xE2\x80\xA6</text>"));
    CU_ASSERT_TRUE(has(svg, ">fifteen-letters</text>"));
    free(svg);
}

/* The core is the first wave; areas up to the edges of rings are as the devices up to there. */
static void areas_tell_devices(void)
{
    const struct plan_map_cell cells[] = {
        {48.25, 11.75, 1, 300}, {48.25, 11.75, 0, 100}, {52.25, 13.25, 1, 100}};
    struct circle at[8];
    char *svg = draw_cells(cells, 3);
    CU_ASSERT_EQUAL_FATAL(circles_of(svg, at, 8), 3);
    CU_ASSERT_DOUBLE_EQUAL(at[0].x, at[1].x, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(at[0].r / at[1].r, 2, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(at[0].r / at[2].r, 2, 0.01);
    CU_ASSERT_TRUE(strstr(svg, "rest: 300") < strstr(svg, "canary: 100"));
    CU_ASSERT_TRUE(has(svg, "rest: 300 devices near 48.3 N 11.8 E"));
    free(svg);
}

static void same_plan_same_bytes(void)
{
    struct plan_map_cell cells[500], turned[500];
    for (size_t i = 0; i < 500; i++)
        cells[i] =
            (struct plan_map_cell){(double)(i % 37) * 1.9 + 3.1, (double)(i % 91) * 3.3 - 120,
                                   i % 2, (int64_t)(i * i % 97)};
    for (size_t i = 0; i < 500; i++) turned[i] = cells[(i * 123 + 45) % 500];
    char *first = draw_cells(cells, 500), *again = draw_cells(cells, 500);
    char *other = draw_cells(turned, 500);
    CU_ASSERT_EQUAL(strcmp(first, again), 0);
    CU_ASSERT_EQUAL(strcmp(first, other), 0);
    free(first);
    free(again);
    free(other);
}

static void all_in_frame(const char *svg)
{
    struct circle at[64];
    size_t count = circles_of(svg, at, 64);
    for (size_t i = 0; i < count && i < 64; i++) {
        CU_ASSERT_TRUE(at[i].x - at[i].r > MAP_LEFT && at[i].x + at[i].r < MAP_LEFT + MAP_WIDTH);
        CU_ASSERT_TRUE(at[i].y - at[i].r > MAP_TOP && at[i].y + at[i].r < MAP_TOP + MAP_HEIGHT);
    }
}

static void a_part_of_the_earth_fills_the_frame(void)
{
    const struct plan_map_cell germany[] = {
        {55.25, 9.25, 1, 5}, {45.75, 10.25, 1, 5}, {51.25, 6.25, 0, 5}, {51.25, 14.75, 1, 5}};
    struct circle at[4];
    char *svg = draw_cells(germany, 4);
    CU_ASSERT_TRUE(has(svg, "clip-path=\"url(#frame)\""));
    CU_ASSERT_TRUE(has(svg, "<path class=\"border\""));
    CU_ASSERT_TRUE(has(svg, " km</text>"));
    CU_ASSERT_TRUE(has(svg, "\xC2\xB0 N</text>"));
    CU_ASSERT_EQUAL_FATAL(circles_of(svg, at, 4), 4);
    double low = fmax(fmax(at[0].y, at[1].y), fmax(at[2].y, at[3].y));
    double high = fmin(fmin(at[0].y, at[1].y), fmin(at[2].y, at[3].y));
    CU_ASSERT_DOUBLE_EQUAL(low - high, MAP_HEIGHT - 2 * (MAP_RADIUS_MAX + 20), 0.1);
    all_in_frame(svg);
    free(svg);
}

static void the_whole_earth_has_no_frame(void)
{
    const struct plan_map_cell cells[] = {
        {48.25, 11.75, 0, 5}, {-33.75, 151.25, 1, 5}, {37.75, -122.25, 1, 5}};
    char *svg = draw_cells(cells, 3);
    CU_ASSERT_FALSE(has(svg, "clip-path"));
    CU_ASSERT_FALSE(has(svg, " km</text>"));
    all_in_frame(svg);
    free(svg);
}

static void neighbours_across_180_stay_neighbours(void)
{
    const struct plan_map_cell fiji[] = {{-16.75, 179.75, 0, 5},
                                         {-16.75, -179.75, 1, 5},
                                         {-36.75, 174.75, 1, 5},
                                         {21.25, -157.75, 1, 5}};
    struct map_view view;
    struct plan_map map = map_of(fiji, 4);
    double x1, x2, y;
    view = map_view_of(&map);
    CU_ASSERT_FALSE(view.whole);
    map_view_point(&view, -16.75, projection_turn(179.75 - view.projection.lon0), &x1, &y);
    map_view_point(&view, -16.75, projection_turn(-179.75 - view.projection.lon0), &x2, &y);
    CU_ASSERT_TRUE(x2 > x1 && x2 - x1 < 10);
    char *svg = draw_cells(fiji, 4);
    CU_ASSERT_TRUE(has(svg, ">180\xC2\xB0</text>"));
    all_in_frame(svg);
    free(svg);
}

/* Three places each time, all round the earth. */
static void places_stay_on_the_map(void)
{
    for (int lon = -180; lon < 180; lon += 12)
        for (int wide = 0; wide < 2; wide++) {
            const struct plan_map_cell cells[] = {
                {-30, lon, 0, 5},
                {wide ? 55 : 40, projection_turn(lon + (wide ? 100 : 30)), 1, 5},
                {wide ? -40 : 0, projection_turn(lon + (wide ? 200 : 60)), 1, 5}};
            char *svg = draw_cells(cells, 3);
            CU_ASSERT_EQUAL(has(svg, "clip-path"), !wide);
            all_in_frame(svg);
            free(svg);
        }
}

static void poles_can_be_drawn(void)
{
    const struct plan_map_cell cells[] = {
        {90, 0, 0, 1}, {89.75, 170, 1, 1}, {-90, 180, 0, 1}, {-90, -180, 1, 1}};
    for (size_t first = 0; first < 4; first++)
        for (size_t count = 1; first + count <= 4; count++) {
            char *svg = draw_cells(cells + first, count);
            CU_ASSERT_TRUE(is_well_formed(svg));
            CU_ASSERT_FALSE(has(svg, "nan"));
            CU_ASSERT_EQUAL(devices_of(svg), (long long)count);
            free(svg);
        }
}

/* Every half degree of the earth between 60 south and 70 north, four of 32 waves in each. */
static void a_great_fleet_stays_a_small_file(void)
{
    struct plan_map_wave waves[32];
    size_t count = 0, max = (size_t)260 * 720 * 4;
    struct plan_map_cell *cells = calloc(max, sizeof *cells);
    CU_ASSERT_PTR_NOT_NULL_FATAL(cells);
    for (size_t i = 0; i < 32; i++) waves[i] = (struct plan_map_wave){"wave-with-a-name", 10, 9};
    for (int x = 0; x < 720; x++)
        for (int y = 0; y < 260; y++)
            for (size_t i = 0; i < 4; i++, count++)
                cells[count] =
                    (struct plan_map_cell){-59.75 + y * 0.5, -179.75 + x * 0.5, count * 7 % 32, 1};
    struct plan_map map = map_of(cells, count);
    struct wg_error err = {0};
    map.wave_count = 32;
    map.waves = waves;
    char *svg = draw(&map, &err);
    ASSERT_TEXT(err.text, "");
    CU_ASSERT_TRUE(strlen(svg) < PLAN_MAP_BYTES_MAX / 2);
    CU_ASSERT_EQUAL(devices_of(svg), (long long)count);
    CU_ASSERT_TRUE(is_well_formed(svg));
    CU_ASSERT_TRUE(has(svg, ".w31{"));
    free(svg);
    free(cells);
}

static void without_positions_there_is_still_a_map(void)
{
    const struct plan_map_cell empty[] = {{48, 11, 0, 0}};
    for (size_t count = 0; count < 2; count++) {
        char *svg = draw_cells(empty, count);
        CU_ASSERT_TRUE(is_well_formed(svg));
        CU_ASSERT_TRUE(has(svg, "No device of this campaign has a position."));
        CU_ASSERT_FALSE(has(svg, "Devices at a place"));
        free(svg);
    }
}

static void refused(const struct plan_map *map, enum wg_error_code code)
{
    struct wg_error err = {0};
    free(draw(map, &err));
    CU_ASSERT_EQUAL(err.code, code);
    CU_ASSERT_TRUE(err.text[0]);
}

static void what_cannot_be_is_refused(void)
{
    const struct plan_map_cell bad[] = {{90.1, 0, 0, 1},
                                        {0, -180.1, 0, 1},
                                        {NAN, 0, 0, 1},
                                        {0, INFINITY, 0, 1},
                                        {0, 0, 2, 1},
                                        {0, 0, 0, -1},
                                        {0, 0, 0, PLAN_MAP_DEVICES_MAX + 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct plan_map map = map_of(&bad[i], 1);
        refused(&map, WG_E_BAD_INPUT);
    }
    const struct plan_map_wave waves[][2] = {
        {{"a", -1, 0}, {"b", 1, 1}}, {{"a", 1, 2}, {"b", 1, 1}}, {{"a", 1, -1}, {"b", 1, 1}}};
    struct plan_map map;
    for (size_t i = 0; i < sizeof waves / sizeof waves[0]; i++) {
        map = map_of(munich, 2);
        map.waves = waves[i];
        refused(&map, WG_E_BAD_INPUT);
    }
    map = map_of(munich, 2);
    map.wave_count = 0;
    refused(&map, WG_E_BAD_INPUT);
    map.wave_count = 33;
    refused(&map, WG_E_BAD_INPUT);
    map = map_of(munich, 2);
    map.no_position = 416;
    refused(&map, WG_E_BAD_INPUT);
    map = map_of(munich, PLAN_MAP_CELLS_MAX + 1);
    refused(&map, WG_E_LIMIT);
}

static void a_buffer_that_is_too_small_is_an_error(void)
{
    struct plan_map map = map_of(munich, 2);
    struct wg_error err = {0};
    struct wg_buf out;
    wg_buf_init(&out, 5000);
    CU_ASSERT_FALSE(plan_map_svg(&map, &out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    wg_buf_clear(&out);
}

WG_SUITE("plan map", {"says what it shows", says_what_it_shows}, {"stands alone", stands_alone},
         {"foreign text stays text", foreign_text_stays_text},
         {"long names are cut between characters", long_names_are_cut_between_characters},
         {"areas tell devices", areas_tell_devices},
         {"same plan, same bytes", same_plan_same_bytes},
         {"a part of the earth fills the frame", a_part_of_the_earth_fills_the_frame},
         {"the whole earth has no frame", the_whole_earth_has_no_frame},
         {"neighbours across 180 stay neighbours", neighbours_across_180_stay_neighbours},
         {"places stay on the map", places_stay_on_the_map},
         {"poles can be drawn", poles_can_be_drawn},
         {"a great fleet stays a small file", a_great_fleet_stays_a_small_file},
         {"without positions there is still a map", without_positions_there_is_still_a_map},
         {"what cannot be is refused", what_cannot_be_is_refused},
         {"a buffer that is too small is an error", a_buffer_that_is_too_small_is_an_error})
