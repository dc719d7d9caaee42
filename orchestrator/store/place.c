/* place.c: places that leave the state they are in by the engine's word: time-outs, withdrawals,
 * slots given back, devices taken over by other campaigns. */
#include "orchestrator/store/place.h"

#include "orchestrator/store/params.h"
#include "orchestrator/store/place_move.h"

#include <stdlib.h>
#include <string.h>

/* Rows of place_since and its like. */
static bool read_place(const PGresult *result, int row, struct intake_place *place,
                       struct place_move *move)
{
    *place = (struct intake_place){.found = true};
    db_copy(result, row, 0, move->device, sizeof move->device);
    move->wave = db_int(result, row, 1);
    place->attempt = db_int(result, row, 4);
    db_copy(result, row, 5, place->order, sizeof place->order);
    place->spent = db_int(result, row, 6);
    place->campaign = move->campaign = db_int(result, row, 7);
    db_copy(result, row, 8, place->digest, sizeof place->digest);
    db_copy(result, row, 9, move->detail, sizeof move->detail);
    return wg_state_parse(db_text(result, row, 2), &place->state) &&
           wg_cause_parse(db_text(result, row, 3), &place->cause);
}

struct leaving {
    struct place_move *moves;
    size_t count;
    struct param_array campaigns, devices, attempts,
        orders; /* to be withdrawn: the device may have them in hand */
};

static bool leaving_init(struct leaving *leaving, int rows, struct wg_error *err)
{
    param_array_init(&leaving->campaigns);
    param_array_init(&leaving->devices);
    param_array_init(&leaving->attempts);
    param_array_init(&leaving->orders);
    leaving->count = 0;
    leaving->moves = calloc((size_t)rows + 1, sizeof *leaving->moves);
    return leaving->moves || wg_fail_memory(err, "moving devices");
}

/* The same order may be offered again: then the device keeps what it has done so far. */
static bool keeps_order(const struct intake_change *change)
{
    return change->state == WG_WAITING &&
           (change->cause == WG_CAUSE_OFFLINE || change->cause == WG_CAUSE_DEFERRED);
}

/* The device may have the order in hand, whether or not it holds a slot. */
static bool may_be_at_work(const struct intake_place *place)
{
    const struct intake_change now = {.state = place->state, .cause = place->cause};
    return place_is_in_hand(place->state) || keeps_order(&now);
}

static void leaving_add(struct leaving *leaving, const struct intake_place *place,
                        const struct intake_change *change, wg_time now)
{
    struct place_move *move = &leaving->moves[leaving->count++];
    move->from = place->state;
    move->from_cause = place->cause;
    move->to = change->state;
    move->to_cause = change->cause;
    move->retry_at = change->retry_at;
    move->spent = place->spent + change->spends;
    move->at = now;
    if (!may_be_at_work(place) || place_is_in_hand(change->state) || keeps_order(change)) return;
    param_array_number(&leaving->campaigns, place->campaign);
    param_array_add(&leaving->devices, move->device);
    param_array_number(&leaving->attempts, place->attempt);
    param_array_add(&leaving->orders, place->order);
}

/* Writes and clears. */
static bool leaving_write(struct leaving *leaving, struct db *db, wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_array_text(&leaving->campaigns),
                                  param_array_text(&leaving->devices),
                                  param_array_text(&leaving->attempts),
                                  param_array_text(&leaving->orders), param_number(at, now)};
    bool ok = place_moves_write(db, leaving->moves, leaving->count, err) &&
              param_array_check(&leaving->orders, err) &&
              (leaving->count == 0 || db_run(db, SQL_ORDER_WITHDRAW, 5, params, NULL, err));
    param_array_clear(&leaving->campaigns);
    param_array_clear(&leaving->devices);
    param_array_clear(&leaving->attempts);
    param_array_clear(&leaving->orders);
    free(leaving->moves);
    return ok;
}

/* Where a device goes. Without decide to and cause hold for all. */
struct exit_rule {
    enum wg_state to;
    enum wg_cause cause;
    const char *detail; /* NULL: its own words stay */
    place_expire_fn decide;
    void *ctx;
};

static bool leave_one(struct leaving *leaving, const PGresult *result, int row,
                      const struct exit_rule *rule, wg_time now, struct wg_error *err)
{
    struct intake_place place;
    struct intake_change change = {.moves = true, .state = rule->to, .cause = rule->cause};
    struct place_move *move = &leaving->moves[leaving->count];
    if (!read_place(result, row, &place, move))
        return wg_fail(err, WG_E_DATABASE, "a device is in no known state");
    if (rule->detail) (void)wg_copy(move->detail, sizeof move->detail, rule->detail);
    if (rule->decide) rule->decide(rule->ctx, &place, rule->to, rule->cause, now, &change);
    if (change.moves) leaving_add(leaving, &place, &change, now);
    return true;
}

