/* campaign_row.c: campaigns and waves with their counters. */
#include "orchestrator/store/campaign_row.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

/* Times as text, newest first. */
static size_t read_approvals(const char *text, wg_time out[APPROVALS_MAX])
{
    size_t count = 0;
    while (*text && count < APPROVALS_MAX) {
        char *end = NULL;
        out[count++] = strtoll(text, &end, 10);
        text = *end == ' ' ? end + 1 : "";
    }
    return count;
}

static void read_campaign(const PGresult *result, int row, struct campaign_row *out)
{
    memset(out, 0, sizeof *out);
    out->id = db_int(result, row, 0);
    db_copy(result, row, 1, out->name, sizeof out->name);
    db_copy(result, row, 2, out->digest, sizeof out->digest);
    db_copy(result, row, 3, out->component, sizeof out->component);
    db_copy(result, row, 4, out->version, sizeof out->version);
    db_copy(result, row, 5, out->state, sizeof out->state);
    out->state_at = db_int(result, row, 6);
    db_copy(result, row, 7, out->cause, sizeof out->cause);
    db_copy(result, row, 8, out->author, sizeof out->author);
    out->members = db_int(result, row, 9);
    out->created_at = db_int(result, row, 10);
    out->revision = db_int(result, row, 11);
    out->priority = db_int(result, row, 12);
    out->continuous = db_bool(result, row, 13);
    db_copy(result, row, 14, out->waits_for, sizeof out->waits_for);
    out->held = db_bool(result, row, 15);
    db_copy(result, row, 16, out->stop, sizeof out->stop);
    out->started_at = db_int(result, row, 17);
    out->emergency = db_bool(result, row, 18);
    db_copy(result, row, 19, out->rolls_back, sizeof out->rolls_back);
    out->source_runs = db_bool(result, row, 20);
    out->rollback_made = db_bool(result, row, 21);
    out->approved_revision = db_int(result, row, 22);
    out->ready = db_int(result, row, 23);
    out->approval_count = read_approvals(db_text(result, row, 24), out->approved_at);
}

static void read_wave(const PGresult *result, int row, struct wave_row *out)
{
    db_copy(result, row, 1, out->name, sizeof out->name);
    db_copy(result, row, 2, out->state, sizeof out->state);
    out->state_at = db_int(result, row, 3);
    db_copy(result, row, 4, out->cause, sizeof out->cause);
    out->members = db_int(result, row, 5);
    out->last_finish = db_int(result, row, 6);
    out->approval_count = read_approvals(db_text(result, row, 7), out->approved_at);
    db_copy(result, row, 8, out->manual, sizeof out->manual);
    db_copy(result, row, 9, out->manual_words, sizeof out->manual_words);
    db_copy(result, row, 10, out->hook, sizeof out->hook);
    db_copy(result, row, 11, out->hook_words, sizeof out->hook_words);
    out->hook_at = db_int(result, row, 12);
    out->worse = db_int(result, row, 13);
    out->better = db_int(result, row, 14);
    out->tie = db_int(result, row, 15);
}

static bool read_waves(struct db *db, struct campaign_row *out, struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, out->id)};
    PGresult *result = db_query(db, SQL_WAVE_LIST, 1, params, err);
    if (!result) return false;
    int count = PQntuples(result);
    for (int i = 0; i < count && i < WAVE_ROWS_MAX; i++) {
        read_wave(result, i, &out->waves[i]);
        out->wave_count = (size_t)i + 1;
    }
    PQclear(result);
    return true;
}

static bool read_counts(struct db *db, struct campaign_row *out, struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, out->id)};
    PGresult *result = db_query(db, SQL_WAVE_COUNTS, 1, params, err);
    if (!result) return false;
    bool ok = true;
    for (int i = 0; i < PQntuples(result) && ok; i++) {
        enum wg_state state;
        enum wg_cause cause;
        size_t wave = (size_t)db_int(result, i, 0);
        int64_t devices = db_int(result, i, 3);
        ok = wave < out->wave_count && wg_state_parse(db_text(result, i, 1), &state) &&
             wg_cause_parse(db_text(result, i, 2), &cause);
        if (!ok) {
            (void)wg_fail(err, WG_E_DATABASE, "campaign %s: a counter is of no known state",
                          out->name);
            continue;
        }
        out->waves[wave].count[state] += devices;
        if (wg_state_is_final(state) && wg_cause_is_fault(cause)) {
            out->waves[wave].faults += devices;
            out->waves[wave].fault_class[cause] += devices;
        }
    }
    PQclear(result);
    return ok;
}

