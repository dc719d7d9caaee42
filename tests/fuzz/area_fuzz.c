/* area_fuzz.c: areas on the ground. What was taken is written as text that reads back to the same,
 * lies within its box, and holds its own outer corners. */
#include "orchestrator/campaign/area.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)8 << 20)

static struct area *read_area(const char *bytes, size_t len)
{
    struct yaml_doc doc;
    struct wg_error err = {0};
    struct area *area = NULL;
    if (yaml_doc_parse(&doc, "area.geojson", bytes, len, &err)) {
        area = area_read(&doc, doc.root);
        MUST((area == NULL) == (doc.problem_count > 0), "%s",
             area ? "taken with a problem" : "refused without a word");
    }
    if (doc.problem_count > 0) {
        (void)yaml_doc_fail(&doc, &err);
        target_refused(&err);
    }
    yaml_doc_clear(&doc);
    return area;
}

/* The canonical text stands in a campaign as one quoted value. */
static void read_back(const struct area *area, const struct wg_buf *text)
{
    struct wg_error err = {0};
    struct wg_buf quoted, again;
    MUST(area_is_text(text->data), "\"%s\"", text->data);
    wg_buf_init(&quoted, TEXT_MAX);
    wg_buf_init(&again, TEXT_MAX);
    wg_buf_printf(&quoted, "\"%s\"", text->data);
    struct area *back = read_area(quoted.data, quoted.len);
    MUST(back, "its own text is refused: %s", text->data);
    MUST(area_wkt(back, &again, &err), "%s", err.text);
    target_same(&again, text, "area");
    MUST(area_vertices(back) == area_vertices(area), "corners were lost");
    area_free(back);
    wg_buf_clear(&quoted);
    wg_buf_clear(&again);
}

struct box {
    double west, south, east, north;
};

static void check_corner(const struct area *area, const struct box *box, const char *at, bool outer)
{
    char *end = NULL;
    double lon = strtod(at, &end), lat = strtod(end, &end);
    MUST(lon >= box->west && lon <= box->east && lat >= box->south && lat <= box->north,
         "%.9g %.9g is outside its box", lon, lat);
    MUST(!outer || area_holds(area, lat, lon), "%.9g %.9g is a corner, and outside", lon, lat);
    /* where rounding decides, any answer will do, but there must be one */
    (void)area_holds(area, lat + 1e-9, lon - 1e-9);
}

/* A polygon begins with "((", and each of its holes with one "(". */
static void check_corners(const struct area *area, const char *text)
{
    struct box box;
    bool outer = false;
    area_box(area, &box.west, &box.south, &box.east, &box.north);
    MUST(box.west >= -180 && box.east <= 180 && box.south >= -90 && box.north <= 90, "%g %g %g %g",
         box.west, box.south, box.east, box.north);
    MUST(box.west < box.east && box.south < box.north, "a box without a surface");
    MUST(!area_holds(area, box.south - 1, box.west) && !area_holds(area, box.north, box.east + 1),
         "a place outside the box");
    for (const char *at = text + strlen("MULTIPOLYGON ("); *at; at++) {
        if (*at == '(') outer = at[1] == '(' || at[-1] == '(';
        if ((*at == '(' && at[1] != '(') || (*at == ',' && at[-1] != ')'))
            check_corner(area, &box, at + 1, outer);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_error err = {0};
    struct wg_buf text;
    struct area *area = read_area((const char *)data, size);
    if (!area) return 0;
    wg_buf_init(&text, TEXT_MAX);
    MUST(area_wkt(area, &text, &err), "%s", err.text);
    MUST(area_vertices(area) >= 3 && area_vertices(area) <= AREA_VERTICES_MAX, "%zu corners",
         area_vertices(area));
    check_corners(area, text.data);
    read_back(area, &text);
    wg_buf_clear(&text);
    area_free(area);
    return 0;
}
