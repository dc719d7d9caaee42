/* intake_report.c: judges each report in order against the place it is about, then writes all at
 * once. */
#include "orchestrator/store/intake_batch.h"
#include "orchestrator/store/params.h"
#include "orchestrator/store/place.h"

#include "common/version.h"

#include <stdlib.h>
#include <string.h>

/* Of one device. */
static bool same_report(const struct intake_item *a, const struct intake_item *b)
{
    return a->as.report.seq == b->as.report.seq &&
           strcmp(a->as.report.journal, b->as.report.journal) == 0;
}

/* Who repeats a report sends what it has in its journal. */
static void look_for_fork(struct batch_work *work, const struct intake_item *item, bool same)
{
    if (!same) intake_cloned(work, item, "two reports of one number tell different things");
}

static bool same_content(const struct wg_report *a, const struct wg_report *b)
{
    return strcmp(a->order, b->order) == 0 && strcmp(a->campaign, b->campaign) == 0 &&
           a->attempt == b->attempt && a->state == b->state && a->cause == b->cause &&
           strcmp(a->detail, b->detail) == 0;
}

static bool same_as_stored(const struct wg_report *report, const PGresult *result, int row)
{
    return strcmp(report->order, db_text(result, row, 3)) == 0 &&
           strcmp(report->campaign, db_text(result, row, 4)) == 0 &&
           report->attempt == db_int(result, row, 5) &&
           strcmp(wg_state_text(report->state), db_text(result, row, 6)) == 0 &&
           strcmp(wg_cause_text(report->cause), db_text(result, row, 7)) == 0 &&
           strcmp(report->detail, db_text(result, row, 8)) == 0;
}

static void gather(struct batch_work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        const struct intake_item *item = &work->items[i];
        if (item->kind != INTAKE_REPORT) continue;
        struct speaker *speaker = intake_speaker(work, item->device);
        struct judged *judged = &work->judged[work->judged_count];
        *judged = (struct judged){
            .item = item, .speaker = speaker, .next = speaker->judged, .remark = ""};
        for (size_t j = judged->next; item->as.report.seq > 0 && !judged->known && j != INTAKE_NONE;
             j = work->judged[j].next) {
            const struct intake_item *first = work->judged[j].item;
            if (!same_report(first, item)) continue;
            judged->known = true;
            look_for_fork(work, item, same_content(&first->as.report, &item->as.report));
        }
        speaker->judged = work->judged_count++;
    }
}

static bool is_of_journal(const struct judged *judged)
{
    const struct known_device *known = judged->speaker->known;
    return known && strcmp(judged->item->as.report.journal, known->journal) == 0;
}

/* What was acknowledged is known also where its row is too old to be looked for. */
static bool was_acknowledged(const struct judged *judged)
{
    int64_t seq = judged->item->as.report.seq;
    return is_of_journal(judged) && seq > 0 && seq <= judged->speaker->known->report_seq;
}

/* Nearly all: with a greater number than any that is stored. */
static bool is_new(const struct judged *judged)
{
    int64_t seq = judged->item->as.report.seq;
    return seq == 0 ||
           (is_of_journal(judged) && judged->speaker->known->report_most >= 0 &&
            seq > judged->speaker->known->report_most && seq > judged->speaker->known->report_seq);
}

static void mark_stored(struct batch_work *work, const PGresult *result, int row)
{
    const struct speaker *speaker = intake_speaker(work, db_text(result, row, 0));
    for (size_t i = speaker->judged; i != INTAKE_NONE; i = work->judged[i].next) {
        const struct intake_item *item = work->judged[i].item;
        if (item->as.report.seq != db_int(result, row, 2) ||
            strcmp(item->as.report.journal, db_text(result, row, 1)) != 0)
            continue;
        work->judged[i].known = true;
        look_for_fork(work, item, same_as_stored(&item->as.report, result, row));
    }
}

/* Marks the reports that an earlier batch has stored. */
static bool mark_known(struct batch_work *work, struct wg_error *err)
{
    struct param_array columns[3];
    bool any = false;
    for (size_t c = 0; c < 3; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < work->judged_count; i++) {
        const struct intake_item *item = work->judged[i].item;
        if (is_new(&work->judged[i])) continue;
        if (was_acknowledged(&work->judged[i])) work->judged[i].known = true;
        param_array_add(&columns[0], item->device);
        param_array_add(&columns[1], item->as.report.journal);
        param_array_number(&columns[2], item->as.report.seq);
        any = true;
    }
    char at[PARAM_NUMBER];
    const char *const params[] = {param_array_text(&columns[0]), param_array_text(&columns[1]),
                                  param_array_text(&columns[2]), param_number(at, work->now)};
    PGresult *result = any && param_array_check(&columns[0], err)
                           ? db_query(work->db, SQL_REPORT_KNOWN, 4, params, err)
                           : NULL;
    for (int row = 0; result && row < PQntuples(result); row++) mark_stored(work, result, row);
    bool ok = !any || result != NULL;
    PQclear(result);
    for (size_t c = 0; c < 3; c++) param_array_clear(&columns[c]);
    return ok;
}

