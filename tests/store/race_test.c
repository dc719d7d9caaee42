/* race_test.c: two connections at once, each in the middle of a transaction of its own: who gets
 * what both are after. */
#include "orchestrator/link/verdict.h"
#include "orchestrator/store/gate_row.h"
#include "orchestrator/store/lease_row.h"
#include "tests/store/racer.h"

#include <stdlib.h>
#include <string.h>

static const int64_t all_of_four[] = {4};
static const int64_t all_of_two[] = {2};
static const int64_t all_of_one[] = {1};

/* ---- what it does ---- */

static bool claim(struct db *db, int64_t campaign, int64_t limit, const char *per, int64_t *claimed,
                  struct wg_error *err)
{
    struct place_claimed out;
    const struct place_claim ask = {.campaign = campaign,
                                    .limit = limit,
                                    .per_count = per ? 1 : 0,
                                    .per_attribute = {per},
                                    .per_most = {1}};
    bool ok = place_claim(db, &ask, GROUND_NOW, &out, err);
    *claimed = out.offered;
    return ok;
}

static bool claims(struct racer *racer, struct wg_error *err)
{
    return db_begin(racer->db, err) && racer_ending(racer->db,
                                                    claim(racer->db, racer->campaign, racer->limit,
                                                          racer->per, &racer->number, err),
                                                    err);
}

static bool gives_back(struct racer *racer, struct wg_error *err)
{
    return db_begin(racer->db, err) &&
           racer_ending(
               racer->db,
               place_give_back(racer->db, racer->campaign, GROUND_NOW, &racer->number, err), err);
}

static const struct order_times order_times = {GROUND_NOW, WG_MINUTE, WG_DAY};

static bool takes_orders(struct racer *racer, struct wg_error *err)
{
    struct order_lot lot;
    bool ok = order_take_due(racer->db, &order_times, 100, &lot, err);
    racer->number = (int64_t)lot.count;
    order_lot_clear(&lot);
    return ok;
}

static bool locks(struct racer *racer, struct wg_error *err)
{
    struct campaign_row *row = calloc(1, sizeof *row);
    bool ok = row && db_begin(racer->db, err) &&
              campaign_row_lock(racer->db, racer->campaign, &racer->found, row, err) &&
              (!racer->found || lease_row_take(racer->db, racer->campaign, "b", 5 * WG_SECOND,
                                               GROUND_NOW, &racer->number, err));
    free(row);
    return racer_ending(racer->db, ok, err);
}

static bool holds(struct racer *racer, struct wg_error *err)
{
    return db_begin(racer->db, err) &&
           racer_ending(racer->db, campaign_row_hold(racer->db, "campaign", err), err);
}

static bool supersedes(struct racer *racer, struct wg_error *err)
{
    return db_begin(racer->db, err) &&
           racer_ending(racer->db,
                        place_supersede(racer->db, racer->campaign, "young", GROUND_NOW,
                                        &racer->number, err),
                        err);
}

static int64_t claim_first(struct race *race, int64_t campaign, int64_t limit, const char *per)
{
    int64_t claimed = 0;
    race_begin(race);
    ASSERT_OK(claim(race->db, campaign, limit, per, &claimed, &race->err), &race->err);
    return claimed;
}

/* The device's one place is offered and goes offline: its slot is given back. */
static int64_t given_back(struct race *race, char order[WG_ORDER_ID_MAX])
{
    int64_t moved = 0, id = ground_campaign(race->db, "campaign", 1, all_of_one);
    CU_ASSERT_EQUAL(ground_claim(race->db, id, 0, 1, GROUND_NOW), 1);
    ground_order(race->db, id, "dev-000", order);
    ground_run(race->db, "update device set online = false");
    race_begin(race);
    ASSERT_OK(place_give_back(race->db, id, GROUND_NOW, &moved, &race->err), &race->err);
    race_commit(race);
    CU_ASSERT_EQUAL(moved, 1);
    ground_run(race->db, "update device set online = true");
    return id;
}

