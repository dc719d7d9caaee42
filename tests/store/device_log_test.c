/* device_log_test.c: excerpts of logs: whose they are, once each, the newest kept, listed. */
#include "orchestrator/store/device_log.h"
#include "tests/store/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct wg_error err;
static struct device_log_item items[40]; /* large */
static const int64_t sizes[] = {2};

static void item(struct device_log_item *to, const char *device, const char *order, int64_t seq)
{
    memset(to, 0, sizeof *to);
    (void)wg_copy(to->device, sizeof to->device, device);
    to->received = GROUND_NOW + seq;
    (void)wg_copy(to->message.journal, sizeof to->message.journal, GROUND_JOURNAL);
    (void)wg_copy(to->message.boot, sizeof to->message.boot, GROUND_BOOT);
    (void)wg_copy(to->message.order, sizeof to->message.order, order);
    (void)wg_copy(to->message.campaign, sizeof to->message.campaign, "what-it-says");
    to->message.attempt = 77;
    to->message.seq = seq;
    to->message.source = WG_LOG_OF_PAYLOAD;
    (void)snprintf(to->message.text, sizeof to->message.text, "line, %d \"{}\\\n", (int)seq);
}

static struct db *ground(char order[WG_ORDER_ID_MAX])
{
    struct db *db = ground_fresh();
    ground_devices(db, 2);
    int64_t campaign = ground_campaign(db, "first", 1, sizes);
    CU_ASSERT_EQUAL(ground_claim(db, campaign, 0, 10, GROUND_NOW), 2);
    ground_order(db, campaign, "dev-000", order);
    return db;
}

static struct device_log_result put(struct db *db, size_t count)
{
    struct device_log_result result;
    ASSERT_OK(device_log_put(db, items, count, &result, &err), &err);
    return result;
}

static void asked_by_campaign(struct db *db)
{
    struct device_log_row *rows = NULL;
    size_t count = 0;
    int64_t all = 0;
    wg_time newest = 0;
    ASSERT_OK(device_log_list(db, "dev-000", "second", 10, &rows, &count, &err), &err);
    CU_ASSERT_EQUAL(count, 0);
    free(rows);
    ASSERT_OK(device_log_count(db, "dev-000", "first", &all, &newest, &err), &err);
    CU_ASSERT_EQUAL(all, 2);
    CU_ASSERT_EQUAL(newest, GROUND_NOW + 5);
    ASSERT_OK(device_log_count(db, "dev-001", NULL, &all, &newest, &err), &err);
    CU_ASSERT_EQUAL(all, 0);
    CU_ASSERT_EQUAL(newest, 0);
}

static void whose_it_is_our_books_say(void)
{
    char order[WG_ORDER_ID_MAX];
    struct db *db = ground(order);
    struct device_log_row *rows = NULL;
    size_t count = 0;
    item(&items[0], "dev-000", order, 1);
    item(&items[1], "dev-001", order, 2);  /* another's order */
    item(&items[2], "stranger", order, 3); /* never said hello */
    item(&items[3], "dev-000", "00000000-0000-4000-8000-000000000000", 4);
    item(&items[4], "dev-000", order, 5);
    items[4].message.at = GROUND_NOW - 5;
    items[4].message.cut = true;
    item(&items[5], "dev-000", "", 6);
    (void)wg_copy(items[5].refused, sizeof items[5].refused, "log: v: missing");
    struct device_log_result result = put(db, 6);
    CU_ASSERT_EQUAL(result.stored, 2);
    CU_ASSERT_EQUAL(result.refused, 4);
    CU_ASSERT_EQUAL(
        ground_number(db, "select count(*) from rejected where octet_length(bytes) = 0"), 4);
    ASSERT_OK(device_log_list(db, "dev-000", NULL, 10, &rows, &count, &err), &err);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    ASSERT_TEXT(rows[0].text, "line, 5 \"{}\\\n");
    ASSERT_TEXT(rows[0].campaign, "first");
    ASSERT_TEXT(rows[0].order, order);
    ASSERT_TEXT(rows[0].source, "payload");
    CU_ASSERT_EQUAL(rows[0].attempt, 1);
    CU_ASSERT_EQUAL(rows[0].received, GROUND_NOW + 5);
    CU_ASSERT_EQUAL(rows[0].at, GROUND_NOW - 5);
    CU_ASSERT_TRUE(rows[0].cut && !rows[1].cut);
    CU_ASSERT_EQUAL(rows[1].at, 0);
    free(rows);
    asked_by_campaign(db);
    db_close(db);
}

static void a_repetition_changes_nothing(void)
{
    char order[WG_ORDER_ID_MAX];
    struct db *db = ground(order);
    item(&items[0], "dev-000", order, 1);
    item(&items[1], "dev-000", order, 1);
    items[1].message.source = WG_LOG_OF_AGENT;
    item(&items[2], "dev-000", order, 1);
    CU_ASSERT_EQUAL(put(db, 3).stored, 2);
    CU_ASSERT_EQUAL(put(db, 3).stored, 0);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device_log"), 2);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from rejected"), 0);
    db_close(db);
}

static void the_newest_are_kept(void)
{
    char order[WG_ORDER_ID_MAX];
    struct db *db = ground(order);
    for (int i = 0; i < 38; i++) item(&items[i], "dev-000", order, i + 1);
    (void)put(db, 5);
    (void)put(db, 38);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device_log"), DEVICE_LOG_KEPT);
    CU_ASSERT_EQUAL(ground_number(db, "select min(seq) from device_log"), 38 - DEVICE_LOG_KEPT + 1);
    db_close(db);
}

static void the_longest_text_is_taken(void)
{
    char order[WG_ORDER_ID_MAX];
    struct db *db = ground(order);
    item(&items[0], "dev-000", order, 1);
    memset(items[0].message.text, '\\', WG_LOG_TEXT_MAX);
    items[0].message.text[WG_LOG_TEXT_MAX] = '\0';
    CU_ASSERT_EQUAL(put(db, 1).stored, 1);
    CU_ASSERT_EQUAL(ground_number(db, "select octet_length(text) from device_log"),
                    WG_LOG_TEXT_MAX);
    db_close(db);
}

WG_SUITE("device_log", {"whose it is our books say", whose_it_is_our_books_say},
         {"a repetition changes nothing", a_repetition_changes_nothing},
         {"the newest are kept", the_newest_are_kept},
         {"the longest text is taken", the_longest_text_is_taken})
