/* plan_store.c: a plan becomes a campaign, or the next revision of one. */
#include "orchestrator/store/params.h"
#include "orchestrator/store/plan_row.h"

#include <string.h>

static bool wave_sizes(struct db *db, int64_t size[WAVE_ROWS_MAX], int64_t *members,
                       struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_PLAN_WAVE_SIZES, 0, NULL, err);
    if (!result) return false;
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
    char priority[PARAM_NUMBER], source[PARAM_NUMBER];
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
                                  param_number(size, members),
                                  param_number(priority, campaign->priority),
                                  campaign->continuous ? "continuous" : "snapshot",
                                  campaign->after,
                                  campaign->rollback_version,
                                  campaign->supersedes ? campaign->supersedes : "{}",
                                  campaign->emergency ? "true" : "false",
                                  param_number(source, campaign->rolls_back)};
    PGresult *result = db_query(db, SQL_CAMPAIGN_INSERT, 22, params, err);
    if (!result && err && err->code == WG_E_CONFLICT)
        return wg_fail(err, WG_E_CONFLICT, "a campaign named %s exists: give this one another name",
                       campaign->name);
    if (!result) return false;
    *id = db_int(result, 0, 0);
    PQclear(result);
    return true;
}

static bool insert_waves(struct db *db, int64_t campaign, size_t first,
                         const struct campaign_new *row, const int64_t *size, wg_time now,
                         struct wg_error *err)
{
    for (size_t i = first; i < row->wave_count; i++) {
        char id[PARAM_NUMBER], number[PARAM_NUMBER], at[PARAM_NUMBER], members[PARAM_NUMBER];
        const char *const params[] = {param_number(id, campaign), param_number(number, (int64_t)i),
                                      row->wave_names[i], param_number(at, now),
                                      param_number(members, size[i])};
        if (!db_run(db, SQL_WAVE_INSERT, 5, params, NULL, err)) return false;
    }
    return true;
}

static bool insert_places(struct db *db, int64_t id, const struct campaign_new *campaign,
                          wg_time now, struct wg_error *err)
{
    char number[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id), campaign->seed, param_number(at, now)};
    return db_run(db, SQL_PLAN_PLACES, 3, params, NULL, err);
}

static bool insert_counts(struct db *db, int64_t id, size_t first, struct wg_error *err)
{
    char number[PARAM_NUMBER], wave[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id), param_number(wave, (int64_t)first)};
    return db_run(db, SQL_PLAN_COUNTS, 2, params, NULL, err);
}

static bool put_back(struct db *db, int64_t id, size_t first, size_t waves, struct wg_error *err)
{
    char number[PARAM_NUMBER], wave[PARAM_NUMBER], last[PARAM_NUMBER];
    const char *const places[] = {param_number(number, id), param_number(last, (int64_t)waves - 1)};
    const char *const recount[] = {number, param_number(wave, (int64_t)first)};
    return db_run(db, SQL_PLAN_PUT_BACK, 2, places, NULL, err) &&
           db_run(db, SQL_PLAN_RECOUNT_WAVES, 2, recount, NULL, err) &&
           db_run(db, SQL_PLAN_RECOUNT_CAMPAIGN, 1, places, NULL, err);
}

static bool keep_revision(struct db *db, int64_t id, const struct campaign_new *campaign,
                          const char *changes, wg_time now, struct wg_error *err)
{
    char number[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {
        param_number(number, id), campaign->digest, campaign->text,
        campaign->canonical,      campaign->author, campaign->statement,
        campaign->author_chain,   changes,          param_number(at, now)};
    return db_run(db, SQL_REVISION_INSERT, 9, params, NULL, err);
}

static bool tell(struct db *db, int64_t id, const char *from, const char *to, const char *cause,
                 const char *actor, wg_time now, struct wg_error *err)
{
    char number[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {
        param_number(number, id), NULL, param_number(at, now), from, to, cause, actor};
    return db_run(db, SQL_TRANSITION_INSERT, 7, params, NULL, err) && store_notify(db, err);
}

bool plan_insert(struct db *db, const struct campaign_new *campaign, wg_time now, int64_t *id,
                 struct wg_error *err)
{
    int64_t size[WAVE_ROWS_MAX] = {0}, members = 0;
    return wave_sizes(db, size, &members, err) &&
           insert_campaign(db, campaign, members, now, id, err) &&
           keep_revision(db, *id, campaign, "", now, err) &&
           insert_waves(db, *id, 0, campaign, size, now, err) &&
           insert_places(db, *id, campaign, now, err) && insert_counts(db, *id, 0, err) &&
           tell(db, *id, "", campaign->state, "applied", campaign->author, now, err);
}

static bool update_campaign(struct db *db, int64_t id, const struct campaign_new *campaign,
                            int64_t members, size_t kept_waves, struct wg_error *err)
{
    char number[PARAM_NUMBER], attempts[PARAM_NUMBER], backoff[PARAM_NUMBER], size[PARAM_NUMBER];
    char priority[PARAM_NUMBER], kept[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id),
                                  campaign->digest,
                                  campaign->text,
                                  campaign->canonical,
                                  campaign->author,
                                  campaign->statement,
                                  campaign->author_chain,
                                  param_number(attempts, campaign->retry_attempts),
                                  param_number(backoff, campaign->retry_backoff),
                                  param_number(size, members),
                                  param_number(priority, campaign->priority),
                                  campaign->continuous ? "continuous" : "snapshot",
                                  campaign->after,
                                  campaign->rollback_version,
                                  param_number(kept, (int64_t)kept_waves),
                                  campaign->supersedes ? campaign->supersedes : "{}",
                                  campaign->emergency ? "true" : "false"};
    return db_run(db, SQL_CAMPAIGN_REVISE, 17, params, NULL, err);
}

bool plan_revise(struct db *db, int64_t id, size_t kept_waves, const struct campaign_new *campaign,
                 const char *changes, wg_time now, struct wg_error *err)
{
    int64_t size[WAVE_ROWS_MAX] = {0}, members = 0, aside = 0;
    char number[PARAM_NUMBER], kept[PARAM_NUMBER];
    const char *const drop[] = {param_number(number, id), param_number(kept, (int64_t)kept_waves)};
    /* counters go with their waves */
    return wave_sizes(db, size, &members, err) &&
           update_campaign(db, id, campaign, members, kept_waves, err) &&
           keep_revision(db, id, campaign, changes, now, err) &&
           db_run(db, SQL_PLAN_SET_ASIDE, 2, drop, &aside, err) &&
           db_run(db, SQL_PLAN_PLACE_DROP, 2, drop, NULL, err) &&
           db_run(db, SQL_PLAN_WAVE_DROP, 2, drop, NULL, err) &&
           insert_waves(db, id, kept_waves, campaign, size, now, err) &&
           insert_places(db, id, campaign, now, err) &&
           (aside == 0 || put_back(db, id, kept_waves, campaign->wave_count, err)) &&
           insert_counts(db, id, kept_waves, err) &&
           db_run(db, SQL_WAVE_FORGET_ADVANCE, 1, drop, NULL, err) &&
           db_run(db, SQL_LEASE_FENCE, 1, drop, NULL, err) &&
           tell(db, id, campaign->state, campaign->state, "revised", campaign->author, now, err);
}
