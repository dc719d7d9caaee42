/* place_claim.c: waiting devices are offered the update: within windows, caps and the rate. */
#include "orchestrator/store/order_row.h"
#include "orchestrator/store/params.h"
#include "orchestrator/store/place.h"
#include "orchestrator/store/tally.h"

#include <stdlib.h>
#include <string.h>

static bool remember_offers(struct db *db, int64_t campaign, wg_time now, int64_t devices,
                            struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER], count[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_number(at, now),
                                  param_number(count, devices)};
    return db_run(db, SQL_OFFER_FORGET, 2, params, NULL, err) &&
           db_run(db, SQL_OFFER_INSERT, 3, params, NULL, err);
}

static bool count_claimed(struct db *db, const struct place_claim *claim, int64_t offered,
                          int64_t satisfied, struct wg_error *err)
{
    int64_t id = claim->campaign, wave = (int64_t)claim->wave;
    return tally_count(db, id, wave, WG_WAITING, WG_CAUSE_NONE, -offered - satisfied, err) &&
           tally_count(db, id, wave, WG_OFFERED, WG_CAUSE_NONE, offered, err) &&
           tally_count(db, id, wave, WG_SATISFIED, WG_CAUSE_NONE, satisfied, err);
}

enum { SATISFIED = ORDER_ROW_COLUMNS, ISSUED };

/* A row for each device that was taken; takes over the rows. */
static void read_claimed(PGresult *rows, struct place_claimed *out)
{
    struct order_lot *lot = &out->issued;
    for (int row = 0; row < PQntuples(rows); row++) {
        int64_t *count = db_bool(rows, row, SATISFIED) ? &out->satisfied : &out->offered;
        *count += 1;
        lot->count += db_bool(rows, row, ISSUED);
    }
    lot->mark = ISSUED;
    lot->rows = rows;
    if (lot->count == 0) order_lot_clear(lot);
}

static bool run_claim(struct db *db, const struct place_claim *claim, wg_time now,
                      struct param_array *attributes, struct param_array *most,
                      struct place_claimed *out, struct wg_error *err)
{
    char id[PARAM_NUMBER], wave[PARAM_NUMBER], limit[PARAM_NUMBER], at[PARAM_NUMBER];
    char life[PARAM_NUMBER];
    const char *const params[] = {param_number(id, claim->campaign),
                                  param_number(wave, (int64_t)claim->wave),
                                  param_number(limit, claim->limit),
                                  param_number(at, now),
                                  claim->zones,
                                  claim->site_zone ? "true" : "false",
                                  param_array_text(attributes),
                                  param_array_text(most),
                                  claim->issues ? param_number(life, claim->issues) : NULL};
    if (!param_array_check(attributes, err)) return false;
    PGresult *result = db_query(db, SQL_PLACE_CLAIM, 9, params, err);
    if (result) read_claimed(result, out);
    return result != NULL;
}

bool place_take_turn(struct db *db, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_PLACE_PER_LOCK, 0, NULL, err);
    PQclear(result);
    return result != NULL;
}

bool place_claim(struct db *db, const struct place_claim *claim, wg_time now,
                 struct place_claimed *out, struct wg_error *err)
{
    struct param_array attributes, most;
    *out = (struct place_claimed){0};
    param_array_init(&attributes);
    param_array_init(&most);
    for (size_t i = 0; i < claim->per_count; i++) {
        param_array_add(&attributes, claim->per_attribute[i]);
        param_array_number(&most, claim->per_most[i]);
    }
    bool ok = (claim->per_count == 0 || place_take_turn(db, err)) &&
              run_claim(db, claim, now, &attributes, &most, out, err) &&
              count_claimed(db, claim, out->offered, out->satisfied, err) &&
              (out->offered == 0 || !claim->counts_offers ||
               remember_offers(db, claim->campaign, now, out->offered, err));
    param_array_clear(&attributes);
    param_array_clear(&most);
    return ok;
}

bool place_open_zones(struct db *db, int64_t campaign, const struct place_windows *windows,
                      wg_time now, char **out_owned, struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {windows->days, windows->begins, windows->ends,
                                  param_number(at, now), windows->zone};
    PGresult *result = db_query(db, SQL_PLACE_OPEN_ZONES, 5, params, err);
    if (!result) return false;
    *out_owned = strdup(db_text(result, 0, 0));
    PQclear(result);
    if (!*out_owned) return wg_fail_memory(err, "reading time zones");
    /* the window of a named zone is open for all or for nobody */
    bool for_all = windows->zone[0] && strcmp(*out_owned, "{}") != 0;
    const char *const keep[] = {param_number(id, campaign), for_all ? NULL : *out_owned,
                                windows->by_site ? "true" : "false"};
    return db_run(db, SQL_CAMPAIGN_OPEN_ZONES, 3, keep, NULL, err);
}

bool place_offered(struct db *db, int64_t campaign, wg_time now, int64_t *offered, wg_time *first,
                   struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_number(at, now)};
    PGresult *result = db_query(db, SQL_OFFER_SUM, 2, params, err);
    if (!result) return false;
    *offered = db_int(result, 0, 0);
    *first = db_int(result, 0, 1);
    PQclear(result);
    return true;
}