bool campaign_row_get(struct db *db, const char *name, struct campaign_row *out,
                      struct wg_error *err)
{
    const char *const params[] = {name};
    PGresult *result = db_query(db, SQL_CAMPAIGN_GET, 1, params, err);
    if (!result) return false;
    bool found = PQntuples(result) == 1;
    if (found) read_campaign(result, 0, out);
    PQclear(result);
    if (!found)
        return wg_fail(err, WG_E_NOT_FOUND,
                       "there is no campaign \"%s\": see wavegate campaign list", name);
    return read_waves(db, out, err) && read_counts(db, out, err);
}

bool campaign_row_lock(struct db *db, int64_t id, bool *found, struct campaign_row *out,
                       struct wg_error *err)
{
    char number[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id)};
    PGresult *result = db_query(db, SQL_CAMPAIGN_LOCK, 1, params, err);
    if (!result) return false;
    *found = PQntuples(result) == 1;
    if (*found) read_campaign(result, 0, out);
    PQclear(result);
    return !*found || (read_waves(db, out, err) && read_counts(db, out, err));
}

bool campaign_row_waits(struct db *db, const char *name, const char *others,
                        char which[WG_NAME_MAX + 1], struct wg_error *err)
{
    const char *const params[] = {name, others};
    PGresult *result = db_query(db, SQL_CAMPAIGN_WAITS, 2, params, err);
    if (result) db_copy(result, 0, 0, which, WG_NAME_MAX + 1);
    PQclear(result);
    return result != NULL;
}

bool campaign_row_rolled_back_by(struct db *db, int64_t id, char out[WG_NAME_MAX + 1],
                                 struct wg_error *err)
{
    char number[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id)};
    PGresult *result = db_query(db, SQL_CAMPAIGN_ROLLED_BACK_BY, 1, params, err);
    out[0] = '\0';
    if (result && PQntuples(result) > 0) db_copy(result, 0, 0, out, WG_NAME_MAX + 1);
    PQclear(result);
    return result != NULL;
}

bool campaign_row_hold(struct db *db, const char *name, struct wg_error *err)
{
    const char *const params[] = {name};
    PGresult *result = db_query(db, SQL_CAMPAIGN_HOLD, 1, params, err);
    PQclear(result);
    return result != NULL;
}

bool campaign_row_canonical(struct db *db, int64_t id, char **out_owned, struct wg_error *err)
{
    char number[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id)};
    PGresult *result = db_query(db, SQL_CAMPAIGN_CANONICAL, 1, params, err);
    if (!result) return false;
    *out_owned = PQntuples(result) == 1 ? strdup(db_text(result, 0, 0)) : NULL;
    bool found = PQntuples(result) == 1;
    PQclear(result);
    if (*out_owned) return true;
    return found ? wg_fail_memory(err, "reading a campaign")
                 : wg_fail(err, WG_E_NOT_FOUND, "the campaign is gone");
}

bool campaign_row_author(struct db *db, int64_t id, struct campaign_author *out,
                         struct wg_error *err)
{
    char number[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id)};
    PGresult *result = db_query(db, SQL_CAMPAIGN_AUTHOR, 1, params, err);
    if (!result) return false;
    bool found = PQntuples(result) == 1;
    if (found) {
        db_copy(result, 0, 0, out->name, sizeof out->name);
        db_copy(result, 0, 1, out->statement, sizeof out->statement);
        db_copy(result, 0, 2, out->chain, sizeof out->chain);
    }
    PQclear(result);
    return found || wg_fail(err, WG_E_NOT_FOUND, "the campaign is gone");
}

