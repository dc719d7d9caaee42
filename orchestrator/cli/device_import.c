/* device_import.c: `device import FILE`: a registry file into the devices; bad rows are told by
 * line. */
#include "orchestrator/store/device_import.h"

#include "common/posix/file.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/registry/device_file.h"
#include "orchestrator/store/campaign_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    struct cli *cli;
    const char *name; /* of the file, for people */
    FILE *input;
    struct device_file file;
    struct device_import *import;
    struct wg_buf attributes;
    const char *gone[CSV_CELLS_MAX];
    int64_t refused; /* by the reader */
    size_t refusal_count;
    struct import_refusal refusals[IMPORT_REFUSALS_MAX];
    struct import_result result;
};

static bool read_input(void *ctx, char *out, size_t size, size_t *got, struct wg_error *err)
{
    FILE *input = ctx;
    *got = fread(out, 1, size, input);
    return !ferror(input) || wg_fail_errno(err, "reading");
}

static bool open_input(struct job *job, struct wg_error *err)
{
    const char *given = job->cli->args->positionals[0];
    bool is_standard = strcmp(given, "-") == 0;
    job->name = is_standard ? "standard input" : given;
    job->input = is_standard ? stdin : fopen(given, "re");
    return job->input || wg_fail_errno(err, "%s", given);
}

static void note_refusal(struct job *job, const struct wg_error *why)
{
    job->refused++;
    if (job->refusal_count == IMPORT_REFUSALS_MAX) return;
    struct import_refusal *refusal = &job->refusals[job->refusal_count++];
    refusal->line = job->file.line;
    (void)wg_copy(refusal->reason, sizeof refusal->reason, why->text);
}

static const char *const no_names[1] = {NULL};

/* A list that is there but empty is not NULL. */
static const char *const *names_of(const struct record_names *list)
{
    if (!list->given) return NULL;
    return list->count > 0 ? list->names : no_names;
}

static bool send_record(struct job *job, struct wg_error *err)
{
    static const enum import_position positions[] = {
        [POSITION_UNSAID] = IMPORT_POSITION_UNSAID,
        [POSITION_NONE] = IMPORT_POSITION_NONE,
        [POSITION_THERE] = IMPORT_POSITION_THERE,
    };
    const struct device_record *record = &job->file.record;
    struct import_component components[RECORD_COMPONENTS_MAX];
    struct import_row row = {
        .line = job->file.line,
        .id = record->id,
        .hardware_model = record->hardware_model,
        .hardware_revision = record->hardware_revision,
        .region = record->region,
        .zone = record->zone,
        .position = positions[record->position],
        .lat = record->lat,
        .lon = record->lon,
        .tags = names_of(&record->tags),
        .tag_count = record->tags.count,
        .groups = names_of(&record->groups),
        .group_count = record->groups.count,
        .components = components,
        .component_count = record->component_count,
        .attributes_gone = job->gone,
    };
    for (size_t i = 0; i < record->component_count; i++)
        components[i] =
            (struct import_component){record->components[i].name, record->components[i].version};
    if (record->attributes) {
        job->attributes.len = 0;
        if (!device_record_attributes(record, &job->attributes, job->gone,
                                      &row.attributes_gone_count, err))
            return false;
        row.attributes = wg_buf_str(&job->attributes);
    }
    return device_import_row(job->import, &row, err);
}

static bool at_line(const struct job *job, struct wg_error *err)
{
    return wg_context(err, "%s:%lld: error", job->name, (long long)job->file.line);
}

static bool send_all(struct job *job, struct wg_error *err)
{
    for (;;) {
        struct wg_error why = {0};
        switch (device_file_read(&job->file, &why)) {
        case DEVICE_READ:
            if (!send_record(job, err)) return false;
            break;
        case DEVICE_REFUSED:
            note_refusal(job, &why);
            break;
        case DEVICE_END:
            return true;
        case DEVICE_FAILED:
            if (err) *err = why;
            return at_line(job, err);
        }
    }
}

static bool import_format(struct job *job, enum device_format *out, struct wg_error *err)
{
    const char *given = args_value(job->cli->args, "format");
    *out = device_format_of(job->cli->args->positionals[0]);
    return !given || device_format_parse(given, out) ||
           wg_fail(err, WG_E_USAGE, "--format: expected csv or ndjson, got \"%.40s\"", given);
}

