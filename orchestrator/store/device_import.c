/* device_import.c: rows into a temporary table, and its merge into the devices. */
#include "orchestrator/store/device_import.h"

#include "common/version.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/boundary_row.h"
#include "orchestrator/store/params.h"
#include "orchestrator/store/version_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From so many new devices on, and when they are the greater part, indexes are made again instead
 * of being kept up row by row. */
#define BULK_MIN 100000
#define DERIVE_PAGE 10000
#define DEGREES_TEXT 40

enum array {
    TAGS,
    GROUPS,
    SOFTWARE,
    GONE,
    NUMBERS, /* of the versions that are told, side by side with the next five */
    COMPONENTS,
    VERSIONS,
    VERSION_KEYS,
    DEBIAN_KEYS,
    CALVER_KEYS,
    ARRAYS
};

struct device_import {
    struct db *db;
    struct param_array arrays[ARRAYS]; /* of the row that is written */
    struct version_table *versions;    /* told with an earlier row */
    char last[WG_NAME_MAX + 1];        /* id */
    bool unordered;                    /* an id did not follow on the one before it */
    const char *scopes;
};

/* The columns of import_copy. */
enum cell {
    CELL_LINE,
    CELL_ID,
    CELL_MODEL,
    CELL_REVISION,
    CELL_REVISION_KEY,
    CELL_REGION,
    CELL_ZONE,
    CELL_POSITIONED,
    CELL_LAT,
    CELL_LON,
    CELL_TAGS,
    CELL_GROUPS,
    CELL_SOFTWARE,
    CELL_ATTRIBUTES,
    CELL_GONE,
    CELL_NUMBERS, /* and five more, in the order of the arrays */
    CELLS = CELL_NUMBERS + ARRAYS - NUMBERS
};

static const char *truth(bool is)
{
    return is ? "true" : "false";
}

static bool run(struct db *db, enum sql_name name, int64_t *affected, struct wg_error *err)
{
    return db_run(db, name, 0, NULL, affected, err);
}

static bool run_all(struct db *db, const enum sql_name *names, size_t count, struct wg_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!run(db, names[i], NULL, err)) return false;
    return true;
}

static bool run_number(struct db *db, enum sql_name name, int64_t number, int64_t *affected,
                       struct wg_error *err)
{
    char text[PARAM_NUMBER];
    const char *const params[] = {param_number(text, number)};
    return db_run(db, name, 1, params, affected, err);
}

struct device_import *device_import_new(struct db *db, struct wg_error *err)
{
    static const enum sql_name tables[] = {SQL_IMPORT_SETTINGS, SQL_IMPORT_TABLE,
                                           SQL_IMPORT_TABLE_NEW, SQL_IMPORT_TABLE_CHANGED,
                                           SQL_IMPORT_TABLE_UPDATED};
    struct device_import *import = calloc(1, sizeof *import);
    struct version_table *versions = version_table_new();
    if (!import || !versions) {
        free(import);
        version_table_free(versions);
        (void)wg_fail_memory(err, "importing devices");
        return NULL;
    }
    import->db = db;
    import->versions = versions;
    for (size_t i = 0; i < ARRAYS; i++) param_array_init(&import->arrays[i]);
    if (db_begin(db, err) && run_all(db, tables, sizeof tables / sizeof tables[0], err) &&
        db_copy_begin(db, SQL_IMPORT_COPY, err))
        return import;
    device_import_free(import);
    return NULL;
}

/* An array again from its start, its memory kept. */
static struct param_array *restart(struct device_import *import, enum array which)
{
    struct wg_buf *text = &import->arrays[which].text;
    text->len = 0;
    wg_buf_char(text, '{');
    return &import->arrays[which];
}

static const char *list_text(struct device_import *import, enum array which,
                             const char *const *names, size_t count)
{
    struct param_array *array = restart(import, which);
    for (size_t i = 0; i < count; i++) param_array_add(array, names[i]);
    return param_array_text(array);
}

static const char *scheme_key(enum wg_scheme scheme, const char *version, char key[WG_SORT_KEY_MAX])
{
    if (!version || !wg_scheme_key(scheme, version, key, NULL)) key[0] = '\0';
    return key;
}

