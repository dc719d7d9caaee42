/* core_test.c: the update state machine: each situation as the event and the actions it must cause.
 */
#include "agent/core/table.h"
#include "tests/unit/agent/device.h"

#include <jansson.h>

static struct device device;

#define EVENT(kind) device_event(&device, CORE_EV_##kind)

/* Does the hello that was just said call the slot a trial? */
static bool says_trial(void)
{
    struct wg_hello hello = {.online = false};
    const struct core_action *action = &device.actions.items[0];
    ASSERT_OK(wg_hello_decode(action->payload, action->len, &hello, &device.err), &device.err);
    return hello.trial;
}

static void test_happy(void)
{
    struct wg_report report;
    device_init(&device);
    SAYS(device_install(&device, ORDER_A, 1), "save report:accepted report:downloading fetch");
    ASSERT_TEXT(device.actions.items[3].order->urls[0], "https://example.org/a");
    SAYS(EVENT(FETCHED), "save report:installing install");
    SAYS(EVENT(INSTALLED), "save report:rebooting");
    assert_phase(&device, CORE_READY);
    SAYS(device_word(&device, 4, ORDER_A, true), "save activate");
    SAYS(EVENT(ACTIVATED), "save reboot");
    SAYS(device_start(&device, BOOT_2, "b", true, "2.0.0"), "save boot-check");
    SAYS(EVENT(CONNECTED), "hello");
    CU_ASSERT_TRUE(says_trial());
    SAYS(EVENT(BOOTED), "save report:probation health-check");
    SAYS(EVENT(HEALTHY), "");
    for (int i = 0; i < 3; i++) {
        SAYS(device_wake(&device), "health-check");
        device.now += 100;
        SAYS(EVENT(HEALTHY), "");
    }
    SAYS(device_wake(&device), "health-check");
    SAYS(EVENT(HEALTHY), "save commit");
    SAYS(EVENT(COMMITTED), "save report:succeeded");
    last_report(&device, &report);
    CU_ASSERT_EQUAL(report.seq, 6);
    CU_ASSERT_EQUAL(report.component_count, 1);
    ASSERT_TEXT(report.components[0].version, "2.0.0");
    assert_phase(&device, CORE_IDLE);
    SAYS(device_ack(&device, JOURNAL, 6), "save");
    CU_ASSERT_EQUAL(core_pending(device.core), 0);
    SAYS(device_wake(&device), "hello");
    CU_ASSERT_FALSE(says_trial());
    SAYS(device_ack(&device, JOURNAL, 6), "");
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    device_clear(&device);
}

/* Soak: health holds from the first check that says so, and the last check is at its end. */
static void test_soak(void)
{
    device_in_phase(&device, CORE_PROBATION);
    (void)device_ack(&device, JOURNAL, 5);
    wg_time began = device.now;
    SAYS(EVENT(HEALTHY), "");
    CU_ASSERT_EQUAL(core_wake(device.core), began + 6 * WG_SECOND);
    device.now = began + 19 * WG_SECOND;
    SAYS(EVENT(TICK), "health-check");
    SAYS(EVENT(HEALTHY), "");
    CU_ASSERT_EQUAL(core_wake(device.core), began + 20 * WG_SECOND);
    SAYS(device_wake(&device), "health-check");
    SAYS(EVENT(HEALTHY), "save commit");
    device_clear(&device);
}

