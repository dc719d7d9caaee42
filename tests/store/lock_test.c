/* lock_test.c: two connections at once, and the order in which they hold what both want: nobody
 * waits for counters, nobody waits in a circle, and what was decided before a wait is looked at
 * again behind it. */
#include "orchestrator/store/alarm_row.h"
#include "orchestrator/store/group_row.h"
#include "orchestrator/store/tally.h"
#include "tests/store/racer.h"

static const int64_t all_of_two[] = {2};
static const int64_t all_of_three[] = {3};

/* dev-000 .. of a running campaign; so many have the update in hand. */
static struct race race_of(const int64_t *devices, int64_t in_hand)
{
    struct race race = race_open((int)*devices);
    race.racer.campaign = race.campaign = ground_campaign(race.db, "campaign", 1, devices);
    CU_ASSERT_EQUAL(ground_claim(race.db, race.campaign, 0, in_hand, GROUND_NOW), in_hand);
    return race;
}

/* Two of three are in hand: of the one that is not in the racer's hands. */
static void say(struct race *race, const char *device, enum wg_state state)
{
    char order[WG_ORDER_ID_MAX];
    ground_order(race->db, race->campaign, device, order);
    ground_report(race->item, device, 1, order, state);
    race->racer.run = racer_reports;
}

static const char *device_in(struct race *race, const char *state, int number)
{
    static char device[WG_NAME_MAX + 1];
    (void)wg_copy(device, sizeof device,
                  ground_text(race->watch,
                              "select device_id from place where state = '%s' order by device_id "
                              "offset %d limit 1",
                              state, number));
    return device;
}

/* ---- counters ---- */

/* A look that claims and goes on to other things, beside reports of the same states. */
static void nobody_waits_for_the_counters_of_a_claim(void)
{
    struct race it = race_of(all_of_three, 1), *race = &it;
    struct place_claimed claimed;
    const struct place_claim claim = {.campaign = race->campaign, .limit = 1};
    say(race, device_in(race, "offered", 0), WG_ACCEPTED);
    race_begin(race);
    ASSERT_OK(place_claim(race->db, &claim, GROUND_NOW, &claimed, &race->err), &race->err);
    CU_ASSERT_EQUAL(claimed.offered, 1);
    race_finish(race, false);
    race_close(race);
}

static void who_counts_holds_nothing(void)
{
    struct race it = race_of(all_of_two, 1), *race = &it;
    const char *rows = "select count(*) from (select from wave for update skip locked) w, "
                       "(select from wave_count where state = 'offered' for update skip locked) c";
    race_begin(race);
    ASSERT_OK(tally_finish(race->db, race->campaign, 0, GROUND_NOW, &race->err), &race->err);
    ASSERT_OK(tally_count(race->db, race->campaign, 0, WG_OFFERED, WG_CAUSE_NONE, 1, &race->err),
              &race->err);
    ASSERT_OK(tally_count(race->db, race->campaign, 0, WG_OFFERED, WG_CAUSE_NONE, -1, &race->err),
              &race->err);
    CU_ASSERT_EQUAL(ground_number(race->watch, "%s", rows), 1);
    race_commit(race);
    CU_ASSERT_EQUAL(ground_number(race->watch, "select wg_ms(last_finish) from wave"), GROUND_NOW);
    race_close(race);
}

static void end_late(void *ctx, const struct intake_place *place, enum wg_state to,
                     enum wg_cause cause, wg_time now, struct intake_change *out)
{
    (void)ctx, (void)place, (void)now;
    *out = (struct intake_change){.moves = true, .state = to, .cause = cause};
}