/* Refusals of the reader and of the database, the first by line. */
static void join_refusals(struct job *job)
{
    struct import_refusal *all = job->refusals;
    const struct import_result *result = &job->result;
    for (size_t i = 0; i < result->refusal_count; i++) {
        const struct import_refusal *refusal = &result->refusals[i];
        size_t at = job->refusal_count;
        while (at > 0 && all[at - 1].line > refusal->line) at--;
        if (at == IMPORT_REFUSALS_MAX) continue;
        if (job->refusal_count < IMPORT_REFUSALS_MAX) job->refusal_count++;
        memmove(&all[at + 1], &all[at], (job->refusal_count - 1 - at) * sizeof *all);
        all[at] = *refusal;
    }
    job->refused += result->refused;
}

static void show_refusals(const struct job *job)
{
    for (size_t i = 0; i < job->refusal_count; i++)
        (void)fprintf(stderr, "%s:%lld: error: %s\n", job->name, (long long)job->refusals[i].line,
                      job->refusals[i].reason);
    if ((size_t)job->refused > job->refusal_count)
        (void)fprintf(stderr, "%s: %lld more rows are refused\n", job->name,
                      (long long)job->refused - (long long)job->refusal_count);
}

static int64_t same_count(const struct job *job)
{
    const struct import_result *result = &job->result;
    return result->rows - result->refused - result->registered - result->changed;
}

static bool show_json(const struct job *job, bool stored, struct wg_error *err)
{
    const struct import_result *result = &job->result;
    int64_t rows = result->rows - result->refused + job->refused;
    json_t *problems = json_array();
    for (size_t i = 0; i < job->refusal_count; i++)
        (void)json_array_append_new(problems, json_pack("{s:I,s:s}", "line",
                                                        (json_int_t)job->refusals[i].line, "reason",
                                                        job->refusals[i].reason));
    return screen_json(json_pack("{s:I,s:I,s:I,s:I,s:I,s:b,s:o}", "rows", (json_int_t)rows, "new",
                                 (json_int_t)result->registered, "changed",
                                 (json_int_t)result->changed, "unchanged",
                                 (json_int_t)same_count(job), "refused", (json_int_t)job->refused,
                                 "stored", (int)stored, "problems", problems),
                       err);
}

static bool show_result(struct job *job, bool stored, struct wg_error *err)
{
    struct screen *screen = &job->cli->screen;
    if (screen->json) return show_json(job, stored, err);
    show_refusals(job);
    screen_text(screen, "%s%lld new, %lld changed, %lld as before, %lld refused\n",
                stored ? "" : "not stored: ", (long long)job->result.registered,
                (long long)job->result.changed, (long long)same_count(job),
                (long long)job->refused);
    return screen_flush(screen, err);
}

static bool finish(struct job *job, struct wg_error *err)
{
    const struct args *args = job->cli->args;
    if (!device_import_merge(job->import, wg_now(), &job->result, err)) return false;
    join_refusals(job);
    bool whole = job->refused == 0;
    bool nothing = !whole && args_has(args, "all-or-nothing");
    bool store = !nothing && !args_has(args, "dry-run");
    if (store && (!store_notify(job->cli->db, err) || !db_commit(job->cli->db, err))) return false;
    if (!show_result(job, store, err)) return false;
    if (nothing)
        return wg_fail(err, WG_E_BAD_FILE, "%s: error: nothing is stored: %lld rows are bad",
                       job->name, (long long)job->refused);
    return whole || wg_fail(err, WG_E_FAILED, "%s: %lld rows are refused", job->name,
                            (long long)job->refused);
}

static bool run_job(struct job *job, struct wg_error *err)
{
    enum device_format format;
    if (!import_format(job, &format, err) || !open_input(job, err)) return false;
    if (!device_file_open(&job->file, format, read_input, job->input, err))
        return at_line(job, err);
    job->import = device_import_new(job->cli->db, err);
    return job->import && send_all(job, err) && finish(job, err);
}

bool device_import_run(struct cli *cli, struct wg_error *err)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job) return wg_fail_memory(err, "importing devices");
    job->cli = cli;
    wg_buf_init(&job->attributes, WG_ATTRIBUTES_MAX - 1);
    bool ok = run_job(job, err);
    device_import_free(job->import);
    device_file_close(&job->file);
    wg_buf_clear(&job->attributes);
    if (job->input && job->input != stdin) (void)fclose(job->input);
    free(job);
    return ok;
}
