/* target_leaf.c: selectors of names, software and hardware as SQL. */
#include "orchestrator/campaign/compiler.h"

#include <stdlib.h>
#include <string.h>

static bool compile_end(struct compiler *compiler, const char *column,
                        const struct wg_range_end *end, char sign, struct wg_buf *sql)
{
    if (end->open) return true;
    size_t n = compiler_bind(compiler, strdup(end->key));
    if (!n) return false;
    wg_buf_printf(sql, " and %s %c%s $%zu::text collate \"C\"", column, sign,
                  end->inclusive ? "=" : "", n);
    return true;
}

static bool holds_all(const struct wg_range *range)
{
    for (size_t i = 0; i < range->count; i++)
        if (range->spans[i].from.open && range->spans[i].to.open && !range->spans[i].releases_only)
            return true;
    return false;
}

bool compile_range(struct compiler *compiler, const char *column, const struct wg_range *range,
                   struct wg_buf *sql)
{
    if (holds_all(range)) return true;
    /* '' is the key of what has no order: no bound may hold for it */
    wg_buf_printf(sql, " and %s <> '' and (", column);
    for (size_t i = 0; i < range->count; i++) {
        wg_buf_text(sql, i ? " or (true" : "(true");
        if (range->spans[i].releases_only)
            /* the planner knows how seldom that is; "like '%~'" it does not */
            wg_buf_printf(sql, " and %s not like '%%%c%%'", column, WG_KEY_PRERELEASE);
        if (!compile_end(compiler, column, &range->spans[i].from, '>', sql) ||
            !compile_end(compiler, column, &range->spans[i].to, '<', sql))
            return false;
        wg_buf_char(sql, ')');
    }
    wg_buf_char(sql, ')');
    return true;
}

static bool compile_hardware(struct compiler *compiler, const struct selector *selector,
                             struct wg_buf *sql)
{
    size_t n = compiler_bind(compiler, strdup(selector->name));
    if (!n) return false;
    wg_buf_printf(sql, "(d.hardware_model = $%zu::text", n);
    if (!compile_range(compiler, "d.hardware_revision_key", &selector->range, sql)) return false;
    wg_buf_char(sql, ')');
    return true;
}

const char *target_scheme_column(enum wg_scheme scheme, char table)
{
    static const char *const columns[][2] = {
        [WG_SCHEME_SEMVER] = {"s.version_key", "r.version_key"},
        [WG_SCHEME_DEBIAN] = {"s.debian_key", "r.debian_key"},
        [WG_SCHEME_CALVER] = {"s.calver_key", "r.calver_key"}};
    return columns[scheme][table == 'r'];
}

static bool compile_software(struct compiler *compiler, const struct selector *selector,
                             struct wg_buf *sql)
{
    size_t n = compiler_bind(compiler, strdup(selector->name));
    if (!n) return false;
    wg_buf_printf(sql,
                  "exists (select 1 from device_software s where s.device_id = d.id and "
                  "s.component = $%zu::text",
                  n);
    if (selector->scheme == WG_SCHEME_OPAQUE) {
        n = compiler_bind_list(compiler, &selector->values);
        wg_buf_printf(sql, " and s.version = any($%zu::text[])", n);
    } else if (!compile_range(compiler, target_scheme_column(selector->scheme, 's'),
                              &selector->range, sql)) {
        return false;
    }
    wg_buf_char(sql, ')');
    return n != 0;
}

static void split_releases(const struct text_list *releases, struct text_list *components,
                           struct text_list *versions)
{
    for (size_t i = 0; i < releases->count; i++) {
        char *text = releases->items[i];
        char *slash = strchr(text, '/');
        components->items[i] = strndup(text, (size_t)(slash - text));
        versions->items[i] = slash + 1;
    }
}

static bool compile_installed(struct compiler *compiler, const struct selector *selector,
                              struct wg_buf *sql)
{
    size_t count = selector->values.count;
    struct text_list components = {count, calloc(count, sizeof(char *))};
    struct text_list versions = {count, calloc(count, sizeof(char *))};
    size_t c = 0, v = 0;
    if (components.items && versions.items) {
        split_releases(&selector->values, &components, &versions);
        c = compiler_bind_list(compiler, &components);
        v = compiler_bind_list(compiler, &versions);
    } else {
        (void)wg_fail_memory(compiler->err, "compiling the target");
    }
    wg_buf_printf(sql,
                  "%sexists (select 1 from device_software s join unnest($%zu::text[], "
                  "$%zu::text[]) as r(component, version) on s.component = r.component and "
                  "s.version = r.version where s.device_id = d.id)",
                  selector->kind == SELECT_INSTALLED ? "" : "not ", c, v);
    for (size_t i = 0; components.items && i < count; i++) free(components.items[i]);
    free(components.items);
    free(versions.items);
    return c && v;
}

bool compile_ware(struct compiler *compiler, const struct selector *selector, struct wg_buf *sql)
{
    if (selector->kind == SELECT_HARDWARE) return compile_hardware(compiler, selector, sql);
    if (selector->kind == SELECT_SOFTWARE) return compile_software(compiler, selector, sql);
    return compile_installed(compiler, selector, sql);
}