/* One that is late, another that succeeds: the wave's last finish is written with the counters. */
static void nobody_waits_for_the_counters_of_a_time_out(void)
{
    struct race it = race_of(all_of_three, 2), *race = &it;
    int64_t moved = 0;
    const struct place_lateness late = {
        .campaign = race->campaign,
        .count = 1,
        .rules = {{WG_OFFERED, WG_FAILED, WG_CAUSE_TIMEOUT, GROUND_NOW + WG_HOUR}},
        .decide = end_late};
    say(race, device_in(race, "offered", 1), WG_REBOOTING);
    CU_ASSERT_EQUAL(ground_take(race->db, race->item, 1)->moved, 1);
    say(race, device_in(race, "rebooting", 0), WG_SUCCEEDED);
    race->item->as.report.seq = 2;
    race_begin(race);
    ASSERT_OK(place_expire(race->db, &late, GROUND_NOW + WG_HOUR, &moved, &race->err), &race->err);
    CU_ASSERT_EQUAL(moved, 1);
    race_finish(race, false);
    CU_ASSERT_EQUAL(
        ground_number(race->watch, "select wg_ms(last_finish) from wave where number = 0"),
        GROUND_NOW);
    race_close(race);
}

/* What was counted goes with the transaction that it was counted in. */
static void what_is_rolled_back_was_not_counted(void)
{
    struct race it = race_of(all_of_two, 1), *race = &it;
    struct place_claimed claimed;
    const struct place_claim claim = {.campaign = race->campaign, .limit = 1};
    race_begin(race);
    ASSERT_OK(place_claim(race->db, &claim, GROUND_NOW, &claimed, &race->err), &race->err);
    db_rollback(race->db);
    ground_check_counts(race->watch);
    race_begin(race);
    race_commit(race);
    ground_check_counts(race->watch);
    race_close(race);
}

/* ---- a campaign that is stopped ---- */

static void a_question_meets_a_stop(void)
{
    struct race it = race_of(all_of_two, 1), *race = &it;
    const char *device = device_in(race, "offered", 0);
    int64_t moved = 0;
    say(race, device, WG_REBOOTING);
    race_begin(race);
    ground_run(race->db, "select device_id from place for update");
    ground_run(race->db, "update campaign set state = 'stopping', stop = 'abort', held = true");
    ASSERT_OK(place_withdraw(race->db, race->campaign, true, GROUND_NOW, &moved, &race->err),
              &race->err);
    race_finish(race, true);
    CU_ASSERT_FALSE(race->racer.taken->answers[0].go);
    CU_ASSERT_NOT_EQUAL(
        ground_number(race->watch, "select count(*) from place where state = 'rebooting'"), 1);
    race_close(race);
}

/* Its report is being taken in: it may be at its end, and is called back by the next look. */
static void who_reports_is_not_called_back(void)
{
    struct race it = race_of(all_of_two, 2), *race = &it;
    int64_t moved = 0;
    ground_run(race->watch, "begin");
    ground_run(race->watch, "select device_id from place where device_id = 'dev-000' for update");
    for (int look = 0; look < 2; look++) {
        race_begin(race);
        ASSERT_OK(place_withdraw(race->db, race->campaign, true, GROUND_NOW, &moved, &race->err),
                  &race->err);
        race_commit(race);
        CU_ASSERT_EQUAL(ground_number(race->db, "select count(*) from update_order where kind = "
                                                "'withdraw' and open"),
                        1 + look);
        if (look == 0) ground_run(race->watch, "rollback");
    }
    race_close(race);
}

/* Another campaign, or a person, was quicker to call the same order back. */
static bool withdraws(struct racer *racer, struct wg_error *err)
{
    return db_begin(racer->db, err) && racer_ending(racer->db,
                                                    place_withdraw(racer->db, racer->campaign, true,
                                                                   GROUND_NOW, &racer->number, err),
                                                    err);
}

static void who_is_called_back_already(void)
{
    struct race it = race_of(all_of_two, 1), *race = &it;
    race->racer.run = withdraws;
    race_begin(race);
    ground_run(race->db,
               "insert into update_order (id, campaign_id, device_id, kind, attempt, made_at, "
               "withdraws) select wg_order_id(c.name, c.created_at, p.device_id, p.attempt, "
               "'withdraw'), c.id, p.device_id, 'withdraw', p.attempt, now(), p.order_id from "
               "place p join campaign c on c.id = p.campaign_id where p.state = 'offered'");
    race_finish(race, true);
    race_close(race);
}

