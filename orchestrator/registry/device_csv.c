/* device_csv.c: columns, and the cells below them. */
#include "orchestrator/registry/device_csv.h"

#include "orchestrator/registry/attribute.h"
#include "orchestrator/registry/degrees.h"

#include <string.h>

#define SOFTWARE "software."
#define ATTRIBUTE "attribute."

static const char *const names[COLUMN_FIXED] = {
    [COLUMN_ID] = "id",
    [COLUMN_HARDWARE_MODEL] = "hardware_model",
    [COLUMN_HARDWARE_REVISION] = "hardware_revision",
    [COLUMN_REGION] = "region",
    [COLUMN_ZONE] = "zone",
    [COLUMN_LAT] = "lat",
    [COLUMN_LON] = "lon",
    [COLUMN_TAGS] = "tags",
    [COLUMN_GROUPS] = "groups",
};

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool unknown_column(const char *cell, size_t count, struct wg_error *err)
{
    const char *nearest = record_nearest(cell, names, COLUMN_FIXED);
    char shown[WG_NAME_MAX + 1];
    (void)record_shown(cell, shown, sizeof shown);
    if (count == 1 && strpbrk(cell, ";\t"))
        return wg_fail(err, WG_E_BAD_FILE,
                       "the header is one column \"%s\": columns are separated by commas", shown);
    if (nearest)
        return wg_fail(err, WG_E_BAD_FILE, "unknown column \"%s\": did you mean \"%s\"?", shown,
                       nearest);
    return wg_fail(err, WG_E_BAD_FILE,
                   "unknown column \"%s\": expected id, hardware_model, hardware_revision, region, "
                   "zone, lat, lon, tags, groups, software.COMPONENT or attribute.NAME",
                   shown);
}

static bool read_column(struct device_columns *out, const char *cell, size_t count,
                        struct wg_error *err)
{
    for (int kind = 0; kind < COLUMN_FIXED; kind++)
        if (strcmp(cell, names[kind]) == 0)
            return device_columns_add(out, (enum column_kind)kind, NULL, err);
    if (has_prefix(cell, SOFTWARE)) {
        const char *name = cell + strlen(SOFTWARE);
        return wg_name_is_valid(name)
                   ? device_columns_add(out, COLUMN_SOFTWARE, name, err)
                   : record_bad(err, "column", "software. and a component's name", cell);
    }
    if (has_prefix(cell, ATTRIBUTE)) {
        const char *name = cell + strlen(ATTRIBUTE);
        return *name && strlen(name) <= WG_NAME_MAX
                   ? device_columns_add(out, COLUMN_ATTRIBUTE, name, err)
                   : record_bad(err, "column", "attribute. and a name of 1 to 64 bytes", cell);
    }
    return unknown_column(cell, count, err);
}

static size_t count_kind(const struct device_columns *columns, enum column_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < columns->count; i++) count += columns->list[i].kind == kind;
    return count;
}

static bool check_columns(const struct device_columns *columns, struct wg_error *err)
{
    for (size_t i = 0; i < columns->count; i++)
        for (size_t j = 0; j < i; j++)
            if (columns->list[i].kind == columns->list[j].kind &&
                strcmp(columns->list[i].name, columns->list[j].name) == 0)
                return wg_fail(err, WG_E_BAD_FILE, "columns %zu and %zu have one name", j + 1,
                               i + 1);
    if (count_kind(columns, COLUMN_ID) == 0)
        return wg_fail(err, WG_E_BAD_FILE, "the header has no column \"id\"");
    if (count_kind(columns, COLUMN_LAT) != count_kind(columns, COLUMN_LON))
        return wg_fail(err, WG_E_BAD_FILE, "the columns lat and lon need each other");
    if (count_kind(columns, COLUMN_SOFTWARE) > RECORD_COMPONENTS_MAX)
        return wg_fail(err, WG_E_BAD_FILE, "more than %d columns of software",
                       RECORD_COMPONENTS_MAX);
    return true;
}

bool device_columns_read(struct device_columns *out, const struct csv *header, struct wg_error *err)
{
    out->count = 0;
    for (size_t i = 0; i < header->count; i++)
        if (!read_column(out, header->cells[i], header->count, err)) {
            if (err) err->code = WG_E_BAD_FILE;
            return false;
        }
    return check_columns(out, err);
}

bool device_columns_add(struct device_columns *columns, enum column_kind kind, const char *name,
                        struct wg_error *err)
{
    if (columns->count == CSV_CELLS_MAX)
        return wg_fail(err, WG_E_LIMIT, "more than %d columns: NDJSON has no such bound",
                       CSV_CELLS_MAX);
    struct device_column *column = &columns->list[columns->count++];
    column->kind = kind;
    (void)wg_copy(column->name, sizeof column->name, name ? name : "");
    return true;
}

/* Separated by ';' or spaces; the cell is cut into pieces. */
static bool read_names(const char *path, char *cell, struct record_names *out, struct wg_error *err)
{
    char *rest = NULL;
    out->given = true;
    for (char *name = strtok_r(cell, "; ", &rest); name; name = strtok_r(NULL, "; ", &rest)) {
        if (out->count == RECORD_NAMES_MAX)
            return wg_fail(err, WG_E_BAD_INPUT, "%s: more than %d", path, RECORD_NAMES_MAX);
        out->names[out->count++] = name;
    }
    return true;
}

static bool read_degrees(const char *path, const char *cell, struct device_record *out,
                         double *value, struct wg_error *err)
{
    if (!*cell) {
        if (out->position == POSITION_UNSAID) out->position = POSITION_NONE;
        return true;
    }
    out->position = POSITION_THERE;
    return degrees_parse(cell, value) || record_bad(err, path, "decimal degrees", cell);
}

