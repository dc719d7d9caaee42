/* recall_test.c: orders that are taken back: what the device may have in hand is called back, once
 * it is not wanted any more, and nothing stays in hand for ever. */
#include "orchestrator/link/verdict.h"
#include "tests/store/ground.h"

#include <stdlib.h>
#include <string.h>

static const int64_t all_of_two[] = {2};
static const int64_t all_of_one[] = {1};

#define MOVE(db, call)                                                                             \
    do {                                                                                           \
        struct wg_error err = {0};                                                                 \
        ASSERT_OK(db_begin(db, &err), &err);                                                       \
        ASSERT_OK(call, &err);                                                                     \
        ASSERT_OK(db_commit(db, &err), &err);                                                      \
        ground_check_counts(db);                                                                   \
    } while (0)

/* Sends what is due; returns how many of the kind that was asked for. */
static size_t send(struct db *db, enum wg_order_kind kind, wg_time now)
{
    struct wg_error err = {0};
    struct order_lot lot;
    size_t count = 0, found = 0;
    const struct order_times times = {now, WG_MINUTE, WG_DAY};
    ASSERT_OK(order_take_due(db, &times, 100, &lot, &err), &err);
    struct order_due *due = ground_orders(&lot, &count);
    for (size_t i = 0; i < count; i++) found += due[i].order.kind == kind;
    free(due);
    return found;
}

static int64_t open_orders(struct db *db, const char *kind)
{
    return ground_number(db, "select count(*) from update_order where open and kind = '%s'", kind);
}

static int64_t offered(struct db *db, int devices, const int64_t *sizes)
{
    ground_devices(db, devices);
    int64_t id = ground_campaign(db, "campaign", 1, sizes);
    CU_ASSERT_EQUAL(ground_claim(db, id, 0, devices, GROUND_NOW), devices);
    return id;
}

static void what_is_called_back_is_not_offered_once_more(void)
{
    struct db *db = ground_fresh();
    int64_t moved = 0, id = offered(db, 2, all_of_two);
    ground_run(db, "update campaign set state = 'stopping', stop = 'abort'");
    MOVE(db, place_withdraw(db, id, true, GROUND_NOW, &moved, &err));
    CU_ASSERT_EQUAL(open_orders(db, "install"), 0);
    CU_ASSERT_EQUAL(open_orders(db, "withdraw"), 2);
    CU_ASSERT_EQUAL(send(db, WG_ORDER_INSTALL, GROUND_NOW), 0);
    MOVE(db, place_withdraw(db, id, true, GROUND_NOW, &moved, &err));
    CU_ASSERT_EQUAL(open_orders(db, "withdraw"), 2);
    db_close(db);
}

/* The device went away with the order in hand, and is back before the order is. */
static void who_keeps_an_order_without_a_slot_is_asked_for_it(void)
{
    struct db *db = ground_fresh();
    struct intake_item *item = ground_items(1);
    char order[WG_ORDER_ID_MAX];
    int64_t moved = 0, id = offered(db, 2, all_of_two);
    ground_order(db, id, "dev-000", order);
    ground_run(db, "update device set online = false where id = 'dev-000'");
    MOVE(db, place_give_back(db, id, GROUND_NOW, &moved, &err));
    ground_order(db, id, "dev-001", order);
    ground_report(item, "dev-001", 1, order, WG_DEFERRED);
    (void)ground_take(db, item, 1);
    ASSERT_TEXT(ground_state(db, id, "dev-000"), "waiting offline");
    ASSERT_TEXT(ground_state(db, id, "dev-001"), "waiting deferred");
    ground_run(db, "update device set online = true");
    ground_run(db, "update campaign set state = 'stopping', stop = 'abort'");
    MOVE(db, place_withdraw(db, id, true, GROUND_NOW, &moved, &err));
    CU_ASSERT_EQUAL(moved, 2);
    CU_ASSERT_EQUAL(send(db, WG_ORDER_WITHDRAW, GROUND_NOW), 2);
    ground_report(item, "dev-001", 2, order, WG_WITHDRAWN);
    (void)ground_take(db, item, 1);
    CU_ASSERT_EQUAL(open_orders(db, "withdraw"), 1);
    free(item);
    db_close(db);
}