static void test_failures_of_a_phase(void)
{
    device_in_phase(&device, CORE_INSTALLING);
    SAYS(device_fails(&device, CORE_EV_INSTALL_FAILED, WG_CAUSE_NONE, false, NULL),
         "save report:failed/install cancel discard");
    assert_detail(&device, "the install step failed");
    device_clear(&device);
    device_in_phase(&device, CORE_ACTIVATING);
    SAYS(device_fails(&device, CORE_EV_ACTIVATE_FAILED, WG_CAUSE_NONE, false, "read-only"),
         "save report:failed/install cancel discard");
    assert_detail(&device, "read-only");
    device_clear(&device);
    device_in_phase(&device, CORE_BOOTING);
    SAYS(device_fails(&device, CORE_EV_BOOT_FAILED, WG_CAUSE_BOOT, false, "x"), "save reboot");
    device_clear(&device);
    device_in_phase(&device, CORE_COMMITTING);
    SAYS(device_fails(&device, CORE_EV_COMMIT_FAILED, WG_CAUSE_NONE, false, "x"), "save reboot");
    assert_phase(&device, CORE_REVERTING);
    device_clear(&device);
}

/* The slots could not do it now: the order is put off, and comes again. */
static void test_slots_later(void)
{
    struct core_event later = {.kind = CORE_EV_SLOTS_LATER, .text = "the engine runs"};
    device_in_phase(&device, CORE_INSTALLING);
    SAYS(device_do(&device, &later), "save report:deferred/deferred");
    assert_detail(&device, "the engine runs");
    assert_phase(&device, CORE_INSTALLING);
    SAYS(device_do(&device, &later), "log"); /* nothing goes on */
    (void)device_ack_all(&device);
    SAYS(device_install(&device, ORDER_A, 2), "save report:installing install");
    SAYS(EVENT(INSTALLED), "save report:rebooting");
    device_clear(&device);
    device_in_phase(&device, CORE_ACTIVATING);
    later.text = NULL;
    SAYS(device_do(&device, &later), "save report:deferred/deferred cancel discard");
    assert_detail(&device, "the installer said: not now");
    assert_phase(&device, CORE_IDLE);
    device_clear(&device);
}

/* Once, in one life and for one order. */
static void test_wrong_content(void)
{
    device_in_phase(&device, CORE_INSTALLING);
    SAYS(device_fails(&device, CORE_EV_INSTALL_FAILED, WG_CAUSE_VERIFY, false, "spoilt"),
         "save log discard fetch");
    assert_phase(&device, CORE_FETCHING);
    (void)EVENT(FETCHED);
    assert_phase(&device, CORE_INSTALLING);
    SAYS(device_fails(&device, CORE_EV_INSTALL_FAILED, WG_CAUSE_VERIFY, false, "spoilt"),
         "save report:failed/verify cancel discard");
    assert_detail(&device, "spoilt");
    device_clear(&device);
}

static void test_wrong_version_boots(void)
{
    device_in_phase(&device, CORE_REBOOTING);
    (void)device_start(&device, BOOT_2, "b", true, "1.9.0");
    SAYS(EVENT(BOOTED), "save reboot");
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    (void)EVENT(CONNECTED);
    assert_detail(&device, "slot b started but does not hold brake 2.0.0");
    device_clear(&device);
}

static void test_offline(void)
{
    device_in_phase(&device, CORE_FETCHING);
    SAYS(EVENT(LOST), "");
    SAYS(EVENT(FETCHED), "save install");
    SAYS(EVENT(INSTALLED), "save");
    CU_ASSERT_EQUAL(core_pending(device.core), 4);
    device.now += WG_DAY;
    SAYS(EVENT(TICK), "");
    assert_phase(&device, CORE_READY); /* without the word nothing happens */
    SAYS(EVENT(CONNECTED),
         "hello report:accepted report:downloading report:installing report:rebooting");
    device_clear(&device);
}

