/* yaml_report.c: shows problems as compilers do: the place, the line, the column, a hint. */
#include "orchestrator/yaml/yaml_doc.h"
#include "orchestrator/yaml/yaml_glyph.h"

#include <stdio.h>
#include <string.h>

#define GUTTER 5                  /* digits of a line number at least */
#define SHOWN_MAX 120             /* characters of a line that are shown */
#define SHOWN_BEFORE 60           /* of them before the column, when the line is longer */
#define SOURCE_MAX ((size_t)1000) /* characters of a line in JSON */

/* A place in the source. Problems come in its order, so it is walked once. */
struct cursor {
    const struct yaml_doc *doc;
    size_t offset, line, column;
};

static bool at_end(const struct cursor *cursor)
{
    return cursor->offset >= cursor->doc->source_len;
}

/* A line ends at its line feed, and at the carriage return before one. */
static bool at_line_end(const struct cursor *cursor)
{
    const char *at = cursor->doc->source + cursor->offset;
    return at_end(cursor) || *at == '\n' || (*at == '\r' && at[1] == '\n');
}

static struct yaml_glyph glyph_at(const struct cursor *cursor)
{
    return yaml_glyph_at(cursor->doc->source + cursor->offset,
                         cursor->doc->source_len - cursor->offset);
}

static void step(struct cursor *cursor)
{
    cursor->offset += glyph_at(cursor).len;
    cursor->column++;
}

/* Forward to the column of the line, or to the line's end before it; false: no such line. */
static bool go_to(struct cursor *cursor, size_t line, size_t column)
{
    while (cursor->line < line) {
        size_t left = cursor->doc->source_len - cursor->offset;
        const char *end = left ? memchr(cursor->doc->source + cursor->offset, '\n', left) : NULL;
        if (!end) return false;
        cursor->offset = (size_t)(end - cursor->doc->source) + 1;
        cursor->line++;
        cursor->column = 1;
    }
    while (cursor->column < column && !at_line_end(cursor)) step(cursor);
    return true;
}

static void add_run(struct wg_buf *out, char c, size_t count)
{
    for (; count > 0; count--) wg_buf_char(out, c);
}

/* The line from the cursor on; returns the cells that stand before the problem's column. */
static size_t add_source(struct cursor from, size_t column, struct wg_buf *out)
{
    size_t before = 0;
    if (from.column > 1) {
        wg_buf_text(out, "...");
        before = 3;
    }
    for (size_t i = 0; i < SHOWN_MAX && !at_line_end(&from); i++) {
        struct yaml_glyph glyph = glyph_at(&from);
        wg_buf_add(out, glyph.shown, glyph.shown_len);
        if (from.column < column) before += glyph.cells;
        step(&from);
    }
    /* a place may lie behind the line's end */
    if (from.column < column) before += column - from.column;
    if (!at_line_end(&from)) wg_buf_text(out, "...");
    return before;
}

struct style {
    const char *place, *error, *mark, *hint, *end;
};

static void add_lines(const struct yaml_problem *problem, const struct cursor *cursor,
                      const struct style *style, struct wg_buf *out)
{
    size_t before = out->len;
    wg_buf_printf(out, "%*zu", GUTTER, problem->line);
    size_t gutter = out->len - before;
    wg_buf_text(out, " | ");
    size_t cells = add_source(*cursor, problem->column, out);
    wg_buf_char(out, '\n');
    add_run(out, ' ', gutter);
    wg_buf_text(out, " | ");
    add_run(out, ' ', cells);
    wg_buf_printf(out, "%s^%s\n", style->mark, style->end);
}

static void add_problem(const struct yaml_doc *doc, const struct yaml_problem *problem,
                        struct cursor *cursor, const struct style *style, struct wg_buf *out)
{
    size_t first = problem->column <= SHOWN_MAX ? 1 : problem->column - SHOWN_BEFORE;
    wg_buf_printf(out, "%s%s:%zu:%zu:%s %serror:%s %s\n", style->place, doc->file, problem->line,
                  problem->column, style->end, style->error, style->end, problem->text);
    if (go_to(cursor, problem->line, first)) add_lines(problem, cursor, style, out);
    if (problem->hint[0])
        wg_buf_printf(out, "%*s %s= hint:%s %s\n", GUTTER, "", style->hint, style->end,
                      problem->hint);
}

static size_t kept_count(const struct yaml_doc *doc)
{
    return doc->problem_count < YAML_DOC_PROBLEMS_MAX ? doc->problem_count : YAML_DOC_PROBLEMS_MAX;
}

void yaml_doc_report(const struct yaml_doc *doc, bool colour, struct wg_buf *out)
{
    static const struct style plain = {"", "", "", "", ""};
    static const struct style coloured = {.place = "\033[1m",
                                          .error = "\033[1;31m",
                                          .mark = "\033[1;32m",
                                          .hint = "\033[1;36m",
                                          .end = "\033[0m"};
    struct cursor cursor = {.doc = doc, .line = 1, .column = 1};
    size_t kept = kept_count(doc);
    for (size_t i = 0; i < kept; i++)
        add_problem(doc, &doc->problems[i], &cursor, colour ? &coloured : &plain, out);
    if (kept < doc->problem_count)
        wg_buf_printf(out, "%s: and %zu more problems\n", doc->file, doc->problem_count - kept);
}

/* New reference; null when there is no such line or no memory. */
static json_t *source_json(struct cursor *cursor, size_t line)
{
    struct wg_buf text;
    if (!go_to(cursor, line, 1)) return json_null();
    struct cursor at = *cursor;
    wg_buf_init(&text, SOURCE_MAX * 4);
    for (size_t i = 0; i < SOURCE_MAX && !at_line_end(&at); i++, step(&at)) {
        struct yaml_glyph glyph = glyph_at(&at);
        wg_buf_add(&text, glyph.shown, glyph.shown_len);
    }
    json_t *source = json_string(wg_buf_str(&text));
    wg_buf_clear(&text);
    return source;
}

bool yaml_doc_report_json(const struct yaml_doc *doc, json_t *list)
{
    struct cursor cursor = {.doc = doc, .line = 1, .column = 1};
    bool ok = true;
    for (size_t i = 0; ok && i < kept_count(doc); i++) {
        const struct yaml_problem *problem = &doc->problems[i];
        json_t *object = json_pack(
            "{s:s,s:I,s:I,s:s,s:s?,s:o}", "file", doc->file, "line", (json_int_t)problem->line,
            "column", (json_int_t)problem->column, "error", problem->text, "hint",
            problem->hint[0] ? problem->hint : NULL, "source", source_json(&cursor, problem->line));
        ok = json_array_append_new(list, object) == 0;
    }
    return ok;
}
