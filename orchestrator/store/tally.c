/* tally.c: sums, and the two statements that write them: waves, then counters. */
#include "orchestrator/store/tally.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>

/* Of one state of a wave; or, with at, when the wave's last device finished. */
struct sum {
    int64_t campaign, wave;
    enum wg_state state;
    enum wg_cause cause;
    int64_t devices;
    wg_time at;
};

struct sums {
    struct sum *items;
    size_t count, room;
};

struct tally {
    struct sums counts, finishes;
};

static void forget(void *ctx)
{
    struct tally *tally = ctx;
    free(tally->counts.items);
    free(tally->finishes.items);
    free(tally);
}

static bool write_counts(struct db *db, const struct sums *sums, struct wg_error *err)
{
    enum { COLUMNS = 5 };
    struct param_array columns[COLUMNS];
    const char *params[COLUMNS];
    bool any = false, ok = true;
    for (size_t c = 0; c < COLUMNS; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < sums->count; i++) {
        const struct sum *sum = &sums->items[i];
        if (sum->devices == 0) continue;
        param_array_number(&columns[0], sum->campaign);
        param_array_number(&columns[1], sum->wave);
        param_array_add(&columns[2], wg_state_text(sum->state));
        param_array_add(&columns[3], wg_cause_text(sum->cause));
        param_array_number(&columns[4], sum->devices);
        any = true;
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        params[c] = param_array_text(&columns[c]);
        ok = ok && param_array_check(&columns[c], err);
    }
    ok = ok && (!any || db_run(db, SQL_WAVE_COUNT_ADD, COLUMNS, params, NULL, err));
    for (size_t c = 0; c < COLUMNS; c++) param_array_clear(&columns[c]);
    return ok;
}

static bool write_finishes(struct db *db, const struct sums *sums, struct wg_error *err)
{
    struct param_array campaigns, waves, times;
    if (sums->count == 0) return true;
    param_array_init(&campaigns);
    param_array_init(&waves);
    param_array_init(&times);
    for (size_t i = 0; i < sums->count; i++) {
        param_array_number(&campaigns, sums->items[i].campaign);
        param_array_number(&waves, sums->items[i].wave);
        param_array_number(&times, sums->items[i].at);
    }
    const char *const params[] = {param_array_text(&campaigns), param_array_text(&waves),
                                  param_array_text(&times)};
    bool ok = param_array_check(&campaigns, err) && param_array_check(&waves, err) &&
              param_array_check(&times, err) && db_run(db, SQL_WAVE_FINISHED, 3, params, NULL, err);
    param_array_clear(&campaigns);
    param_array_clear(&waves);
    param_array_clear(&times);
    return ok;
}

static bool write_tally(struct db *db, void *ctx, struct wg_error *err)
{
    const struct tally *tally = ctx;
    return write_finishes(db, &tally->finishes, err) && write_counts(db, &tally->counts, err);
}

static struct tally *tally_of(struct db *db, struct wg_error *err)
{
    struct tally *tally = db_last(db);
    if (tally) return tally;
    tally = calloc(1, sizeof *tally);
    const struct db_last last = {.write = write_tally, .forget = forget, .ctx = tally};
    if (!tally) {
        (void)wg_fail_memory(err, "counting devices");
        return NULL;
    }
    if (db_set_last(db, &last, err)) return tally;
    forget(tally);
    return NULL;
}

/* There are few: a transaction is about a handful of waves. */
static struct sum *sum_of(struct sums *sums, const struct sum *key, struct wg_error *err)
{
    for (size_t i = 0; i < sums->count; i++) {
        struct sum *sum = &sums->items[i];
        if (sum->wave == key->wave && sum->state == key->state && sum->cause == key->cause &&
            sum->campaign == key->campaign)
            return sum;
    }
    if (sums->count == sums->room) {
        size_t room = sums->room ? 2 * sums->room : 16;
        struct sum *items = realloc(sums->items, room * sizeof *items);
        if (!items) {
            (void)wg_fail_memory(err, "counting devices");
            return NULL;
        }
        sums->items = items;
        sums->room = room;
    }
    sums->items[sums->count] = *key;
    return &sums->items[sums->count++];
}

bool tally_count(struct db *db, int64_t campaign, int64_t wave, enum wg_state state,
                 enum wg_cause cause, int64_t devices, struct wg_error *err)
{
    const struct sum key = {.campaign = campaign,
                            .wave = wave,
                            .state = state,
                            .cause = wg_state_is_final(state) ? cause : WG_CAUSE_NONE};
    struct tally *tally = tally_of(db, err);
    struct sum *sum = tally ? sum_of(&tally->counts, &key, err) : NULL;
    if (sum) sum->devices += devices;
    return sum != NULL;
}

bool tally_finish(struct db *db, int64_t campaign, int64_t wave, wg_time at, struct wg_error *err)
{
    const struct sum key = {.campaign = campaign, .wave = wave};
    struct tally *tally = tally_of(db, err);
    struct sum *sum = tally ? sum_of(&tally->finishes, &key, err) : NULL;
    if (sum && at > sum->at) sum->at = at;
    return sum != NULL;
}