static void tell_version(struct device_import *import, int64_t number,
                         const struct import_component *component)
{
    const char *version = component->version;
    char key[WG_SORT_KEY_MAX];
    param_array_number(&import->arrays[NUMBERS], number);
    param_array_add(&import->arrays[COMPONENTS], component->name);
    param_array_add(&import->arrays[VERSIONS], version);
    param_array_add(&import->arrays[VERSION_KEYS], scheme_key(WG_SCHEME_SEMVER, version, key));
    param_array_add(&import->arrays[DEBIAN_KEYS], scheme_key(WG_SCHEME_DEBIAN, version, key));
    param_array_add(&import->arrays[CALVER_KEYS], scheme_key(WG_SCHEME_CALVER, version, key));
}

/* Numbers, and what they stand for when no row before has told it. */
static void software_cells(struct device_import *import, const struct import_row *row,
                           const char **cells)
{
    bool told = false;
    for (int i = NUMBERS; i < ARRAYS; i++) (void)restart(import, (enum array)i);
    struct param_array *software = restart(import, SOFTWARE);
    for (size_t i = 0; i < row->component_count; i++) {
        const struct import_component *component = &row->components[i];
        bool fresh;
        int64_t number =
            version_table_number(import->versions, component->name, component->version, &fresh);
        param_array_number(software, number);
        if (fresh) tell_version(import, number, component);
        told = told || fresh;
    }
    cells[CELL_SOFTWARE] = param_array_text(software);
    for (int i = NUMBERS; told && i < ARRAYS; i++)
        cells[CELL_NUMBERS + i - NUMBERS] = param_array_text(&import->arrays[i]);
}

/* A text of the same number. Few have more than seven decimals; the division rounds as the reader
 * will. */
static const char *degrees_text(char out[DEGREES_TEXT], double degrees)
{
    long long whole = llround(degrees * 1e7);
    if ((double)whole / 1e7 == degrees)
        (void)snprintf(out, DEGREES_TEXT, "%llde-7", whole);
    else
        (void)snprintf(out, DEGREES_TEXT, "%.17g", degrees);
    return out;
}

bool device_import_row(struct device_import *import, const struct import_row *row,
                       struct wg_error *err)
{
    char line[PARAM_NUMBER], lat[DEGREES_TEXT], lon[DEGREES_TEXT], revision_key[WG_SORT_KEY_MAX];
    bool there = row->position == IMPORT_POSITION_THERE;
    const char *cells[CELLS] = {
        [CELL_LINE] = param_number(line, row->line),
        [CELL_ID] = row->id,
        [CELL_MODEL] = row->hardware_model,
        [CELL_REVISION] = row->hardware_revision,
        [CELL_REGION] = row->region,
        [CELL_ZONE] = row->zone,
        [CELL_LAT] = there ? degrees_text(lat, row->lat) : NULL,
        [CELL_LON] = there ? degrees_text(lon, row->lon) : NULL,
        [CELL_ATTRIBUTES] = row->attributes,
    };
    if (row->position != IMPORT_POSITION_UNSAID) cells[CELL_POSITIONED] = truth(there);
    if (row->hardware_revision) {
        if (!wg_revision_key(row->hardware_revision, revision_key, NULL)) revision_key[0] = '\0';
        cells[CELL_REVISION_KEY] = revision_key;
    }
    if (row->tags) cells[CELL_TAGS] = list_text(import, TAGS, row->tags, row->tag_count);
    if (row->groups) cells[CELL_GROUPS] = list_text(import, GROUPS, row->groups, row->group_count);
    if (row->component_count > 0) software_cells(import, row, cells);
    if (row->attributes_gone_count > 0)
        cells[CELL_GONE] =
            list_text(import, GONE, row->attributes_gone, row->attributes_gone_count);
    for (size_t i = 0; i < ARRAYS; i++)
        if (!param_array_check(&import->arrays[i], err)) return false;
    import->unordered = import->unordered || strcmp(row->id, import->last) <= 0;
    (void)wg_copy(import->last, sizeof import->last, row->id);
    return db_copy_row(import->db, CELLS, cells, err);
}

