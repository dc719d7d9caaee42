/* place_move.c: places, waves and counters, in that order, for a whole batch at once. */
#include "orchestrator/store/place_move.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

/* Counters tell causes apart only where a device has ended. */
static const char *counted_cause(enum wg_state state, enum wg_cause cause)
{
    return wg_state_is_final(state) ? wg_cause_text(cause) : "";
}

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

static bool write_finishes(struct db *db, const struct place_move *moves, size_t count,
                           struct wg_error *err)
{
    struct param_array waves, times, devices;
    char campaign[PARAM_NUMBER];
    bool any = false;
    param_array_init(&waves);
    param_array_init(&times);
    param_array_init(&devices);
    for (size_t i = 0; i < count; i++) {
        if (moves[i].to != WG_SUCCEEDED) continue;
        param_array_number(&waves, moves[i].wave);
        param_array_number(&times, moves[i].at);
        param_array_add(&devices, moves[i].device);
        any = true;
    }
    const char *const params[] = {param_number(campaign, moves[0].campaign),
                                  param_array_text(&waves), param_array_text(&times)};
    bool ok = !any || (param_array_check(&waves, err) && param_array_check(&times, err) &&
                       db_run(db, SQL_WAVE_FINISHED, 3, params, NULL, err) &&
                       write_outcomes(db, moves[0].campaign, &devices, err));
    param_array_clear(&waves);
    param_array_clear(&times);
    param_array_clear(&devices);
    return ok;
}

struct counters {
    struct param_array waves, states, causes, devices;
};

static void counters_init(struct counters *counters)
{
    param_array_init(&counters->waves);
    param_array_init(&counters->states);
    param_array_init(&counters->causes);
    param_array_init(&counters->devices);
}

static void counters_add(struct counters *counters, int64_t wave, enum wg_state state,
                         enum wg_cause cause, int64_t devices)
{
    param_array_number(&counters->waves, wave);
    param_array_add(&counters->states, wg_state_text(state));
    param_array_add(&counters->causes, counted_cause(state, cause));
    param_array_number(&counters->devices, devices);
}

/* Writes and clears. */
static bool counters_write(struct db *db, int64_t campaign, struct counters *counters,
                           struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_array_text(&counters->waves),
                                  param_array_text(&counters->states),
                                  param_array_text(&counters->causes),
                                  param_array_text(&counters->devices)};
    bool ok = param_array_check(&counters->states, err) &&
              db_run(db, SQL_WAVE_COUNT_ADD, 5, params, NULL, err);
    param_array_clear(&counters->waves);
    param_array_clear(&counters->states);
    param_array_clear(&counters->causes);
    param_array_clear(&counters->devices);
    return ok;
}

static bool write_counts(struct db *db, const struct place_move *moves, size_t count,
                         struct wg_error *err)
{
    struct counters counters;
    counters_init(&counters);
    for (size_t i = 0; i < count; i++) {
        counters_add(&counters, moves[i].wave, moves[i].from, moves[i].from_cause, -1);
        counters_add(&counters, moves[i].wave, moves[i].to, moves[i].to_cause, 1);
    }
    return counters_write(db, moves[0].campaign, &counters, err);
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
        ok = write_finishes(db, sorted + i, same_campaign(sorted, count, i) - i, err);
    for (size_t i = 0; i < count && ok; i = same_campaign(sorted, count, i))
        ok = write_counts(db, sorted + i, same_campaign(sorted, count, i) - i, err);
    free(sorted);
    return ok;
}

bool place_count(struct db *db, int64_t campaign, int64_t wave, enum wg_state from,
                 enum wg_state to, int64_t devices, struct wg_error *err)
{
    struct counters counters;
    counters_init(&counters);
    counters_add(&counters, wave, from, WG_CAUSE_NONE, -devices);
    counters_add(&counters, wave, to, WG_CAUSE_NONE, devices);
    return counters_write(db, campaign, &counters, err);
}