static void test_acks(void)
{
    struct wg_hello hello;
    struct core_event bad = {.kind = CORE_EV_ACK, .bytes = "{", .len = 1};
    device_in_phase(&device, CORE_INSTALLING);
    SAYS(device_ack(&device, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 3), "log");
    SAYS(device_ack(&device, JOURNAL, 4), "log");
    SAYS(device_ack(&device, JOURNAL, 0), "");
    SAYS(device_do(&device, &bad), "log");
    CU_ASSERT_EQUAL(core_pending(device.core), 3);
    SAYS(device_ack(&device, JOURNAL, 2), "save");
    SAYS(EVENT(CONNECTED), "hello report:installing");
    ASSERT_OK(wg_hello_decode(device.actions.items[0].payload, device.actions.items[0].len, &hello,
                              &device.err),
              &device.err);
    CU_ASSERT_TRUE(hello.online);
    CU_ASSERT_EQUAL(hello.seq, 3);
    ASSERT_TEXT(hello.journal, JOURNAL);
    ASSERT_TEXT(hello.boot, BOOT_1);
    ASSERT_TEXT(hello.slot, "a");
    ASSERT_TEXT(hello.components[0].version, "1.0.0");
    device_clear(&device);
}

/* Queued by the broker for an earlier connection: this one's hello may have been lost. */
static void test_ack_comes_late(void)
{
    struct wg_ack ack = {.journal = JOURNAL, .link = 1, .boot = BOOT_1};
    struct core_event second = {.kind = CORE_EV_CONNECTED, .link = 2};
    device_in_phase(&device, CORE_IDLE);
    SAYS(EVENT(LOST), "");
    SAYS(device_do(&device, &second), "hello");
    SAYS(device_answer(&device, &ack), "");
    SAYS(device_wake(&device), "hello");
    ack.link = 2;
    (void)wg_copy(ack.boot, sizeof ack.boot, BOOT_2);
    SAYS(device_answer(&device, &ack), "");
    SAYS(device_wake(&device), "hello");
    (void)wg_copy(ack.boot, sizeof ack.boot, BOOT_1);
    SAYS(device_answer(&device, &ack), "");
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    device_clear(&device);
}

/* The hello of an earlier boot came after this one's: its Last Will would count as this one's end.
 */
static void test_another_boot_is_believed(void)
{
    struct wg_ack ack = {.journal = JOURNAL, .link = 1, .boot = BOOT_1};
    struct core_event first = {.kind = CORE_EV_CONNECTED, .link = 1};
    device_in_phase(&device, CORE_IDLE);
    SAYS(EVENT(LOST), "");
    SAYS(device_do(&device, &first), "hello");
    SAYS(device_answer(&device, &ack), "");
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    (void)wg_copy(ack.boot, sizeof ack.boot, BOOT_2);
    SAYS(device_answer(&device, &ack), "");
    wg_time wake = core_wake(device.core);
    CU_ASSERT(wake >= device.now + CORE_RESEND && wake <= device.now + 2 * CORE_RESEND);
    SAYS(device_answer(&device, &ack), ""); /* one hello for all of them */
    CU_ASSERT_EQUAL(core_wake(device.core), wake);
    SAYS(device_wake(&device), "hello");
    (void)wg_copy(ack.boot, sizeof ack.boot, BOOT_1);
    SAYS(device_answer(&device, &ack), "");
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    device_clear(&device);
}

static void test_before_start(void)
{
    device_new(&device);
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    (void)wg_copy(device.start.boot, sizeof device.start.boot, BOOT_1);
    SAYS(EVENT(CONNECTED), "log");
    SAYS(device_install(&device, ORDER_A, 1), "log");
    SAYS(EVENT(TICK), "log");
    device_clear(&device);
}

static void assert_refuses(struct core_event *event, const char *says)
{
    wg_error_clear(&device.err);
    core_actions_clear(&device.actions);
    CU_ASSERT_FALSE(core_handle(device.core, event, device.now, 0, &device.actions, &device.err));
    if (!strstr(device.err.text, says)) ASSERT_TEXT(device.err.text, says);
    CU_ASSERT_EQUAL(device.actions.count, 0);
}

/* What only a wrong program can say. */
static void test_impossible(void)
{
    struct core_start start;
    device_in_phase(&device, CORE_INSTALLING);
    start_fill(&start, "short", "a", false, "1.0.0");
    assert_refuses(&(struct core_event){.kind = CORE_EV_START}, "nothing is said about it");
    assert_refuses(&(struct core_event){.kind = CORE_EV_START, .start = &start}, "boot: expected");
    assert_refuses(&(struct core_event){.kind = (enum core_event_kind)99}, "no event 99");
    assert_phase(&device, CORE_INSTALLING);
    SAYS(EVENT(INSTALLED), "save report:rebooting");
    device_clear(&device);
}

