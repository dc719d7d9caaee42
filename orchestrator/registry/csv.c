/* csv.c: one pass over the bytes, a row in memory. */
#include "orchestrator/registry/csv.h"

#include "common/text.h"

#include <string.h>

void csv_init(struct csv *csv, struct source *source)
{
    csv->source = source;
    csv->line = 0;
    csv->count = 0;
    wg_buf_init(&csv->text, CSV_ROW_MAX);
}

void csv_clear(struct csv *csv)
{
    wg_buf_clear(&csv->text);
}

/* A carriage return counts as part of the line break that follows it. */
static bool at_break(struct source *source, int c)
{
    if (c == '\r' && source_peek(source) == '\n') c = source_next(source);
    return c == '\n' || c == SOURCE_END;
}

/* After a fault the row goes on, unread, to the end of its line. */
static enum csv_result skip_line(struct csv *csv, int c, struct wg_error *err)
{
    while (c != '\n' && c != SOURCE_END) c = source_next(csv->source);
    if (!csv->source->failed) return CSV_BAD_ROW;
    if (err) *err = csv->source->problem;
    return CSV_FAILED;
}

static enum csv_result too_long(struct csv *csv, int c, struct wg_error *err)
{
    if (!csv->text.over) {
        (void)wg_fail_memory(err, "reading a row");
        return CSV_FAILED;
    }
    (void)wg_fail(err, WG_E_BAD_INPUT, "a row of more than %d bytes", CSV_ROW_MAX);
    return skip_line(csv, c, err);
}

/* Where an opened quote never closes, nobody can tell rows from the text of a cell. */
static enum csv_result unclosed(struct csv *csv, struct wg_error *err)
{
    if (csv->source->failed) {
        if (err) *err = csv->source->problem;
    } else if (csv->text.failed && !csv->text.over) {
        (void)wg_fail_memory(err, "reading a row");
    } else {
        (void)wg_fail(err, WG_E_BAD_FILE,
                      "cell %zu opens with a quote that does not close within %d bytes", csv->count,
                      CSV_ROW_MAX);
    }
    return CSV_FAILED;
}

/* Behind the opening quote, up to and with the closing one. */
static bool read_quoted(struct csv *csv)
{
    for (;;) {
        int c = source_next(csv->source);
        if (c == '"' && source_peek(csv->source) != '"') return true;
        if (c == '"') c = source_next(csv->source);
        if (c == SOURCE_END || csv->text.failed) return false;
        wg_buf_char(&csv->text, (char)c);
    }
}

/* Bytes of a cell that stand for themselves. */
static void read_plain(struct csv *csv)
{
    const char *bytes;
    size_t len, plain;
    do {
        bytes = source_bytes(csv->source, &len);
        if (!bytes) return;
        for (plain = 0; plain < len; plain++)
            if (bytes[plain] == ',' || bytes[plain] == '\n' || bytes[plain] == '\r' ||
                bytes[plain] == '"')
                break;
        wg_buf_add(&csv->text, bytes, plain);
        source_skip(csv->source, plain);
    } while (plain == len);
}

/* Reads a cell and the comma or line break behind it into *c. */
static enum csv_result read_cell(struct csv *csv, int *c, struct wg_error *err)
{
    struct source *source = csv->source;
    csv->starts[csv->count++] = csv->text.len;
    if (source_peek(source) == '"') {
        (void)source_next(source);
        if (!read_quoted(csv)) return unclosed(csv, err);
        *c = source_next(source);
        if (*c != ',' && !at_break(source, *c)) {
            (void)wg_fail(err, WG_E_BAD_INPUT,
                          "cell %zu goes on behind its closing quote: a quote inside is doubled",
                          csv->count);
            return skip_line(csv, *c, err);
        }
    } else {
        for (;;) {
            read_plain(csv);
            *c = source_next(source);
            if (csv->text.failed) return too_long(csv, *c, err);
            if (*c == ',' || at_break(source, *c)) break;
            if (*c == '"') {
                (void)wg_fail(err, WG_E_BAD_INPUT,
                              "cell %zu has a quote inside but does not open with one", csv->count);
                return skip_line(csv, *c, err);
            }
            wg_buf_char(&csv->text, (char)*c);
        }
    }
    if (*c != ',') *c = '\n';
    wg_buf_char(&csv->text, '\0');
    return csv->text.failed ? too_long(csv, *c, err) : CSV_ROW;
}

/* With no other NUL than those behind the cells. */
static bool is_plain_ascii(const char *text, size_t len, size_t cells)
{
    size_t ends = 0;
    unsigned char all = 0;
    for (size_t i = 0; i < len; i++) {
        all |= (unsigned char)text[i];
        ends += text[i] == '\0';
    }
    return all < 0x80 && ends == cells;
}

static enum csv_result read_row(struct csv *csv, struct wg_error *err)
{
    int c = ',';
    csv->line = csv->source->line;
    csv->count = 0;
    csv->text.len = 0;
    csv->text.failed = csv->text.over = false;
    while (c == ',') {
        if (csv->count == CSV_CELLS_MAX) {
            (void)wg_fail(err, WG_E_BAD_INPUT, "a row of more than %d cells", CSV_CELLS_MAX);
            return skip_line(csv, c, err);
        }
        enum csv_result result = read_cell(csv, &c, err);
        if (result != CSV_ROW) return result;
    }
    if (csv->source->failed) {
        if (err) *err = csv->source->problem;
        return CSV_FAILED;
    }
    for (size_t i = 0; i < csv->count; i++) csv->cells[i] = csv->text.data + csv->starts[i];
    if (is_plain_ascii(csv->text.data, csv->text.len, csv->count)) return CSV_ROW;
    for (size_t i = 0; i < csv->count; i++) {
        size_t end = i + 1 < csv->count ? csv->starts[i + 1] : csv->text.len;
        if (wg_text_is_utf8(csv->cells[i], end - 1 - csv->starts[i])) continue;
        (void)wg_fail(err, WG_E_BAD_INPUT, "cell %zu is no UTF-8 text", i + 1);
        return CSV_BAD_ROW;
    }
    return CSV_ROW;
}

enum csv_result csv_read(struct csv *csv, struct wg_error *err)
{
    while (source_peek(csv->source) != SOURCE_END) {
        bool quoted = source_peek(csv->source) == '"';
        enum csv_result result = read_row(csv, err);
        bool empty = result == CSV_ROW && csv->count == 1 && !csv->cells[0][0] && !quoted;
        if (!empty) return result;
    }
    if (!csv->source->failed) return CSV_END;
    if (err) *err = csv->source->problem;
    return CSV_FAILED;
}

void csv_write(struct wg_buf *out, bool first, const char *text)
{
    if (!first) wg_buf_char(out, ',');
    /* a lone empty cell would be an empty line; spaces at the ends are lost by many a program */
    bool plain = !text[strcspn(text, ",\"\r\n")] && !(first && !*text) && *text != ' ';
    if (plain && *text && text[strlen(text) - 1] == ' ') plain = false;
    if (plain) {
        wg_buf_text(out, text);
        return;
    }
    wg_buf_char(out, '"');
    for (; *text; text++) {
        if (*text == '"') wg_buf_char(out, '"');
        wg_buf_char(out, *text);
    }
    wg_buf_char(out, '"');
}

void csv_write_end(struct wg_buf *out)
{
    wg_buf_text(out, "\r\n");
}
