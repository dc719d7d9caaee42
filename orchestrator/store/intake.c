/* intake.c: one batch, one transaction. Lock order: devices, places, waves, counters (README.md).
 */
#include "orchestrator/store/intake.h"

#include "orchestrator/store/change_row.h"
#include "orchestrator/store/intake_batch.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define TRIES 5 /* of a transaction that lost a dead-lock */

static bool is_of_device(const struct intake_item *item)
{
    return item->kind == INTAKE_HELLO || item->kind == INTAKE_REPORT;
}

/* The devices of the batch as an array, each once. */
static void add_devices(const struct batch_work *work, struct param_array *out)
{
    param_array_init(out);
    for (size_t i = 0; i < work->count; i++) {
        bool seen = false;
        if (!is_of_device(&work->items[i])) continue;
        for (size_t j = 0; j < i && !seen; j++)
            seen = is_of_device(&work->items[j]) &&
                   strcmp(work->items[i].device, work->items[j].device) == 0;
        if (!seen) param_array_add(out, work->items[i].device);
    }
}

static bool said_hello(const struct batch_work *work, const char *device)
{
    for (size_t i = 0; i < work->count; i++)
        if (work->items[i].kind == INTAKE_HELLO && work->items[i].as.hello.online &&
            strcmp(work->items[i].device, device) == 0)
            return true;
    return false;
}

/* The devices that said something themselves: a Last Will is the broker's word. */
static void add_speakers(const struct batch_work *work, struct param_array *out)
{
    param_array_init(out);
    for (size_t i = 0; i < work->count; i++) {
        const struct intake_item *item = &work->items[i];
        if (item->kind == INTAKE_REPORT || (item->kind == INTAKE_HELLO && item->as.hello.online))
            param_array_add(out, item->device);
    }
}

const struct known_device *intake_known(const struct batch_work *work, const char *device)
{
    for (size_t i = 0; i < work->known_count; i++)
        if (strcmp(work->known[i].id, device) == 0) return &work->known[i];
    return NULL;
}

static void read_boots(const PGresult *result, int row, struct boots *out)
{
    boots_parse(out, db_text(result, row, 4));
    db_copy(result, row, 1, out->now.boot, sizeof out->now.boot);
    out->now.link = db_int(result, row, 2);
    out->at = db_int(result, row, 5);
    out->returns = db_int(result, row, 6);
    out->back_from = db_int(result, row, 7);
}

static bool hold_devices(struct batch_work *work, const char *devices, struct wg_error *err)
{
    const char *const params[] = {devices};
    PGresult *result = db_query(work->db, SQL_DEVICE_HOLD, 1, params, err);
    for (int row = 0; result && row < PQntuples(result); row++) {
        struct known_device *known = &work->known[work->known_count++];
        *known = (struct known_device){.link = db_int(result, row, 2),
                                       .online = db_bool(result, row, 3),
                                       .quarantined = db_bool(result, row, 8),
                                       .hello_seq = db_int(result, row, 9),
                                       .clock_off = db_int(result, row, 10)};
        db_copy(result, row, 0, known->id, sizeof known->id);
        db_copy(result, row, 1, known->boot, sizeof known->boot);
        read_boots(result, row, &known->boots);
    }
    PQclear(result);
    return result != NULL;
}

static void read_answers(const PGresult *result, struct intake_result *out)
{
    for (int row = 0; row < PQntuples(result); row++) {
        if (!db_bool(result, row, 5)) continue;
        struct intake_answer *answer = &out->answers[out->answer_count++];
        *answer = (struct intake_answer){.seq = db_int(result, row, 2)};
        db_copy(result, row, 0, answer->device, sizeof answer->device);
        db_copy(result, row, 1, answer->journal, sizeof answer->journal);
        db_copy(result, row, 3, answer->order, sizeof answer->order);
        answer->link = db_int(result, row, 6);
        db_copy(result, row, 7, answer->boot, sizeof answer->boot);
        answer->go = db_bool(result, row, 4) && answer->order[0];
    }
}

static bool acknowledge(struct batch_work *work, const char *devices, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    struct param_array speakers;
    add_speakers(work, &speakers);
    const char *const params[] = {devices, param_number(at, work->now),
                                  param_array_text(&speakers)};
    PGresult *result = param_array_check(&speakers, err)
                           ? db_query(work->db, SQL_DEVICE_ACKNOWLEDGE, 3, params, err)
                           : NULL;
    param_array_clear(&speakers);
    if (!result) return false;
    read_answers(result, work->out);
    PQclear(result);
    for (size_t i = 0; i < work->out->answer_count; i++)
        work->out->answers[i].hello = said_hello(work, work->out->answers[i].device);
    return true;
}

bool intake_tell(struct db *db, const char *const *devices, size_t count, struct intake_result *out,
                 struct wg_error *err)
{
    struct param_array ids;
    memset(out, 0, sizeof *out);
    param_array_init(&ids);
    for (size_t i = 0; i < count && i < INTAKE_BATCH_MAX; i++) param_array_add(&ids, devices[i]);
    const char *const params[] = {param_array_text(&ids)};
    PGresult *result =
        param_array_check(&ids, err) ? db_query(db, SQL_DEVICE_TOLD, 1, params, err) : NULL;
    if (result) read_answers(result, out);
    PQclear(result);
    param_array_clear(&ids);
    return result != NULL;
}

static bool run(struct batch_work *work, const char *devices, struct wg_error *err)
{
    memset(work->out, 0, sizeof *work->out);
    work->known_count = work->judged_count = work->place_count = work->changed_count = 0;
    work->alarm_count = 0;
    if (!db_begin(work->db, err)) return false;
    bool ok = hold_devices(work, devices, err) && intake_hellos(work, err) &&
              intake_reports(work, err) && intake_satisfied(work, err) &&
              intake_rejected(work, err) && intake_alarms(work, err) && intake_clocks(work, err) &&
              acknowledge(work, devices, err) && change_row_devices(work->db, devices, err) &&
              db_commit(work->db, err);
    if (!ok) db_rollback(work->db);
    return ok;
}

bool intake_commit(struct db *db, const struct intake_item *items, size_t count,
                   intake_decide_fn decide, void *ctx, wg_time now, struct intake_result *out,
                   struct wg_error *err)
{
    struct param_array devices;
    struct batch_work *work = calloc(1, sizeof *work);
    if (!work) return wg_fail_memory(err, "taking in messages");
    work->db = db;
    work->items = items;
    work->count = count;
    work->decide = decide;
    work->ctx = ctx;
    work->now = now;
    work->out = out;
    add_devices(work, &devices);
    const char *text = param_array_text(&devices);
    bool ok = param_array_check(&devices, err);
    if (ok) {
        int tries = 0;
        do ok = run(work, text, err);
        while (!ok && db_lost_race(db) && ++tries < TRIES);
    }
    param_array_clear(&devices);
    free(work);
    return ok;
}