/* Takes over result. */
static bool leave(struct db *db, PGresult *result, const struct exit_rule *rule, wg_time now,
                  int64_t *moved, struct wg_error *err)
{
    struct leaving leaving;
    *moved = 0;
    if (!result) return false;
    int rows = PQntuples(result);
    bool ok = leaving_init(&leaving, rows, err);
    for (int i = 0; i < rows && ok; i++) ok = leave_one(&leaving, result, i, rule, now, err);
    PQclear(result);
    *moved = (int64_t)leaving.count;
    if (!ok) leaving.count = 0;
    return leaving_write(&leaving, db, now, err) && ok;
}

bool place_withdraw(struct db *db, int64_t campaign, bool started, wg_time now, int64_t *moved,
                    struct wg_error *err)
{
    static const struct exit_rule rule = {
        .to = WG_WITHDRAWN, .cause = WG_CAUSE_WITHDRAWN, .detail = ""};
    char id[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_number(at, now)};
    return leave(db, db_query(db, SQL_PLACE_NOT_STARTED, 1, params, err), &rule, now, moved, err) &&
           (!started || db_run(db, SQL_ORDER_WITHDRAW_STARTED, 2, params, NULL, err));
}

static const struct place_expiry *rule_of(const struct place_lateness *late, enum wg_state state)
{
    for (size_t i = 0; i < late->count; i++)
        if (late->rules[i].from == state) return &late->rules[i];
    return NULL;
}

static struct exit_rule exit_of(const struct place_lateness *late, const struct place_expiry *rule)
{
    /* a device that put the update off said why */
    return (struct exit_rule){.to = rule->to,
                              .cause = rule->cause,
                              .detail = rule->from == WG_DEFERRED ? NULL : "",
                              .decide = late->decide,
                              .ctx = late->ctx};
}

/* Of one state that rests: offered, deferred. */
static bool expire_resting(struct db *db, const struct place_lateness *late,
                           const struct place_expiry *expiry, wg_time now, int64_t *moved,
                           struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(id, late->campaign), wg_state_text(expiry->from),
                                  param_number(at, expiry->before)};
    const struct exit_rule rule = exit_of(late, expiry);
    return leave(db, db_query(db, SQL_PLACE_SINCE, 3, params, err), &rule, now, moved, err);
}

/* Those that are not late: when each could be is known, and the state that it goes to next may be
 * the one with the shortest time. */
struct on_time {
    bool any;
    struct param_array devices, checked;
};

static void on_time_add(struct on_time *on_time, const struct place_lateness *late,
                        const struct place_expiry *expiry, const char *device, wg_time since,
                        wg_time now)
{
    wg_time until = late->checked + (since - expiry->before);
    on_time->any = true;
    param_array_add(&on_time->devices, device);
    param_array_number(&on_time->checked, since > 0 && until < now ? until : now);
}

static bool on_time_write(struct on_time *on_time, struct db *db, int64_t campaign,
                          struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_array_text(&on_time->devices),
                                  param_array_text(&on_time->checked)};
    bool ok = param_array_check(&on_time->devices, err) &&
              (!on_time->any || db_run(db, SQL_PLACE_CHECKED, 3, params, NULL, err));
    param_array_clear(&on_time->devices);
    param_array_clear(&on_time->checked);
    return ok;
}

/* Column 10: since when, 0: it waits for a word. */
static bool judge_going(const struct place_lateness *late, const PGresult *result, int row,
                        struct leaving *leaving, struct on_time *on_time, wg_time now,
                        struct wg_error *err)
{
    enum wg_state state;
    wg_time since = db_int(result, row, 10);
    if (!wg_state_parse(db_text(result, row, 2), &state))
        return wg_fail(err, WG_E_DATABASE, "a device is in no known state");
    const struct place_expiry *expiry = rule_of(late, state);
    if (!expiry) return true; /* it came there since the engine looked: the next look has it */
    if (since > 0 && since <= expiry->before) {
        const struct exit_rule rule = exit_of(late, expiry);
        return leave_one(leaving, result, row, &rule, now, err);
    }
    on_time_add(on_time, late, expiry, db_text(result, row, 0), since, now);
    return true;
}

static bool expire_going(struct db *db, const struct place_lateness *late, wg_time now,
                         int64_t *moved, struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(id, late->campaign),
                                  param_number(at, late->checked)};
    struct leaving leaving;
    struct on_time on_time = {0};
    PGresult *result = db_query(db, SQL_PLACE_GOING, 2, params, err);
    if (!result) return false;
    int rows = PQntuples(result);
    param_array_init(&on_time.devices);
    param_array_init(&on_time.checked);
    bool ok = leaving_init(&leaving, rows, err);
    for (int i = 0; i < rows && ok; i++)
        ok = judge_going(late, result, i, &leaving, &on_time, now, err);
    PQclear(result);
    *moved = (int64_t)leaving.count;
    if (!ok) leaving.count = 0;
    ok = leaving_write(&leaving, db, now, err) && ok;
    return on_time_write(&on_time, db, late->campaign, err) && ok;
}