static bool is_held_back(const struct batch_work *work, const char *device, bool campaign_held)
{
    const struct known_device *known = intake_known(work, device);
    return campaign_held || (known && known->quarantined);
}

static bool read_held(struct batch_work *work, const PGresult *result, int row)
{
    size_t index = work->place_count;
    struct held_place *held = &work->places[index];
    *held = (struct held_place){.now = {.found = true}, .same_as = index};
    db_copy(result, row, 0, held->order, sizeof held->order);
    held->move.campaign = db_int(result, row, 1);
    db_copy(result, row, 2, held->move.device, sizeof held->move.device);
    held->move.wave = db_int(result, row, 3);
    held->now.attempt = db_int(result, row, 6);
    db_copy(result, row, 7, held->now.order, sizeof held->now.order);
    held->now.spent = db_int(result, row, 8);
    held->now.campaign = db_int(result, row, 9);
    held->now.held = is_held_back(work, held->move.device, db_bool(result, row, 12));
    held->now.recalled = db_bool(result, row, 13);
    db_copy(result, row, 14, held->now.digest, sizeof held->now.digest);
    held->now.asked = db_int(result, row, 15);
    held->move.bytes = db_int(result, row, 10);
    held->move.bytes_total = db_int(result, row, 11);
    if (!wg_state_parse(db_text(result, row, 4), &held->now.state) ||
        !wg_cause_parse(db_text(result, row, 5), &held->now.cause))
        return false;
    held->move.from = held->now.state;
    held->move.from_cause = held->now.cause;
    struct speaker *speaker = intake_speaker(work, held->move.device);
    held->next = speaker->places;
    for (size_t i = held->next; i != INTAKE_NONE; i = work->places[i].next)
        if (work->places[i].move.campaign == held->move.campaign)
            held->same_as = work->places[i].same_as;
    speaker->places = work->place_count++;
    return true;
}

static struct held_place *place_of(struct batch_work *work, const struct judged *judged)
{
    for (size_t i = judged->speaker->places; i != INTAKE_NONE; i = work->places[i].next)
        if (strcmp(work->places[i].order, judged->item->as.report.order) == 0)
            return &work->places[work->places[i].same_as];
    return NULL;
}

/* Those of reports whose place is not held yet. */
static bool hold_places(struct batch_work *work, enum sql_name statement, struct wg_error *err)
{
    struct param_array orders, devices, before;
    bool any = false;
    param_array_init(&orders);
    param_array_init(&devices);
    param_array_init(&before);
    for (size_t i = 0; i < work->judged_count; i++) {
        const struct intake_item *item = work->judged[i].item;
        if (place_of(work, &work->judged[i])) continue;
        param_array_add(&orders, item->as.report.order);
        param_array_add(&devices, item->device);
        param_array_add(&before, wg_state_is_before_switch(item->as.report.state) ? "t" : "f");
        any = true;
    }
    const char *const params[] = {param_array_text(&orders), param_array_text(&devices),
                                  param_array_text(&before)};
    PGresult *result = any && param_array_check(&orders, err) && param_array_check(&before, err)
                           ? db_query(work->db, statement, 3, params, err)
                           : NULL;
    bool ok = !any || result != NULL;
    for (int row = 0; ok && any && row < PQntuples(result); row++)
        if (!read_held(work, result, row))
            ok = wg_fail(err, WG_E_DATABASE, "a device is in no known state");
    PQclear(result);
    param_array_clear(&orders);
    param_array_clear(&devices);
    param_array_clear(&before);
    return ok;
}

static void progress(struct held_place *place, const struct wg_report *report)
{
    if (!place || place->now.state != WG_DOWNLOADING ||
        strcmp(place->now.order, report->order) != 0)
        return;
    place->move.bytes = report->bytes;
    place->move.bytes_total = report->bytes_total;
    place->progressed = true;
}

