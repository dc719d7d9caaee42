/* place.c: claims, withdrawals and time-outs of places. */
#include "orchestrator/store/place.h"

#include "orchestrator/store/params.h"
#include "orchestrator/store/place_move.h"

#include <stdlib.h>
#include <string.h>

bool place_claim(struct db *db, int64_t campaign, size_t wave, int64_t limit, wg_time now,
                 int64_t *claimed, struct wg_error *err)
{
    char id[PARAM_NUMBER], number[PARAM_NUMBER], most[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_number(number, (int64_t)wave),
                                  param_number(most, limit), param_number(at, now)};
    *claimed = 0;
    if (!db_run(db, SQL_PLACE_CLAIM, 4, params, claimed, err)) return false;
    return *claimed == 0 ||
           place_count(db, campaign, (int64_t)wave, WG_WAITING, WG_OFFERED, *claimed, err);
}

/* Rows of place_since and place_not_started. */
static bool read_place(const PGresult *result, int row, struct intake_place *place,
                       struct place_move *move)
{
    *place = (struct intake_place){.found = true};
    db_copy(result, row, 0, move->device, sizeof move->device);
    move->wave = db_int(result, row, 1);
    place->attempt = db_int(result, row, 4);
    db_copy(result, row, 5, place->order, sizeof place->order);
    place->retry_attempts = db_int(result, row, 6);
    place->retry_backoff = db_int(result, row, 7);
    return wg_state_parse(db_text(result, row, 2), &place->state) &&
           wg_cause_parse(db_text(result, row, 3), &place->cause);
}

struct leaving {
    struct place_move *moves;
    size_t count;
    struct param_array devices, attempts,
        orders; /* to be withdrawn: the device may have them in hand */
};

static bool leaving_init(struct leaving *leaving, int rows, struct wg_error *err)
{
    param_array_init(&leaving->devices);
    param_array_init(&leaving->attempts);
    param_array_init(&leaving->orders);
    leaving->count = 0;
    leaving->moves = calloc((size_t)rows + 1, sizeof *leaving->moves);
    return leaving->moves || wg_fail_memory(err, "moving devices");
}

static void leaving_add(struct leaving *leaving, const struct intake_place *place, int64_t campaign,
                        const struct intake_change *change, wg_time now)
{
    struct place_move *move = &leaving->moves[leaving->count++];
    move->campaign = campaign;
    move->from = place->state;
    move->from_cause = place->cause;
    move->to = change->state;
    move->to_cause = change->cause;
    move->retry_at = change->retry_at;
    move->at = now;
    if (place->state == WG_WAITING || place->state == WG_OFFERED) return;
    param_array_add(&leaving->devices, move->device);
    param_array_number(&leaving->attempts, place->attempt);
    param_array_add(&leaving->orders, place->order);
}

/* Writes and clears. */
static bool leaving_write(struct leaving *leaving, struct db *db, int64_t campaign, wg_time now,
                          struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_array_text(&leaving->devices),
                                  param_array_text(&leaving->attempts),
                                  param_array_text(&leaving->orders), param_number(at, now)};
    bool ok = place_moves_write(db, leaving->moves, leaving->count, err) &&
              param_array_check(&leaving->orders, err) &&
              (leaving->count == 0 || db_run(db, SQL_ORDER_WITHDRAW, 5, params, NULL, err));
    param_array_clear(&leaving->devices);
    param_array_clear(&leaving->attempts);
    param_array_clear(&leaving->orders);
    free(leaving->moves);
    return ok;
}

/* Takes over result. */
static bool leave(struct db *db, PGresult *result, int64_t campaign, enum wg_state to,
                  enum wg_cause cause, place_expire_fn decide, void *ctx, wg_time now,
                  int64_t *moved, struct wg_error *err)
{
    struct leaving leaving;
    int rows = PQntuples(result);
    bool ok = leaving_init(&leaving, rows, err);
    for (int i = 0; i < rows && ok; i++) {
        struct intake_place place;
        struct intake_change change = {.moves = true, .state = to, .cause = cause};
        if (!read_place(result, i, &place, &leaving.moves[leaving.count])) {
            ok = wg_fail(err, WG_E_DATABASE, "a device is in no known state");
            continue;
        }
        if (decide) decide(ctx, &place, to, cause, now, &change);
        if (change.moves) leaving_add(&leaving, &place, campaign, &change, now);
    }
    PQclear(result);
    *moved = (int64_t)leaving.count;
    if (!ok) leaving.count = 0;
    return leaving_write(&leaving, db, campaign, now, err) && ok;
}

bool place_withdraw(struct db *db, int64_t campaign, wg_time now, int64_t *moved,
                    struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_number(at, now)};
    PGresult *result = db_query(db, SQL_PLACE_NOT_STARTED, 1, params, err);
    *moved = 0;
    return result &&
           leave(db, result, campaign, WG_WITHDRAWN, WG_CAUSE_WITHDRAWN, NULL, NULL, now, moved,
                 err) &&
           db_run(db, SQL_ORDER_WITHDRAW_STARTED, 2, params, NULL, err);
}

bool place_expire(struct db *db, int64_t campaign, enum wg_state from, wg_time before,
                  enum wg_state to, enum wg_cause cause, place_expire_fn decide, void *ctx,
                  wg_time now, int64_t *moved, struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), wg_state_text(from),
                                  param_number(at, before)};
    PGresult *result = db_query(db, SQL_PLACE_SINCE, 3, params, err);
    *moved = 0;
    return result && leave(db, result, campaign, to, cause, decide, ctx, now, moved, err);
}