/* ---- what people do to devices ---- */

static bool clears(struct racer *racer, struct wg_error *err)
{
    unsigned kinds = 0;
    const struct alarm_clearing clearing = {
        .device = "dev-000", .by = "dora", .why = "the copy was found"};
    bool ok = db_begin(racer->db, err) &&
              racer_ending(racer->db,
                           alarm_row_clear(racer->db, &clearing, GROUND_NOW, &kinds, err), err);
    racer->number = kinds;
    return ok;
}

static void an_alarm_is_cleared_while_it_is_raised(void)
{
    struct race it = race_of(all_of_two, 1), *race = &it;
    const struct alarm alarm = {
        .device = "dev-000", .kind = ALARM_CLONED, .count = 1, .at = GROUND_NOW, .why = "twice"};
    race_begin(race);
    ASSERT_OK(alarm_row_raise(race->db, &alarm, 1, &race->err), &race->err);
    race_commit(race);
    race_begin(race);
    ground_run(race->db, "select id from device where id = 'dev-000' for no key update");
    race->racer.run = clears;
    CU_ASSERT_TRUE(racer_start(&race->racer, race->watch));
    ASSERT_OK(alarm_row_raise(race->db, &alarm, 1, &race->err), &race->err);
    race_commit(race);
    racer_join(&race->racer);
    CU_ASSERT_EQUAL(race->racer.number, 1u << ALARM_CLONED);
    race_close(race);
}

static const char *const both[] = {"dev-001", "dev-000"};

static bool empties(struct racer *racer, struct wg_error *err)
{
    return group_row_remove(racer->db, "yard", both, 2, &racer->number, err);
}

static bool deletes(struct racer *racer, struct wg_error *err)
{
    return group_row_delete(racer->db, "yard", &racer->number, err);
}

static bool fills(struct racer *racer, struct wg_error *err)
{
    return group_row_add(racer->db, "field", both, 2, &racer->number, err);
}

/* A batch of reports holds devices in the order of their ids; the rows here come in another. */
static void groups_are_changed_beside_reports(void)
{
    static bool (*const changes[])(struct racer *, struct wg_error *) = {fills, empties, deletes};
    struct race it = race_of(all_of_two, 1), *race = &it;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        ground_run(race->db, "delete from device_group where name = 'yard'");
        for (int d = 0; d < 2; d++)
            ground_run(race->db, "insert into device_group (device_id, name) values ('%s', 'yard')",
                       both[d]);
        ground_run(race->db, "update device set updated_at = now() where id = 'dev-000'");
        race->racer.run = changes[i];
        race_begin(race);
        ground_run(race->db, "select id from device where id = 'dev-000' for no key update");
        CU_ASSERT_TRUE(racer_start(&race->racer, race->watch));
        ground_run(race->db, "select id from device where id = 'dev-001' for no key update");
        race_commit(race);
        racer_join(&race->racer);
        CU_ASSERT_EQUAL(race->racer.number, 2);
    }
    race_close(race);
}

WG_SUITE("store.lock",
         {"nobody waits for the counters of a claim", nobody_waits_for_the_counters_of_a_claim},
         {"nobody waits for the counters of a time-out",
          nobody_waits_for_the_counters_of_a_time_out},
         {"who counts holds nothing", who_counts_holds_nothing},
         {"what is rolled back was not counted", what_is_rolled_back_was_not_counted},
         {"a question meets a stop", a_question_meets_a_stop},
         {"who reports is not called back", who_reports_is_not_called_back},
         {"who is called back already", who_is_called_back_already},
         {"an alarm is cleared while it is raised", an_alarm_is_cleared_while_it_is_raised},
         {"groups are changed beside reports", groups_are_changed_beside_reports})
