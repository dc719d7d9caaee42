/* issue_test.c: orders that a claim issues at once: as order_take_fresh would, and once. */
#include "tests/store/ground.h"

#include <stdlib.h>
#include <string.h>

static const int64_t three[] = {3};

/* A claim of all that wait; the caller frees the orders. */
struct claimed {
    int64_t offered, satisfied;
    struct order_due *issued;
    size_t issued_count;
};

static struct claimed claim_as(struct db *db, const struct place_claim *ask, wg_time now)
{
    struct wg_error err = {0};
    struct place_claimed found;
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(place_claim(db, ask, now, &found, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    ground_check_counts(db);
    struct claimed out = {.offered = found.offered, .satisfied = found.satisfied};
    out.issued = ground_orders(&found.issued, &out.issued_count);
    return out;
}

static struct claimed claim(struct db *db, int64_t campaign, wg_duration life, wg_time now)
{
    const struct place_claim ask = {.campaign = campaign, .limit = 100, .issues = life};
    return claim_as(db, &ask, now);
}

/* The orders that are left to be taken, in the order in which they are sent; the caller frees. */
static struct order_due *left(struct db *db, wg_time now, size_t *count)
{
    struct wg_error err = {0};
    struct order_lot lot;
    const struct order_times times = {now, WG_MINUTE, WG_DAY};
    ASSERT_OK(order_take_due(db, &times, 100, &lot, &err), &err);
    return ground_orders(&lot, count);
}

static size_t left_count(struct db *db, wg_time now)
{
    size_t count = 0;
    free(left(db, now, &count));
    return count;
}

/* Three devices, in a campaign of theirs. */
static struct db *scene(int64_t *campaign)
{
    struct db *db = ground_fresh();
    ground_devices(db, 3);
    ground_run(db, "update device set order_counter = 41, broker = 'east'");
    *campaign = ground_campaign(db, "campaign", 1, three);
    return db;
}

static void check_same(const struct order_due *ours, const struct order_due *theirs)
{
    ASSERT_TEXT(ours->order.id, theirs->order.id);
    ASSERT_TEXT(ours->order.device, theirs->order.device);
    ASSERT_TEXT(ours->order.campaign, theirs->order.campaign);
    ASSERT_TEXT(ours->order.digest, theirs->order.digest);
    ASSERT_TEXT(ours->order.boot, theirs->order.boot);
    ASSERT_TEXT(ours->order.component, theirs->order.component);
    ASSERT_TEXT(ours->order.version, theirs->order.version);
    ASSERT_TEXT(ours->order.hardware_model, theirs->order.hardware_model);
    ASSERT_TEXT(ours->order.sha256, theirs->order.sha256);
    ASSERT_TEXT(ours->broker, theirs->broker);
    ASSERT_TEXT(ours->wave, theirs->wave);
    ASSERT_TEXT(ours->site_zone, theirs->site_zone);
    ASSERT_TEXT(ours->age_recipient, theirs->age_recipient);
    ASSERT_TEXT(ours->enrolment, theirs->enrolment);
    CU_ASSERT_EQUAL(ours->order.kind, theirs->order.kind);
    CU_ASSERT_EQUAL(ours->order.attempt, theirs->order.attempt);
    CU_ASSERT_EQUAL(ours->order.counter, theirs->order.counter);
    CU_ASSERT_EQUAL(ours->order.not_before, theirs->order.not_before);
    CU_ASSERT_EQUAL(ours->order.expires, theirs->order.expires);
    CU_ASSERT_EQUAL(ours->order.length, theirs->order.length);
    CU_ASSERT_EQUAL(ours->was_refused, theirs->was_refused);
}

#define KEPT                                                                                       \
    "select string_agg(concat_ws(' ', device_id, kind, attempt, counter, boot, wg_ms(made_at), "   \
    "wg_ms(issued_at), wg_ms(expires_at), wg_ms(sent_at), sends, open), ', ' order by device_id) " \
    "from update_order"

/* The same devices once by each way: what goes out is the same, and what is kept. */
static void a_claim_issues_what_would_be_taken(void)
{
    int64_t id;
    size_t count = 0;
    char kept[1024];
    struct db *db = scene(&id);
    CU_ASSERT_EQUAL(ground_claim(db, id, 0, 100, GROUND_NOW), 3);
    struct order_due *taken = left(db, GROUND_NOW, &count);
    CU_ASSERT_EQUAL_FATAL(count, 3);
    CU_ASSERT_FATAL(wg_copy(kept, sizeof kept, ground_text(db, KEPT)));
    db_close(db);
    db = scene(&id);
    struct claimed claimed = claim(db, id, WG_DAY, GROUND_NOW);
    CU_ASSERT_EQUAL(claimed.offered, 3);
    CU_ASSERT_EQUAL_FATAL(claimed.issued_count, 3);
    for (size_t i = 0; i < count; i++) check_same(&claimed.issued[i], &taken[i]);
    CU_ASSERT_EQUAL(claimed.issued[0].order.counter, 42);
    ASSERT_TEXT(ground_text(db, KEPT), kept);
    CU_ASSERT_EQUAL(ground_number(db, "select sum(order_counter) from device"), 3 * 42);
    CU_ASSERT_EQUAL(left_count(db, GROUND_NOW), 0);
    CU_ASSERT_EQUAL(left_count(db, GROUND_NOW + WG_MINUTE), 3); /* nobody has answered */
    free(claimed.issued);
    free(taken);
    db_close(db);
}

/* A device cannot know the zone that the registry says of its site. */
static void orders_for_a_window_of_sites_say_the_zone(void)
{
    int64_t id;
    struct db *db = scene(&id);
    ground_run(db, "update device set zone = 'Europe/Vienna', zone_from = case id when 'dev-001' "
                   "then 'hello' else 'registry' end");
    const struct place_claim ask = {.campaign = id,
                                    .limit = 100,
                                    .issues = WG_DAY,
                                    .zones = "{Europe/Vienna}",
                                    .site_zone = true};
    struct claimed claimed = claim_as(db, &ask, GROUND_NOW);
    CU_ASSERT_EQUAL_FATAL(claimed.issued_count, 2); /* where dev-001 stands is not known */
    ASSERT_TEXT(claimed.issued[0].site_zone, "Europe/Vienna");
    ASSERT_TEXT(claimed.issued[1].site_zone, "Europe/Vienna");
    ASSERT_TEXT(claimed.issued[1].order.device, "dev-002");
    free(claimed.issued);
    db_close(db);
}

static void who_is_satisfied_gets_none(void)
{
    int64_t id;
    struct db *db = scene(&id);
    ground_run(db, "update device_software set version = '2.0.0', version_key = '121010~' "
                   "where device_id = 'dev-001' and component = 'app'");
    struct claimed claimed = claim(db, id, WG_DAY, GROUND_NOW);
    CU_ASSERT_EQUAL(claimed.offered, 2);
    CU_ASSERT_EQUAL(claimed.satisfied, 1);
    CU_ASSERT_EQUAL_FATAL(claimed.issued_count, 2);
    ASSERT_TEXT(claimed.issued[1].order.device, "dev-002");
    CU_ASSERT_EQUAL(ground_number(db, "select order_counter from device where id = 'dev-001'"), 41);
    free(claimed.issued);
    db_close(db);
}

/* What was withdrawn and has not been said yet goes first, with the lower counter. */
static void a_device_with_another_order_to_get_before_waits_its_turn(void)
{
    int64_t id;
    size_t count = 0;
    struct db *db = scene(&id);
    ground_run(db,
               "insert into update_order (id, campaign_id, device_id, kind, attempt, made_at, "
               "withdraws) select gen_random_uuid(), %lld, 'dev-001', 'withdraw', 1, wg_at(%lld), "
               "gen_random_uuid()",
               (long long)id, (long long)GROUND_NOW - WG_SECOND);
    struct claimed claimed = claim(db, id, WG_DAY, GROUND_NOW);
    CU_ASSERT_EQUAL(claimed.offered, 3);
    CU_ASSERT_EQUAL_FATAL(claimed.issued_count, 2);
    ASSERT_TEXT(claimed.issued[0].order.device, "dev-000");
    ASSERT_TEXT(claimed.issued[1].order.device, "dev-002");
    struct order_due *rest = left(db, GROUND_NOW, &count);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    CU_ASSERT_EQUAL(rest[0].order.kind, WG_ORDER_WITHDRAW);
    CU_ASSERT_EQUAL(rest[0].order.counter, 42);
    CU_ASSERT_EQUAL(rest[1].order.kind, WG_ORDER_INSTALL);
    CU_ASSERT_EQUAL(rest[1].order.counter, 43);
    free(claimed.issued);
    free(rest);
    db_close(db);
}

/* It went offline with its order, which could not be signed then. */
static void an_order_that_is_given_again_is_issued_anew(void)
{
    int64_t id;
    char order[WG_ORDER_ID_MAX];
    struct db *db = scene(&id);
    struct claimed claimed = claim(db, id, WG_DAY, GROUND_NOW);
    free(claimed.issued);
    ground_order(db, id, "dev-001", order);
    ground_run(db, "update update_order set refusal = 'no key', boot = 'before', open = false "
                   "where device_id = 'dev-001'");
    ground_run(db, "update place set state = 'waiting', cause = 'offline' where device_id = "
                   "'dev-001'");
    ground_run(db, "update wave_count set devices = case state when 'offered' then 2 else 1 end "
                   "where state in ('offered', 'waiting')");
    claimed = claim(db, id, WG_DAY, GROUND_NOW + WG_SECOND);
    CU_ASSERT_EQUAL_FATAL(claimed.issued_count, 1);
    ASSERT_TEXT(claimed.issued[0].order.id, order);
    CU_ASSERT_EQUAL(claimed.issued[0].order.attempt, 1);
    CU_ASSERT_EQUAL(claimed.issued[0].order.counter, 43);
    CU_ASSERT_TRUE(claimed.issued[0].was_refused);
    ASSERT_TEXT(claimed.issued[0].order.boot,
                ground_text(db, "select boot from device where id = 'dev-001'"));
    CU_ASSERT_EQUAL(
        ground_number(db, "select counter from update_order where device_id = 'dev-001'"), 43);
    CU_ASSERT_EQUAL(left_count(db, GROUND_NOW + WG_SECOND), 0);
    free(claimed.issued);
    db_close(db);
}

static void a_claim_that_is_not_asked_to_issues_none(void)
{
    int64_t id;
    struct db *db = scene(&id);
    struct claimed claimed = claim(db, id, 0, GROUND_NOW);
    CU_ASSERT_EQUAL(claimed.offered, 3);
    CU_ASSERT_EQUAL(claimed.issued_count, 0);
    CU_ASSERT_EQUAL(left_count(db, GROUND_NOW), 3);
    free(claimed.issued);
    db_close(db);
}

WG_SUITE("store.issue", {"a claim issues what would be taken", a_claim_issues_what_would_be_taken},
         {"orders for a window of sites say the zone", orders_for_a_window_of_sites_say_the_zone},
         {"who is satisfied gets none", who_is_satisfied_gets_none},
         {"a device with another order to get before waits its turn",
          a_device_with_another_order_to_get_before_waits_its_turn},
         {"an order that is given again is issued anew",
          an_order_that_is_given_again_is_issued_anew},
         {"a claim that is not asked to issues none", a_claim_that_is_not_asked_to_issues_none})
