/* target_place.c: places, attributes and times as SQL.
 *
 * A condition on a place is null for a device that has none: neither it nor its negation holds, so
 * such a device is left out either way. Areas and boxes are flat, as GeoJSON has them; circles are
 * on the ground. */
#include "orchestrator/campaign/area.h"
#include "orchestrator/campaign/compiler.h"
#include "orchestrator/campaign/parse.h"

#include "common/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t bind_degrees(struct compiler *compiler, int64_t value)
{
    char text[40];
    (void)snprintf(text, sizeof text, "%s%lld.%07lld", value < 0 ? "-" : "",
                   (long long)(llabs(value) / CAMPAIGN_DEGREE),
                   (long long)(llabs(value) % CAMPAIGN_DEGREE));
    return compiler_bind(compiler, strdup(text));
}

static bool compile_within(struct compiler *compiler, const struct selector *selector,
                           struct wg_buf *sql)
{
    size_t lat = bind_degrees(compiler, selector->place[0]);
    size_t lon = bind_degrees(compiler, selector->place[1]);
    size_t meters = compiler_bind_number(compiler, selector->meters);
    wg_buf_printf(sql,
                  "st_dwithin(d.position, st_setsrid(st_makepoint($%zu::float8, $%zu::float8), "
                  "4326)::geography, $%zu::float8)",
                  lon, lat, meters);
    return lat && lon && meters;
}

static bool compile_box(struct compiler *compiler, int64_t west, int64_t south, int64_t east,
                        int64_t north, struct wg_buf *sql)
{
    size_t w = bind_degrees(compiler, west), s = bind_degrees(compiler, south);
    size_t e = bind_degrees(compiler, east), n = bind_degrees(compiler, north);
    wg_buf_printf(sql,
                  "st_covers(st_makeenvelope($%zu::float8, $%zu::float8, $%zu::float8, "
                  "$%zu::float8, 4326), d.position::geometry)",
                  w, s, e, n);
    return w && s && e && n;
}

static bool compile_bbox(struct compiler *compiler, const struct selector *selector,
                         struct wg_buf *sql)
{
    const int64_t *at = selector->place, half = 180LL * CAMPAIGN_DEGREE;
    if (at[0] < at[2]) return compile_box(compiler, at[0], at[1], at[2], at[3], sql);
    wg_buf_char(sql, '(');
    if (!compile_box(compiler, at[0], at[1], half, at[3], sql)) return false;
    wg_buf_text(sql, " or ");
    if (!compile_box(compiler, -half, at[1], at[2], at[3], sql)) return false;
    wg_buf_char(sql, ')');
    return true;
}

static bool compile_inside(struct compiler *compiler, const struct selector *selector,
                           struct wg_buf *sql)
{
    struct wg_buf text;
    wg_buf_init(&text, AREA_TEXT_MAX);
    bool ok = area_wkt(selector->area, &text, compiler->err);
    size_t n = ok ? compiler_bind(compiler, wg_buf_take(&text)) : 0;
    wg_buf_clear(&text);
    wg_buf_printf(sql, "st_covers(st_geomfromtext($%zu::text, 4326), d.position::geometry)", n);
    return n != 0;
}

bool compile_place(struct compiler *compiler, const struct selector *selector, struct wg_buf *sql)
{
    if (selector->kind == SELECT_WITHIN) return compile_within(compiler, selector, sql);
    if (selector->kind == SELECT_BBOX) return compile_bbox(compiler, selector, sql);
    return compile_inside(compiler, selector, sql);
}

/* {"name": value}, with value as text, or as what JSON takes it for. NULL: it is only text. */
static char *member_text(const char *name, const char *value, bool as_text)
{
    json_t *scalar =
        as_text ? json_string(value) : json_loads(value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    bool other = scalar && (json_is_number(scalar) || json_is_boolean(scalar));
    json_t *object = as_text || other ? json_pack("{s:O}", name, scalar) : NULL;
    char *out = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    json_decref(scalar);
    return out;
}

/* A number in the file equals the number and its text: agents report both. */
static bool compile_equal(struct compiler *compiler, const struct selector *selector,
                          struct wg_buf *sql)
{
    wg_buf_char(sql, '(');
    for (size_t i = 0; i < selector->values.count; i++) {
        const char *value = selector->values.items[i];
        char *other = member_text(selector->name, value, false);
        size_t n = compiler_bind(compiler, member_text(selector->name, value, true));
        size_t m = n && other ? compiler_bind(compiler, other) : 0;
        if (!n || (other && !m)) return false;
        wg_buf_printf(sql, "%sd.attributes @> $%zu::jsonb", i ? " or " : "", n);
        if (m) wg_buf_printf(sql, " or d.attributes @> $%zu::jsonb", m);
    }
    wg_buf_char(sql, ')');
    return true;
}

/* What is no number is neither less nor more. */
static bool compile_ordered(struct compiler *compiler, const struct selector *selector,
                            const char *sign, struct wg_buf *sql)
{
    size_t name = compiler_bind(compiler, strdup(selector->name));
    size_t value = compiler_bind(compiler, strdup(selector->values.items[0]));
    wg_buf_printf(sql,
                  "case when d.attributes ->> $%zu::text ~ '^-?[0-9]{1,30}([.][0-9]{1,30})?$' then "
                  "(d.attributes ->> $%zu::text)::numeric %s $%zu::numeric else false end",
                  name, name, sign, value);
    return name && value;
}

static bool compile_exists(struct compiler *compiler, const struct selector *selector,
                           const char *before, struct wg_buf *sql)
{
    size_t n = compiler_bind(compiler, strdup(selector->name));
    wg_buf_printf(sql, "%sd.attributes ? $%zu::text", before, n);
    return n != 0;
}

static bool compile_last_seen(struct compiler *compiler, const struct selector *selector,
                              struct wg_buf *sql)
{
    size_t n = compiler_bind_number(compiler, selector->duration);
    const char *sign = selector->compare == COMPARE_LESS ? ">=" : "<";
    wg_buf_printf(sql, "coalesce(d.seen_at %s now() - $%zu::bigint * interval '1 millisecond', %s)",
                  sign, n, selector->compare == COMPARE_LESS ? "false" : "true");
    return n != 0;
}

bool compile_attribute(struct compiler *compiler, const struct selector *selector,
                       struct wg_buf *sql)
{
    if (selector->kind == SELECT_LAST_SEEN) return compile_last_seen(compiler, selector, sql);
    switch (selector->compare) {
    case COMPARE_EQUAL:
        return compile_equal(compiler, selector, sql);
    case COMPARE_NOT_EQUAL:
        if (!compile_exists(compiler, selector, "(", sql)) return false;
        wg_buf_text(sql, " and not ");
        if (!compile_equal(compiler, selector, sql)) return false;
        wg_buf_char(sql, ')');
        return true;
    case COMPARE_LESS:
        return compile_ordered(compiler, selector, "<", sql);
    case COMPARE_LESS_EQUAL:
        return compile_ordered(compiler, selector, "<=", sql);
    case COMPARE_GREATER:
        return compile_ordered(compiler, selector, ">", sql);
    case COMPARE_GREATER_EQUAL:
        return compile_ordered(compiler, selector, ">=", sql);
    case COMPARE_EXISTS:
        return compile_exists(compiler, selector, "", sql);
    case COMPARE_EXISTS_NOT:
        return compile_exists(compiler, selector, "not ", sql);
    }
    return false;
}
