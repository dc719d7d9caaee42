/* clock_test.c: what a device does when time passes: tries again, tells, checks, gives up. */
#include "agent/core/core_state.h"
#include "tests/unit/agent/device.h"

static struct device device;

#define EVENT(kind) device_event(&device, CORE_EV_##kind)

static void test_fetch_again(void)
{
    device_in_phase(&device, CORE_FETCHING);
    (void)device_ack(&device, JOURNAL, 2);
    wg_duration waited[12];
    for (int i = 0; i < 12; i++) {
        SAYS(device_fails(&device, CORE_EV_FETCH_FAILED, WG_CAUSE_DOWNLOAD, false, "no route"),
             "log");
        waited[i] = core_wake(device.core) - device.now;
        SAYS(device_wake(&device), "fetch");
    }
    CU_ASSERT_TRUE(waited[0] >= CORE_FETCH_WAIT_FIRST / 2 && waited[0] <= CORE_FETCH_WAIT_FIRST);
    CU_ASSERT_TRUE(waited[11] >= CORE_FETCH_WAIT_MOST / 2 && waited[11] <= CORE_FETCH_WAIT_MOST);
    /* bytes came: the next wait is short again */
    (void)device_progress(&device, 10);
    (void)device_fails(&device, CORE_EV_FETCH_FAILED, WG_CAUSE_DOWNLOAD, false, "reset");
    CU_ASSERT_TRUE(core_wake(device.core) - device.now <= CORE_FETCH_WAIT_FIRST);
    /* connected again: there is a network */
    SAYS(EVENT(LOST), "");
    SAYS(EVENT(CONNECTED), "hello fetch");
    SAYS(EVENT(CONNECTED), "hello");
    device_clear(&device);
}

