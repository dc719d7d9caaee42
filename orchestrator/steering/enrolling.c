/* enrolling.c: records, line by line, into the devices. */
#include "orchestrator/steering/enrolling.h"

#include "common/buf.h"
#include "common/enrolment.h"
#include "common/posix/file.h"
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/place.h"

#include <stdlib.h>

struct job {
    struct enrolling *with;
    struct db *db;
    wg_time now;
    struct wg_identity_public key;
    struct source source;
    struct wg_buf line;
};

/* False: there is no more. Without its break; what is longer than a record may be is cut. */
static bool next_line(struct job *job)
{
    int c;
    wg_buf_clear(&job->line);
    wg_buf_init(&job->line, DEVICE_ENROLMENT_MAX);
    if (source_peek(&job->source) == SOURCE_END) return false;
    job->with->line = job->source.line;
    while ((c = source_next(&job->source)) != SOURCE_END && c != '\n')
        if (c != '\r') wg_buf_char(&job->line, (char)c);
    return true;
}

static bool take_record(struct job *job, struct wg_error *err)
{
    struct wg_enrolment record;
    const struct wg_buf *line = &job->line;
    if (line->len == 0 && !line->failed) return true;
    if (line->failed || line->len >= DEVICE_ENROLMENT_MAX)
        return wg_fail(err, WG_E_BAD_FILE, "a long record: at most %d bytes are kept",
                       DEVICE_ENROLMENT_MAX - 1);
    if (!wg_enrolment_read(wg_buf_str(line), line->len, &job->key, 1, &record, err) ||
        !device_row_enrol(job->db, record.device, wg_buf_str(line), record.age_key, job->now, err))
        return false;
    job->with->devices++;
    return true;
}

static bool take_all(struct job *job, struct wg_error *err)
{
    struct enrolling *with = job->with;
    if (!source_init(&job->source, with->read, with->ctx, err)) return false;
    while (next_line(job))
        if (!take_record(job, err)) {
            if (err->code != WG_E_DATABASE && err->code != WG_E_MEMORY) err->code = WG_E_BAD_FILE;
            return false;
        }
    with->line = 0;
    if (job->source.failed && err) *err = job->source.problem;
    return !job->source.failed;
}

bool enrolling_run(struct db *db, struct enrolling *with, wg_time now, struct wg_error *err)
{
    if (!with->key[0])
        return wg_fail(err, WG_E_USAGE,
                       "the key \"enrolment\" is missing in the server's configuration: whose "
                       "signature on records counts");
    struct job *job = calloc(1, sizeof *job);
    if (!job) return wg_fail_memory(err, "enrolling devices");
    job->with = with;
    job->db = db;
    job->now = now;
    wg_buf_init(&job->line, DEVICE_ENROLMENT_MAX);
    bool ok = wg_identity_public_load(with->key, &job->key, err) && db_begin(db, err) &&
              take_all(job, err) && db_commit(db, err);
    db_rollback(db);
    wg_buf_clear(&job->line);
    free(job);
    return ok;
}
