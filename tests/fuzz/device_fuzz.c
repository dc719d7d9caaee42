/* device_fuzz.c: registry files, CSV and NDJSON. A device that was read is written in both formats
 * and reads back from either as the same. */
#include "orchestrator/registry/device_file.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)

static struct device_file *new_file(void)
{
    struct device_file *file = malloc(sizeof *file);
    MUST(file, "out of memory");
    return file;
}

static void write_line(const struct device_record *record, struct wg_buf *out)
{
    wg_buf_init(out, LINE_MAX_BYTES);
    device_ndjson_write(record, out);
    MUST(!out->failed, "a device too large to be written");
}

/* The one device in text is the device of line. */
static void read_one(enum device_format format, const struct wg_buf *text,
                     const struct wg_buf *line)
{
    struct wg_error err = {0};
    struct wg_buf again;
    struct device_file *file = new_file();
    struct pieces pieces = {(const uint8_t *)text->data, text->len, SIZE_MAX};
    MUST(device_file_open(file, format, pieces_read, &pieces, &err), "%s: %s", err.text,
         text->data);
    MUST(device_file_read(file, &err) == DEVICE_READ, "%s: %s", err.text, text->data);
    write_line(&file->record, &again);
    target_same(&again, line, "device");
    MUST(device_file_read(file, &err) == DEVICE_END, "more than one device: %s", text->data);
    wg_buf_clear(&again);
    device_file_close(file);
    free(file);
}

static bool make_columns(const struct device_record *record, struct device_columns *columns)
{
    const char *name = NULL;
    json_t *value = NULL;
    bool fits = true;
    columns->count = 0;
    for (int kind = COLUMN_ID; kind < COLUMN_FIXED; kind++)
        fits = fits && device_columns_add(columns, (enum column_kind)kind, NULL, NULL);
    for (size_t i = 0; i < record->component_count; i++)
        fits =
            fits && device_columns_add(columns, COLUMN_SOFTWARE, record->components[i].name, NULL);
    json_object_foreach(record->attributes, name, value)
    {
        if (!json_is_null(value))
            fits = fits && device_columns_add(columns, COLUMN_ATTRIBUTE, name, NULL);
    }
    return fits;
}

static void write_rows(const struct device_record *record, const struct wg_buf *line)
{
    struct wg_buf rows;
    struct device_columns *columns = malloc(sizeof *columns);
    MUST(columns, "out of memory");
    wg_buf_init(&rows, LINE_MAX_BYTES);
    if (make_columns(record, columns)) {
        device_csv_write_header(columns, &rows);
        device_csv_write(columns, record, &rows);
        MUST(!rows.failed, "a device too large to be written");
        read_one(DEVICE_FORMAT_CSV, &rows, line);
    }
    wg_buf_clear(&rows);
    free(columns);
}

static void check(const struct device_record *record)
{
    struct wg_buf line;
    MUST(wg_name_is_valid(record->id), "\"%s\" is no id", record->id);
    write_line(record, &line);
    read_one(DEVICE_FORMAT_NDJSON, &line, &line);
    write_rows(record, &line);
    wg_buf_clear(&line);
}

static void read_file(struct device_file *file, enum device_format format, struct pieces pieces)
{
    struct wg_error err = {0};
    enum device_result result = DEVICE_READ;
    if (!device_file_open(file, format, pieces_read, &pieces, &err)) {
        target_refused(&err);
        return;
    }
    for (int64_t line = 0; result == DEVICE_READ || result == DEVICE_REFUSED; line = file->line) {
        err = (struct wg_error){0};
        result = device_file_read(file, &err);
        MUST(file->line >= line, "from line %lld to %lld", (long long)line, (long long)file->line);
        if (result == DEVICE_READ) check(&file->record);
        if (result == DEVICE_REFUSED || result == DEVICE_FAILED) target_refused(&err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct device_file *file = new_file();
    read_file(file, DEVICE_FORMAT_GUESS, pieces_of(data, size));
    device_file_close(file);
    free(file);
    return 0;
}