bool place_expire(struct db *db, const struct place_lateness *late, wg_time now, int64_t *moved,
                  struct wg_error *err)
{
    bool any_going = false;
    *moved = 0;
    for (size_t i = 0; i < late->count; i++) {
        int64_t left = 0;
        if (wg_state_goes_on(late->rules[i].from))
            any_going = true;
        else if (!expire_resting(db, late, &late->rules[i], now, &left, err))
            return false;
        *moved += left;
    }
    int64_t left = 0;
    if (any_going && !expire_going(db, late, now, &left, err)) return false;
    *moved += left;
    return true;
}

bool place_give_back(struct db *db, int64_t campaign, wg_time now, int64_t *moved,
                     struct wg_error *err)
{
    static const struct exit_rule rule = {
        .to = WG_WAITING, .cause = WG_CAUSE_OFFLINE, .detail = ""};
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign)};
    return leave(db, db_query(db, SQL_PLACE_GONE, 1, params, err), &rule, now, moved, err);
}

bool place_quarantine(struct db *db, int64_t campaign, wg_time now, int64_t *moved,
                      struct wg_error *err)
{
    static const struct exit_rule rule = {.to = WG_WAITING,
                                          .cause = WG_CAUSE_SHED,
                                          .detail = "in quarantine: wavegate device show says why"};
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign)};
    return leave(db, db_query(db, SQL_PLACE_QUARANTINED, 1, params, err), &rule, now, moved, err);
}

bool place_preempt(struct db *db, int64_t campaign, int64_t limit, wg_time now, int64_t *moved,
                   struct wg_error *err)
{
    static const struct exit_rule rule = {
        .to = WG_WAITING, .cause = WG_CAUSE_SHED, .detail = "an emergency campaign goes first"};
    char id[PARAM_NUMBER], at[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), param_number(at, now),
                                  param_number(most, limit)};
    return leave(db, db_query(db, SQL_PLACE_PREEMPTED, 3, params, err), &rule, now, moved, err);
}

bool place_supersede(struct db *db, int64_t campaign, const char *name, wg_time now, int64_t *moved,
                     struct wg_error *err)
{
    char id[PARAM_NUMBER], detail[WG_DETAIL_MAX + 1];
    const struct exit_rule rule = {
        .to = WG_SUPERSEDED, .cause = WG_CAUSE_WITHDRAWN, .detail = detail};
    const char *const params[] = {param_number(id, campaign)};
    (void)wg_format(detail, sizeof detail, "campaign %s supersedes it", name);
    return leave(db, db_query(db, SQL_PLACE_SUPERSEDED, 1, params, err), &rule, now, moved, err);
}

bool place_release(struct db *db, int64_t campaign, wg_time now, char (*told)[WG_NAME_MAX + 1],
                   size_t *count, size_t max, int64_t *moved, struct wg_error *err)
{
    static const struct exit_rule rule = {.to = WG_REBOOTING, .cause = WG_CAUSE_NONE, .detail = ""};
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign)};
    PGresult *result = db_query(db, SQL_PLACE_READY, 1, params, err);
    for (int i = 0; result && i < PQntuples(result) && *count < max; i++)
        db_copy(result, i, 0, told[(*count)++], WG_NAME_MAX + 1);
    return leave(db, result, &rule, now, moved, err);
}

bool place_satisfy(struct db *db, const char *devices, wg_time now, struct wg_error *err)
{
    static const struct exit_rule rule = {.to = WG_SATISFIED, .cause = WG_CAUSE_NONE, .detail = ""};
    const char *const params[] = {devices};
    int64_t moved = 0;
    return leave(db, db_query(db, SQL_PLACE_RUNS_ALREADY, 1, params, err), &rule, now, &moved, err);
}

bool place_cancel(struct db *db, const char *campaign, const char *device, const char *words,
                  wg_time now, int64_t *moved, struct wg_error *err)
{
    const struct exit_rule rule = {
        .to = WG_WITHDRAWN, .cause = WG_CAUSE_WITHDRAWN, .detail = words};
    const char *const params[] = {device, campaign};
    return leave(db, db_query(db, SQL_PLACE_CANCELLED, 2, params, err), &rule, now, moved, err);
}

bool place_reasons(struct db *db, int64_t campaign, const char *scopes, struct place_reasons *out,
                   struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), scopes};
    PGresult *result = db_query(db, SQL_PLACE_REASONS, 2, params, err);
    if (!result) return false;
    db_copy(result, 0, 0, out->put_off, sizeof out->put_off);
    db_copy(result, 0, 1, out->failed, sizeof out->failed);
    db_copy(result, 0, 2, out->failure, sizeof out->failure);
    PQclear(result);
    return true;
}
