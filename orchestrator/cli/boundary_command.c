/* boundary_command.c: `boundary import FILE`, `boundary list`, `boundary derive`. */
#include "orchestrator/store/boundary_row.h"

#include "common/posix/file.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/registry/feature.h"
#include "orchestrator/store/campaign_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    struct cli *cli;
    const char *name; /* of the file */
    FILE *input;
    struct feature_file file;
    int64_t left_out, stored, changed;
};

static bool read_input(void *ctx, char *out, size_t size, size_t *got, struct wg_error *err)
{
    FILE *input = ctx;
    *got = fread(out, 1, size, input);
    return !ferror(input) || wg_fail_errno(err, "reading");
}

static bool put_feature(struct job *job, struct wg_error *err)
{
    const struct feature_file *file = &job->file;
    struct db *db = job->cli->db;
    if (!*file->region && !*file->zone) job->left_out++;
    return (!*file->region ||
            boundary_row_put(db, BOUNDARY_REGION, file->region, file->geometry, err)) &&
           (!*file->zone || boundary_row_put(db, BOUNDARY_ZONE, file->zone, file->geometry, err));
}

static bool put_all(struct job *job, struct wg_error *err)
{
    for (;;) {
        enum feature_result result = feature_file_read(&job->file, err);
        if (result == FEATURE_END) return true;
        if (result == FEATURE_FAILED || !put_feature(job, err))
            return wg_context(err, "%s:%lld: error: feature %lld", job->name,
                              (long long)job->file.line, (long long)job->file.number);
    }
}

static bool derive(struct cli *cli, int64_t *changed, struct wg_error *err)
{
    return boundary_row_derive_all(cli->db, changed, err) && store_notify(cli->db, err);
}

static bool run_import(struct job *job, struct wg_error *err)
{
    struct db *db = job->cli->db;
    const char *given = job->cli->args->positionals[0];
    bool is_standard = strcmp(given, "-") == 0;
    job->name = is_standard ? "standard input" : given;
    job->input = is_standard ? stdin : fopen(given, "re");
    if (!job->input) return wg_fail_errno(err, "%s", given);
    if (!feature_file_open(&job->file, read_input, job->input, err))
        return wg_context(err, "%s:1: error", job->name);
    bool ok = db_begin(db, err) && boundary_row_begin(db, err) && put_all(job, err) &&
              boundary_row_store(db, wg_now(), &job->stored, err) && db_commit(db, err);
    db_rollback(db);
    return ok && derive(job->cli, &job->changed, err);
}

static bool show_import(const struct job *job, struct wg_error *err)
{
    struct screen *screen = &job->cli->screen;
    if (screen->json)
        return screen_json(json_pack("{s:I,s:I,s:I}", "boundaries", (json_int_t)job->stored,
                                     "left_out", (json_int_t)job->left_out, "devices_changed",
                                     (json_int_t)job->changed),
                           err);
    screen_text(screen, "%lld boundaries, %lld devices changed\n", (long long)job->stored,
                (long long)job->changed);
    if (job->left_out > 0)
        screen_text(screen, "%lld features left out: they name no region and no zone\n",
                    (long long)job->left_out);
    return screen_flush(screen, err);
}

bool boundary_import_run(struct cli *cli, struct wg_error *err)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job) return wg_fail_memory(err, "importing boundaries");
    job->cli = cli;
    bool ok = run_import(job, err) && show_import(job, err);
    feature_file_close(&job->file);
    if (job->input && job->input != stdin) (void)fclose(job->input);
    free(job);
    return ok;
}

bool boundary_derive_run(struct cli *cli, struct wg_error *err)
{
    int64_t changed = 0;
    if (!derive(cli, &changed, err)) return false;
    if (cli->screen.json)
        return screen_json(json_pack("{s:I}", "devices_changed", (json_int_t)changed), err);
    screen_text(&cli->screen, "%lld devices changed\n", (long long)changed);
    return screen_flush(&cli->screen, err);
}

static json_t *row_json(const struct boundary_row *row)
{
    return json_pack("{s:s,s:s,s:f,s:I,s:o}", "kind", row->kind, "name", row->name, "area_km2",
                     row->area, "devices", (json_int_t)row->devices, "imported_at",
                     screen_json_time(row->imported_at));
}

static void show_list(struct screen *screen, const struct boundary_row *rows, size_t count)
{
    static const char *const heads[] = {"KIND", "NAME", "KM2", "DEVICES"};
    struct screen_table table;
    screen_table_init(&table, 4);
    for (size_t i = 0; i < 4; i++) screen_table_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < count; i++) {
        screen_table_cell(&table, "%s", rows[i].kind);
        screen_table_cell(&table, "%s", rows[i].name);
        screen_table_cell(&table, "%.0f", rows[i].area);
        screen_table_cell(&table, "%lld", (long long)rows[i].devices);
    }
    screen_table_write(screen, &table);
}

bool boundary_list_run(struct cli *cli, struct wg_error *err)
{
    struct boundary_row *rows = NULL;
    size_t count = 0;
    if (!boundary_row_list(cli->db, &rows, &count, err)) return false;
    bool ok = true;
    if (cli->screen.json) {
        json_t *out = json_array();
        for (size_t i = 0; i < count; i++) (void)json_array_append_new(out, row_json(&rows[i]));
        ok = screen_json(out, err);
    } else {
        show_list(&cli->screen, rows, count);
    }
    free(rows);
    return ok && screen_flush(&cli->screen, err);
}