static void test_fetch_fails(void)
{
    struct {
        enum wg_cause cause;
        bool fatal;
        const char *says;
    } rows[] = {
        {WG_CAUSE_VERIFY, false, "save report:failed/verify cancel discard"},
        {WG_CAUSE_DOWNLOAD, true, "save report:failed/download cancel discard"},
        {WG_CAUSE_TIMEOUT, true, "save report:failed/timeout cancel discard"},
        {WG_CAUSE_NONE, true, "save report:failed/download cancel discard"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        device_in_phase(&device, CORE_FETCHING);
        SAYS(device_fails(&device, CORE_EV_FETCH_FAILED, rows[i].cause, rows[i].fatal, "gone"),
             rows[i].says);
        assert_detail(&device, "gone");
        assert_phase(&device, CORE_IDLE);
        device_clear(&device);
    }
}

/* A network that costs: it is told, no time runs, and the order's next offer goes on. */
static void test_fetch_later(void)
{
    struct core_event later = {
        .kind = CORE_EV_FETCH_LATER, .text = "the network is metered", .delay = 5 * WG_MINUTE};
    device_in_phase(&device, CORE_FETCHING);
    (void)device_progress(&device, 400);
    SAYS(device_do(&device, &later), "save report:deferred/deferred");
    assert_detail(&device, "the network is metered");
    assert_phase(&device, CORE_FETCHING);
    struct wg_report report;
    const struct core_action *said = &device.actions.items[1];
    ASSERT_OK(wg_report_decode(said->payload, said->len, &report, &device.err), &device.err);
    CU_ASSERT_EQUAL(report.retry, 5 * WG_MINUTE);
    (void)device_ack_all(&device);
    CU_ASSERT_EQUAL(core_wake(device.core), 0); /* also not for the download's limit */
    device.now += 2 * WG_HOUR;
    SAYS(EVENT(TICK), "");
    SAYS(device_do(&device, &later), "log"); /* nothing is fetched */
    SAYS(device_install(&device, ORDER_A, 2), "save report:downloading fetch");
    (void)device_ack_all(&device);
    CU_ASSERT_EQUAL(core_wake(device.core), device.now + WG_HOUR); /* counted anew */
    device_clear(&device);
}

/* URLs that have ended: what came stays, and the next offer has others. Are those turned down too,
 * it has failed, and says why. */
static void test_refused(void)
{
    struct core_event refused = {.kind = CORE_EV_FETCH_FAILED,
                                 .cause = WG_CAUSE_DOWNLOAD,
                                 .refused = true,
                                 .text = "h answers 403"};
    struct wg_report report;
    device_in_phase(&device, CORE_FETCHING);
    (void)device_ack_all(&device);
    for (int64_t offer = 2; offer < 5; offer++) { /* as often as bytes have come between */
        SAYS(device_do(&device, &refused), "log");
        SAYS(device_do(&device, &refused), "log");
        (void)device_fails(&device, CORE_EV_FETCH_FAILED, WG_CAUSE_DOWNLOAD, false, "no route");
        SAYS(device_do(&device, &refused), "log"); /* in a row is meant */
        SAYS(device_do(&device, &refused), "log");
        SAYS(device_do(&device, &refused), "save report:deferred/deferred");
        assert_detail(&device, "h answers 403: other URLs are wanted");
        last_report(&device, &report);
        CU_ASSERT_EQUAL(report.retry, CORE_REFUSED_WAIT);
        assert_phase(&device, CORE_FETCHING);
        (void)device_ack_all(&device);
        CU_ASSERT_EQUAL(core_wake(device.core), 0);
        SAYS(device_install(&device, ORDER_A, offer), "save report:downloading fetch");
        (void)device_ack_all(&device);
        if (offer < 4) (void)device_progress(&device, 100 * offer);
    }
    for (int i = 0; i < 9; i++) /* nobody is there for long */
        (void)device_fails(&device, CORE_EV_FETCH_FAILED, WG_CAUSE_DOWNLOAD, false, "no route");
    SAYS(device_do(&device, &refused), "log");
    CU_ASSERT_TRUE(core_wake(device.core) - device.now <= CORE_FETCH_WAIT_FIRST);
    SAYS(device_do(&device, &refused), "log");
    SAYS(device_do(&device, &refused), "save report:failed/download cancel discard");
    assert_detail(&device, "h answers 403");
    device_clear(&device);
}

static void test_progress(void)
{
    device_in_phase(&device, CORE_FETCHING);
    (void)device_ack(&device, JOURNAL, 2);
    SAYS(device_progress(&device, 100), "progress:100");
    SAYS(device_progress(&device, 200), "");
    device.now += CORE_PROGRESS_EVERY - 1;
    SAYS(device_progress(&device, 300), "");
    CU_ASSERT_EQUAL(core_wake(device.core), device.now + 1);
    SAYS(device_wake(&device), "progress:300");
    SAYS(EVENT(LOST), "");
    device.now += CORE_PROGRESS_EVERY;
    SAYS(device_progress(&device, 5000), "");
    SAYS(EVENT(CONNECTED), "hello progress:1000"); /* never more than there is */
    SAYS(device_progress(&device, 1000), "");
    CU_ASSERT_EQUAL(core_pending(device.core), 0);
    device_clear(&device);
}

static void test_timeouts(void)
{
    struct {
        enum core_phase phase;
        enum core_phase next;
        wg_duration after;
        const char *says;
    } rows[] = {
        {CORE_FETCHING, CORE_IDLE, WG_HOUR, "save log report:failed/timeout cancel discard"},
        {CORE_INSTALLING, CORE_IDLE, 10 * WG_MINUTE,
         "save log report:failed/timeout cancel discard"},
        {CORE_ACTIVATING, CORE_IDLE, 10 * WG_MINUTE,
         "save log report:failed/timeout cancel discard"},
        {CORE_BOOTING, CORE_REVERTING, 2 * WG_MINUTE, "save log cancel reboot"},
        {CORE_PROBATION, CORE_REVERTING, 2 * WG_MINUTE, "save log cancel reboot"},
        {CORE_COMMITTING, CORE_REVERTING, 2 * WG_MINUTE, "save log cancel reboot"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        device_in_phase(&device, rows[i].phase);
        (void)device_ack_all(&device);
        wg_time began = device.now;
        device.now = began + rows[i].after - 1;
        SAYS(EVENT(TICK), "");
        CU_ASSERT_EQUAL(core_wake(device.core), began + rows[i].after);
        SAYS(device_wake(&device), rows[i].says);
        assert_phase(&device, rows[i].next);
        device_clear(&device);
    }
}

/* Why it did not, if there was a reason, and bytes have not come since. */
static void test_why_a_download_did_not_end(void)
{
    static const char *const rows[][2] = {
        {"", "the download did not end in time"},
        {"h answers 403", "the download did not end in time: h answers 403"}};
    for (size_t i = 0; i < 3; i++) {
        device_in_phase(&device, CORE_FETCHING);
        (void)device_ack_all(&device);
        wg_time end = device.now + WG_HOUR;
        if (i > 0)
            (void)device_fails(&device, CORE_EV_FETCH_FAILED, WG_CAUSE_DOWNLOAD, false, rows[1][0]);
        if (i > 1) (void)device_progress(&device, 10);
        device.now = end;
        (void)EVENT(TICK);
        assert_detail(&device, rows[i % 2][1]);
        device_clear(&device);
    }
}

/* Boot check and probation share one limit. */
static void test_limit_of_a_trial(void)
{
    device_in_phase(&device, CORE_BOOTING);
    (void)device_ack(&device, JOURNAL, 4);
    wg_time limit = device.now + 2 * WG_MINUTE;
    CU_ASSERT_EQUAL(core_wake(device.core), limit);
    device.now += WG_MINUTE;
    SAYS(EVENT(BOOTED), "save report:probation health-check");
    (void)device_ack(&device, JOURNAL, 5);
    CU_ASSERT_EQUAL(core_wake(device.core), limit);
    device_clear(&device);
}

static void test_sent_again(void)
{
    device_in_phase(&device, CORE_FETCHING);
    wg_time first = device.now;
    device.now += 10 * WG_SECOND;
    SAYS(EVENT(FETCHED), "save report:installing install");
    CU_ASSERT_EQUAL(core_wake(device.core), first + CORE_RESEND);
    SAYS(device_wake(&device), "report:accepted report:downloading");
    SAYS(device_wake(&device), "report:installing");
    SAYS(device_wake(&device), "report:accepted report:downloading");
    SAYS(device_ack(&device, JOURNAL, 2), "save");
    SAYS(device_wake(&device), "report:installing");
    device_clear(&device);
}

static void test_reboot_is_asked_for_again(void)
{
    static const enum core_phase phases[] = {CORE_REBOOTING, CORE_REVERTING};
    for (int i = 0; i < 2; i++) {
        device_in_phase(&device, phases[i]);
        (void)device_ack_all(&device);
        CU_ASSERT_EQUAL(core_wake(device.core), device.now + CORE_REBOOT_AGAIN);
        SAYS(device_wake(&device), "reboot");
        SAYS(device_wake(&device), "reboot");
        device_clear(&device);
    }
}

/* A hello that a dying orchestrator has swallowed is said again until an ack comes, ever less
 * often. */
static void test_hello_again(void)
{
    wg_duration waited[10];
    device_init(&device);
    SAYS(EVENT(CONNECTED), "hello");
    for (int i = 0; i < 10; i++) {
        waited[i] = core_wake(device.core) - device.now;
        SAYS(device_wake(&device), "hello");
    }
    CU_ASSERT_TRUE(waited[0] >= WG_MINUTE / 2 && waited[0] <= WG_MINUTE);
    CU_ASSERT_TRUE(waited[9] >= WG_HOUR / 2 && waited[9] <= WG_HOUR);
    SAYS(EVENT(LOST), "");
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    SAYS(EVENT(CONNECTED), "hello");
    CU_ASSERT_TRUE(core_wake(device.core) - device.now <= WG_MINUTE);
    SAYS(device_ack(&device, JOURNAL, 0), "");
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    device_clear(&device);
}

WG_SUITE("agent/clock", {"hello again until answered", test_hello_again},
         {"fetch again", test_fetch_again}, {"fetch fails for good", test_fetch_fails},
         {"fetch later", test_fetch_later}, {"URLs are turned down", test_refused},
         {"progress", test_progress}, {"time-outs", test_timeouts},
         {"why a download did not end", test_why_a_download_did_not_end},
         {"limit of a trial", test_limit_of_a_trial},
         {"sent again until acknowledged", test_sent_again},
         {"reboot is asked for again", test_reboot_is_asked_for_again})
