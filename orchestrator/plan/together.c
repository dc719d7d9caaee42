/* together.c: companions as conditions. */
#include "orchestrator/plan/together.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_MAX ((size_t)64 * 1024)

static json_t *companions_of(const struct release_row *row)
{
    json_t *with = json_object();
    for (size_t i = 0; i < row->companion_count; i++)
        (void)json_object_set_new(with, row->companions[i].name,
                                  json_string(row->companions[i].version));
    return with;
}

/* What the database says of a release, read as devices read what the repository says. */
static bool read_facts(const struct release_row *row, struct release_facts *out,
                       struct wg_error *err)
{
    json_t *depends = row->depends[0] ? json_loads(row->depends, 0, NULL) : json_object();
    json_t *custom = json_pack("{s:{s:s, s:s, s:s, s:o, s:o}}", "wavegate", "component",
                               row->component, "version", row->version, "from", row->from_range,
                               "depends", depends, "with", companions_of(row));
    (void)wg_copy(out->sha256, sizeof out->sha256, row->sha256);
    out->length = row->length;
    bool ok = custom ? release_facts_read(custom, out, err) : wg_fail_memory(err, "a release");
    json_decref(custom);
    return ok || wg_context(err, "%s/%s", row->component, row->version);
}

static bool read_all(struct db *db, const struct release_row *release, struct together *out,
                     struct wg_error *err)
{
    struct release_set set;
    size_t sequence[RELEASE_SET_MAX];
    out->count = 1 + release->companion_count;
    out->rows[0] = *release;
    for (size_t i = 0; i < out->count; i++) {
        if (i > 0 && !release_row_get(db, release->companions[i - 1].name,
                                      release->companions[i - 1].version, &out->rows[i], err))
            return false;
        if (!read_facts(&out->rows[i], &out->facts[i], err)) return false;
    }
    release_set_init(&set, &out->facts[0], &out->facts[1]);
    return release_set_sequence(&set, sequence, err);
}

struct together *together_read(struct db *db, const struct release_row *release,
                               struct wg_error *err)
{
    struct together *together = calloc(1, sizeof *together);
    if (!together) {
        (void)wg_fail_memory(err, "reading releases");
        return NULL;
    }
    if (read_all(db, release, together, err)) return together;
    free(together);
    return NULL;
}

struct fitting {
    const struct together *together;
    struct target *target;
    struct together_fit *out;
    size_t *count;
    struct wg_error *err;
};

/* Takes the SQL over. */
static bool add(struct fitting *fitting, struct wg_buf *sql, const char *words)
{
    bool ok = wg_buf_check(sql, fitting->err, "a condition of a release");
    struct together_fit *fit = &fitting->out[*fitting->count];
    fit->sql = ok ? strdup(wg_buf_str(sql)) : NULL;
    wg_buf_clear(sql);
    (void)wg_copy(fit->words, sizeof fit->words, words);
    if (ok && !fit->sql) ok = wg_fail_memory(fitting->err, "planning");
    if (ok) ++*fitting->count;
    return ok;
}

static bool add_hardware(struct fitting *fitting, const struct release_row *row)
{
    char words[TOGETHER_WORDS];
    struct wg_buf sql;
    if (!row->hardware_model[0]) return true;
    size_t model = target_bind(fitting->target, row->hardware_model, fitting->err);
    if (!model) return false;
    wg_buf_init(&sql, SQL_MAX);
    wg_buf_printf(&sql, "d.hardware_model = $%zu::text", model);
    (void)wg_format(words, sizeof words, "its companion %s/%s fits hardware %s alone",
                    row->component, row->version, row->hardware_model);
    return add(fitting, &sql, words);
}

/* "exists (.. s.component = $n" of the device's version of a component, left open. */
static bool open_version(struct fitting *fitting, const char *component, struct wg_buf *sql)
{
    size_t n = target_bind(fitting->target, component, fitting->err);
    wg_buf_printf(sql,
                  "exists (select 1 from device_software s where s.device_id = d.id and "
                  "s.component = $%zu::text",
                  n);
    return n > 0;
}

/* " and .." of the versions in a range. */
static bool add_range(struct fitting *fitting, const char *text, struct wg_buf *sql)
{
    char *condition = NULL;
    struct wg_range *range = calloc(1, sizeof *range);
    bool ok = (range || wg_fail_memory(fitting->err, "planning")) &&
              wg_version_range_parse(text, range, fitting->err) &&
              target_range(fitting->target, "s.version_key", range, &condition, fitting->err);
    if (ok) wg_buf_text(sql, condition);
    free(condition);
    free(range);
    return ok;
}

/* What runs it already need not be one of the versions that it goes over. */
static bool add_path(struct fitting *fitting, const struct release_row *row)
{
    char words[TOGETHER_WORDS];
    struct wg_buf sql;
    if (!row->from_range[0]) return true;
    wg_buf_init(&sql, SQL_MAX);
    size_t version = target_bind(fitting->target, row->version, fitting->err);
    bool ok = version > 0 && open_version(fitting, row->component, &sql);
    wg_buf_printf(&sql, " and (s.version = $%zu::text or (true", version);
    ok = ok && add_range(fitting, row->from_range, &sql);
    wg_buf_text(&sql, ")))");
    (void)wg_format(words, sizeof words,
                    "no path for its companion %s/%s, which is installed over %s", row->component,
                    row->version, row->from_range);
    if (ok) return add(fitting, &sql, words);
    wg_buf_clear(&sql);
    return false;
}

static bool comes(const struct together *together, const char *component)
{
    for (size_t i = 0; i < together->count; i++)
        if (strcmp(together->rows[i].component, component) == 0) return true;
    return false;
}

static bool add_needs(struct fitting *fitting, const struct release_facts *facts)
{
    char words[TOGETHER_WORDS];
    struct wg_buf sql;
    bool ok = true;
    size_t found = 0;
    wg_buf_init(&sql, SQL_MAX);
    (void)wg_format(words, sizeof words, "%s/%s needs ", facts->component, facts->version);
    for (size_t i = 0; ok && i < facts->depends_count; i++) {
        const struct release_dependency *dependency = &facts->depends[i];
        size_t used = strlen(words);
        if (comes(fitting->together, dependency->component)) continue;
        wg_buf_text(&sql, found ? " and " : "");
        ok = open_version(fitting, dependency->component, &sql) &&
             add_range(fitting, dependency->range, &sql);
        wg_buf_text(&sql, ")");
        (void)wg_format(words + used, sizeof words - used, "%s%s %s", found ? ", " : "",
                        dependency->component, dependency->range);
        found++;
    }
    if (ok && found > 0) return add(fitting, &sql, words);
    wg_buf_clear(&sql);
    return ok;
}

bool together_fits(const struct together *together, struct target *target, struct together_fit *out,
                   size_t *count, struct wg_error *err)
{
    struct fitting fitting = {together, target, out, count, err};
    *count = 0;
    for (size_t i = 0; i < together->count; i++) {
        const struct release_row *row = &together->rows[i];
        if ((i > 0 && (!add_hardware(&fitting, row) || !add_path(&fitting, row))) ||
            !add_needs(&fitting, &together->facts[i]))
            return false;
    }
    return true;
}

void together_fits_clear(struct together_fit *fits, size_t count)
{
    for (size_t i = 0; i < count; i++) free(fits[i].sql);
}