/* Keeps the refusals of the temporary table and takes the rows out of it. */
static bool gather_refused(struct db *db, struct import_result *out, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {param_number(most, IMPORT_REFUSALS_MAX)};
    PGresult *result = db_query(db, SQL_IMPORT_REFUSED, 1, params, err);
    if (!result) return false;
    int rows = PQntuples(result);
    if (rows > 0) out->refused += db_int(result, 0, 2);
    for (int i = 0; i < rows && out->refusal_count < IMPORT_REFUSALS_MAX; i++) {
        struct import_refusal *refusal = &out->refusals[out->refusal_count++];
        refusal->line = db_int(result, i, 0);
        db_copy(result, i, 1, refusal->reason, sizeof refusal->reason);
    }
    PQclear(result);
    return rows == 0 || run(db, SQL_IMPORT_DROP_REFUSED, NULL, err);
}

static bool census(struct db *db, int64_t *fresh, int64_t *known, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_IMPORT_CENSUS, 0, NULL, err);
    if (!result) return false;
    *fresh = db_int(result, 0, 0);
    *known = db_int(result, 0, 1);
    PQclear(result);
    return true;
}

/* Opens the way for very many; *all: every row is new, and nobody else can write devices. */
static bool begin_bulk(struct db *db, int64_t rows, bool *any, bool *bulk, bool *all,
                       struct wg_error *err)
{
    int64_t fresh, known;
    *all = false;
    if (!census(db, &fresh, &known, err)) return false;
    *any = fresh > 0;
    *bulk = fresh >= BULK_MIN && fresh >= known;
    if (!*bulk) return true;
    if (!run(db, SQL_IMPORT_BULK_BEGIN, NULL, err) || !census(db, &fresh, &known, err))
        return false;
    *all = fresh == rows;
    return true;
}

static bool register_new(struct db *db, wg_time now, struct import_result *out,
                         struct wg_error *err)
{
    static const enum sql_name lists[] = {SQL_IMPORT_SOFTWARE_NEW, SQL_IMPORT_TAGS_NEW,
                                          SQL_IMPORT_GROUPS_NEW};
    bool any, bulk, all;
    if (!begin_bulk(db, out->rows - out->refused, &any, &bulk, &all, err)) return false;
    if (!any) return true;
    if (!run(db, SQL_IMPORT_VIEW_NEW, NULL, err) ||
        !run_number(db, all ? SQL_IMPORT_REGISTER_ALL : SQL_IMPORT_REGISTER, now, &out->registered,
                    err) ||
        !run(db, SQL_IMPORT_ANALYZE_NEW, NULL, err))
        return false;
    const char *const params[] = {truth(all)};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (!db_run(db, lists[i], 1, params, NULL, err)) return false;
    return !bulk || run(db, SQL_IMPORT_BULK_END, NULL, err);
}

/* Boundaries may tell what the file leaves open. */
static bool derive_changed(struct db *db, struct wg_error *err)
{
    char after[WG_NAME_MAX + 1] = "", most[PARAM_NUMBER];
    int rows = DERIVE_PAGE;
    while (rows == DERIVE_PAGE) {
        const char *const params[] = {after, param_number(most, DERIVE_PAGE)};
        PGresult *result = db_query(db, SQL_IMPORT_UPDATED, 2, params, err);
        if (!result) return false;
        rows = PQntuples(result);
        if (rows > 0) db_copy(result, rows - 1, 0, after, sizeof after);
        bool ok = rows == 0 || boundary_row_derive_cells(db, result, err);
        PQclear(result);
        if (!ok) return false;
    }
    return true;
}

/* The known devices of whom something new is said; *any: there are some. */
static bool keep_news(struct db *db, bool *any, struct wg_error *err)
{
    static const enum sql_name keep[] = {SQL_IMPORT_KEEP, SQL_IMPORT_KEEP_FROM,
                                         SQL_IMPORT_KEEP_DONE, SQL_IMPORT_ANALYZE, SQL_IMPORT_VIEW};
    int64_t lines;
    if (!run(db, SQL_IMPORT_VIEW, NULL, err) || !run(db, SQL_IMPORT_LINE, &lines, err))
        return false;
    *any = lines > 0;
    return !*any || run_all(db, keep, sizeof keep / sizeof keep[0], err);
}

