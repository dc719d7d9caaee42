/* Who is offered the update, and who has to leave it to others. */
#include "orchestrator/store/gate_row.h"
#include "orchestrator/store/lease_row.h"
#include "tests/store/ground.h"

#include <stdlib.h>
#include <string.h>

static const int64_t all_of_four[] = {4};

static struct place_claimed claim(struct db *db, const struct place_claim *claim, wg_time now)
{
    struct wg_error err = {0};
    struct place_claimed out;
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(place_claim(db, claim, now, &out, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    ground_check_counts(db);
    return out;
}

/* Runs one of the engine's moves of places in a transaction of its own. */
#define MOVE(db, call)                                                                             \
    do {                                                                                           \
        struct wg_error err = {0};                                                                 \
        ASSERT_OK(db_begin(db, &err), &err);                                                       \
        ASSERT_OK(call, &err);                                                                     \
        ASSERT_OK(db_commit(db, &err), &err);                                                      \
        ground_check_counts(db);                                                                   \
    } while (0)

static int64_t in_state(struct db *db, int64_t campaign, const char *state)
{
    return ground_number(db,
                         "select count(*) from place where campaign_id = %lld and rtrim(state || ' "
                         "' || cause) = '%s'",
                         (long long)campaign, state);
}

static void one_of_each_site_at_a_time(void)
{
    struct db *db = ground_fresh();
    ground_devices(db, 4);
    ground_run(db, "update device set attributes = jsonb_build_object('site', 'plant-' || "
                   "(right(id, 1)::int / 2))");
    int64_t id = ground_campaign(db, "campaign", 1, all_of_four);
    const struct place_claim ask = {
        .campaign = id, .limit = 10, .per_count = 1, .per_attribute = {"site"}, .per_most = {1}};
    CU_ASSERT_EQUAL(claim(db, &ask, GROUND_NOW).offered, 2);
    CU_ASSERT_EQUAL(
        ground_number(db, "select count(distinct d.attributes ->> 'site') from place p join "
                          "device d on d.id = p.device_id where p.state = 'offered'"),
        2);
    CU_ASSERT_EQUAL(claim(db, &ask, GROUND_NOW).offered, 0);
    /* one goes silent: until it is heard it may still be switching over */
    ground_run(db,
               "update place set state = 'silent', cause = 'silent', state_at = wg_at(%lld) where "
               "state = 'offered'",
               (long long)GROUND_NOW);
    ground_run(db,
               "update wave_count set state = 'silent', cause = 'silent' where state = 'offered'");
    CU_ASSERT_EQUAL(claim(db, &ask, GROUND_NOW).offered, 0);
    ground_run(db,
               "update device set settled_at = wg_at(%lld) where id = (select min(device_id) from "
               "place where state = 'silent')",
               (long long)GROUND_NOW + 1);
    CU_ASSERT_EQUAL(claim(db, &ask, GROUND_NOW).offered, 1);
    db_close(db);
}

static void another_campaign_fills_the_site_too(void)
{
    struct db *db = ground_fresh();
    ground_devices(db, 4);
    ground_run(db, "update device set attributes = '{\"site\": \"plant\"}'");
    int64_t first = ground_campaign(db, "first", 1, all_of_four);
    CU_ASSERT_EQUAL(ground_claim(db, first, 0, 1, GROUND_NOW), 1);
    ground_run(db, "update campaign set state = 'paused'");
    int64_t second = ground_campaign(db, "second", 1, all_of_four);
    struct place_claim ask = {.campaign = second,
                              .limit = 10,
                              .per_count = 1,
                              .per_attribute = {"site"},
                              .per_most = {1}};
    CU_ASSERT_EQUAL(claim(db, &ask, GROUND_NOW).offered, 0);
    ask.per_most[0] = 3;
    CU_ASSERT_EQUAL(claim(db, &ask, GROUND_NOW).offered, 2);
    db_close(db);
}

static void only_where_the_window_is_open(void)
{
    static const struct place_windows nights = {
        .days = "{127}", .begins = "{120}", .ends = "{300}", .zone = ""};
    const wg_time three_in_berlin = GROUND_NOW + 2 * WG_HOUR; /* 02:00Z */
    struct db *db = ground_fresh();
    char *zones = NULL;
    ground_devices(db, 4);
    ground_run(db, "update device set zone = case when id < 'dev-002' then 'Europe/Berlin' else "
                   "'America/New_York' end, "
                   "zone_from = 'hello' where id < 'dev-003'");
    int64_t id = ground_campaign(db, "campaign", 1, all_of_four);
    MOVE(db, place_open_zones(db, id, &nights, three_in_berlin, &zones, &err));
    ASSERT_TEXT(zones, "{Europe/Berlin}");
    const struct place_claim ask = {.campaign = id, .limit = 10, .zones = zones};
    CU_ASSERT_EQUAL(claim(db, &ask, three_in_berlin).offered, 2);
    CU_ASSERT_EQUAL(
        ground_number(
            db, "select count(*) from place where state = 'offered' and device_id < 'dev-002'"),
        2);
    free(zones);
    MOVE(db, place_open_zones(db, id, &nights, GROUND_NOW + 12 * WG_HOUR, &zones, &err));
    ASSERT_TEXT(zones, "{}");
    free(zones);
    db_close(db);
}

static void the_site_may_have_another_zone_than_the_device_says(void)
{
    struct db *db = ground_fresh();
    ground_devices(db, 4);
    ground_run(
        db, "update device set zone = 'Europe/Berlin', zone_from = case when id = 'dev-000' then "
            "'registry' else 'hello' end");
    int64_t id = ground_campaign(db, "campaign", 1, all_of_four);
    const struct place_claim ask = {
        .campaign = id, .limit = 10, .zones = "{Europe/Berlin}", .site_zone = true};
    CU_ASSERT_EQUAL(claim(db, &ask, GROUND_NOW).offered, 1);
    ASSERT_TEXT(ground_state(db, id, "dev-000"), "offered");
    db_close(db);
}

static void who_runs_the_release_is_satisfied(void)
{
    struct db *db = ground_fresh();
    struct intake_item *item = ground_items(1);
    ground_devices(db, 4);
    int64_t id = ground_campaign(db, "campaign", 1, all_of_four);
    ground_run(db, "update device_software set version = '2.0.0' where device_id = 'dev-001'");
    const struct place_claim ask = {.campaign = id, .limit = 10};
    ground_run(db, "update device set online = false where id in ('dev-002', 'dev-003')");
    struct place_claimed claimed = claim(db, &ask, GROUND_NOW);
    CU_ASSERT_EQUAL(claimed.offered, 1);
    CU_ASSERT_EQUAL(claimed.satisfied, 1);
    ASSERT_TEXT(ground_state(db, id, "dev-001"), "satisfied");
    /* and who says so while it waits */
    ground_hello(item, "dev-002");
    (void)wg_copy(item->as.hello.components[0].version, WG_VERSION_MAX, "2.0.0");
    (void)ground_take(db, item, 1);
    ASSERT_TEXT(ground_state(db, id, "dev-002"), "satisfied");
    /* not in the middle of its update: that is a trial */
    ground_hello(item, "dev-000");
    (void)wg_copy(item->as.hello.components[0].version, WG_VERSION_MAX, "2.0.0");
    (void)ground_take(db, item, 1);
    ASSERT_TEXT(ground_state(db, id, "dev-000"), "offered");
    ground_check_counts(db);
    free(item);
    db_close(db);
}

static void an_emergency_takes_devices_from_others(void)
{
    struct db *db = ground_fresh();
    int64_t moved = 0;
    ground_devices(db, 4);
    int64_t normal = ground_campaign(db, "normal", 1, all_of_four);
    CU_ASSERT_EQUAL(ground_claim(db, normal, 0, 3, GROUND_NOW), 3);
    ground_run(db, "update place set state = 'rebooting' where device_id = (select max(device_id) "
                   "from place where state = 'offered')");
    ground_run(db, "update wave_count set devices = 2 where state = 'offered'");
    ground_run(db, "insert into wave_count values (%lld, 0, 'rebooting', '', 1)",
               (long long)normal);
    ground_run(db, "update campaign set state = 'finished'"); /* so that the next may be planned */
    int64_t urgent = ground_campaign(db, "urgent", 1, all_of_four);
    ground_run(db, "update campaign set state = 'running', emergency = id = %lld",
               (long long)urgent);
    ground_run(db, "update wave set state = 'open'");
    MOVE(db, place_preempt(db, urgent, 10, GROUND_NOW, &moved, &err));
    CU_ASSERT_EQUAL(moved, 2);
    CU_ASSERT_EQUAL(in_state(db, normal, "waiting shed"), 2);
    CU_ASSERT_EQUAL(in_state(db, normal, "rebooting"), 1);
    /* the older campaign does not get them back, nor the one that nobody was offered yet */
    CU_ASSERT_EQUAL(ground_claim(db, normal, 0, 10, GROUND_NOW), 0);
    CU_ASSERT_EQUAL(ground_claim(db, urgent, 0, 10, GROUND_NOW), 3);
    db_close(db);
}

static void a_campaign_supersedes_another(void)
{
    struct db *db = ground_fresh();
    int64_t moved = 0;
    ground_devices(db, 4);
    int64_t old = ground_campaign(db, "old", 1, all_of_four);
    CU_ASSERT_EQUAL(ground_claim(db, old, 0, 1, GROUND_NOW), 1);
    ground_run(db, "update campaign set state = 'finished'");
    int64_t young = ground_campaign(db, "young", 1, all_of_four);
    ground_run(db, "update campaign set state = 'running', supersedes = case when name = 'young' "
                   "then array['old'] else '{}' end");
    MOVE(db, place_supersede(db, young, "young", GROUND_NOW, &moved, &err));
    CU_ASSERT_EQUAL(moved, 4);
    CU_ASSERT_EQUAL(in_state(db, old, "superseded withdrawn"), 4);
    ASSERT_TEXT(ground_text(db, "select distinct detail from place where state = 'superseded'"),
                "campaign young supersedes it");
    /* the order that was out is called back */
    CU_ASSERT_EQUAL(
        ground_number(db, "select count(*) from update_order where kind = 'withdraw' and open"), 1);
    db_close(db);
}

static void offers_of_the_last_minute(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    int64_t offered = 0;
    wg_time first = 0;
    ground_devices(db, 4);
    int64_t id = ground_campaign(db, "campaign", 1, all_of_four);
    struct place_claim ask = {.campaign = id, .limit = 1, .counts_offers = true};
    (void)claim(db, &ask, GROUND_NOW);
    (void)claim(db, &ask, GROUND_NOW + 30 * WG_SECOND);
    ASSERT_OK(place_offered(db, id, GROUND_NOW + 59 * WG_SECOND, &offered, &first, &err), &err);
    CU_ASSERT_EQUAL(offered, 2);
    CU_ASSERT_EQUAL(first, GROUND_NOW);
    ASSERT_OK(place_offered(db, id, GROUND_NOW + WG_MINUTE, &offered, &first, &err), &err);
    CU_ASSERT_EQUAL(offered, 1);
    ASSERT_OK(place_offered(db, id, GROUND_NOW + 2 * WG_MINUTE, &offered, &first, &err), &err);
    CU_ASSERT_EQUAL(offered, 0);
    CU_ASSERT_EQUAL(first, 0);
    db_close(db);
}

static int64_t take(struct db *db, int64_t id, const char *holder, wg_time now)
{
    struct wg_error err = {0};
    int64_t token = -1;
    ASSERT_OK(lease_row_take(db, id, holder, 5 * WG_SECOND, now, &token, &err), &err);
    return token;
}

static void a_lease_is_taken_over_when_it_runs_out(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    bool kept = false;
    ground_devices(db, 4);
    int64_t id = ground_campaign(db, "campaign", 1, all_of_four);
    CU_ASSERT_EQUAL(take(db, id, "a", GROUND_NOW), 1);
    CU_ASSERT_EQUAL(take(db, id, "b", GROUND_NOW + WG_SECOND), 0);
    CU_ASSERT_EQUAL(take(db, id, "a", GROUND_NOW + 4 * WG_SECOND), 1);
    CU_ASSERT_EQUAL(take(db, id, "b", GROUND_NOW + 8 * WG_SECOND), 0);
    CU_ASSERT_EQUAL(take(db, id, "b", GROUND_NOW + 9 * WG_SECOND), 2);
    /* what the first one asked a hook for counts no more */
    ASSERT_OK(gate_row_hook(db, id, 0, "pass", "fine", 1, GROUND_NOW, &kept, &err), &err);
    CU_ASSERT_FALSE(kept);
    ASSERT_OK(gate_row_hook(db, id, 0, "hold", "not yet", 2, GROUND_NOW, &kept, &err), &err);
    CU_ASSERT_TRUE(kept);
    ASSERT_TEXT(ground_text(db, "select state || ' ' || words from hook_answer"), "hold not yet");
    ASSERT_OK(lease_row_release(db, "b", &err), &err);
    CU_ASSERT_EQUAL(take(db, id, "a", GROUND_NOW + 9 * WG_SECOND), 3);
    db_close(db);
}

static void devices_are_compared_in_pairs(void)
{
    static const int64_t two_and_two[] = {2, 2};
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    int64_t pairs = 0;
    ground_devices(db, 4);
    int64_t id = ground_campaign(db, "campaign", 2, two_and_two);
    CU_ASSERT_EQUAL(ground_claim(db, id, 0, 2, GROUND_NOW), 2);
    ground_run(
        db, "update place set state = 'succeeded', state_at = wg_at(%lld) where state = 'offered'",
        (long long)GROUND_NOW);
    ground_run(db,
               "insert into device_metric select device_id, 'errors', case when state = "
               "'succeeded' then 9 else 1 end, wg_at(%lld) from place",
               (long long)GROUND_NOW + 4 * WG_MINUTE);
    /* not settled yet */
    ASSERT_OK(gate_row_pair(db, id, 0, "errors", false, 5 * WG_MINUTE, GROUND_NOW + 6 * WG_MINUTE,
                            &pairs, &err),
              &err);
    CU_ASSERT_EQUAL(pairs, 0);
    ASSERT_OK(gate_row_pair(db, id, 0, "errors", false, 3 * WG_MINUTE, GROUND_NOW + 6 * WG_MINUTE,
                            &pairs, &err),
              &err);
    CU_ASSERT_EQUAL(pairs, 2);
    CU_ASSERT_EQUAL(
        ground_number(db, "select count(*) from health_pair where outcome = 'worse' and wave = 0"),
        2);
    ASSERT_OK(gate_row_pair(db, id, 0, "errors", false, 3 * WG_MINUTE, GROUND_NOW + 6 * WG_MINUTE,
                            &pairs, &err),
              &err);
    CU_ASSERT_EQUAL(pairs, 0);
    ground_run(db, "truncate health_pair");
    ASSERT_OK(gate_row_pair(db, id, 0, "errors", true, 3 * WG_MINUTE, GROUND_NOW + 6 * WG_MINUTE,
                            &pairs, &err),
              &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from health_pair where outcome = 'better'"),
                    2);
    db_close(db);
}

static void a_campaign_that_is_stopped_lets_nobody_switch_over(void)
{
    struct db *db = ground_fresh();
    struct intake_item *item = ground_items(1);
    char order[WG_ORDER_ID_MAX];
    ground_devices(db, 4);
    int64_t id = ground_campaign(db, "campaign", 1, all_of_four);
    CU_ASSERT_EQUAL(ground_claim(db, id, 0, 4, GROUND_NOW), 4);
    static const struct {
        const char *set, *device, *state;
    } cases[] = {{"state = 'stopping', stop = 'abort'", "dev-000", "installing"},
                 {"state = 'stopping', stop = 'finish-started'", "dev-001", "rebooting"},
                 {"state = 'paused', held = true", "dev-002", "installing"},
                 {"state = 'paused', held = false", "dev-003", "rebooting"}};
    for (size_t i = 0; i < 4; i++) {
        ground_run(db, "update campaign set %s", cases[i].set);
        ground_order(db, id, cases[i].device, order);
        ground_report(item, cases[i].device, 1, order, WG_REBOOTING);
        (void)ground_take(db, item, 1);
        ASSERT_TEXT(ground_state(db, id, cases[i].device), cases[i].state);
    }
    free(item);
    db_close(db);
}

WG_SUITE("store.claim", {"one of each site at a time", one_of_each_site_at_a_time},
         {"another campaign fills the site too", another_campaign_fills_the_site_too},
         {"only where the window is open", only_where_the_window_is_open},
         {"the site may have another zone than the device says",
          the_site_may_have_another_zone_than_the_device_says},
         {"who runs the release is satisfied", who_runs_the_release_is_satisfied},
         {"an emergency takes devices from others", an_emergency_takes_devices_from_others},
         {"a campaign supersedes another", a_campaign_supersedes_another},
         {"offers of the last minute", offers_of_the_last_minute},
         {"a lease is taken over when it runs out", a_lease_is_taken_over_when_it_runs_out},
         {"devices are compared in pairs", devices_are_compared_in_pairs},
         {"a campaign that is stopped lets nobody switch over",
          a_campaign_that_is_stopped_lets_nobody_switch_over})
