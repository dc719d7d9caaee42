/* place_move.c: places and their orders, for a whole batch at once; what is counted of them comes
 * with the commit. */
#include "orchestrator/store/place_move.h"

#include "orchestrator/store/params.h"
#include "orchestrator/store/tally.h"

#include <stdlib.h>
#include <string.h>

bool place_is_in_hand(enum wg_state state)
{
    return state == WG_DEFERRED || wg_state_is_in_flight(state);
}

/* Those that end in hand, or those that do not. */
static bool write_places(struct db *db, const struct place_move *moves, size_t count, bool in_hand,
                         struct wg_error *err)
{
    enum { COLUMNS = 12 };
    struct param_array columns[COLUMNS];
    const char *params[COLUMNS];
    bool any = false;
    for (size_t c = 0; c < COLUMNS; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < count; i++) {
        const struct place_move *move = &moves[i];
        if (place_is_in_hand(move->to) != in_hand) continue;
        any = true;
        param_array_number(&columns[0], move->campaign);
        param_array_add(&columns[1], move->device);
        param_array_add(&columns[2], wg_state_text(move->to));
        param_array_add(&columns[3], wg_cause_text(move->to_cause));
        param_array_add(&columns[4], move->detail);
        param_array_number(&columns[5], move->retry_at);
        param_array_number(&columns[6], move->at);
        param_array_number(&columns[7], move->bytes);
        param_array_number(&columns[8], move->bytes_total);
        param_array_number(&columns[9], move->spent);
        param_array_number(&columns[10], move->ready_at);
        param_array_add(&columns[11], move->ended_in ? wg_state_text(move->ended_in) : "");
    }
    bool ok = true;
    for (size_t c = 0; c < COLUMNS; c++) {
        params[c] = param_array_text(&columns[c]);
        ok = ok && param_array_check(&columns[c], err);
    }
    ok = ok && (!any || db_run(db, SQL_PLACE_UPDATE, COLUMNS, params, NULL, err));
    for (size_t c = 0; c < COLUMNS; c++) param_array_clear(&columns[c]);
    return ok;
}

/* Orders of devices that ended or wait again are wanted no more. */
static bool close_orders(struct db *db, const struct place_move *moves, size_t count,
                         struct wg_error *err)
{
    struct param_array campaigns, devices;
    bool any = false;
    param_array_init(&campaigns);
    param_array_init(&devices);
    for (size_t i = 0; i < count; i++) {
        if (!wg_state_is_final(moves[i].to) && moves[i].to != WG_WAITING) continue;
        param_array_number(&campaigns, moves[i].campaign);
        param_array_add(&devices, moves[i].device);
        any = true;
    }
    const char *const params[] = {param_array_text(&campaigns), param_array_text(&devices)};
    bool ok = !any || (param_array_check(&devices, err) &&
                       db_run(db, SQL_ORDER_CLOSE_PLACES, 2, params, NULL, err));
    param_array_clear(&campaigns);
    param_array_clear(&devices);
    return ok;
}

/* The moves from index first on that are of the same campaign. */
static size_t same_campaign(const struct place_move *moves, size_t count, size_t first)
{
    size_t end = first;
    while (end < count && moves[end].campaign == moves[first].campaign) end++;
    return end;
}

/* By what they are: failed ones are held against these. */
static bool write_outcomes(struct db *db, int64_t campaign, struct param_array *devices,
                           struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_array_text(devices)};
    return param_array_check(devices, err) &&
           db_run(db, SQL_OUTCOME_COUNT_ADD, 2, params, NULL, err);
}

/* Of the moves of one campaign. */
static bool write_successes(struct db *db, const struct place_move *moves, size_t count,
                            struct wg_error *err)
{
    struct param_array devices;
    bool any = false;
    param_array_init(&devices);
    for (size_t i = 0; i < count; i++) {
        if (moves[i].to != WG_SUCCEEDED) continue;
        param_array_add(&devices, moves[i].device);
        any = true;
    }
    bool ok = !any || write_outcomes(db, moves[0].campaign, &devices, err);
    param_array_clear(&devices);
    return ok;
}

static bool count_move(struct db *db, const struct place_move *move, struct wg_error *err)
{
    return (move->to != WG_SUCCEEDED ||
            tally_finish(db, move->campaign, move->wave, move->at, err)) &&
           tally_count(db, move->campaign, move->wave, move->from, move->from_cause, -1, err) &&
           tally_count(db, move->campaign, move->wave, move->to, move->to_cause, 1, err);
}

static int by_campaign(const void *left, const void *right)
{
    const struct place_move *a = left, *b = right;
    if (a->campaign != b->campaign) return a->campaign < b->campaign ? -1 : 1;
    return strcmp(a->device, b->device);
}

bool place_moves_write(struct db *db, const struct place_move *moves, size_t count,
                       struct wg_error *err)
{
    if (count == 0) return true;
    struct place_move *sorted = malloc(count * sizeof *sorted);
    if (!sorted) return wg_fail_memory(err, "moving devices");
    memcpy(sorted, moves, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_campaign);
    /* a device may end one update and begin another in the same batch: place_in_hand is unique */
    bool ok = write_places(db, sorted, count, false, err) &&
              write_places(db, sorted, count, true, err) && close_orders(db, sorted, count, err);
    for (size_t i = 0; i < count && ok; i = same_campaign(sorted, count, i))
        ok = write_successes(db, sorted + i, same_campaign(sorted, count, i) - i, err);
    for (size_t i = 0; i < count && ok; i++) ok = count_move(db, &sorted[i], err);
    free(sorted);
    return ok;
}
