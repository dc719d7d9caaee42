/* orders_test.c: which orders are sent again, and which are over: those alone. */
#include "tests/store/ground.h"

#include <stdlib.h>

static const int64_t all_of_two[] = {2};

#define MOVE(db, call)                                                                             \
    do {                                                                                           \
        struct wg_error err = {0};                                                                 \
        ASSERT_OK(db_begin(db, &err), &err);                                                       \
        ASSERT_OK(call, &err);                                                                     \
        ASSERT_OK(db_commit(db, &err), &err);                                                      \
    } while (0)

/* Two devices were offered the update a day ago; nothing was sent. */
static struct db *scene(int64_t *id)
{
    struct db *db = ground_fresh();
    ground_devices(db, 2);
    *id = ground_campaign(db, "campaign", 1, all_of_two);
    CU_ASSERT_EQUAL(ground_claim(db, *id, 0, 2, GROUND_NOW - WG_DAY), 2);
    return db;
}

/* Sends up to so many; a resend comes after a minute. */
static size_t send(struct db *db, size_t limit, wg_time now)
{
    struct wg_error err = {0};
    struct order_lot lot;
    size_t count = 0;
    const struct order_times times = {now, WG_MINUTE, WG_DAY};
    ASSERT_OK(order_take_due(db, &times, limit, &lot, &err), &err);
    free(ground_orders(&lot, &count));
    return count;
}

static void call_back(struct db *db, int64_t id)
{
    int64_t moved = 0;
    ground_run(db, "update campaign set state = 'stopping', stop = 'abort'");
    MOVE(db, place_withdraw(db, id, true, GROUND_NOW, &moved, &err));
}

static void what_is_not_answered_is_sent_again_after_its_time(void)
{
    int64_t id;
    struct db *db = scene(&id);
    CU_ASSERT_EQUAL(send(db, 9, GROUND_NOW), 2);
    CU_ASSERT_EQUAL(send(db, 9, GROUND_NOW + WG_MINUTE - 1), 0);
    CU_ASSERT_EQUAL(send(db, 9, GROUND_NOW + WG_MINUTE), 2);
    db_close(db);
}

static void what_was_just_sent_keeps_nobody_waiting(void)
{
    int64_t id;
    struct db *db = scene(&id);
    CU_ASSERT_EQUAL(send(db, 1, GROUND_NOW), 1);
    CU_ASSERT_EQUAL(send(db, 1, GROUND_NOW), 1);
    CU_ASSERT_EQUAL(send(db, 1, GROUND_NOW), 0);
    db_close(db);
}

static void a_withdrawal_is_sent_again_and_what_it_withdraws_is_not(void)
{
    int64_t id;
    struct db *db = scene(&id);
    CU_ASSERT_EQUAL(send(db, 9, GROUND_NOW - WG_HOUR), 2);
    call_back(db, id);
    CU_ASSERT_EQUAL(send(db, 1, GROUND_NOW), 1);
    CU_ASSERT_EQUAL(send(db, 1, GROUND_NOW), 1);
    CU_ASSERT_EQUAL(send(db, 9, GROUND_NOW + WG_MINUTE - 1), 0);
    CU_ASSERT_EQUAL(send(db, 9, GROUND_NOW + WG_MINUTE), 2);
    CU_ASSERT_EQUAL(ground_number(db, "select sum(sends) from update_order where not open"), 2);
    db_close(db);
}

static void who_is_done_with_one_order_still_has_others(void)
{
    int64_t id;
    char order[WG_ORDER_ID_MAX];
    struct db *db = scene(&id);
    CU_ASSERT_EQUAL(send(db, 9, GROUND_NOW), 2);
    int64_t other = ground_campaign(db, "other", 1, all_of_two);
    ground_run(db,
               "insert into update_order (id, campaign_id, device_id, kind, attempt, made_at) "
               "select gen_random_uuid(), %lld, id, 'install', 1, wg_at(%lld) from device",
               (long long)other, (long long)GROUND_NOW);
    ground_order(db, id, "dev-000", order);
    struct intake_item *item = ground_items(1);
    ground_report(item, "dev-000", 1, order, WG_FAILED);
    (void)ground_take(db, item, 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from update_order where open"), 3);
    CU_ASSERT_EQUAL(
        ground_number(db, "select count(*) from update_order where not open and id = '%s'", order),
        1);
    free(item);
    db_close(db);
}

WG_SUITE("store.orders",
         {"what is not answered is sent again after its time",
          what_is_not_answered_is_sent_again_after_its_time},
         {"what was just sent keeps nobody waiting", what_was_just_sent_keeps_nobody_waiting},
         {"a withdrawal is sent again, and what it withdraws is not",
          a_withdrawal_is_sent_again_and_what_it_withdraws_is_not},
         {"who is done with one order still has others",
          who_is_done_with_one_order_still_has_others})
