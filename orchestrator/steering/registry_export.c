/* registry_export.c: devices as lines, written a block at a time. */
#include "orchestrator/steering/registry_export.h"

#include <stdlib.h>

#define BLOCK ((size_t)64 * 1024)           /* written at once */
#define BLOCK_MAX ((size_t)4 * 1024 * 1024) /* with the longest line */

struct job {
    enum device_format format;
    struct device_export from;
    struct device_columns columns;
    struct device_record record;
    struct wg_buf text;
    registry_write_fn write;
    void *ctx;
};

static bool add_component(void *ctx, const char *name, struct wg_error *err)
{
    return device_columns_add(ctx, COLUMN_SOFTWARE, name, err);
}

static bool add_attribute(void *ctx, const char *name, struct wg_error *err)
{
    return device_columns_add(ctx, COLUMN_ATTRIBUTE, name, err);
}

/* Every component and attribute that some device has is a column. */
static bool make_columns(struct job *job, struct wg_error *err)
{
    struct device_columns *columns = &job->columns;
    for (int kind = 0; kind < COLUMN_FIXED; kind++)
        if (!device_columns_add(columns, (enum column_kind)kind, NULL, err)) return false;
    if (!device_export_components(&job->from, RECORD_COMPONENTS_MAX + 1, add_component, columns,
                                  err) ||
        !device_export_attributes(&job->from, CSV_CELLS_MAX + 1, add_attribute, columns, err))
        return false;
    if (columns->count > RECORD_COMPONENTS_MAX + COLUMN_FIXED &&
        columns->list[RECORD_COMPONENTS_MAX + COLUMN_FIXED].kind == COLUMN_SOFTWARE)
        return wg_fail(err, WG_E_LIMIT, "more than %d components: export as ndjson",
                       RECORD_COMPONENTS_MAX);
    device_csv_write_header(columns, &job->text);
    return true;
}

static bool flush(struct job *job, struct wg_error *err)
{
    bool ok = wg_buf_check(&job->text, err, "a device") &&
              job->write(job->ctx, job->text.data, job->text.len, err);
    job->text.len = 0;
    return ok;
}

static bool write_device(struct job *job, const char *json, struct wg_error *err)
{
    device_record_clear(&job->record);
    if (!device_ndjson_read_stored(json, &job->record, err))
        return wg_context(err, "exporting %s", job->record.id ? job->record.id : "a device");
    if (job->format == DEVICE_FORMAT_CSV)
        device_csv_write(&job->columns, &job->record, &job->text);
    else
        device_ndjson_write(&job->record, &job->text);
    return job->text.len < BLOCK || flush(job, err);
}

static bool run_job(struct job *job, struct db *db, struct wg_error *err)
{
    const char *json;
    if (!device_export_begin(&job->from, db, err) ||
        (job->format == DEVICE_FORMAT_CSV && !make_columns(job, err)))
        return false;
    do {
        if (!device_export_next(&job->from, &json, err) || (json && !write_device(job, json, err)))
            return false;
    } while (json);
    return job->text.len == 0 || flush(job, err);
}

bool registry_export_run(struct db *db, const struct device_export *from, enum device_format format,
                         registry_write_fn write, void *ctx, struct wg_error *err)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job) return wg_fail_memory(err, "exporting devices");
    job->from = *from;
    job->format = format == DEVICE_FORMAT_NDJSON ? format : DEVICE_FORMAT_CSV;
    job->write = write;
    job->ctx = ctx;
    device_record_init(&job->record);
    wg_buf_init(&job->text, BLOCK_MAX);
    bool ok = run_job(job, db, err);
    device_export_end(&job->from);
    device_record_clear(&job->record);
    wg_buf_clear(&job->text);
    free(job);
    return ok;
}