static const char *judge(struct batch_work *work, struct held_place *place,
                         const struct intake_item *item)
{
    const struct wg_report *report = &item->as.report;
    struct intake_change change = {0};
    if (!place) return "unknown order";
    work->decide(work->ctx, &place->now, report, item->received, &change);
    if (!change.moves) return change.remark ? change.remark : "moves nothing";
    if (report->state == WG_REBOOTING) place->now.asked = report->seq;
    place->move.ended_in = place->now.state;
    place->now.state = change.state;
    place->now.cause = change.cause;
    place->move.to = change.state;
    place->move.to_cause = change.cause;
    place->move.retry_at = change.retry_at;
    place->move.ready_at = change.ready ? item->received : 0;
    place->now.spent += change.spends;
    /* time-outs of what goes on count from the answer: a report may have waited for the database */
    place->move.at = wg_state_is_in_flight(change.state) ? work->now : item->received;
    if (report->bytes_total > 0) {
        place->move.bytes = report->bytes;
        place->move.bytes_total = report->bytes_total;
    }
    (void)wg_copy(place->move.detail, sizeof place->move.detail, report->detail);
    place->moved = true;
    return change.remark ? change.remark : "";
}

static void add_asking(const struct batch_work *work, const struct held_place *place,
                       struct param_array columns[3])
{
    if (!place || !place->now.order[0]) return;
    param_array_number(&columns[0], (int64_t)place->same_as);
    param_array_number(&columns[1], place->move.campaign);
    param_array_add(&columns[2], work->places[place->same_as].now.order);
}

/* Whoever asks to switch over is judged by what holds now that its place is held. */
static bool look_again(struct batch_work *work, struct wg_error *err)
{
    struct param_array columns[3];
    bool any = false;
    for (size_t c = 0; c < 3; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < work->judged_count; i++) {
        const struct judged *judged = &work->judged[i];
        if (judged->known || judged->item->as.report.state != WG_REBOOTING) continue;
        add_asking(work, place_of(work, judged), columns);
        any = true;
    }
    const char *const params[] = {param_array_text(&columns[0]), param_array_text(&columns[1]),
                                  param_array_text(&columns[2])};
    PGresult *result = any && param_array_check(&columns[2], err)
                           ? db_query(work->db, SQL_PLACE_ASKS, 3, params, err)
                           : NULL;
    for (int row = 0; result && row < PQntuples(result); row++) {
        struct held_place *place = &work->places[db_int(result, row, 0)];
        place->now.held = is_held_back(work, place->move.device, db_bool(result, row, 1));
        place->now.recalled = db_bool(result, row, 2);
    }
    bool ok = !any || result != NULL;
    PQclear(result);
    for (size_t c = 0; c < 3; c++) param_array_clear(&columns[c]);
    return ok;
}

static void judge_all(struct batch_work *work)
{
    for (size_t i = 0; i < work->judged_count; i++) {
        struct judged *judged = &work->judged[i];
        struct held_place *place = place_of(work, judged);
        if (judged->item->as.report.seq == 0) {
            progress(place, &judged->item->as.report);
            work->out->progress++;
        } else if (!judged->known) {
            judged->remark = judge(work, place, judged->item);
            if (judged->remark[0])
                work->out->remarks++;
            else
                work->out->moved++;
        }
    }
}

static bool write_moves(struct batch_work *work, struct wg_error *err)
{
    size_t count = 0;
    struct place_move *moves = calloc(work->place_count + 1, sizeof *moves);
    if (!moves) return wg_fail_memory(err, "moving devices");
    for (size_t i = 0; i < work->place_count; i++)
        if (work->places[i].moved) {
            moves[count] = work->places[i].move;
            moves[count++].spent = work->places[i].now.spent;
        }
    bool ok = place_moves_write(work->db, moves, count, err);
    free(moves);
    return ok;
}

enum { REPORT_COLUMNS = 12 };

static void add_report(struct param_array *columns, const struct judged *judged)
{
    const struct wg_report *report = &judged->item->as.report;
    param_array_add(&columns[0], judged->item->device);
    param_array_add(&columns[1], report->journal);
    param_array_number(&columns[2], report->seq);
    param_array_number(&columns[3], judged->item->received);
    param_array_add(&columns[4], report->order);
    param_array_add(&columns[5], report->campaign);
    param_array_number(&columns[6], report->attempt);
    param_array_add(&columns[7], wg_state_text(report->state));
    param_array_add(&columns[8], wg_cause_text(report->cause));
    param_array_add(&columns[9], report->detail);
    param_array_number(&columns[10], report->at);
    param_array_add(&columns[11], judged->remark);
}

static bool write_columns(struct db *db, enum sql_name name, struct param_array *columns,
                          size_t count, bool any, struct wg_error *err)
{
    const char *params[REPORT_COLUMNS];
    bool ok = true;
    for (size_t c = 0; c < count; c++) {
        params[c] = param_array_text(&columns[c]);
        ok = ok && param_array_check(&columns[c], err);
    }
    ok = ok && (!any || db_run(db, name, count, params, NULL, err));
    for (size_t c = 0; c < count; c++) param_array_clear(&columns[c]);
    return ok;
}

