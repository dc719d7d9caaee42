/* device_export.c: `device export`: the registry as a file that `device import` reads. */
#include "orchestrator/store/device_export.h"

#include "orchestrator/cli/command.h"
#include "orchestrator/registry/device_file.h"

#include <stdlib.h>

#define BLOCK ((size_t)64 * 1024)           /* written at once */
#define BLOCK_MAX ((size_t)4 * 1024 * 1024) /* with the longest line */

struct job {
    struct cli *cli;
    enum device_format format;
    struct device_export from;
    struct device_columns columns;
    struct device_record record;
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
    device_csv_write_header(columns, &job->cli->screen.text);
    return true;
}

static bool write_device(struct job *job, const char *json, struct wg_error *err)
{
    struct wg_buf *out = &job->cli->screen.text;
    device_record_clear(&job->record);
    if (!device_ndjson_read_stored(json, &job->record, err))
        return wg_context(err, "exporting %s", job->record.id ? job->record.id : "a device");
    if (job->format == DEVICE_FORMAT_CSV)
        device_csv_write(&job->columns, &job->record, out);
    else
        device_ndjson_write(&job->record, out);
    return out->len < BLOCK || screen_flush(&job->cli->screen, err);
}

static bool run_job(struct job *job, struct wg_error *err)
{
    const struct args *args = job->cli->args;
    const char *json;
    if (!device_export_begin(&job->from, job->cli->db, args_value(args, "tag"),
                             args_value(args, "group"), err) ||
        (job->format == DEVICE_FORMAT_CSV && !make_columns(job, err)))
        return false;
    do {
        if (!device_export_next(&job->from, &json, err) || (json && !write_device(job, json, err)))
            return false;
    } while (json);
    return screen_flush(&job->cli->screen, err);
}

bool device_export_run(struct cli *cli, struct wg_error *err)
{
    const char *format = args_value(cli->args, "format");
    struct job *job = calloc(1, sizeof *job);
    if (!job) return wg_fail_memory(err, "exporting devices");
    job->cli = cli;
    job->format = DEVICE_FORMAT_CSV;
    device_record_init(&job->record);
    wg_buf_clear(&cli->screen.text);
    wg_buf_init(&cli->screen.text, BLOCK_MAX);
    bool ok = !format || device_format_parse(format, &job->format) ||
              wg_fail(err, WG_E_USAGE, "--format: expected csv or ndjson, got \"%.40s\"", format);
    if (ok) {
        ok = run_job(job, err);
        device_export_end(&job->from);
    }
    device_record_clear(&job->record);
    free(job);
    return ok;
}
