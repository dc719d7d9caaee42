/* screen_table.c: columns as wide as their widest cell. */
#include "orchestrator/cli/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void screen_table_init(struct screen_table *table, size_t columns)
{
    *table = (struct screen_table){.columns = columns};
}

void screen_table_cell(struct screen_table *table, const char *format, ...)
{
    char given[1024], text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(given, sizeof given, format, args);
    va_end(args);
    screen_time_local(given, text, sizeof text); /* before widths are known */
    if (table->count == table->cap) {
        size_t cap = table->cap ? table->cap * 2 : 64;
        char **cells = realloc(table->cells, cap * sizeof *cells);
        if (!cells) {
            table->failed = true;
            return;
        }
        table->cells = cells;
        table->cap = cap;
    }
    char *copy = strdup(text);
    if (copy)
        table->cells[table->count++] = copy;
    else
        table->failed = true;
}

/* Columns on a terminal, not bytes. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void screen_table_write(struct screen *screen, struct screen_table *table)
{
    size_t widths[SCREEN_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->count; i++) {
        size_t width = width_of(table->cells[i]);
        if (width > widths[i % table->columns]) widths[i % table->columns] = width;
    }
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns;
        bool last = column == table->columns - 1;
        bool header = i < table->columns;
        screen_coloured(screen, header ? SCREEN_DIM : SCREEN_PLAIN, "%s", table->cells[i]);
        if (last)
            screen_text(screen, "\n");
        else
            screen_text(screen, "%*s", (int)(widths[column] - width_of(table->cells[i]) + 2), "");
        free(table->cells[i]);
    }
    screen->text.failed = screen->text.failed || table->failed;
    free(table->cells);
    screen_table_init(table, table->columns);
}