/* ---- claim against claim ---- */

static void a_cap_holds_across_campaigns(void)
{
    struct race it = race_open(4), *race = &it;
    ground_run(race->db, "update device set attributes = jsonb_build_object('site', 'plant-' || "
                         "(right(id, 1)::int / 2))");
    int64_t first = ground_campaign(race->db, "first", 1, all_of_four);
    race->racer.campaign = ground_campaign(race->db, "second", 1, all_of_four);
    race->racer.limit = 10;
    race->racer.per = "site";
    race->racer.run = claims;
    CU_ASSERT_EQUAL(claim_first(race, first, 1, "site"), 1);
    race_finish(race, true);
    CU_ASSERT_EQUAL(race->racer.number, 1);
    CU_ASSERT_EQUAL(ground_number(race->watch, "select max(n) from (select count(*) as n from "
                                               "place p join device d on d.id = p.device_id where "
                                               "p.state = 'offered' group by d.attributes) x"),
                    1);
    race_close(race);
}

/* Neither waits for the other, nor fails for it. */
static void two_campaigns_share_their_devices(void)
{
    struct race it = race_open(4), *race = &it;
    int64_t first = ground_campaign(race->db, "first", 1, all_of_four);
    race->racer.campaign = ground_campaign(race->db, "second", 1, all_of_four);
    race->racer.limit = 10;
    race->racer.run = claims;
    CU_ASSERT_EQUAL(claim_first(race, first, 2, NULL), 2);
    bool waits = racer_start(&race->racer, race->watch);
    CU_ASSERT_FALSE(waits);
    race_commit(race);
    racer_join(&race->racer);
    CU_ASSERT_EQUAL(race->racer.number, 2);
    CU_ASSERT_EQUAL(ground_number(race->watch, "select count(distinct device_id) from place "
                                               "where state = 'offered'"),
                    4);
    race_close(race);
}

/* ---- claim against report ---- */

static void a_report_meets_a_claim(void)
{
    struct race it = race_open(1), *race = &it;
    char order[WG_ORDER_ID_MAX];
    int64_t id = given_back(race, order);
    CU_ASSERT_EQUAL(claim_first(race, id, 1, NULL), 1);
    ground_report(race->item, "dev-000", 1, order, WG_REBOOTING);
    race->racer.run = racer_reports;
    race_finish(race, true);
    /* its slot is held again: it may switch over */
    ASSERT_TEXT(ground_state(race->watch, id, "dev-000"), "rebooting");
    CU_ASSERT_TRUE(race->racer.taken->answers[0].go);
    ASSERT_TEXT(race->racer.taken->answers[0].order, order);
    race_close(race);
}

static void a_claim_meets_a_report(void)
{
    struct race it = race_open(1), *race = &it;
    char order[WG_ORDER_ID_MAX];
    int64_t id = given_back(race, order);
    race_begin(race); /* the report's transaction, as it holds device and place */
    ground_run(race->db, "select id from device for no key update");
    ground_run(race->db, "select device_id from place for update");
    race->racer.campaign = id;
    race->racer.limit = 1;
    race->racer.run = claims;
    race_finish(race, false);
    CU_ASSERT_EQUAL(race->racer.number, 0);
    ASSERT_TEXT(ground_state(race->watch, id, "dev-000"), "waiting offline");
    race_close(race);
}

/* ---- slots given back ---- */

static void a_report_meets_a_slot_given_back(void)
{
    struct race it = race_open(1), *race = &it;
    char order[WG_ORDER_ID_MAX];
    int64_t moved = 0, id = ground_campaign(race->db, "campaign", 1, all_of_one);
    CU_ASSERT_EQUAL(ground_claim(race->db, id, 0, 1, GROUND_NOW), 1);
    ground_order(race->db, id, "dev-000", order);
    ground_run(race->db, "update device set online = false");
    race_begin(race);
    ASSERT_OK(place_give_back(race->db, id, GROUND_NOW, &moved, &race->err), &race->err);
    ground_report(race->item, "dev-000", 1, order, WG_REBOOTING);
    race->racer.run = racer_reports;
    race_finish(race, true);
    ASSERT_TEXT(ground_state(race->watch, id, "dev-000"), "waiting offline");
    CU_ASSERT_FALSE(race->racer.taken->answers[0].go);
    /* it keeps what it has installed */
    ASSERT_TEXT(race->racer.taken->answers[0].order, order);
    race_close(race);
}

