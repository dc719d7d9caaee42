/* outbox_test.c: reports that wait for their acknowledgement. */
#include "agent/core/outbox.h"

#include "tests/unit/agent/device.h"

static struct wg_error err;

static void report_fill(struct wg_report *report, const char *order, int64_t seq,
                        enum wg_state state)
{
    memset(report, 0, sizeof *report);
    (void)wg_copy(report->journal, sizeof report->journal, JOURNAL);
    (void)wg_copy(report->order, sizeof report->order, order);
    (void)wg_copy(report->campaign, sizeof report->campaign, "brake-2.0");
    report->attempt = 1;
    report->seq = seq;
    report->state = state;
}

static void add(struct outbox *outbox, const char *order, int64_t seq, enum wg_state state,
                wg_time now)
{
    struct wg_report report;
    report_fill(&report, order, seq, state);
    ASSERT_OK(outbox_add(outbox, &report, now, &err), &err);
}

static void test_ack(void)
{
    struct outbox outbox = {.count = 0};
    for (int64_t seq = 3; seq <= 7; seq++) add(&outbox, ORDER_A, seq, WG_ACCEPTED, seq);
    CU_ASSERT_EQUAL(outbox_ack(&outbox, 2), 0);
    CU_ASSERT_EQUAL(outbox_ack(&outbox, 5), 3);
    CU_ASSERT_EQUAL(outbox_ack(&outbox, 5), 0);
    CU_ASSERT_EQUAL_FATAL(outbox.count, 2);
    CU_ASSERT_EQUAL(outbox.items[0]->seq, 6);
    CU_ASSERT_EQUAL(outbox.sent[1], 7);
    CU_ASSERT_EQUAL(outbox_ack(&outbox, INT64_MAX), 2);
    CU_ASSERT_EQUAL(outbox.count, 0);
    outbox_clear(&outbox);
}

static void test_find(void)
{
    struct outbox outbox = {.count = 0};
    add(&outbox, ORDER_A, 1, WG_ACCEPTED, 0);
    add(&outbox, ORDER_B, 2, WG_DEFERRED, 0);
    add(&outbox, ORDER_A, 3, WG_DOWNLOADING, 0);
    CU_ASSERT_EQUAL(outbox_find(&outbox, ORDER_A, WG_WAITING), 2);
    CU_ASSERT_EQUAL(outbox_find(&outbox, ORDER_A, WG_ACCEPTED), 0);
    CU_ASSERT_EQUAL(outbox_find(&outbox, ORDER_B, WG_WAITING), 1);
    CU_ASSERT_EQUAL(outbox_find(&outbox, ORDER_B, WG_ACCEPTED), CORE_PENDING_MAX);
    outbox_clear(&outbox);
}

static void test_due(void)
{
    struct outbox outbox = {.count = 0};
    CU_ASSERT_EQUAL(outbox_due(&outbox, CORE_RESEND), 0);
    add(&outbox, ORDER_A, 1, WG_ACCEPTED, 500);
    add(&outbox, ORDER_A, 2, WG_DOWNLOADING, 300);
    CU_ASSERT_EQUAL(outbox_due(&outbox, CORE_RESEND), 300 + CORE_RESEND);
    outbox_clear(&outbox);
}

static void test_full(void)
{
    struct wg_report report;
    struct outbox outbox = {.count = 0};
    for (int64_t seq = 1; seq <= CORE_PENDING_MAX; seq++)
        add(&outbox, ORDER_A, seq, WG_ACCEPTED, 0);
    report_fill(&report, ORDER_A, CORE_PENDING_MAX + 1, WG_ACCEPTED);
    CU_ASSERT_FALSE(outbox_add(&outbox, &report, 0, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    CU_ASSERT_EQUAL(outbox.count, CORE_PENDING_MAX);
    outbox_clear(&outbox);
}

/* Two outboxes share reports; each lets go of its own. */
static void test_copy(void)
{
    struct outbox first = {.count = 0}, second;
    add(&first, ORDER_A, 1, WG_ACCEPTED, 0);
    add(&first, ORDER_A, 2, WG_DOWNLOADING, 0);
    outbox_copy(&second, &first);
    CU_ASSERT_EQUAL(outbox_ack(&first, 1), 1);
    add(&first, ORDER_A, 3, WG_INSTALLING, 0);
    CU_ASSERT_EQUAL_FATAL(second.count, 2);
    CU_ASSERT_EQUAL(second.items[0]->seq, 1);
    outbox_clear(&first);
    CU_ASSERT_EQUAL(second.items[1]->seq, 2);
    CU_ASSERT_TRUE(second.items[1]->payload[second.items[1]->len] == '\0');
    outbox_clear(&second);
}

static void test_not_reportable(void)
{
    struct wg_report report;
    struct outbox outbox = {.count = 0};
    report_fill(&report, "not a uuid", 1, WG_ACCEPTED);
    CU_ASSERT_FALSE(outbox_add(&outbox, &report, 0, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    CU_ASSERT_EQUAL(outbox.count, 0);
}

WG_SUITE("agent/outbox", {"acknowledged up to a number", test_ack},
         {"newest report of an order", test_find}, {"when to send again", test_due},
         {"full", test_full}, {"copies", test_copy}, {"no wire form", test_not_reportable})
