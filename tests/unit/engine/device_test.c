/* device_test.c: one report against one place. */
#include "orchestrator/engine/device.h"

#include "tests/unit/harness.h"

#define ORDER "11111111-2222-3333-4444-555555555555"
#define OTHER "99999999-2222-3333-4444-555555555555"
#define NOW ((wg_time)1000000)

static const struct policy_retry retry = {.attempts = 2, .backoff = 10 * WG_SECOND};

static struct device_place place_at(enum wg_state state, int64_t attempt)
{
    struct device_place place = {.state = state, .attempt = attempt};
    (void)wg_copy(place.order, sizeof place.order, ORDER);
    return place;
}

static struct wg_report report_of(enum wg_state state, enum wg_cause cause, int64_t attempt)
{
    struct wg_report report = {.state = state, .cause = cause, .attempt = attempt, .seq = 1};
    (void)wg_copy(report.order, sizeof report.order, ORDER);
    return report;
}

static void reports_move_forward_or_are_remarks(void)
{
    static const struct {
        enum wg_state at;
        int64_t attempt;
        enum wg_state says;
        enum wg_cause cause;
        int64_t said_attempt;
        enum device_verdict verdict;
        enum wg_state to;
    } rows[] = {
        {WG_OFFERED, 1, WG_ACCEPTED, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_ACCEPTED},
        {WG_OFFERED, 1, WG_PROBATION, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_PROBATION},
        {WG_PROBATION, 1, WG_SUCCEEDED, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_SUCCEEDED},
        {WG_PROBATION, 1, WG_PROBATION, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_PROBATION},
        {WG_PROBATION, 1, WG_DOWNLOADING, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_PROBATION},
        {WG_SUCCEEDED, 1, WG_FAILED, WG_CAUSE_INSTALL, 1, DEVICE_REMARK, WG_SUCCEEDED},
        {WG_SILENT, 1, WG_SUCCEEDED, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_SILENT},
        {WG_OFFERED, 2, WG_ACCEPTED, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_OFFERED},
        /* its slot was given back, then it accepted after all */
        {WG_WAITING, 1, WG_ACCEPTED, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_ACCEPTED},
        /* faults of the way may be tried again, faults of the release may not */
        {WG_DOWNLOADING, 1, WG_FAILED, WG_CAUSE_DOWNLOAD, 1, DEVICE_RETRIES, WG_WAITING},
        {WG_DOWNLOADING, 2, WG_FAILED, WG_CAUSE_DOWNLOAD, 2, DEVICE_MOVES, WG_FAILED},
        {WG_DOWNLOADING, 1, WG_FAILED, WG_CAUSE_VERIFY, 1, DEVICE_MOVES, WG_FAILED},
        {WG_PROBATION, 1, WG_ROLLED_BACK, WG_CAUSE_HEALTH, 1, DEVICE_MOVES, WG_ROLLED_BACK},
        /* no fault, no attempt spent */
        {WG_OFFERED, 2, WG_FAILED, WG_CAUSE_SHED, 2, DEVICE_RETRIES, WG_WAITING},
        {WG_OFFERED, 1, WG_FAILED, WG_CAUSE_INCOMPATIBLE, 1, DEVICE_MOVES, WG_FAILED},
        {WG_OFFERED, 1, WG_FAILED, WG_CAUSE_REFUSED, 1, DEVICE_MOVES, WG_FAILED},
        {WG_DOWNLOADING, 1, WG_WITHDRAWN, WG_CAUSE_WITHDRAWN, 1, DEVICE_MOVES, WG_WITHDRAWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct device_place place = place_at(rows[i].at, rows[i].attempt);
        struct wg_report report = report_of(rows[i].says, rows[i].cause, rows[i].said_attempt);
        struct device_change change;
        device_decide(&retry, &place, &report, NOW, &change);
        if (change.verdict != rows[i].verdict || change.state != rows[i].to)
            printf("\n    row %zu: verdict %d, state %s\n", i, (int)change.verdict,
                   wg_state_text(change.state));
        CU_ASSERT_EQUAL(change.verdict, rows[i].verdict);
        CU_ASSERT_EQUAL(change.state, rows[i].to);
        CU_ASSERT_EQUAL(change.remark != NULL, change.verdict == DEVICE_REMARK);
    }
}

static void an_attempt_that_ended_stays_ended(void)
{
    static const struct {
        enum wg_cause waits_for;
        enum wg_state says;
        enum device_verdict verdict;
    } rows[] = {
        /* the device said so: overtaken and repeated reports change nothing */
        {WG_CAUSE_DOWNLOAD, WG_DOWNLOADING, DEVICE_REMARK},
        {WG_CAUSE_DOWNLOAD, WG_FAILED, DEVICE_REMARK},
        {WG_CAUSE_INSTALL, WG_INSTALLING, DEVICE_REMARK},
        {WG_CAUSE_SHED, WG_ACCEPTED, DEVICE_REMARK},
        /* nothing was heard of it: it may be at work all the same */
        {WG_CAUSE_OFFLINE, WG_ACCEPTED, DEVICE_MOVES},
        {WG_CAUSE_DEFERRED, WG_DOWNLOADING, DEVICE_MOVES},
        {WG_CAUSE_TIMEOUT, WG_SUCCEEDED, DEVICE_MOVES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct device_place place = place_at(WG_WAITING, 1);
        struct wg_report report = report_of(
            rows[i].says, rows[i].says == WG_FAILED ? rows[i].waits_for : WG_CAUSE_NONE, 1);
        struct device_change change;
        place.cause = rows[i].waits_for;
        device_decide(&retry, &place, &report, NOW, &change);
        CU_ASSERT_EQUAL(change.verdict, rows[i].verdict);
        if (rows[i].verdict == DEVICE_REMARK)
            ASSERT_TEXT(change.remark, "late: this attempt has ended");
    }
}

static void another_order_is_a_remark(void)
{
    struct device_place place = place_at(WG_OFFERED, 1);
    struct wg_report report = report_of(WG_SUCCEEDED, WG_CAUSE_NONE, 1);
    struct device_change change;
    (void)wg_copy(report.order, sizeof report.order, OTHER);
    device_decide(&retry, &place, &report, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_REMARK);
    ASSERT_TEXT(change.remark, "other order");
}

static void back_off_doubles(void)
{
    struct policy_retry many = {.attempts = 100, .backoff = 10 * WG_SECOND};
    for (int64_t attempt = 1; attempt < 10; attempt++) {
        struct device_place place = place_at(WG_DOWNLOADING, attempt);
        struct wg_report report = report_of(WG_FAILED, WG_CAUSE_DOWNLOAD, attempt);
        struct device_change change;
        device_decide(&many, &place, &report, NOW, &change);
        CU_ASSERT_EQUAL(change.retry_at - NOW, (10 * WG_SECOND) << (attempt - 1));
    }
    struct device_place tired = place_at(WG_DOWNLOADING, 60);
    struct wg_report report = report_of(WG_FAILED, WG_CAUSE_DOWNLOAD, 60);
    struct device_change change;
    device_decide(&many, &tired, &report, NOW, &change);
    CU_ASSERT_EQUAL(change.retry_at - NOW, 24 * WG_HOUR);
}

static void time_outs_follow_the_same_rules(void)
{
    struct device_change change;
    struct device_place offered = place_at(WG_OFFERED, 1);
    device_expire(&retry, &offered, WG_WAITING, WG_CAUSE_OFFLINE, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_RETRIES);
    CU_ASSERT_EQUAL(change.state, WG_WAITING);
    struct device_place loading = place_at(WG_DOWNLOADING, 1);
    device_expire(&retry, &loading, WG_FAILED, WG_CAUSE_TIMEOUT, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_RETRIES);
    loading.attempt = 2;
    device_expire(&retry, &loading, WG_FAILED, WG_CAUSE_TIMEOUT, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_MOVES);
    CU_ASSERT_EQUAL(change.state, WG_FAILED);
    struct device_place gone = place_at(WG_REBOOTING, 1);
    device_expire(&retry, &gone, WG_SILENT, WG_CAUSE_SILENT, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_MOVES);
    CU_ASSERT_EQUAL(change.state, WG_SILENT);
    struct device_place done = place_at(WG_SUCCEEDED, 1);
    device_expire(&retry, &done, WG_SILENT, WG_CAUSE_SILENT, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_REMARK);
}

WG_SUITE("device", {"reports move forward or are remarks", reports_move_forward_or_are_remarks},
         {"an attempt that ended stays ended", an_attempt_that_ended_stays_ended},
         {"another order is a remark", another_order_is_a_remark},
         {"back-off doubles", back_off_doubles},
         {"time-outs follow the same rules", time_outs_follow_the_same_rules})