static void a_slot_is_not_given_back_under_a_report(void)
{
    struct race it = race_open(1), *race = &it;
    int64_t id = ground_campaign(race->db, "campaign", 1, all_of_one);
    CU_ASSERT_EQUAL(ground_claim(race->db, id, 0, 1, GROUND_NOW), 1);
    ground_run(race->db, "update device set online = false");
    race_begin(race);
    ground_run(race->db, "select device_id from place for update");
    race->racer.campaign = id;
    race->racer.run = gives_back;
    race_finish(race, false);
    CU_ASSERT_EQUAL(race->racer.number, 0);
    ASSERT_TEXT(ground_state(race->watch, id, "dev-000"), "offered");
    race_close(race);
}

/* ---- hellos of devices that run the release already ---- */

static void a_hello_does_not_wait_for_a_claim(void)
{
    struct race it = race_open(2), *race = &it;
    int64_t id = ground_campaign(race->db, "campaign", 1, all_of_two);
    ground_run(race->db, "update device set online = false where id = 'dev-001'");
    CU_ASSERT_EQUAL(claim_first(race, id, 2, NULL), 1);
    ground_run(race->db, "select device_id from place where device_id = 'dev-001' for update");
    ground_hello(race->item, "dev-001");
    (void)wg_copy(race->item->as.hello.components[0].version, WG_VERSION_MAX, "2.0.0");
    race->racer.run = racer_reports;
    race_finish(race, false);
    /* the next claim finds out */
    CU_ASSERT_EQUAL(ground_claim(race->db, id, 0, 2, GROUND_NOW), 0);
    ASSERT_TEXT(ground_state(race->watch, id, "dev-001"), "satisfied");
    race_close(race);
}

/* ---- orders ---- */

static void an_order_is_taken_once(void)
{
    struct race it = race_open(2), *race = &it;
    struct order_lot lot;
    int64_t id = ground_campaign(race->db, "campaign", 1, all_of_two);
    CU_ASSERT_EQUAL(ground_claim(race->db, id, 0, 2, GROUND_NOW), 2);
    race_begin(race);
    ASSERT_OK(order_take_due(race->db, &order_times, 1, &lot, &race->err), &race->err);
    CU_ASSERT_EQUAL(lot.count, 1);
    order_lot_clear(&lot);
    race->racer.run = takes_orders;
    race_finish(race, false);
    CU_ASSERT_EQUAL(race->racer.number, 1);
    CU_ASSERT_EQUAL(ground_number(race->watch, "select sum(order_counter) from device"), 2);
    CU_ASSERT_EQUAL(ground_number(race->watch, "select sum(sends) from update_order"), 2);
    race_close(race);
}

/* ---- one ticker a campaign ---- */

