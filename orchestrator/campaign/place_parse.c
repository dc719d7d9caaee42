/* place_parse.c: where a device is: region, time zone, circle, area, box. */
#include "orchestrator/campaign/area.h"
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/region.h"
#include "orchestrator/campaign/text_list.h"
#include "orchestrator/campaign/zone.h"

#include <stdlib.h>
#include <string.h>

#define DEGREE_DECIMALS 7
#define AREA_FILE_MAX ((size_t)4 * 1024 * 1024)
#define METERS_MAX 20038000 /* half way around the earth */

void parse_region(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    parse_values(parse, at, "region", "an ISO 3166 code like DE or US-CA", region_is_known,
                 region_nearest, &out->values);
}

static bool zone_is_good(const char *text)
{
    return strpbrk(text, "*?") ? zone_glob_matches_any(text) : zone_is_known(text);
}

/* Names and patterns apart. */
void parse_timezone(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    struct text_list all = {0};
    parse_values(parse, at, "timezone", "an IANA time zone like Europe/Berlin or Europe/*",
                 zone_is_good, zone_nearest, &all);
    for (size_t i = 0; i < all.count; i++) {
        struct text_list *to = strpbrk(all.items[i], "*?") ? &out->globs : &out->values;
        if (!text_list_add(to, all.items[i])) parse->memory = true;
    }
    text_list_clear(&all);
}

static bool read_degrees(struct parse *parse, const struct yaml_value *map, const char *key,
                         int64_t most, int64_t *out)
{
    const struct yaml_value *at = yaml_get(map, key);
    if (!at) yaml_doc_problem(&parse->doc, map, "the key \"%s\" is missing", key);
    return at && parse_decimal(parse, at, key, DEGREE_DECIMALS, -most * CAMPAIGN_DEGREE,
                               most * CAMPAIGN_DEGREE, out);
}

void parse_within(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    static const char *const known[] = {"lat", "lon", "km", NULL};
    if (!parse_is_map(parse, at, "within")) return;
    yaml_check_keys(&parse->doc, at, "within", known);
    (void)read_degrees(parse, at, "lat", 90, &out->place[0]);
    (void)read_degrees(parse, at, "lon", 180, &out->place[1]);
    const struct yaml_value *km = yaml_get(at, "km");
    if (!km) yaml_doc_problem(&parse->doc, at, "the key \"km\" is missing");
    if (km) (void)parse_decimal(parse, km, "km", 3, 1, METERS_MAX, &out->meters);
}

void parse_bbox(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    static const char *const known[] = {"west", "south", "east", "north", NULL};
    bool good = true;
    if (!parse_is_map(parse, at, "bbox")) return;
    yaml_check_keys(&parse->doc, at, "bbox", known);
    for (size_t i = 0; known[i]; i++)
        good = read_degrees(parse, at, known[i], i % 2 ? 90 : 180, &out->place[i]) && good;
    if (good && out->place[1] >= out->place[3])
        yaml_doc_problem(&parse->doc, yaml_get(at, "south"),
                         "bbox: south has to be less than north");
    if (good && out->place[0] == out->place[2])
        yaml_doc_problem(&parse->doc, yaml_get(at, "west"), "bbox: west and east are the same");
}

/* The file's problems have places of their own; they are told at the key that names it. */
static void tell(struct parse *parse, const struct yaml_value *at, const struct yaml_doc *file)
{
    for (size_t i = 0; i < file->problem_count && i < YAML_DOC_PROBLEMS_MAX; i++) {
        const struct yaml_problem *problem = &file->problems[i];
        yaml_doc_problem(&parse->doc, at, "%s:%zu:%zu: %s", file->file, problem->line,
                         problem->column, problem->text);
        if (problem->hint[0]) yaml_doc_hint(&parse->doc, "%s", problem->hint);
    }
}

static void read_area_file(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    struct wg_error problem = {0};
    struct wg_buf bytes;
    struct yaml_doc *file = calloc(1, sizeof *file);
    wg_buf_init(&bytes, AREA_FILE_MAX);
    if (!file) {
        parse->memory = true;
    } else if (parse_file(parse, at, &bytes)) {
        if (yaml_doc_parse(file, at->text, bytes.data ? bytes.data : "", bytes.len, &problem))
            out->area = area_read(file, file->root);
        tell(parse, at, file);
        if (!out->area && file->problem_count == 0) parse->memory = true;
        yaml_doc_clear(file);
    }
    free(file);
    wg_buf_clear(&bytes);
}

/* So many that the canonical form of the campaign can hold them. */
static void count_corners(struct parse *parse, const struct yaml_value *at, const struct area *area)
{
    bool told = parse->corners > CAMPAIGN_CORNERS_MAX;
    parse->corners += area_vertices(area);
    if (parse->corners > CAMPAIGN_CORNERS_MAX && !told)
        yaml_doc_problem(&parse->doc, at,
                         "inside: more than %d corners in the campaign's areas: simplify them",
                         CAMPAIGN_CORNERS_MAX);
}

/* A file's name, a geometry, or the text form that the canonical JSON has. */
void parse_inside(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    size_t problems = parse->doc.problem_count;
    if (at->kind == YAML_TEXT && !area_is_text(at->text)) {
        read_area_file(parse, at, out);
    } else {
        out->area = area_read(&parse->doc, at);
        if (!out->area && parse->doc.problem_count == problems) parse->memory = true;
    }
    if (out->area) count_corners(parse, at, out->area);
}
