/* broker_test.c: at which broker a device listens: where it said hello last. */
#include "tests/store/ground.h"

#include <stdlib.h>
#include <string.h>

#define OTHER_BOOT "b0000000000000000000000000000002"
#define RESEND WG_MINUTE

static const int64_t one[] = {1};

/* A hello by that broker, in the connection of that number. */
static const struct intake_result *hello(struct db *db, const char *broker, const char *boot,
                                         int64_t link)
{
    struct intake_item *item = ground_items(1);
    ground_hello(item, "dev-000");
    item->broker = broker;
    item->as.hello.link = link;
    CU_ASSERT_FATAL(wg_copy(item->as.hello.boot, sizeof item->as.hello.boot, boot));
    const struct intake_result *result = ground_take(db, item, 1);
    free(item);
    return result;
}

/* A campaign that has offered its only device the update. */
static struct db *offered(const char *broker, int64_t *campaign)
{
    struct db *db = ground_fresh();
    (void)hello(db, broker, GROUND_BOOT, 1);
    *campaign = ground_campaign(db, "campaign", 1, one);
    CU_ASSERT_EQUAL(ground_claim(db, *campaign, 0, 1, GROUND_NOW), 1);
    return db;
}

/* Where the order that is due goes: a broker, "" for all; NULL: none is due. */
static const char *sent_to(struct db *db, wg_time now, int64_t *counter)
{
    static char broker[WG_NAME_MAX + 1];
    struct wg_error err = {0};
    struct order_lot lot;
    size_t count = 0;
    const struct order_times times = {now, RESEND, WG_DAY};
    ASSERT_OK(order_take_due(db, &times, 100, &lot, &err), &err);
    struct order_due *due = ground_orders(&lot, &count);
    if (count > 0) {
        (void)wg_copy(broker, sizeof broker, due[0].broker);
        *counter = due[0].order.counter;
    }
    free(due);
    return count == 1 ? broker : NULL;
}

#define ASSERT_NONE(db, now)                                                                       \
    do {                                                                                           \
        int64_t counter_;                                                                          \
        CU_ASSERT_PTR_NULL(sent_to(db, now, &counter_));                                           \
    } while (0)

static void an_order_goes_where_its_device_said_hello(void)
{
    int64_t id, counter;
    struct db *db = offered("east", &id);
    ASSERT_TEXT(sent_to(db, GROUND_NOW, &counter), "east");
    ASSERT_NONE(db, GROUND_NOW);
    db_close(db);
}

static void one_that_is_not_answered_is_repeated_everywhere(void)
{
    int64_t id, first, again;
    struct db *db = offered("east", &id);
    ASSERT_TEXT(sent_to(db, GROUND_NOW, &first), "east");
    ASSERT_TEXT(sent_to(db, GROUND_NOW + RESEND, &again), "");
    CU_ASSERT_EQUAL(again, first);
    db_close(db);
}

static void a_device_that_is_not_known_to_be_anywhere_is_sought_everywhere(void)
{
    int64_t id, counter;
    struct db *db = offered(NULL, &id);
    ASSERT_TEXT(sent_to(db, GROUND_NOW, &counter), "");
    db_close(db);
}

/* Its order went to the broker that it has left. */
static void who_comes_by_another_broker_gets_the_order_again(void)
{
    int64_t id, first, again;
    struct db *db = offered("east", &id);
    ASSERT_TEXT(sent_to(db, GROUND_NOW, &first), "east");
    (void)hello(db, "west", GROUND_BOOT, 2);
    ASSERT_TEXT(sent_to(db, GROUND_NOW, &again), "west");
    CU_ASSERT_EQUAL(again, first);
    ASSERT_NONE(db, GROUND_NOW);
    (void)hello(db, "west", GROUND_BOOT, 3);
    ASSERT_NONE(db, GROUND_NOW);
    (void)hello(db, "east", OTHER_BOOT, 1);
    ASSERT_TEXT(sent_to(db, GROUND_NOW, &again), "east");
    CU_ASSERT_TRUE(again > first);
    db_close(db);
}