static void a_campaign_has_one_ticker(void)
{
    struct race it = race_open(1), *race = &it;
    struct campaign_row *row = calloc(1, sizeof *row);
    bool found = false, kept = true;
    int64_t token = 0, id = ground_campaign(race->db, "campaign", 1, all_of_one);
    race->racer.campaign = id;
    race->racer.run = locks;
    race_begin(race);
    ASSERT_OK(campaign_row_lock(race->db, id, &found, row, &race->err), &race->err);
    CU_ASSERT_TRUE(found);
    ASSERT_OK(lease_row_take(race->db, id, "a", 5 * WG_SECOND, GROUND_NOW - 5 * WG_SECOND, &token,
                             &race->err),
              &race->err);
    /* in the middle of a tick, whatever the lease says */
    CU_ASSERT_FALSE(racer_start(&race->racer, race->watch));
    racer_join(&race->racer);
    CU_ASSERT_FALSE(race->racer.found);
    race_commit(race);
    /* the first one stalls: its lease has run out by now */
    CU_ASSERT_FALSE(racer_start(&race->racer, race->watch));
    racer_join(&race->racer);
    CU_ASSERT_TRUE(race->racer.found);
    CU_ASSERT_EQUAL(race->racer.number, token + 1);
    ASSERT_OK(lease_row_take(race->db, id, "a", 5 * WG_SECOND, GROUND_NOW, &token, &race->err),
              &race->err);
    CU_ASSERT_EQUAL(token, 0);
    ASSERT_OK(gate_row_hook(race->db, id, 0, "pass", "late", 1, GROUND_NOW, &kept, &race->err),
              &race->err);
    CU_ASSERT_FALSE(kept);
    free(row);
    race_close(race);
}

/* What is called back refers to the campaign, which its own ticker holds, and may wait for the
 * counters: neither waits for the other. */
static void devices_are_taken_from_a_campaign_that_is_ticked(void)
{
    struct race it = race_open(2), *race = &it;
    struct campaign_row *row = calloc(1, sizeof *row);
    bool found = false;
    int64_t old = ground_campaign(race->db, "old", 1, all_of_two);
    race->racer.campaign = ground_campaign(race->db, "young", 1, all_of_two);
    race->racer.run = supersedes;
    ground_run(race->db, "update campaign set supersedes = '{old}' where name = 'young'");
    CU_ASSERT_EQUAL(ground_claim(race->db, old, 0, 1, GROUND_NOW), 1);
    race_begin(race);
    ASSERT_OK(campaign_row_lock(race->db, old, &found, row, &race->err), &race->err);
    CU_ASSERT_TRUE(found);
    race_finish(race, false);
    CU_ASSERT_EQUAL(race->racer.number, 2);
    CU_ASSERT_EQUAL(ground_number(race->watch, "select count(*) from update_order where open and "
                                               "kind = 'withdraw'"),
                    1);
    free(row);
    race_close(race);
}

/* Who stalls with a campaign in hand loses it: the server ends the transaction. */
static void a_stalled_ticker_loses_the_campaign(void)
{
    struct race it = race_open(1), *race = &it;
    int64_t id = ground_campaign(race->db, "campaign", 1, all_of_one);
    CU_ASSERT_EQUAL(ground_number(race->db, "select setting::int from pg_settings where name = "
                                            "'idle_in_transaction_session_timeout'"),
                    10000);
    ground_run(race->db, "set idle_in_transaction_session_timeout = '200ms'");
    race_begin(race);
    ASSERT_OK(campaign_row_hold(race->db, "campaign", &race->err), &race->err);
    race->racer.campaign = id;
    race->racer.run = holds;
    CU_ASSERT_TRUE(racer_start(&race->racer, race->watch));
    racer_join(&race->racer);
    CU_ASSERT_FALSE(db_commit(race->db, &race->err));
    CU_ASSERT_FALSE(db_is_up(race->db));
    race_close(race);
}

WG_SUITE("store.race", {"a cap holds across campaigns", a_cap_holds_across_campaigns},
         {"two campaigns share their devices", two_campaigns_share_their_devices},
         {"a report meets a claim", a_report_meets_a_claim},
         {"a claim meets a report", a_claim_meets_a_report},
         {"a report meets a slot given back", a_report_meets_a_slot_given_back},
         {"a slot is not given back under a report", a_slot_is_not_given_back_under_a_report},
         {"a hello does not wait for a claim", a_hello_does_not_wait_for_a_claim},
         {"an order is taken once", an_order_is_taken_once},
         {"a campaign has one ticker", a_campaign_has_one_ticker},
         {"devices are taken from a campaign that is ticked",
          devices_are_taken_from_a_campaign_that_is_ticked},
         {"a stalled ticker loses the campaign", a_stalled_ticker_loses_the_campaign})
