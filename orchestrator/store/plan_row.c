/* plan_row.c: one scan of the fleet into a temporary table: matched, or the first reason why not.
 */
#include "orchestrator/store/plan_row.h"

#include "orchestrator/store/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_SQL_MAX ((size_t)4 * 1024 * 1024)

/* Reasons that are no clause of the target; the parameters behind the target's are component,
 * version, hardware model. */
static void add_own_reasons(struct wg_buf *sql, size_t first)
{
    wg_buf_printf(sql, " when d.revoked_at is not null then %d", PLAN_REVOKED);
    wg_buf_printf(sql,
                  " when exists (select 1 from device_software s where s.device_id = d.id and "
                  "s.component = $%zu::text and s.version = $%zu::text) then %d",
                  first, first + 1, PLAN_ON_RELEASE);
    wg_buf_printf(sql, " when $%zu::text <> '' and d.hardware_model <> $%zu::text then %d",
                  first + 2, first + 2, PLAN_INCOMPATIBLE);
    wg_buf_printf(sql,
                  " when exists (select 1 from place q join campaign c on c.id = q.campaign_id and "
                  "c.state in ('scheduled', 'running', 'paused', 'stopping') where q.device_id = "
                  "d.id and q.state not in ('succeeded', 'failed', 'rolled-back', 'silent', "
                  "'withdrawn', 'superseded')) then %d",
                  PLAN_OTHER_CAMPAIGN);
}

/* Which running software is already the release comes first: "already there" says more than
 * "outside the range of versions". */
static bool create_plan(struct db *db, const struct plan_query *query, struct wg_error *err)
{
    struct wg_buf sql;
    size_t count = query->param_count + 3;
    const char **params = calloc(count, sizeof(*params));
    if (!params) return wg_fail_memory(err, "planning");
    for (size_t i = 0; i < query->param_count; i++) params[i] = query->params[i];
    params[query->param_count] = query->component;
    params[query->param_count + 1] = query->version;
    params[query->param_count + 2] = query->hardware_model;
    wg_buf_init(&sql, PLAN_SQL_MAX);
    wg_buf_text(&sql, "insert into plan_device (id, reason) select d.id, case");
    add_own_reasons(&sql, query->param_count + 1);
    for (size_t i = 0; i < query->clause_count; i++)
        wg_buf_printf(&sql, " when (%s) is not true then %zu", query->clauses[i], i);
    wg_buf_printf(&sql, " else %d end from device d", PLAN_MATCHED);
    PGresult *result = wg_buf_check(&sql, err, "the plan's query")
                           ? db_query_text(db, wg_buf_str(&sql), count, params, err)
                           : NULL;
    PQclear(result);
    wg_buf_clear(&sql);
    free(params);
    return result != NULL;
}

static bool count_reasons(struct db *db, struct plan_counts *out, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_PLAN_REASONS, 0, NULL, err);
    if (!result) return false;
    for (int row = 0; row < PQntuples(result); row++) {
        int reason = (int)db_int(result, row, 0);
        int64_t devices = db_int(result, row, 1);
        out->fleet += devices;
        if (reason == PLAN_MATCHED) {
            out->matched = devices;
        } else if (out->left_out_count < PLAN_REASONS_MAX) {
            struct plan_left_out *left_out = &out->left_out[out->left_out_count++];
            *left_out = (struct plan_left_out){.reason = reason, .devices = devices};
        }
    }
    PQclear(result);
    return true;
}

bool plan_match(struct db *db, const struct plan_query *query, struct plan_counts *out,
                struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    if (!db_run_script(db,
                       "create temporary table plan_device (id text primary key, reason int not "
                       "null, wave int) on commit drop",
                       err) ||
        !create_plan(db, query, err) || !count_reasons(db, out, err))
        return false;
    for (size_t i = 0; i < query->wave_count; i++) {
        char wave[PARAM_NUMBER];
        const char *const params[] = {param_number(wave, (int64_t)i), query->wave_lists[i]};
        if (query->wave_lists[i] && !db_run(db, SQL_PLAN_LIST, 2, params, &out->listed[i], err))
            return false;
    }
    return true;
}

bool plan_divide(struct db *db, const char *seed, size_t wave_count, const bool *is_list,
                 const int64_t *size, struct wg_error *err)
{
    struct param_array waves, firsts, lasts;
    int64_t next = 1;
    param_array_init(&waves);
    param_array_init(&firsts);
    param_array_init(&lasts);
    for (size_t i = 0; i < wave_count; i++) {
        if (is_list[i] || size[i] == 0) continue;
        param_array_number(&waves, (int64_t)i);
        param_array_number(&firsts, next);
        param_array_number(&lasts, next + size[i] - 1);
        next += size[i];
    }
    const char *const params[] = {seed, param_array_text(&waves), param_array_text(&firsts),
                                  param_array_text(&lasts)};
    bool ok = param_array_check(&lasts, err) && db_run(db, SQL_PLAN_DIVIDE, 4, params, NULL, err);
    param_array_clear(&waves);
    param_array_clear(&firsts);
    param_array_clear(&lasts);
    return ok;
}