static bool write_reports(struct batch_work *work, struct wg_error *err)
{
    struct param_array columns[REPORT_COLUMNS];
    bool any = false;
    for (size_t c = 0; c < REPORT_COLUMNS; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < work->judged_count; i++) {
        if (work->judged[i].known || work->judged[i].item->as.report.seq == 0) continue;
        add_report(columns, &work->judged[i]);
        any = true;
    }
    return write_columns(work->db, SQL_REPORT_INSERT, columns, REPORT_COLUMNS, any, err);
}

static bool write_progress(struct batch_work *work, struct wg_error *err)
{
    struct param_array columns[4];
    bool any = false;
    for (size_t c = 0; c < 4; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < work->place_count; i++) {
        const struct held_place *place = &work->places[i];
        if (!place->progressed || place->moved) continue;
        param_array_number(&columns[0], place->move.campaign);
        param_array_add(&columns[1], place->move.device);
        param_array_number(&columns[2], place->move.bytes);
        param_array_number(&columns[3], place->move.bytes_total);
        any = true;
    }
    return write_columns(work->db, SQL_PLACE_PROGRESS, columns, 4, any, err);
}

/* Orders that devices have ended, for good: neither sent nor taken back again. */
static bool close_done(struct batch_work *work, struct wg_error *err)
{
    struct param_array columns[2];
    bool any = false;
    for (size_t c = 0; c < 2; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < work->judged_count; i++) {
        const struct intake_item *item = work->judged[i].item;
        if (!wg_state_is_final(item->as.report.state)) continue;
        param_array_add(&columns[0], item->as.report.order);
        param_array_add(&columns[1], item->device);
        any = true;
    }
    return write_columns(work->db, SQL_ORDER_CLOSE_DONE, columns, 2, any, err);
}

/* A success proves what the device runs now: its hello after the reboot may have been lost on the
 * way. */
static bool write_proven(struct batch_work *work, struct wg_error *err)
{
    enum { AT = 1 + INTAKE_COMPONENT_COLUMNS, COLUMNS };
    struct param_array columns[COLUMNS];
    bool any = false;
    for (size_t c = 0; c < COLUMNS; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < work->judged_count; i++) {
        const struct intake_item *item = work->judged[i].item;
        const struct wg_report *report = &item->as.report;
        bool moved = !work->judged[i].known && !work->judged[i].remark[0] && report->seq > 0;
        if (!moved || report->state != WG_SUCCEEDED) continue;
        for (size_t n = 0; n < report->component_count; n++) {
            param_array_add(&columns[0], item->device);
            intake_add_component(columns + 1, &report->components[n]);
            param_array_number(&columns[AT], work->now);
            any = true;
        }
    }
    return write_columns(work->db, SQL_DEVICE_SOFTWARE_PROVEN, columns, COLUMNS, any, err);
}

bool intake_reports(struct batch_work *work, struct wg_error *err)
{
    gather(work);
    if (work->judged_count == 0) return true;
    if (!mark_known(work, err) || !hold_places(work, SQL_PLACE_IN_HAND, err) ||
        !hold_places(work, SQL_PLACE_OF_ORDERS, err) || !look_again(work, err))
        return false;
    judge_all(work);
    return write_reports(work, err) && write_moves(work, err) && write_progress(work, err) &&
           write_proven(work, err) && close_done(work, err);
}

bool intake_satisfied(struct batch_work *work, struct wg_error *err)
{
    struct param_array devices;
    if (work->changed_count == 0) return true;
    param_array_init(&devices);
    for (size_t i = 0; i < work->changed_count; i++) param_array_add(&devices, work->changed[i]);
    const char *text = param_array_text(&devices);
    bool ok = param_array_check(&devices, err) && place_satisfy(work->db, text, work->now, err);
    param_array_clear(&devices);
    return ok;
}

bool intake_rejected(struct batch_work *work, struct wg_error *err)
{
    struct param_array columns[6];
    bool any = false;
    for (size_t c = 0; c < 6; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < work->count; i++) {
        const struct intake_item *item = &work->items[i];
        char hex[2 * REJECTED_BYTES_MAX + 1];
        if (item->kind != INTAKE_REJECTED) continue;
        wg_hex(item->as.rejected.bytes, item->as.rejected.kept, hex);
        param_array_number(&columns[0], item->received);
        param_array_add(&columns[1], item->as.rejected.topic);
        param_array_add(&columns[2], item->device);
        param_array_add(&columns[3], item->as.rejected.reason);
        param_array_add(&columns[4], hex);
        param_array_number(&columns[5], (int64_t)item->as.rejected.length);
        work->out->rejected++;
        any = true;
    }
    return write_columns(work->db, SQL_REJECTED_INSERT, columns, 6, any, err);
}