bool campaign_row_active(struct db *db, int64_t *ids, size_t max, size_t *count,
                         struct wg_error *err)
{
    char limit[PARAM_NUMBER];
    const char *const params[] = {param_number(limit, (int64_t)max)};
    PGresult *result = db_query(db, SQL_CAMPAIGN_ACTIVE, 1, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    for (size_t i = 0; i < *count; i++) ids[i] = db_int(result, (int)i, 0);
    PQclear(result);
    return true;
}

bool campaign_row_list(struct db *db, struct campaign_row **out, size_t *count,
                       struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_CAMPAIGN_LIST, 0, NULL, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (size_t i = 0; *out && i < *count; i++) read_campaign(result, (int)i, &(*out)[i]);
    PQclear(result);
    return *out || wg_fail_memory(err, "listing campaigns");
}

static bool add_transition(struct db *db, int64_t campaign, const char *wave, const char *from,
                           const char *to, const char *cause, const char *actor, wg_time now,
                           struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {
        param_number(id, campaign), wave, param_number(at, now), from, to, cause, actor};
    return db_run(db, SQL_TRANSITION_INSERT, 7, params, NULL, err);
}

bool campaign_row_move(struct db *db, int64_t id, const struct campaign_move *move, wg_time now,
                       struct wg_error *err)
{
    char number[PARAM_NUMBER], at[PARAM_NUMBER], kept[CAMPAIGN_CAUSE_MAX] = "";
    const char *const params[] = {param_number(number, id),
                                  move->from,
                                  move->to,
                                  move->cause,
                                  move->actor,
                                  param_number(at, now),
                                  move->held ? "true" : "false",
                                  move->stop ? move->stop : ""};
    PGresult *result = db_query(db, SQL_CAMPAIGN_SET_STATE, 8, params, err);
    if (!result) return false;
    bool changed = PQntuples(result) == 1;
    if (changed) db_copy(result, 0, 0, kept, sizeof kept);
    PQclear(result);
    if (!changed)
        return wg_fail(err, WG_E_CONFLICT, "the campaign is no longer %s: look again", move->from);
    return add_transition(db, id, NULL, move->from, move->to, kept, move->actor, now, err) &&
           store_notify(db, err);
}

bool wave_row_set_manual(struct db *db, int64_t campaign, size_t wave, const char *state,
                         const char *manual, const char *words, const char *actor, wg_time now,
                         struct wg_error *err)
{
    char id[PARAM_NUMBER], number[PARAM_NUMBER], cause[CAMPAIGN_CAUSE_MAX];
    const char *const params[] = {param_number(id, campaign), param_number(number, (int64_t)wave),
                                  manual, words};
    int64_t changed = 0;
    if (!db_run(db, SQL_WAVE_SET_MANUAL, 4, params, &changed, err)) return false;
    if (changed != 1) return wg_fail(err, WG_E_NOT_FOUND, "the wave is gone: look again");
    (void)wg_format(cause, sizeof cause, "gate %s %s",
                    !manual[0]                       ? "no longer held"
                    : strcmp(manual, "advance") == 0 ? "advanced"
                                                     : "held",
                    words);
    return add_transition(db, campaign, number, state, state, cause, actor, now, err) &&
           store_notify(db, err);
}

bool wave_row_set_state(struct db *db, int64_t campaign, size_t wave, const char *from,
                        const char *to, const char *cause, const char *actor, wg_time now,
                        struct wg_error *err)
{
    char id[PARAM_NUMBER], number[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {
        param_number(id, campaign), param_number(number, (int64_t)wave), from, to, cause, actor,
        param_number(at, now)};
    int64_t changed = 0;
    if (!db_run(db, SQL_WAVE_SET_STATE, 7, params, &changed, err)) return false;
    if (changed != 1)
        return wg_fail(err, WG_E_CONFLICT, "the wave is no longer %s: look again", from);
    return add_transition(db, campaign, number, from, to, cause, actor, now, err);
}

bool store_notify(struct db *db, struct wg_error *err)
{
    return db_run(db, SQL_STORE_NOTIFY, 0, NULL, NULL, err);
}