/* What an earlier connection said comes late: the device is where the later one is. */
static void a_hello_that_was_overtaken_says_nothing_of_the_broker(void)
{
    int64_t id, counter;
    struct db *db = offered("east", &id);
    (void)hello(db, "west", GROUND_BOOT, 3);
    ASSERT_TEXT(sent_to(db, GROUND_NOW, &counter), "west");
    (void)hello(db, "east", GROUND_BOOT, 2);
    ASSERT_NONE(db, GROUND_NOW);
    ASSERT_TEXT(ground_text(db, "select broker from device"), "west");
    db_close(db);
}

static void an_order_that_was_answered_is_not_sent_to_the_new_one(void)
{
    int64_t id, counter;
    char order[WG_ORDER_ID_MAX];
    struct db *db = offered("east", &id);
    struct intake_item *item = ground_items(1);
    ASSERT_TEXT(sent_to(db, GROUND_NOW, &counter), "east");
    ground_order(db, id, "dev-000", order);
    ground_report(item, "dev-000", 1, order, WG_ACCEPTED);
    (void)ground_take(db, item, 1);
    (void)hello(db, "west", GROUND_BOOT, 2);
    ASSERT_NONE(db, GROUND_NOW);
    free(item);
    db_close(db);
}

/* Where the answer to one report goes, which came by that broker. */
static const char *answered_at(struct db *db, const char *broker, int64_t seq)
{
    struct intake_item *item = ground_items(1);
    ground_report(item, "dev-000", seq, "0e000000-0000-4000-8000-000000000001", WG_ACCEPTED);
    item->broker = broker;
    const struct intake_result *result = ground_take(db, item, 1);
    free(item);
    CU_ASSERT_EQUAL_FATAL(result->answer_count, 1);
    return result->answers[0].broker;
}

static void an_answer_goes_where_the_device_is(void)
{
    struct db *db = ground_fresh();
    const struct intake_result *result = hello(db, "east", GROUND_BOOT, 1);
    ASSERT_TEXT(result->answers[0].broker, "east");
    ASSERT_TEXT(answered_at(db, "east", 1), "east");
    /* its hello by that one is still on its way, or this has been left behind */
    ASSERT_TEXT(answered_at(db, "west", 2), "");
    db_close(db);
}

/* A word that was not asked for, and the broker's own word on a connection that ended. */
static void who_is_told_something_is_told_where_it_is(void)
{
    struct wg_error err = {0};
    static struct intake_result result;
    const char *const devices[] = {"dev-000"};
    struct db *db = ground_fresh();
    struct intake_item *will = ground_items(1);
    (void)hello(db, "east", GROUND_BOOT, 1);
    (void)hello(db, "west", GROUND_BOOT, 2);
    ground_will(will, "dev-000", GROUND_BOOT);
    will->as.hello.link = 1;
    will->broker = "east";
    (void)ground_take(db, will, 1);
    ASSERT_OK(intake_tell(db, devices, 1, &result, &err), &err);
    CU_ASSERT_EQUAL_FATAL(result.answer_count, 1);
    ASSERT_TEXT(result.answers[0].broker, "west");
    free(will);
    db_close(db);
}

WG_SUITE("broker", {"order", an_order_goes_where_its_device_said_hello},
         {"not answered", one_that_is_not_answered_is_repeated_everywhere},
         {"not known", a_device_that_is_not_known_to_be_anywhere_is_sought_everywhere},
         {"another broker", who_comes_by_another_broker_gets_the_order_again},
         {"overtaken", a_hello_that_was_overtaken_says_nothing_of_the_broker},
         {"answered", an_order_that_was_answered_is_not_sent_to_the_new_one},
         {"acknowledgement", an_answer_goes_where_the_device_is},
         {"told", who_is_told_something_is_told_where_it_is})
