/* gate_row.c: answers of hooks, pairs of devices. */
#include "orchestrator/store/gate_row.h"

#include "orchestrator/store/params.h"

bool gate_row_hook(struct db *db, int64_t campaign, size_t wave, const char *state,
                   const char *words, int64_t token, wg_time now, bool *kept, struct wg_error *err)
{
    char id[PARAM_NUMBER], number[PARAM_NUMBER], at[PARAM_NUMBER], fence[PARAM_NUMBER];
    const char *const params[] = {
        param_number(id, campaign), param_number(number, (int64_t)wave), state, words,
        param_number(at, now),      param_number(fence, token)};
    int64_t written = 0;
    if (!db_run(db, SQL_HOOK_SET, 6, params, &written, err)) return false;
    *kept = written == 1;
    return true;
}

bool gate_row_pair(struct db *db, int64_t campaign, size_t wave, const char *metric,
                   bool lower_is_worse, wg_duration settle, wg_time now, int64_t *pairs,
                   struct wg_error *err)
{
    char id[PARAM_NUMBER], number[PARAM_NUMBER], at[PARAM_NUMBER], wait[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign),
                                  param_number(number, (int64_t)wave),
                                  metric,
                                  param_number(at, now),
                                  param_number(wait, settle),
                                  lower_is_worse ? "true" : "false"};
    return db_run(db, SQL_HEALTH_PAIR_MORE, 6, params, pairs, err);
}

bool gate_row_forget_pairs(struct db *db, int64_t campaign, size_t wave, struct wg_error *err)
{
    char id[PARAM_NUMBER], number[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_number(number, (int64_t)wave)};
    return db_run(db, SQL_HEALTH_PAIR_FORGET, 2, params, NULL, err);
}