bool plan_shares(struct db *db, const char *component, struct plan_share **out, size_t *count,
                 struct wg_error *err)
{
    const char *const params[] = {component};
    PGresult *result = db_query(db, SQL_PLAN_SHARES, 1, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (int i = 0; *out && i < (int)*count; i++) {
        struct plan_share *share = &(*out)[i];
        share->wave = (size_t)db_int(result, i, 0);
        db_copy(result, i, 1, share->what, sizeof share->what);
        db_copy(result, i, 2, share->value, sizeof share->value);
        share->devices = db_int(result, i, 3);
    }
    PQclear(result);
    return *out || wg_fail_memory(err, "planning");
}

bool plan_devices(struct db *db, int wave, int64_t limit, struct plan_device **out, size_t *count,
                  struct wg_error *err)
{
    char number[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {param_number(number, wave), param_number(most, limit)};
    PGresult *result = db_query(db, SQL_PLAN_DEVICES, 2, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (int i = 0; *out && i < (int)*count; i++) {
        struct plan_device *device = &(*out)[i];
        db_copy(result, i, 0, device->id, sizeof device->id);
        device->reason = (int)db_int(result, i, 1);
        device->wave = (int)db_int(result, i, 2);
    }
    PQclear(result);
    return *out || wg_fail_memory(err, "planning");
}

static bool wave_sizes(struct db *db, int64_t size[WAVE_ROWS_MAX], int64_t *members,
                       struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_PLAN_WAVE_SIZES, 0, NULL, err);
    if (!result) return false;
    *members = 0;
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t wave = db_int(result, row, 0);
        if (wave >= 0 && wave < WAVE_ROWS_MAX) size[wave] = db_int(result, row, 1);
        *members += db_int(result, row, 1);
    }
    PQclear(result);
    return true;
}

static bool insert_campaign(struct db *db, const struct campaign_new *campaign, int64_t members,
                            wg_time now, int64_t *id, struct wg_error *err)
{
    char attempts[PARAM_NUMBER], backoff[PARAM_NUMBER], at[PARAM_NUMBER], size[PARAM_NUMBER];
    const char *const params[] = {campaign->name,
                                  campaign->digest,
                                  campaign->text,
                                  campaign->canonical,
                                  campaign->component,
                                  campaign->version,
                                  campaign->seed,
                                  campaign->state,
                                  campaign->author,
                                  campaign->statement,
                                  campaign->author_chain,
                                  param_number(attempts, campaign->retry_attempts),
                                  param_number(backoff, campaign->retry_backoff),
                                  param_number(at, now),
                                  param_number(size, members)};
    PGresult *result = db_query(db, SQL_CAMPAIGN_INSERT, 15, params, err);
    if (!result && err && err->code == WG_E_CONFLICT)
        return wg_fail(err, WG_E_CONFLICT, "a campaign named %s exists: give this one another name",
                       campaign->name);
    if (!result) return false;
    *id = db_int(result, 0, 0);
    PQclear(result);
    return true;
}

static bool insert_wave(struct db *db, int64_t campaign, size_t wave, const char *name,
                        int64_t members, wg_time now, struct wg_error *err)
{
    char id[PARAM_NUMBER], number[PARAM_NUMBER], at[PARAM_NUMBER], size[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_number(number, (int64_t)wave),
                                  name, param_number(at, now), param_number(size, members)};
    return db_run(db, SQL_WAVE_INSERT, 5, params, NULL, err);
}

static bool insert_places(struct db *db, int64_t id, const struct campaign_new *campaign,
                          wg_time now, struct wg_error *err)
{
    char number[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const places[] = {param_number(number, id), campaign->seed, param_number(at, now)};
    const char *const transition[] = {number,          NULL, at, "", campaign->state, "applied",
                                      campaign->author};
    return db_run(db, SQL_PLAN_PLACES, 3, places, NULL, err) &&
           db_run(db, SQL_PLAN_COUNTS, 1, places, NULL, err) &&
           db_run(db, SQL_TRANSITION_INSERT, 7, transition, NULL, err) && store_notify(db, err);
}

bool plan_insert(struct db *db, const struct campaign_new *campaign, wg_time now, int64_t *id,
                 struct wg_error *err)
{
    int64_t size[WAVE_ROWS_MAX] = {0}, members = 0;
    if (!wave_sizes(db, size, &members, err) ||
        !insert_campaign(db, campaign, members, now, id, err))
        return false;
    for (size_t i = 0; i < campaign->wave_count; i++)
        if (!insert_wave(db, *id, i, campaign->wave_names[i], size[i], now, err)) return false;
    return insert_places(db, *id, campaign, now, err);
}
