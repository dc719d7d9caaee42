/* notices_test.c: the first at once, the rest as a number, and never more than the pace. */
#include "broker/notices.h"

#include "tests/unit/harness.h"

#include <string.h>

static void test_first_then_number(void)
{
    static struct notices notices;
    struct notice notice;
    nanoseconds now = NS_PER_SECOND;
    CU_ASSERT_FALSE(notices_next(&notices, now, &notice));
    notices_add(&notices, "dev-1", NOTICE_FLOOD, now);
    CU_ASSERT_TRUE(notices_next(&notices, now, &notice));
    ASSERT_TEXT(notice.device, "dev-1");
    CU_ASSERT_EQUAL(notice.kind, NOTICE_FLOOD);
    CU_ASSERT_EQUAL(notice.count, 1);
    for (int i = 0; i < 1000; i++) notices_add(&notices, "dev-1", NOTICE_FLOOD, now);
    notices_add(&notices, "dev-1", NOTICE_ESCAPE, now);
    notices_add(&notices, "dev-2", NOTICE_FLOOD, now);
    CU_ASSERT_TRUE(notices_next(&notices, now, &notice));
    CU_ASSERT_TRUE(notices_next(&notices, now, &notice));
    CU_ASSERT_FALSE(notices_next(&notices, now, &notice));
    CU_ASSERT_FALSE(notices_next(&notices, now + NOTICE_GAP - 1, &notice));
    CU_ASSERT_TRUE(notices_next(&notices, now + NOTICE_GAP, &notice));
    ASSERT_TEXT(notice.device, "dev-1");
    CU_ASSERT_EQUAL(notice.count, 1000);
    CU_ASSERT_FALSE(notices_next(&notices, now + 2 * NOTICE_GAP, &notice));
}

static void test_bounded(void)
{
    static struct notices notices;
    struct notice notice;
    char name[16];
    nanoseconds now = NS_PER_SECOND;
    int told = 0;
    for (int i = 0; i < 20000; i++) {
        CU_ASSERT_TRUE(wg_format(name, sizeof name, "dev-%d", i));
        notices_add(&notices, name, NOTICE_TAKEOVER, now);
    }
    CU_ASSERT_EQUAL(notices.used, NOTICES_WAITING);
    CU_ASSERT_TRUE(notices_next(&notices, now, &notice));
    CU_ASSERT_EQUAL(notice.lost, 20000 - NOTICES_WAITING);
    for (told = 1; notices_next(&notices, now, &notice); told++) CU_ASSERT_EQUAL(notice.lost, 0);
    CU_ASSERT_EQUAL(told, 100); /* the burst */
    for (int i = 0; i < 5; i++) {
        now += NS_PER_SECOND;
        for (told = 0; notices_next(&notices, now, &notice); told++) continue;
        CU_ASSERT_EQUAL(told, 20);
    }
    /* those who have nothing more to tell make room */
    now += 2 * NOTICE_GAP;
    notices_add(&notices, "new", NOTICE_ESCAPE, now);
    bool found = false;
    while (notices_next(&notices, now, &notice)) found |= strcmp(notice.device, "new") == 0;
    CU_ASSERT_TRUE(found);
}

static void test_json(void)
{
    struct notice notice = {.device = "dev-1", .kind = NOTICE_TAKEOVER_STORM, .count = 12};
    char json[NOTICE_JSON_MAX];
    notice_json(&notice, 0, json);
    ASSERT_TEXT(json, "{\"v\":1,\"device\":\"dev-1\",\"kind\":\"takeover-storm\",\"count\":12,"
                      "\"at\":\"1970-01-01T00:00:00.000Z\"}");
    notice.lost = UINT64_MAX;
    notice.count = UINT32_MAX;
    for (size_t i = 0; i < WG_NAME_MAX; i++) notice.device[i] = 'x';
    notice_json(&notice, 0, json);
    CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"lost\":18446744073709551615,"));
    CU_ASSERT_EQUAL(json[strlen(json) - 1], '}');
}

WG_SUITE("notices", {"the first at once, then a number", test_first_then_number},
         {"bounded in room and pace", test_bounded}, {"as JSON", test_json})
