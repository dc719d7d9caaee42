/* intake.c: one batch, one transaction. Lock order: devices, places, orders; counters with the
 * commit (README.md). */
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

static int by_device(const void *left, const void *right)
{
    const struct speaker *a = left, *b = right;
    return strcmp(a->device, b->device);
}

/* The devices of the batch, each once, sorted. */
static void gather_speakers(struct batch_work *work)
{
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < work->count; i++) {
        const struct intake_item *item = &work->items[i];
        bool hello = item->kind == INTAKE_HELLO && item->as.hello.online;
        bool spoke = hello || item->kind == INTAKE_REPORT;
        if (!is_of_device(item)) continue;
        work->speakers[count++] = (struct speaker){.device = item->device,
                                                   .broker = spoke ? item->broker : NULL,
                                                   .spoke = spoke,
                                                   .hello = hello};
    }
    qsort(work->speakers, count, sizeof *work->speakers, by_device);
    for (size_t i = 0; i < count; i++) {
        struct speaker *last = kept ? &work->speakers[kept - 1] : NULL;
        if (last && strcmp(last->device, work->speakers[i].device) == 0) {
            last->spoke = last->spoke || work->speakers[i].spoke;
            last->hello = last->hello || work->speakers[i].hello;
            if (work->speakers[i].broker) last->broker = work->speakers[i].broker;
        } else {
            work->speakers[kept++] = work->speakers[i];
        }
    }
    work->speaker_count = kept;
}

static int is_of_speaker(const void *device, const void *speaker)
{
    return strcmp(device, ((const struct speaker *)speaker)->device);
}

struct speaker *intake_speaker(struct batch_work *work, const char *device)
{
    return bsearch(device, work->speakers, work->speaker_count, sizeof work->speakers[0],
                   is_of_speaker);
}

/* A transaction is tried again from the start. */
static void forget_speakers(struct batch_work *work)
{
    for (size_t i = 0; i < work->speaker_count; i++) {
        struct speaker *speaker = &work->speakers[i];
        speaker->known = NULL;
        speaker->judged = speaker->places = INTAKE_NONE;
    }
}

static int by_id(const void *left, const void *right)
{
    const struct known_device *a = left, *b = right;
    return strcmp(a->id, b->id);
}

static int is_id(const void *id, const void *known)
{
    return strcmp(id, ((const struct known_device *)known)->id);
}

const struct known_device *intake_known(const struct batch_work *work, const char *device)
{
    return bsearch(device, work->known, work->known_count, sizeof work->known[0], is_id);
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
                                       .clock_off = db_int(result, row, 10),
                                       .report_seq = db_int(result, row, 12),
                                       .report_most = db_int(result, row, 13)};
        db_copy(result, row, 11, known->journal, sizeof known->journal);
        db_copy(result, row, 0, known->id, sizeof known->id);
        db_copy(result, row, 1, known->boot, sizeof known->boot);
        db_copy(result, row, 14, known->broker, sizeof known->broker);
        read_boots(result, row, &known->boots);
        known->said_hello = intake_speaker(work, known->id)->hello;
    }
    /* the database may sort them otherwise */
    qsort(work->known, work->known_count, sizeof work->known[0], by_id);
    for (size_t i = 0; i < work->known_count; i++)
        intake_speaker(work, work->known[i].id)->known = &work->known[i];
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
        db_copy(result, row, 8, answer->broker, sizeof answer->broker);
        answer->go = db_bool(result, row, 4) && answer->order[0];
    }
}

/* The update that the device has in hand, where this batch was about it: a device has one. NULL:
 * the database is asked. */
static const struct held_place *in_hand(const struct batch_work *work,
                                        const struct speaker *speaker)
{
    for (size_t i = speaker->places; i != INTAKE_NONE; i = work->places[i].next) {
        const struct held_place *place = &work->places[work->places[i].same_as];
        if (place_is_in_hand(place->now.state)) return place;
    }
    return NULL;
}

enum { ACKNOWLEDGE_COLUMNS = 6 };

/* Who said hello may have another journal now, and other orders; the numbers behind a gap that the
 * batch has closed are the database's to find. */
static void add_acknowledged(const struct batch_work *work, const struct speaker *speaker,
                             struct param_array *columns)
{
    char number[PARAM_NUMBER];
    const struct known_device *known = speaker->hello ? NULL : speaker->known;
    bool told = known && known->report_most >= 0 && known->run == known->most;
    const struct held_place *place = known ? in_hand(work, speaker) : NULL;
    param_array_add(&columns[0], speaker->device);
    param_array_add(&columns[1], speaker->spoke ? "true" : "false");
    param_array_add(&columns[2], told ? param_number(number, known->run) : NULL);
    param_array_add(&columns[3], place ? place->now.order : NULL);
    bool go = place && (place->now.state == WG_REBOOTING || place->now.state == WG_PROBATION);
    param_array_add(&columns[4], go ? "true" : "false");
}

static bool acknowledge(struct batch_work *work, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    struct param_array columns[ACKNOWLEDGE_COLUMNS - 1];
    const char *params[ACKNOWLEDGE_COLUMNS];
    for (size_t c = 0; c < ACKNOWLEDGE_COLUMNS - 1; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < work->speaker_count; i++)
        add_acknowledged(work, &work->speakers[i], columns);
    bool ok = true;
    for (size_t c = 0; c < ACKNOWLEDGE_COLUMNS - 1; c++) {
        params[c] = param_array_text(&columns[c]);
        ok = ok && param_array_check(&columns[c], err);
    }
    params[ACKNOWLEDGE_COLUMNS - 1] = param_number(at, work->now);
    PGresult *result =
        ok ? db_query(work->db, SQL_DEVICE_ACKNOWLEDGE, ACKNOWLEDGE_COLUMNS, params, err) : NULL;
    for (size_t c = 0; c < ACKNOWLEDGE_COLUMNS - 1; c++) param_array_clear(&columns[c]);
    if (!result) return false;
    read_answers(result, work->out);
    PQclear(result);
    for (size_t i = 0; i < work->out->answer_count; i++) {
        struct intake_answer *answer = &work->out->answers[i];
        const struct speaker *speaker = intake_speaker(work, answer->device);
        answer->hello = speaker->hello;
        /* it has said hello by another one, which was not heard yet; or this is what it left */
        if (speaker->broker && strcmp(speaker->broker, answer->broker) != 0)
            answer->broker[0] = '\0';
    }
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
    forget_speakers(work);
    if (!db_begin(work->db, err)) return false;
    bool ok = hold_devices(work, devices, err) && intake_hellos(work, err) &&
              intake_reports(work, err) && intake_satisfied(work, err) &&
              intake_rejected(work, err) && intake_alarms(work, err) && intake_clocks(work, err) &&
              intake_new_sessions(work, err) && intake_runs(work, err) && acknowledge(work, err) &&
              change_row_devices(work->db, devices, err) && db_commit(work->db, err);
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
    gather_speakers(work);
    param_array_init(&devices);
    for (size_t i = 0; i < work->speaker_count; i++)
        param_array_add(&devices, work->speakers[i].device);
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
