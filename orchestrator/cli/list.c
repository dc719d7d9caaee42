/* list.c: cells from rows; a table, CSV or names from cells. */
#include "orchestrator/cli/list.h"

#include "common/text.h"
#include "orchestrator/registry/csv.h"

#include <stdio.h>
#include <string.h>

#define CELL_MAX ((size_t)64 * 1024)

const json_t *list_value(const json_t *row, const char *key)
{
    const char *dot = strchr(key, '.');
    if (!dot) return json_object_get(row, key);
    char first[64];
    if (!wg_copy_n(first, sizeof first, key, (size_t)(dot - key))) return NULL;
    return list_value(json_object_get(row, first), dot + 1);
}

const char *list_text(const json_t *row, const char *key)
{
    const char *text = json_string_value(list_value(row, key));
    return text ? text : "";
}

void list_join(const json_t *array, struct wg_buf *out)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        wg_buf_printf(out, "%s%s", i ? ", " : "", text ? text : "");
    }
}

/* A time of the row, RFC 3339 or milliseconds; 0: none. */
static wg_time time_of(const json_t *value)
{
    wg_time time = 0;
    if (json_is_integer(value)) return (wg_time)json_integer_value(value);
    if (!json_is_string(value) || !wg_time_parse(json_string_value(value), &time)) return 0;
    return time;
}

static void add_time(const json_t *value, bool local, struct wg_buf *out)
{
    char text[SCREEN_TIME] = "";
    wg_time time = time_of(value);
    if (local)
        screen_time_text(time, text);
    else if (time != 0)
        wg_time_text(time, text);
    wg_buf_text(out, text);
}

static void add_value(const json_t *value, struct wg_buf *out)
{
    if (json_is_string(value))
        wg_buf_text(out, json_string_value(value));
    else if (json_is_integer(value))
        wg_buf_printf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        wg_buf_printf(out, "%.0f", json_real_value(value));
    else if (json_is_boolean(value))
        wg_buf_text(out, json_is_true(value) ? "yes" : "no");
    else if (json_is_array(value))
        list_join(value, out);
}

static void add_cell(const struct list_column *column, const json_t *row, bool local,
                     struct wg_buf *out)
{
    const json_t *value = column->key ? list_value(row, column->key) : NULL;
    if (!column->key)
        column->write(row, out);
    else if (column->kind == LIST_TIME)
        add_time(value, local, out);
    else
        add_value(value, out);
}

/* What a spreadsheet would take for a formula is text to it with a quote before it (OWASP, "CSV
 * injection"). */
static void add_csv(struct wg_buf *out, bool first, const struct list_column *column,
                    const char *text)
{
    struct wg_buf safe;
    if (column->kind != LIST_WORDS || !*text || !strchr("=+-@\t\r", *text)) {
        csv_write(out, first, text);
        return;
    }
    wg_buf_init(&safe, CELL_MAX);
    wg_buf_char(&safe, '\'');
    wg_buf_text(&safe, text);
    csv_write(out, first, wg_buf_str(&safe));
    out->failed = out->failed || safe.failed;
    wg_buf_clear(&safe);
}

/* A row is a line, whatever a cell holds. */
static const char *one_line(struct wg_buf *cell)
{
    for (size_t i = 0; i < cell->len; i++)
        if (strchr("\n\r\t", cell->data[i])) cell->data[i] = ' ';
    return wg_buf_str(cell);
}

static void head_of(const struct list_column *column, bool csv, char out[64])
{
    (void)wg_copy(out, 64, column->name);
    if (csv) out[strcspn(out, ",")] = '\0';
    for (char *c = out; *c; c++) {
        if (csv && *c == ' ') *c = '_';
        if (!csv && *c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
    }
}

static void add_csv_rows(struct screen *screen, const struct list *list, const json_t *rows)
{
    char head[64];
    size_t i;
    json_t *row;
    for (size_t c = 0; list->columns[c].name; c++) {
        head_of(&list->columns[c], true, head);
        csv_write(&screen->text, c == 0, head);
    }
    csv_write_end(&screen->text);
    json_array_foreach((json_t *)(uintptr_t)rows, i, row)
    {
        for (size_t c = 0; list->columns[c].name; c++) {
            struct wg_buf cell;
            wg_buf_init(&cell, CELL_MAX);
            add_cell(&list->columns[c], row, false, &cell);
            if (screen->terminal && cell.data) wg_text_tame(cell.data);
            add_csv(&screen->text, c == 0, &list->columns[c], wg_buf_str(&cell));
            wg_buf_clear(&cell);
        }
        csv_write_end(&screen->text);
    }
}

static void add_names(struct screen *screen, const struct list *list, const json_t *rows)
{
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)(uintptr_t)rows, i, row)
    {
        struct wg_buf name;
        wg_buf_init(&name, CELL_MAX);
        if (list->name)
            list->name(row, &name);
        else
            add_cell(&list->columns[0], row, false, &name);
        screen_line(screen, "%s", one_line(&name));
        wg_buf_clear(&name);
    }
}

static void add_table(struct screen *screen, const struct list *list, const json_t *rows)
{
    struct screen_table table;
    char head[64];
    size_t i, columns = 0;
    json_t *row;
    while (list->columns[columns].name) columns++;
    screen_table_init(&table, columns);
    for (size_t c = 0; c < columns; c++) {
        head_of(&list->columns[c], false, head);
        screen_table_cell(&table, "%s", head);
    }
    json_array_foreach((json_t *)(uintptr_t)rows, i, row)
    {
        for (size_t c = 0; c < columns; c++) {
            size_t shown = list->columns[c].shown;
            struct wg_buf cell;
            wg_buf_init(&cell, CELL_MAX);
            add_cell(&list->columns[c], row, true, &cell);
            screen_table_cell(&table, "%.*s", shown ? (int)shown : (int)cell.len, one_line(&cell));
            wg_buf_clear(&cell);
        }
    }
    screen_table_write(screen, &table);
}

void list_add(struct screen *screen, const struct list *list, const json_t *rows)
{
    if (screen->csv)
        add_csv_rows(screen, list, rows);
    else if (screen->quiet)
        add_names(screen, list, rows);
    else if (json_array_size(rows) == 0 && list->empty)
        screen_text(screen, "%s\n", list->empty);
    else
        add_table(screen, list, rows);
}

bool list_show(struct screen *screen, const struct list *list, json_t *rows, struct wg_error *err)
{
    if (!rows) return (err && err->code != WG_OK) ? false : wg_fail_memory(err, "showing a list");
    if (screen->json) return screen_json(rows, err);
    list_add(screen, list, rows);
    json_decref(rows);
    return screen_flush(screen, err);
}

void list_note(struct screen *screen, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wg_text_tame(text);
    if (screen->csv || screen->quiet)
        (void)fprintf(stderr, "wavegate: %s\n", text);
    else
        screen_coloured(screen, SCREEN_DIM, "%s\n", text);
}
