/* zone_test.c: in which zones a window is open, and who stands in them. Caps by what a device says
 * of itself. */
#include "tests/store/ground.h"

#include <stdlib.h>
#include <string.h>

static const int64_t all_of_two[] = {2};
static const struct place_windows nights = {
    .days = "{127}", .begins = "{120}", .ends = "{300}", .zone = ""};
static const struct place_windows nights_in_berlin = {
    .days = "{127}", .begins = "{120}", .ends = "{300}", .zone = "Europe/Berlin"};
#define THREE_IN_BERLIN (GROUND_NOW + 2 * WG_HOUR)
#define NOON_IN_BERLIN (GROUND_NOW + 11 * WG_HOUR)

static void find_zones(struct db *db, int64_t id, const struct place_windows *windows, wg_time now,
                       const char *expected)
{
    struct wg_error err = {0};
    char *zones = NULL;
    ASSERT_OK(place_open_zones(db, id, windows, now, &zones, &err), &err);
    ASSERT_TEXT(zones, expected);
    free(zones);
}

/* Who goes first holds the others back, wherever the device is. */
static void a_window_of_a_named_zone_is_open_for_all(void)
{
    struct db *db = ground_fresh();
    ground_devices(db, 2);
    ground_run(db,
               "update device set zone = 'Asia/Tokyo', zone_from = 'hello' where id = 'dev-000'");
    int64_t first = ground_campaign(db, "first", 1, all_of_two);
    int64_t second = ground_campaign(db, "second", 1, all_of_two);
    ground_run(db, "update wave set state = 'open'");
    find_zones(db, first, &nights_in_berlin, NOON_IN_BERLIN, "{}");
    CU_ASSERT_EQUAL(ground_claim(db, second, 0, 1, NOON_IN_BERLIN), 1);
    find_zones(db, first, &nights_in_berlin, THREE_IN_BERLIN, "{Europe/Berlin}");
    CU_ASSERT_EQUAL(ground_claim(db, second, 0, 2, THREE_IN_BERLIN), 0);
    CU_ASSERT_EQUAL(ground_claim(db, first, 0, 2, THREE_IN_BERLIN), 1);
    db_close(db);
}

static void stand_in_vienna(struct db *db)
{
    ground_run(db, "truncate boundary cascade");
    ground_run(db, "insert into boundary select 'zone', 'Europe/Vienna', "
                   "st_multi(st_makeenvelope(16, 48, 17, 49, 4326)), now()");
    ground_run(db, "insert into boundary_piece select 'zone', 'Europe/Vienna', "
                   "st_makeenvelope(16, 48, 17, 49, 4326)");
    ground_run(db, "update device set zone = 'Asia/Tokyo', zone_from = 'hello', position_from = "
                   "'hello', position = st_setsrid(st_makepoint(16.4, 48.2), 4326)::geography");
}

/* All devices say another zone. */
static void a_site_may_have_a_zone_that_no_device_says(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    struct order_lot lot;
    size_t count = 0;
    struct place_claimed claimed;
    ground_devices(db, 2);
    stand_in_vienna(db);
    int64_t id = ground_campaign(db, "campaign", 1, all_of_two);
    find_zones(db, id, &nights, THREE_IN_BERLIN, "{Europe/Vienna}");
    const struct place_claim ask = {
        .campaign = id, .limit = 10, .zones = "{Europe/Vienna}", .site_zone = true};
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(place_claim(db, &ask, THREE_IN_BERLIN, &claimed, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    CU_ASSERT_EQUAL(claimed.offered, 2);
    /* the order names it, also when a revision has just forgotten where the window is open */
    ground_run(db, "update campaign set open_zones = null");
    const struct order_times times = {THREE_IN_BERLIN, WG_MINUTE, WG_DAY};
    const char *const device = "dev-000";
    ASSERT_OK(order_take_of(db, &device, 1, &times, 1, &lot, &err), &err);
    struct order_due *due = ground_orders(&lot, &count);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    ASSERT_TEXT(due[0].site_zone, "Europe/Vienna");
    free(due);
    ground_run(db, "truncate boundary cascade");
    db_close(db);
}

static int64_t claim_by_site(struct db *db, int64_t id)
{
    struct wg_error err = {0};
    struct place_claimed claimed;
    const struct place_claim ask = {
        .campaign = id, .limit = 10, .per_count = 1, .per_attribute = {"site"}, .per_most = {1}};
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(place_claim(db, &ask, GROUND_NOW, &claimed, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    ground_check_counts(db);
    return claimed.offered;
}

/* A null is no value. */
static void devices_without_the_attribute_have_no_cap(void)
{
    static const char *const none[] = {"{}", "{\"site\": null}"};
    for (size_t i = 0; i < 2; i++) {
        struct db *db = ground_fresh();
        ground_devices(db, 2);
        ground_run(db, "update device set attributes = '%s'", none[i]);
        CU_ASSERT_EQUAL(claim_by_site(db, ground_campaign(db, "campaign", 1, all_of_two)), 2);
        db_close(db);
    }
}

/* The broker's word is not the device's. */
static void a_last_will_does_not_free_a_site(void)
{
    struct db *db = ground_fresh();
    struct intake_item *item = ground_items(1);
    ground_devices(db, 2);
    ground_run(db,
               "update device set attributes = '{\"site\": \"plant\"}', seen_at = wg_at(%lld), "
               "settled_at = wg_at(%lld)",
               (long long)GROUND_NOW - WG_DAY, (long long)GROUND_NOW - WG_DAY);
    int64_t id = ground_campaign(db, "campaign", 1, all_of_two);
    ground_run(db,
               "update place set state = 'silent', cause = 'silent', state_at = wg_at(%lld) where "
               "device_id = 'dev-000'",
               (long long)GROUND_NOW - WG_HOUR);
    ground_run(db, "update wave_count set devices = 1");
    ground_run(db, "insert into wave_count values (%lld, 0, 'silent', 'silent', 1)", (long long)id);
    ground_will(item, "dev-000", GROUND_BOOT);
    (void)ground_take(db, item, 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device where online"), 1);
    CU_ASSERT_EQUAL(claim_by_site(db, id), 0);
    ground_hello(item, "dev-000");
    (void)wg_copy(item->as.hello.attributes, sizeof item->as.hello.attributes,
                  "{\"site\": \"plant\"}");
    (void)ground_take(db, item, 1);
    CU_ASSERT_EQUAL(claim_by_site(db, id), 1);
    free(item);
    db_close(db);
}

WG_SUITE("store.zone",
         {"a window of a named zone is open for all", a_window_of_a_named_zone_is_open_for_all},
         {"a site may have a zone that no device says", a_site_may_have_a_zone_that_no_device_says},
         {"devices without the attribute have no cap", devices_without_the_attribute_have_no_cap},
         {"a Last Will does not free a site", a_last_will_does_not_free_a_site})
