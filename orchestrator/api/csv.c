/* csv.c: cells, quoted where they must be. */
#include "orchestrator/api/csv.h"

#include <stdlib.h>
#include <string.h>

#define PART_MAX 64

static const json_t *find(const json_t *row, const char *column)
{
    while (row) {
        char part[PART_MAX];
        size_t len = strcspn(column, ".");
        if (len >= sizeof part) return NULL;
        memcpy(part, column, len);
        part[len] = '\0';
        row = json_object_get(row, part);
        if (!column[len]) return row;
        column += len + 1;
    }
    return NULL;
}

static void put_text(struct wg_buf *out, const char *text)
{
    bool formula = text[0] && strchr("=+-@\t\r", text[0]);
    if (!formula && !text[strcspn(text, ",\"\r\n")]) {
        wg_buf_text(out, text);
        return;
    }
    wg_buf_char(out, '"');
    if (formula) wg_buf_char(out, '\'');
    for (; *text; text++) {
        if (*text == '"') wg_buf_char(out, '"');
        wg_buf_char(out, *text);
    }
    wg_buf_char(out, '"');
}

static void put_cell(struct wg_buf *out, const json_t *value)
{
    if (!value || json_is_null(value)) return;
    if (json_is_string(value)) {
        put_text(out, json_string_value(value));
    } else if (json_is_integer(value)) {
        wg_buf_printf(out, "%lld", (long long)json_integer_value(value));
    } else {
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        if (text) put_text(out, text);
        free(text);
    }
}

void csv_head(struct wg_buf *out, const char *const *columns)
{
    for (size_t i = 0; columns[i]; i++) wg_buf_printf(out, "%s%s", i ? "," : "", columns[i]);
    wg_buf_text(out, "\r\n");
}

void csv_line(struct wg_buf *out, const char *const *columns, const json_t *row)
{
    for (size_t i = 0; columns[i]; i++) {
        if (i) wg_buf_char(out, ',');
        put_cell(out, find(row, columns[i]));
    }
    wg_buf_text(out, "\r\n");
}
