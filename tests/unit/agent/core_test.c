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

static void test_every_pair_stands_once(void)
{
    for (int phase = 0; phase < CORE_PHASES; phase++)
        for (int event = 0; event < TABLE_EVENTS; event++) {
            int rows = 0;
            for (size_t i = 0; i < table_row_count; i++)
                rows += table_rows[i].event == (enum core_event_kind)event &&
                        (table_rows[i].phases & TABLE_PHASE(phase));
            if (rows != 1) {
                ASSERT_TEXT(core_phase_text((enum core_phase)phase),
                            table_event_text((enum core_event_kind)event));
            }
        }
    for (size_t i = 0; i < table_row_count; i++) {
        CU_ASSERT_TRUE(table_rows[i].words && table_rows[i].words[0]);
        CU_ASSERT_TRUE(table_rows[i].phases != 0 && table_rows[i].act != NULL);
    }
    CU_ASSERT_PTR_NULL(table_find(CORE_PHASES, CORE_EV_TICK));
    CU_ASSERT_PTR_NULL(table_find(CORE_IDLE, (enum core_event_kind)TABLE_EVENTS));
}

enum variants { PLAIN, OTHER, LATER, FATAL, VARIANTS };

/* One event of the kind in one of its variants. */
static void throw_event(enum core_event_kind kind, enum variants variant)
{
    struct core_event event = {.kind = kind, .done = 400, .total = 1000};
    event.fatal = variant == FATAL;
    event.cause = variant == OTHER ? WG_CAUSE_VERIFY : WG_CAUSE_NONE;
    event.text = variant == OTHER ? "a\xff\n\"text\"" : NULL;
    if (variant == LATER) device.now += WG_DAY;
    if (kind == CORE_EV_START)
        (void)device_start(&device, BOOT_2, variant == OTHER ? "b" : "a", variant == FATAL,
                           "2.0.0");
    else if (kind == CORE_EV_ORDER && variant == OTHER)
        (void)device_withdraw(&device, ORDER_A, 8);
    else if (kind == CORE_EV_ORDER)
        (void)device_install(&device, variant == FATAL ? ORDER_A : ORDER_B, 8);
    else if (kind == CORE_EV_ACK)
        (void)device_word(&device, (int64_t)variant + 1, variant == OTHER ? ORDER_B : ORDER_A,
                          variant == FATAL);
    else
        (void)device_do(&device, &event);
}

/* In each phase each event leads where the table says, and leaves a memory that reads back. */
static void test_every_pair(void)
{
    for (int phase = 0; phase < CORE_PHASES; phase++)
        for (int kind = 0; kind < TABLE_EVENTS; kind++)
            for (int variant = 0; variant < VARIANTS; variant++) {
                const struct table_row *row =
                    table_find((enum core_phase)phase, (enum core_event_kind)kind);
                device_in_phase(&device, (enum core_phase)phase);
                throw_event((enum core_event_kind)kind, (enum variants)variant);
                unsigned next = row->next ? row->next : TABLE_PHASE(phase);
                CU_ASSERT_TRUE(next & TABLE_PHASE(core_phase(device.core)));
                CU_ASSERT_TRUE(device.actions.count < CORE_ACTIONS_MAX);
                bool moved = core_phase(device.core) != (enum core_phase)phase;
                CU_ASSERT_TRUE(!moved || strncmp(device.said, "save", 4) == 0);
                device_clear(&device);
            }
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
         {"table: every pair stands once", test_every_pair_stands_once},
         {"table: every pair leads where it says", test_every_pair},
         {"failures of a phase", test_failures_of_a_phase},
         {"another version than ordered boots", test_wrong_version_boots},
         {"offline", test_offline}, {"acknowledgements and hello", test_acks},
         {"an acknowledgement comes late", test_ack_comes_late},
         {"before start", test_before_start}, {"impossible events", test_impossible},
         {"configuration", test_config}, {"out of memory", test_out_of_memory})
