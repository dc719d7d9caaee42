/* question_row.c: questions as rows, from the hello to the answer. */
#include "orchestrator/store/question_row.h"

#include "orchestrator/store/params.h"

#include <string.h>

bool question_row_any(struct db *db, bool *any, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_QUESTION_ANY, 0, NULL, err);
    if (!result) return false;
    *any = db_bool(result, 0, 0);
    PQclear(result);
    return true;
}

bool question_row_open(struct db *db, int64_t campaign, struct question_row *out, size_t *count,
                       struct wg_error *err)
{
    char id[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_number(most, QUESTIONS_MAX)};
    PGresult *result = db_query(db, SQL_QUESTION_OPEN, 2, params, err);
    *count = 0;
    if (!result) return false;
    for (int row = 0; row < PQntuples(result); row++) {
        struct question_row *one = &out[(*count)++];
        db_copy(result, row, 0, one->device, sizeof one->device);
        one->instance = db_int(result, row, 1);
    }
    PQclear(result);
    return true;
}

char *question_row_devices(const struct question_row *rows, size_t count, struct wg_error *err)
{
    struct param_array devices;
    param_array_init(&devices);
    for (size_t i = 0; i < count; i++) param_array_add(&devices, rows[i].device);
    const char *text = param_array_text(&devices);
    char *out = param_array_check(&devices, err) ? strdup(text) : NULL;
    param_array_clear(&devices);
    return out;
}

bool question_row_seen(struct db *db, int64_t campaign, const struct question_row *rows,
                       const bool *later, size_t count, struct wg_error *err)
{
    char id[PARAM_NUMBER];
    struct param_array all, waits;
    param_array_init(&all);
    param_array_init(&waits);
    for (size_t i = 0; i < count; i++) {
        param_array_number(&all, rows[i].instance);
        if (later[i]) param_array_number(&waits, rows[i].instance);
    }
    const char *const params[] = {param_number(id, campaign), param_array_text(&all),
                                  param_array_text(&waits)};
    bool ok = param_array_check(&all, err) && param_array_check(&waits, err) &&
              db_run(db, SQL_QUESTION_SEEN, 3, params, NULL, err);
    param_array_clear(&all);
    param_array_clear(&waits);
    return ok;
}

bool question_row_pass(struct db *db, int64_t campaign, struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign)};
    return db_run(db, SQL_QUESTION_PASS, 1, params, NULL, err);
}

static void read_answer(const PGresult *result, int row, struct intake_answer *answer)
{
    *answer = (struct intake_answer){.seq = db_int(result, row, 2),
                                     .link = db_int(result, row, 6),
                                     .answer = db_int(result, row, 9)};
    db_copy(result, row, 0, answer->device, sizeof answer->device);
    db_copy(result, row, 1, answer->journal, sizeof answer->journal);
    db_copy(result, row, 3, answer->order, sizeof answer->order);
    db_copy(result, row, 7, answer->boot, sizeof answer->boot);
    db_copy(result, row, 8, answer->broker, sizeof answer->broker);
    answer->go = db_bool(result, row, 4) && answer->order[0];
    if (!wg_next_parse(db_text(result, row, 10), &answer->next)) answer->answer = 0;
}

bool question_row_answer(struct db *db, wg_time now, struct intake_result *out,
                         struct wg_error *err)
{
    char at[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now), param_number(most, INTAKE_BATCH_MAX)};
    PGresult *result = db_query(db, SQL_QUESTION_ANSWER, 2, params, err);
    memset(out, 0, sizeof *out);
    if (!result) return false;
    for (int row = 0; row < PQntuples(result); row++)
        read_answer(result, row, &out->answers[out->answer_count++]);
    PQclear(result);
    return true;
}