static bool update_known(struct db *db, wg_time now, struct import_result *out,
                         struct wg_error *err)
{
    static const enum sql_name look[] = {SQL_IMPORT_HOLD, SQL_IMPORT_NEXT, SQL_IMPORT_ANALYZE_NEXT};
    static const enum sql_name lists[] = {SQL_IMPORT_SOFTWARE_TAKE, SQL_IMPORT_SOFTWARE_GIVE,
                                          SQL_IMPORT_TAGS_TAKE,     SQL_IMPORT_TAGS_GIVE,
                                          SQL_IMPORT_GROUPS_TAKE,   SQL_IMPORT_GROUPS_GIVE};
    bool any;
    if ((out->registered > 0 && !run(db, SQL_IMPORT_DROP_NEW, NULL, err)) ||
        !keep_news(db, &any, err))
        return false;
    if (!any) return true;
    if (!run_all(db, look, sizeof look / sizeof look[0], err) ||
        !run_number(db, SQL_IMPORT_REFUSE_LARGE, WG_ATTRIBUTES_MAX - 1, NULL, err) ||
        !run_number(db, SQL_IMPORT_REFUSE_MANY, WG_COMPONENTS_MAX, NULL, err) ||
        !run(db, SQL_IMPORT_NEXT_DROP_REFUSED, NULL, err) || !gather_refused(db, out, err) ||
        !run_all(db, lists, sizeof lists / sizeof lists[0], err))
        return false;
    return run_number(db, SQL_IMPORT_UPDATE, now, &out->changed, err) && derive_changed(db, err);
}

static bool refuse_repeated(struct device_import *import, struct import_result *out,
                            struct wg_error *err)
{
    static const enum sql_name sort[] = {SQL_IMPORT_SORT_FROM, SQL_IMPORT_SORT,
                                         SQL_IMPORT_SORT_DONE, SQL_IMPORT_ANALYZE};
    if (!import->unordered) return true;
    return run(import->db, SQL_IMPORT_REFUSE_REPEATED, NULL, err) &&
           gather_refused(import->db, out, err) &&
           (out->rows < BULK_MIN || run_all(import->db, sort, sizeof sort / sizeof sort[0], err));
}

void device_import_limit(struct device_import *import, const char *scopes)
{
    import->scopes = scopes;
}

static bool refuse_outside(struct device_import *import, struct import_result *out,
                           struct wg_error *err)
{
    const char *const params[] = {import->scopes};
    return !import->scopes ||
           (db_run(import->db, SQL_IMPORT_REFUSE_OUTSIDE, 1, params, NULL, err) &&
            gather_refused(import->db, out, err));
}

static bool tell(struct db *db, const struct import_result *result, wg_time now,
                 struct wg_error *err)
{
    if (result->registered + result->changed == 0) return true;
    json_int_t registered = result->registered, changed = result->changed;
    const struct audit_change change = {
        .kind = "import",
        .subject = "registry",
        .at = now,
        .detail = json_pack("{s:I,s:I,s:I}", "new", registered, "changed", changed, "refused",
                            (json_int_t)result->refused),
        .after = json_pack("{s:I,s:I}", "new", registered, "changed", changed)};
    return audit_row_change(db, &change, err);
}

bool device_import_merge(struct device_import *import, wg_time now, struct import_result *out,
                         struct wg_error *err)
{
    static const enum sql_name look[] = {SQL_IMPORT_VERSIONS, SQL_IMPORT_INDEX_VERSIONS,
                                         SQL_IMPORT_ANALYZE_VERSIONS, SQL_IMPORT_ANALYZE};
    struct db *db = import->db;
    memset(out, 0, sizeof *out);
    if (!db_copy_end(db, &out->rows, err) ||
        !run_all(db, look, sizeof look / sizeof look[0], err) ||
        !refuse_repeated(import, out, err) || !refuse_outside(import, out, err) ||
        !register_new(db, now, out, err))
        return false;
    return (out->registered + out->refused == out->rows || update_known(db, now, out, err)) &&
           tell(db, out, now, err);
}

void device_import_free(struct device_import *import)
{
    if (!import) return;
    for (size_t i = 0; i < ARRAYS; i++) param_array_clear(&import->arrays[i]);
    version_table_free(import->versions);
    db_copy_abandon(import->db);
    db_rollback(import->db);
    free(import);
}