static void test_config(void)
{
    struct core_config good, bad;
    struct wg_error err;
    device_key(&device.director, &err);
    device_config(&good, &device.director);
    bad = good;
    bad.device[0] = '\0';
    CU_ASSERT_PTR_NULL(core_new(&bad, &err));
    bad = good;
    bad.director_count = 0;
    CU_ASSERT_PTR_NULL(core_new(&bad, &err));
    bad = good;
    bad.health_every = 0;
    CU_ASSERT_PTR_NULL(core_new(&bad, &err));
    bad = good;
    bad.identity.hardware_model[0] = '\0';
    CU_ASSERT_PTR_NULL(core_new(&bad, &err));
    CU_ASSERT_TRUE(strstr(err.text, "hardware.model") != NULL);
    core_free(NULL);
}

/* The n-th allocation of the JSON library fails, for every n: the event has changed nothing, and
 * goes through when it is handled again. */
static long allocations_left;

static void *scarce_malloc(size_t size)
{
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

static bool handle_scarce(struct core_event *event, long allocations)
{
    allocations_left = allocations;
    json_set_alloc_funcs(scarce_malloc, free);
    core_actions_clear(&device.actions);
    bool ok =
        core_handle(device.core, event, device.now, device.wall, &device.actions, &device.err);
    json_set_alloc_funcs(malloc, free);
    return ok;
}

static void test_out_of_memory(void)
{
    struct wg_order order;
    struct wg_buf bytes, before, after;
    device_in_phase(&device, CORE_INSTALLING);
    order_fill(&order, ORDER_B, 2, BOOT_1);
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    wg_buf_init(&before, CORE_MEMORY_MAX);
    ASSERT_OK(wg_order_encode(&order, &device.director, &bytes, &device.err), &device.err);
    ASSERT_OK(core_dump(device.core, &before, &device.err), &device.err);
    struct core_event event = {.kind = CORE_EV_ORDER, .bytes = bytes.data, .len = bytes.len};
    long n = 0, failed = 0;
    for (bool done = false; !done && n < 1000; n++) {
        bool ok = handle_scarce(&event, n);
        actions_text(&device.actions, device.said, sizeof device.said);
        done = ok && strcmp(device.said, "log") != 0; /* the parser may take it for malformed */
        if (done) break;
        failed += !ok;
        CU_ASSERT_TRUE(ok || (device.err.code == WG_E_MEMORY && device.actions.count == 0));
        wg_buf_init(&after, CORE_MEMORY_MAX);
        ASSERT_OK(core_dump(device.core, &after, &device.err), &device.err);
        ASSERT_TEXT(wg_buf_str(&after), wg_buf_str(&before));
        wg_buf_clear(&after);
    }
    CU_ASSERT_TRUE(n > 50 && failed > 20);
    SAYS(device.said, "save report:withdrawn/withdrawn cancel discard report:accepted "
                      "report:downloading fetch");
    wg_buf_clear(&bytes);
    wg_buf_clear(&before);
    device_clear(&device);
}

WG_SUITE("agent/core", {"an update from order to success", test_happy}, {"soak", test_soak},
         {"failures of a phase", test_failures_of_a_phase}, {"not now", test_slots_later},
         {"wrong content", test_wrong_content},
         {"another version than ordered boots", test_wrong_version_boots},
         {"offline", test_offline}, {"acknowledgements and hello", test_acks},
         {"an acknowledgement comes late", test_ack_comes_late},
         {"another boot is believed", test_another_boot_is_believed},
         {"before start", test_before_start}, {"impossible events", test_impossible},
         {"configuration", test_config}, {"out of memory", test_out_of_memory})