/* All that are in the state are late. */
static int64_t expire(struct db *db, int64_t id, enum wg_state from)
{
    int64_t moved = 0;
    const struct place_lateness late = {.campaign = id,
                                        .count = 1,
                                        .rules = {{from, WG_FAILED, WG_CAUSE_TIMEOUT, GROUND_NOW}},
                                        .checked = GROUND_NOW,
                                        .decide = verdict_of_expiry};
    MOVE(db, place_expire(db, &late, GROUND_NOW, &moved, &err));
    return moved;
}

static void a_withdrawal_that_is_wanted_again_gets_a_counter_of_its_own(void)
{
    struct db *db = ground_fresh();
    int64_t moved = 0, id = offered(db, 1, all_of_one);
    ground_run(db, "update campaign set state = 'stopping', stop = 'abort'");
    MOVE(db, place_withdraw(db, id, true, GROUND_NOW, &moved, &err));
    CU_ASSERT_EQUAL(send(db, WG_ORDER_WITHDRAW, GROUND_NOW), 1);
    int64_t first = ground_number(db, "select counter from update_order where kind = 'withdraw'");
    /* it never answers: its time is over */
    CU_ASSERT_EQUAL(expire(db, id, WG_OFFERED), 1);
    CU_ASSERT_EQUAL(send(db, WG_ORDER_WITHDRAW, GROUND_NOW), 1);
    CU_ASSERT_TRUE(ground_number(db, "select counter from update_order where kind = 'withdraw'") >
                   first);
    db_close(db);
}

/* Flagged online, for ever silent: its Last Will was lost with its broker. */
static void who_waits_for_a_word_that_will_not_come_has_a_time_out(void)
{
    struct db *db = ground_fresh();
    struct intake_item *item = ground_items(1);
    char order[WG_ORDER_ID_MAX];
    int64_t id = offered(db, 1, all_of_one);
    ground_order(db, id, "dev-000", order);
    ground_run(db, "update campaign set state = 'paused', held = true");
    ground_report(item, "dev-000", 1, order, WG_REBOOTING);
    (void)ground_take(db, item, 1);
    ASSERT_TEXT(ground_state(db, id, "dev-000"), "installing");
    CU_ASSERT_EQUAL(expire(db, id, WG_INSTALLING), 0);
    ground_run(db, "update campaign set state = 'stopping', stop = 'finish-started'");
    CU_ASSERT_EQUAL(expire(db, id, WG_INSTALLING), 0);
    ground_run(db, "update campaign set state = 'stopping', stop = 'abort', state_at = wg_at(%lld)",
               (long long)GROUND_NOW + 1);
    CU_ASSERT_EQUAL(expire(db, id, WG_INSTALLING),
                    0); /* it has its time again to give the update up */
    ground_run(db, "update campaign set state_at = wg_at(%lld)", (long long)GROUND_NOW);
    CU_ASSERT_EQUAL(expire(db, id, WG_INSTALLING), 1);
    free(item);
    db_close(db);
}

static void two_that_supersede_each_other_do_not_both_lose(void)
{
    struct db *db = ground_fresh();
    int64_t moved = 0;
    ground_devices(db, 2);
    int64_t first = ground_campaign(db, "first", 1, all_of_two);
    int64_t second = ground_campaign(db, "second", 1, all_of_two);
    ground_run(db, "update campaign set supersedes = case when name = 'first' then "
                   "array['second'] else array['first'] end");
    MOVE(db, place_supersede(db, first, "first", GROUND_NOW, &moved, &err));
    CU_ASSERT_EQUAL(moved, 2);
    MOVE(db, place_supersede(db, second, "second", GROUND_NOW, &moved, &err));
    CU_ASSERT_EQUAL(moved, 0);
    ASSERT_TEXT(ground_state(db, first, "dev-000"), "waiting");
    ASSERT_TEXT(ground_state(db, second, "dev-000"), "superseded withdrawn");
    db_close(db);
}

WG_SUITE("store.recall",
         {"what is called back is not offered once more",
          what_is_called_back_is_not_offered_once_more},
         {"who keeps an order without a slot is asked for it",
          who_keeps_an_order_without_a_slot_is_asked_for_it},
         {"a withdrawal that is wanted again gets a counter of its own",
          a_withdrawal_that_is_wanted_again_gets_a_counter_of_its_own},
         {"who waits for a word that will not come has a time-out",
          who_waits_for_a_word_that_will_not_come_has_a_time_out},
         {"two that supersede each other do not both lose",
          two_that_supersede_each_other_do_not_both_lose})
