/* late_test.c: devices that take too long: found in time, though only those are read that have not
 * been looked at for as long as the shortest time-out. */
#include "orchestrator/link/verdict.h"
#include "tests/store/ground.h"

#include <stdlib.h>
#include <string.h>

static const int64_t two[] = {2};

/* Download and installation in an hour, and a word ten minutes after the reboot. */
#define LONG WG_HOUR
#define SHORT (10 * WG_MINUTE)

static int64_t look(struct db *db, int64_t campaign, wg_time now)
{
    struct wg_error err = {0};
    int64_t moved = 0;
    const struct place_lateness late = {
        .campaign = campaign,
        .count = 3,
        .rules = {{WG_ACCEPTED, WG_FAILED, WG_CAUSE_TIMEOUT, now - LONG},
                  {WG_DOWNLOADING, WG_FAILED, WG_CAUSE_TIMEOUT, now - LONG},
                  {WG_REBOOTING, WG_SILENT, WG_CAUSE_SILENT, now - SHORT}},
        .checked = now - SHORT,
        .decide = verdict_of_expiry};
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(place_expire(db, &late, now, &moved, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    ground_check_counts(db);
    return moved;
}

/* How many of those that go on a look would read. */
static int64_t unchecked(struct db *db, wg_time now)
{
    return ground_number(db,
                         "select count(*) from place where stage = 'going' and stage_at <= "
                         "wg_at(%lld)",
                         (long long)(now - SHORT));
}

static void report(struct db *db, int64_t campaign, const char *device, int64_t seq,
                   enum wg_state state)
{
    struct intake_item *item = ground_items(1);
    char order[WG_ORDER_ID_MAX];
    ground_order(db, campaign, device, order);
    ground_report(item, device, seq, order, state);
    (void)ground_take(db, item, 1);
    free(item);
}

/* Two devices that accepted the update at GROUND_NOW. */
static struct db *scene(int64_t *campaign)
{
    struct db *db = ground_fresh();
    ground_devices(db, 2);
    *campaign = ground_campaign(db, "campaign", 1, two);
    CU_ASSERT_EQUAL(ground_claim(db, *campaign, 0, 2, GROUND_NOW), 2);
    report(db, *campaign, "dev-000", 1, WG_ACCEPTED);
    report(db, *campaign, "dev-001", 1, WG_ACCEPTED);
    return db;
}

/* As a report does it, at that time. */
static void goes_to(struct db *db, const char *device, enum wg_state state, wg_time at)
{
    ground_run(db, "update place set state = '%s', state_at = wg_at(%lld) where device_id = '%s'",
               wg_state_text(state), (long long)at, device);
    ground_run(db, "delete from wave_count");
    ground_run(db, "insert into wave_count select campaign_id, wave, state, '', count(*) from "
                   "place group by 1, 2, 3");
}

static void who_takes_too_long_is_found_at_the_very_time(void)
{
    int64_t id;
    struct db *db = scene(&id);
    CU_ASSERT_EQUAL(look(db, id, GROUND_NOW + LONG - 1), 0);
    CU_ASSERT_EQUAL(look(db, id, GROUND_NOW + LONG), 2);
    ASSERT_TEXT(ground_state(db, id, "dev-000"), "failed timeout");
    db_close(db);
}

/* However late in its time it was looked at, and whatever it went to since. */
static void a_state_with_a_shorter_time_is_found_in_its_time(void)
{
    static const wg_duration reboots[] = {0, WG_SECOND, SHORT - 1, SHORT, SHORT + 1, LONG - 1};
    for (size_t i = 0; i < sizeof reboots / sizeof reboots[0]; i++) {
        int64_t id;
        struct db *db = scene(&id);
        wg_time reboot = GROUND_NOW + reboots[i];
        for (wg_time now = GROUND_NOW; now <= reboot; now += WG_MINUTE)
            CU_ASSERT_EQUAL(look(db, id, now), 0);
        CU_ASSERT_EQUAL(look(db, id, reboot), 0);
        goes_to(db, "dev-000", WG_REBOOTING, reboot);
        CU_ASSERT_EQUAL(look(db, id, reboot + SHORT - 1), reboots[i] + SHORT - 1 >= LONG);
        ASSERT_TEXT(ground_state(db, id, "dev-000"), "rebooting");
        (void)look(db, id, reboot + SHORT);
        ASSERT_TEXT(ground_state(db, id, "dev-000"), "silent silent");
        db_close(db);
    }
}

static void who_was_looked_at_is_not_read_again(void)
{
    int64_t id;
    struct db *db = scene(&id);
    CU_ASSERT_EQUAL(unchecked(db, GROUND_NOW + SHORT - 1), 0);
    CU_ASSERT_EQUAL(unchecked(db, GROUND_NOW + SHORT), 2);
    CU_ASSERT_EQUAL(look(db, id, GROUND_NOW + SHORT), 0);
    CU_ASSERT_EQUAL(unchecked(db, GROUND_NOW + SHORT), 0);
    CU_ASSERT_EQUAL(unchecked(db, GROUND_NOW + 2 * SHORT - 1), 0);
    CU_ASSERT_EQUAL(unchecked(db, GROUND_NOW + 2 * SHORT), 2);
    /* when it is late is nearer than the shortest time: then it is read, and not before */
    CU_ASSERT_EQUAL(look(db, id, GROUND_NOW + LONG - WG_MINUTE), 0);
    CU_ASSERT_EQUAL(unchecked(db, GROUND_NOW + LONG - 1), 0);
    CU_ASSERT_EQUAL(unchecked(db, GROUND_NOW + LONG), 2);
    db_close(db);
}

/* It began to go on anew: what was looked at the first time says nothing. */
static void who_is_offered_the_update_again_is_looked_at_in_time(void)
{
    int64_t id, moved = 0;
    struct db *db = scene(&id);
    struct wg_error err = {0};
    CU_ASSERT_EQUAL(look(db, id, GROUND_NOW + SHORT), 0);
    ground_run(db, "update device set online = false where id = 'dev-000'");
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(place_give_back(db, id, GROUND_NOW + SHORT, &moved, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    CU_ASSERT_EQUAL(moved, 1);
    ground_run(db, "update device set online = true");
    CU_ASSERT_EQUAL(ground_claim(db, id, 0, 2, GROUND_NOW + SHORT), 1);
    report(db, id, "dev-000", 2, WG_DOWNLOADING);
    CU_ASSERT_EQUAL(unchecked(db, GROUND_NOW + SHORT), 1);
    CU_ASSERT_EQUAL(
        ground_number(db, "select count(*) from place where device_id = 'dev-000' and check_at = "
                          "state_at"),
        1);
    db_close(db);
}

static int64_t updates_in_place(struct db *db)
{
    ground_run(db, "select pg_stat_force_next_flush()");
    return ground_number(db, "select n_tup_hot_upd from pg_stat_user_tables where relname = "
                             "'place'");
}

/* Nothing that an index asks changes. */
static void who_goes_on_writes_no_index(void)
{
    static const enum wg_state states[] = {WG_DOWNLOADING, WG_INSTALLING, WG_REBOOTING,
                                           WG_PROBATION};
    int64_t id;
    struct db *db = scene(&id);
    ground_run(db, "update place set check_at = check_at - interval '1 s'");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        int64_t before = updates_in_place(db);
        report(db, id, "dev-000", 2 + (int64_t)i, states[i]);
        ASSERT_TEXT(ground_state(db, id, "dev-000"), wg_state_text(states[i]));
        CU_ASSERT_EQUAL(updates_in_place(db), before + 1);
    }
    db_close(db);
}

WG_SUITE("store.late",
         {"who takes too long is found at the very time",
          who_takes_too_long_is_found_at_the_very_time},
         {"a state with a shorter time is found in its time",
          a_state_with_a_shorter_time_is_found_in_its_time},
         {"who was looked at is not read again", who_was_looked_at_is_not_read_again},
         {"who is offered the update again is looked at in time",
          who_is_offered_the_update_again_is_looked_at_in_time},
         {"who goes on writes no index", who_goes_on_writes_no_index})
