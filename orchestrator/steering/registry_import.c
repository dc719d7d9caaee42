/* registry_import.c: rows of the file into the store's import, and its words. */
#include "orchestrator/steering/registry_import.h"

#include "orchestrator/store/campaign_row.h"

#include <stdlib.h>
#include <string.h>

struct job {
    struct registry_import *to;
    struct device_file file;
    struct device_import *import;
    struct wg_buf attributes;
    const char *gone[CSV_CELLS_MAX];
    struct import_result result;
};

static void note_refusal(struct job *job, const struct wg_error *why)
{
    struct registry_import *to = job->to;
    to->refused++;
    if (to->refusal_count == IMPORT_REFUSALS_MAX) return;
    struct import_refusal *refusal = &to->refusals[to->refusal_count++];
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

static bool stuck(struct job *job)
{
    job->to->line = job->file.line;
    return false;
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
            return stuck(job);
        }
    }
}

/* Refusals of the reader and of the database, the first by line. */
static void join_refusals(struct job *job)
{
    struct registry_import *to = job->to;
    struct import_refusal *all = to->refusals;
    const struct import_result *result = &job->result;
    for (size_t i = 0; i < result->refusal_count; i++) {
        const struct import_refusal *refusal = &result->refusals[i];
        size_t at = to->refusal_count;
        while (at > 0 && all[at - 1].line > refusal->line) at--;
        if (at == IMPORT_REFUSALS_MAX) continue;
        if (to->refusal_count < IMPORT_REFUSALS_MAX) to->refusal_count++;
        memmove(&all[at + 1], &all[at], (to->refusal_count - 1 - at) * sizeof *all);
        all[at] = *refusal;
    }
    to->rows = result->rows + to->refused;
    to->refused += result->refused;
    to->registered = result->registered;
    to->changed = result->changed;
    to->same = result->rows - result->refused - result->registered - result->changed;
}

static bool run_job(struct job *job, struct db *db, wg_time now, struct wg_error *err)
{
    struct registry_import *to = job->to;
    if (!device_file_open(&job->file, to->format, to->read, to->ctx, err)) return stuck(job);
    job->import = device_import_new(db, err);
    if (!job->import) return false;
    device_import_limit(job->import, to->scopes);
    if (!send_all(job, err) || !device_import_merge(job->import, now, &job->result, err))
        return false;
    join_refusals(job);
    if (to->dry_run || (to->all_or_nothing && to->refused > 0)) return true;
    to->stored = store_notify(db, err) && db_commit(db, err);
    return to->stored;
}

bool registry_import_run(struct db *db, struct registry_import *import, wg_time now,
                         struct wg_error *err)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job) return wg_fail_memory(err, "importing devices");
    job->to = import;
    wg_buf_init(&job->attributes, WG_ATTRIBUTES_MAX - 1);
    bool ok = run_job(job, db, now, err);
    device_import_free(job->import);
    device_file_close(&job->file);
    wg_buf_clear(&job->attributes);
    free(job);
    return ok;
}

json_t *registry_import_json(const struct registry_import *import)
{
    json_t *problems = json_array();
    for (size_t i = 0; i < import->refusal_count; i++) {
        const struct import_refusal *refusal = &import->refusals[i];
        (void)json_array_append_new(
            problems,
            json_pack("{s:I,s:s}", "line", (json_int_t)refusal->line, "reason", refusal->reason));
    }
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:b,s:o}", "rows", (json_int_t)import->rows, "new",
                     (json_int_t)import->registered, "changed", (json_int_t)import->changed,
                     "unchanged", (json_int_t)import->same, "refused", (json_int_t)import->refused,
                     "stored", (int)import->stored, "problems", problems);
}
