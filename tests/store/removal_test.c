/* removal_test.c: a campaign of long ago goes at once, what it left with its devices in lots: one
 * behind the other, whoever is at it, while devices report. */
#include "orchestrator/store/removal_row.h"
#include "tests/store/racer.h"

#define DEVICES 7

static const int64_t all[] = {DEVICES};

/* "campaign" has ended a day ago, each of its devices with a place and an order; "next" has one of
 * them in hand. */
static struct race two_campaigns(void)
{
    struct race race = race_open(DEVICES);
    int64_t old = ground_campaign(race.db, "campaign", 1, all);
    CU_ASSERT_EQUAL(ground_claim(race.db, old, 0, DEVICES, GROUND_NOW), DEVICES);
    ground_run(race.db, "update update_order set open = false");
    ground_run(race.db, "update place set state = 'failed'");
    ground_run(race.db, "delete from wave_count");
    ground_run(race.db, "insert into wave_count select campaign_id, wave, state, cause, count(*) "
                        "from place group by 1, 2, 3, 4");
    ground_run(race.db, "update campaign set state = 'finished', state_at = "
                        "timestamptz '2025-11-30Z'");
    race.campaign = ground_campaign(race.db, "next", 1, all);
    CU_ASSERT_EQUAL(ground_claim(race.db, race.campaign, 0, 1, GROUND_NOW), 1);
    return race;
}

static void begins(struct db *db, wg_time before, const char *expected)
{
    struct wg_error err = {0};
    char name[WG_NAME_MAX + 1];
    ASSERT_OK(removal_begin(db, before, name, &err), &err);
    ASSERT_TEXT(name, expected);
}

static void steps(struct db *db, int64_t places, bool more, const char *done)
{
    struct wg_error err = {0};
    struct removal_lot lot;
    ASSERT_OK(removal_step(db, 3, &lot, &err), &err);
    CU_ASSERT_EQUAL(lot.places, places);
    CU_ASSERT_EQUAL(lot.orders, places);
    CU_ASSERT_EQUAL(lot.more, more);
    ASSERT_TEXT(lot.done, done);
}

static int64_t left(struct race *race, const char *table)
{
    return ground_number(race->watch, "select count(*) from %s where campaign_id <> %lld", table,
                         (long long)race->campaign);
}

static void what_it_left_goes_in_lots(void)
{
    struct race it = two_campaigns(), *race = &it;
    ground_run(race->db, "update campaign set state_at = timestamptz '2025-11-01Z' where name = "
                         "'next'");
    begins(race->db, GROUND_NOW - WG_DAY, ""); /* ended at that time, not before it */
    begins(race->db, GROUND_NOW, "campaign");
    begins(race->db, GROUND_NOW, ""); /* the other one runs */
    CU_ASSERT_EQUAL(ground_number(race->watch, "select count(*) from campaign"), 1);
    CU_ASSERT_EQUAL(left(race, "wave_count"), 0);
    CU_ASSERT_EQUAL(left(race, "place"), DEVICES);
    steps(race->db, 3, true, "");
    steps(race->db, 3, true, "");
    CU_ASSERT_EQUAL(left(race, "place"), 1);
    CU_ASSERT_EQUAL(left(race, "update_order"), 1);
    steps(race->db, 1, true, "");
    steps(race->db, 0, true, "campaign");
    steps(race->db, 0, false, "");
    CU_ASSERT_EQUAL(ground_number(race->watch, "select count(*) from place"), DEVICES);
    CU_ASSERT_EQUAL(ground_number(race->watch, "select count(*) from update_order"), 1);
    race_close(race);
}

static bool steps_too(struct racer *racer, struct wg_error *err)
{
    struct removal_lot lot;
    bool ok = removal_step(racer->db, 3, &lot, err);
    racer->number = lot.places;
    return ok;
}

static void one_is_at_it(void)
{
    struct race it = two_campaigns(), *race = &it;
    begins(race->db, GROUND_NOW, "campaign");
    race_begin(race);
    steps(race->db, 3, true, "");
    race->racer.run = steps_too;
    CU_ASSERT_FALSE(racer_start(&race->racer, race->watch));
    racer_join(&race->racer);
    CU_ASSERT_EQUAL(race->racer.number, 0);
    db_rollback(race->db); /* it was killed: another one takes its lot */
    CU_ASSERT_EQUAL(left(race, "place"), DEVICES);
    CU_ASSERT_FALSE(racer_start(&race->racer, race->watch));
    racer_join(&race->racer);
    CU_ASSERT_EQUAL(race->racer.number, 3);
    CU_ASSERT_EQUAL(left(race, "place"), DEVICES - 3);
    race_close(race);
}

static void devices_report_meanwhile(void)
{
    char order[WG_ORDER_ID_MAX], device[WG_NAME_MAX + 1];
    struct race it = two_campaigns(), *race = &it;
    (void)wg_copy(device, sizeof device,
                  ground_text(race->watch, "select device_id from place where in_hand"));
    begins(race->db, GROUND_NOW, "campaign");
    race_begin(race);
    for (int i = 0; i < 3; i++) {
        struct removal_lot lot;
        ASSERT_OK(removal_step(race->db, 3, &lot, &race->err), &race->err);
    }
    ground_order(race->watch, race->campaign, device, order);
    ground_report(race->item, device, 1, order, WG_ACCEPTED);
    race->racer.run = racer_reports;
    CU_ASSERT_FALSE(racer_start(&race->racer, race->watch));
    racer_join(&race->racer);
    ASSERT_TEXT(ground_state(race->watch, race->campaign, device), "accepted");
    race_commit(race);
    CU_ASSERT_EQUAL(left(race, "place"), 0);
    CU_ASSERT_EQUAL(left(race, "update_order"), 0);
    race_close(race);
}

static void what_another_one_needs_stays(void)
{
    struct race it = two_campaigns(), *race = &it;
    ground_run(race->db, "update campaign set after_names = '{campaign}' where name = 'next'");
    begins(race->db, GROUND_NOW, "");
    ground_run(race->db, "update campaign set after_names = '{}', rolls_back = (select id from "
                         "campaign where name = 'campaign') where name = 'next'");
    begins(race->db, GROUND_NOW, "");
    ground_run(race->db, "update campaign set rolls_back = null");
    begins(race->db, GROUND_NOW, "campaign");
    race_close(race);
}

static void who_ended_first_goes_first(void)
{
    struct race it = two_campaigns(), *race = &it;
    ground_run(race->db, "update campaign set state = 'aborted', state_at = timestamptz "
                         "'2025-11-29Z' where name = 'next'");
    begins(race->db, GROUND_NOW, "next");
    begins(race->db, GROUND_NOW, "campaign");
    race_close(race);
}

/* As docs/operations.md has it. */
static void by_hand_it_leaves_the_same(void)
{
    struct race it = two_campaigns(), *race = &it;
    ground_run(race->db, "delete from campaign where name = 'campaign'");
    CU_ASSERT_EQUAL(left(race, "place"), DEVICES);
    steps(race->db, 3, true, "");
    race_close(race);
}

WG_SUITE("store.removal", {"what it left goes in lots", what_it_left_goes_in_lots},
         {"one is at it", one_is_at_it}, {"devices report meanwhile", devices_report_meanwhile},
         {"what another one needs stays", what_another_one_needs_stays},
         {"who ended first goes first", who_ended_first_goes_first},
         {"by hand it leaves the same", by_hand_it_leaves_the_same})