static bool read_attribute(const char *name, const char *cell, struct device_record *out,
                           struct wg_error *err)
{
    json_t *value = *cell ? attribute_from_cell(cell) : json_null();
    if (!out->attributes) out->attributes = json_object();
    return json_object_set_new(out->attributes, name, value) == 0 ||
           wg_fail_memory(err, "reading attributes");
}

static bool read_cell(const struct device_column *column, char *cell, struct device_record *out,
                      struct wg_error *err)
{
    switch (column->kind) {
    case COLUMN_ID:
        out->id = cell;
        return true;
    case COLUMN_HARDWARE_MODEL:
        out->hardware_model = cell;
        return true;
    case COLUMN_HARDWARE_REVISION:
        out->hardware_revision = cell;
        return true;
    case COLUMN_REGION:
        out->region = cell;
        return true;
    case COLUMN_ZONE:
        out->zone = cell;
        return true;
    case COLUMN_LAT:
        return read_degrees("lat", cell, out, &out->lat, err);
    case COLUMN_LON:
        return read_degrees("lon", cell, out, &out->lon, err);
    case COLUMN_TAGS:
        return read_names("tags", cell, &out->tags, err);
    case COLUMN_GROUPS:
        return read_names("groups", cell, &out->groups, err);
    case COLUMN_SOFTWARE:
        out->components[out->component_count++] =
            (struct record_component){column->name, *cell ? cell : NULL};
        return true;
    case COLUMN_ATTRIBUTE:
        return read_attribute(column->name, cell, out, err);
    }
    return false;
}

static bool check_pair(const struct device_columns *columns, const struct csv *row,
                       struct wg_error *err)
{
    size_t given = 0;
    for (size_t i = 0; i < columns->count; i++)
        if (columns->list[i].kind == COLUMN_LAT || columns->list[i].kind == COLUMN_LON)
            given += row->cells[i][0] != '\0';
    return given != 1 || wg_fail(err, WG_E_BAD_INPUT, "lat and lon need each other");
}

bool device_csv_read(const struct device_columns *columns, struct csv *row,
                     struct device_record *out, struct wg_error *err)
{
    if (row->count != columns->count)
        return wg_fail(err, WG_E_BAD_INPUT, "expected %zu cells as in the header, found %zu",
                       columns->count, row->count);
    if (!check_pair(columns, row, err)) return false;
    for (size_t i = 0; i < columns->count; i++)
        if (!read_cell(&columns->list[i], row->cells[i], out, err)) return false;
    return true;
}

void device_csv_write_header(const struct device_columns *columns, struct wg_buf *out)
{
    for (size_t i = 0; i < columns->count; i++) {
        const struct device_column *column = &columns->list[i];
        char text[WG_NAME_MAX + sizeof ATTRIBUTE];
        if (column->kind < COLUMN_FIXED)
            (void)wg_copy(text, sizeof text, names[column->kind]);
        else
            (void)wg_format(text, sizeof text, "%s%s",
                            column->kind == COLUMN_SOFTWARE ? SOFTWARE : ATTRIBUTE, column->name);
        csv_write(out, i == 0, text);
    }
    csv_write_end(out);
}

static void write_names(const struct record_names *list, bool first, struct wg_buf *out)
{
    if (!first) wg_buf_char(out, ',');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0) wg_buf_char(out, ';');
        wg_buf_text(out, list->names[i]); /* a name needs no quotes */
    }
}

static const char *version_of(const struct device_record *record, const char *component)
{
    for (size_t i = 0; i < record->component_count; i++)
        if (strcmp(record->components[i].name, component) == 0)
            return record->components[i].version;
    return NULL;
}

static void write_attribute(const struct device_record *record, const char *name, bool first,
                            struct wg_buf *out)
{
    struct wg_buf cell;
    const json_t *value = json_object_get(record->attributes, name);
    wg_buf_init(&cell, CSV_ROW_MAX);
    if (value) attribute_to_cell(value, &cell);
    csv_write(out, first, wg_buf_str(&cell));
    if (cell.failed) out->failed = true;
    wg_buf_clear(&cell);
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void write_cell(const struct device_column *column, const struct device_record *record,
                       bool first, struct wg_buf *out)
{
    char degrees[DEGREES_TEXT] = "";
    bool there = record->position == POSITION_THERE;
    switch (column->kind) {
    case COLUMN_ID:
        csv_write(out, first, or_empty(record->id));
        break;
    case COLUMN_HARDWARE_MODEL:
        csv_write(out, first, or_empty(record->hardware_model));
        break;
    case COLUMN_HARDWARE_REVISION:
        csv_write(out, first, or_empty(record->hardware_revision));
        break;
    case COLUMN_REGION:
        csv_write(out, first, or_empty(record->region));
        break;
    case COLUMN_ZONE:
        csv_write(out, first, or_empty(record->zone));
        break;
    case COLUMN_LAT:
        if (there) degrees_text(record->lat, degrees);
        csv_write(out, first, degrees);
        break;
    case COLUMN_LON:
        if (there) degrees_text(record->lon, degrees);
        csv_write(out, first, degrees);
        break;
    case COLUMN_TAGS:
        write_names(&record->tags, first, out);
        break;
    case COLUMN_GROUPS:
        write_names(&record->groups, first, out);
        break;
    case COLUMN_SOFTWARE:
        csv_write(out, first, or_empty(version_of(record, column->name)));
        break;
    case COLUMN_ATTRIBUTE:
        write_attribute(record, column->name, first, out);
        break;
    }
}

void device_csv_write(const struct device_columns *columns, const struct device_record *record,
                      struct wg_buf *out)
{
    for (size_t i = 0; i < columns->count; i++) write_cell(&columns->list[i], record, i == 0, out);
    csv_write_end(out);
}