/* Patterns of the file as those of LIKE. */
static char *like_text(const char *glob)
{
    char *out = malloc(2 * strlen(glob) + 1), *to = out;
    for (; out && *glob; glob++) {
        if (*glob == '%' || *glob == '_' || *glob == '\\') *to++ = '\\';
        *to = *glob;
        if (*glob == '*') *to = '%';
        if (*glob == '?') *to = '_';
        to++;
    }
    if (out) *to = '\0';
    return out;
}

/* (column = any(values) or column like 'glob' ...) */
static bool compile_names(struct compiler *compiler, const char *column,
                          const struct selector *selector, struct wg_buf *sql)
{
    size_t n = compiler_bind_list(compiler, &selector->values);
    if (!n) return false;
    wg_buf_printf(sql, "(%s = any($%zu::text[])", column, n);
    for (size_t i = 0; i < selector->globs.count; i++) {
        if (!(n = compiler_bind(compiler, like_text(selector->globs.items[i])))) return false;
        wg_buf_printf(sql, " or %s like $%zu::text", column, n);
    }
    wg_buf_char(sql, ')');
    return true;
}

/* '' is not known. Outside of "not" that is as good as false, and the plain column has an index. */
static const char *known(const struct compiler *compiler, const char *plain, const char *three)
{
    return compiler->negations ? three : plain;
}

static const char *list_sql(enum selector_kind kind)
{
    switch (kind) {
    case SELECT_TAG:
        return "exists (select 1 from device_tag t where t.device_id = d.id and t.tag = "
               "any($%zu::text[]))";
    case SELECT_GROUP:
        return "exists (select 1 from device_group g where g.device_id = d.id and g.name = "
               "any($%zu::text[]))";
    case SELECT_SUCCEEDED_IN:
        return "exists (select 1 from place f join campaign fc on fc.id = f.campaign_id where "
               "f.device_id = d.id and f.stage = 'succeeded' and fc.name = any($%zu::text[]))";
    default:
        return "exists (select 1 from place f join campaign fc on fc.id = f.campaign_id where "
               "f.device_id = d.id and f.stage in ('failed', 'silent') and "
               "fc.name = any($%zu::text[]))";
    }
}

static bool compile_list(struct compiler *compiler, const struct selector *selector,
                         struct wg_buf *sql)
{
    size_t n = compiler_bind_list(compiler, &selector->values);
    const char *format = list_sql(selector->kind), *number = strchr(format, '%');
    wg_buf_add(sql, format, (size_t)(number - format));
    wg_buf_printf(sql, "%zu%s", n, number + strlen("%zu"));
    return n != 0;
}

/* A country stands for all that is below it. Conditions that the planner can estimate. */
static bool compile_region(struct compiler *compiler, const struct selector *selector,
                           struct wg_buf *sql)
{
    const char *column = known(compiler, "d.region", "nullif(d.region, '')");
    size_t n = compiler_bind_list(compiler, &selector->values);
    if (!n) return false;
    wg_buf_printf(sql, "(%s = any($%zu::text[])", column, n);
    for (size_t i = 0; i < selector->values.count; i++) {
        char below[16];
        if (strchr(selector->values.items[i], '-')) continue;
        (void)wg_format(below, sizeof below, "%s-%%", selector->values.items[i]);
        if (!(n = compiler_bind(compiler, strdup(below)))) return false;
        wg_buf_printf(sql, " or %s like $%zu::text", column, n);
    }
    wg_buf_char(sql, ')');
    return true;
}

/* "*" too asks for a zone that is known. */
static bool compile_zone(struct compiler *compiler, const struct selector *selector,
                         struct wg_buf *sql)
{
    const char *column = known(compiler, "d.zone", "nullif(d.zone, '')");
    wg_buf_printf(sql, "(%s <> '' and ", column);
    if (!compile_names(compiler, column, selector, sql)) return false;
    wg_buf_char(sql, ')');
    return true;
}

bool compile_leaf(struct compiler *compiler, const struct selector *selector, struct wg_buf *sql)
{
    switch (selector->kind) {
    case SELECT_DEVICE:
        return compile_names(compiler, "d.id", selector, sql);
    case SELECT_TIMEZONE:
        return compile_zone(compiler, selector, sql);
    case SELECT_REGION:
        return compile_region(compiler, selector, sql);
    case SELECT_ATTRIBUTE:
    case SELECT_LAST_SEEN:
        return compile_attribute(compiler, selector, sql);
    case SELECT_WITHIN:
    case SELECT_INSIDE:
    case SELECT_BBOX:
        return compile_place(compiler, selector, sql);
    case SELECT_HARDWARE:
    case SELECT_SOFTWARE:
    case SELECT_INSTALLED:
    case SELECT_NOT_INSTALLED:
        return compile_ware(compiler, selector, sql);
    default:
        return compile_list(compiler, selector, sql);
    }
}
