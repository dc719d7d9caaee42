/* device_file.c: opens a registry file, tells its format, reads its records. */
#include "orchestrator/registry/device_file.h"

#include <string.h>

bool device_format_parse(const char *text, enum device_format *out)
{
    if (strcmp(text, "csv") == 0)
        *out = DEVICE_FORMAT_CSV;
    else if (strcmp(text, "ndjson") == 0)
        *out = DEVICE_FORMAT_NDJSON;
    else
        return false;
    return true;
}

enum device_format device_format_of(const char *file)
{
    const char *end = strrchr(file, '.');
    if (end && strcasecmp(end, ".csv") == 0) return DEVICE_FORMAT_CSV;
    if (end && (strcasecmp(end, ".ndjson") == 0 || strcasecmp(end, ".jsonl") == 0))
        return DEVICE_FORMAT_NDJSON;
    return DEVICE_FORMAT_GUESS;
}

static bool read_header(struct device_file *file, struct wg_error *err)
{
    enum csv_result result = csv_read(&file->csv, err);
    file->line = file->csv.line;
    if (result == CSV_END) {
        file->line = 1;
        return wg_fail(err, WG_E_BAD_FILE, "the file is empty: expected a header row");
    }
    if (result != CSV_ROW) {
        if (result == CSV_BAD_ROW && err) err->code = WG_E_BAD_FILE;
        return false;
    }
    return device_columns_read(&file->columns, &file->csv, err);
}

bool device_file_open(struct device_file *file, enum device_format format, source_read_fn read,
                      void *ctx, struct wg_error *err)
{
    file->line = 1;
    device_record_init(&file->record);
    csv_init(&file->csv, &file->source);
    wg_buf_init(&file->text, NDJSON_LINE_MAX);
    if (!source_init(&file->source, read, ctx, err)) {
        if (err && err->code == WG_E_BAD_INPUT) err->code = WG_E_BAD_FILE;
        return false;
    }
    if (format != DEVICE_FORMAT_CSV && source_peek(&file->source) == '[')
        return wg_fail(err, WG_E_BAD_FILE,
                       "a JSON list: expected an object for each device, one a line (NDJSON)");
    if (format == DEVICE_FORMAT_GUESS)
        format = source_peek(&file->source) == '{' ? DEVICE_FORMAT_NDJSON : DEVICE_FORMAT_CSV;
    file->format = format;
    return format == DEVICE_FORMAT_NDJSON || read_header(file, err);
}

static enum device_result read_csv(struct device_file *file, struct wg_error *err)
{
    enum csv_result result = csv_read(&file->csv, err);
    file->line = file->csv.line;
    switch (result) {
    case CSV_ROW:
        return device_csv_read(&file->columns, &file->csv, &file->record, err) ? DEVICE_READ
                                                                               : DEVICE_REFUSED;
    case CSV_BAD_ROW:
        return DEVICE_REFUSED;
    case CSV_END:
        return DEVICE_END;
    case CSV_FAILED:
        break;
    }
    return DEVICE_FAILED;
}

/* The next line that is not empty, without its break. */
static enum device_result read_line(struct device_file *file, struct wg_error *err)
{
    struct wg_buf *text = &file->text;
    do {
        file->line = file->source.line;
        text->len = 0;
        text->failed = text->over = false;
        if (source_peek(&file->source) == SOURCE_END) return DEVICE_END;
        for (int c = source_next(&file->source); c != '\n' && c != SOURCE_END;
             c = source_next(&file->source))
            wg_buf_char(text, (char)c);
    } while (!text->failed && strspn(wg_buf_str(text), " \t\r") == text->len);
    if (!text->failed) return DEVICE_READ;
    if (!text->over) {
        (void)wg_fail_memory(err, "reading a line");
        return DEVICE_FAILED;
    }
    (void)wg_fail(err, WG_E_BAD_INPUT, "a line of more than %d bytes", NDJSON_LINE_MAX);
    return DEVICE_REFUSED;
}

static enum device_result read_ndjson(struct device_file *file, struct wg_error *err)
{
    enum device_result result = read_line(file, err);
    if (file->source.failed) {
        if (err) *err = file->source.problem;
        return DEVICE_FAILED;
    }
    if (result != DEVICE_READ) return result;
    return device_ndjson_read(wg_buf_str(&file->text), file->text.len, &file->record, err)
               ? DEVICE_READ
               : DEVICE_REFUSED;
}

enum device_result device_file_read(struct device_file *file, struct wg_error *err)
{
    device_record_clear(&file->record);
    enum device_result result =
        file->format == DEVICE_FORMAT_CSV ? read_csv(file, err) : read_ndjson(file, err);
    if (result == DEVICE_READ && !device_record_check(&file->record, err)) return DEVICE_REFUSED;
    return result;
}

void device_file_close(struct device_file *file)
{
    device_record_clear(&file->record);
    csv_clear(&file->csv);
    wg_buf_clear(&file->text);
}
