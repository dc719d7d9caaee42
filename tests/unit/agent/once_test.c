/* once_test.c: the factory's line: when a device asks what there is for it, what an answer does,
 * and what the jig is told. */
#include "agent/core/once.h"
#include "tests/unit/agent/device.h"

static struct device device;

#define EVENT(kind) device_event(&device, CORE_EV_##kind)

static void init(void)
{
    device_new(&device);
    core_free(device.core);
    device.config.asks = true;
    device.core = core_new(&device.config, &device.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(device.core);
}

static const char *connect(int64_t link)
{
    struct core_event event = {.kind = CORE_EV_CONNECTED, .link = link};
    return device_do(&device, &event);
}

/* The number that the hello of the last event asks under; 0: it asks nothing; -1: no hello. */
static int64_t asked(void)
{
    int64_t number = -1;
    struct wg_hello hello;
    for (size_t i = 0; i < device.actions.count; i++) {
        const struct core_action *action = &device.actions.items[i];
        if (action->kind != CORE_DO_PUBLISH || action->topic != WG_TOPIC_UP_HELLO) continue;
        ASSERT_OK(wg_hello_decode(action->payload, action->len, &hello, &device.err), &device.err);
        number = hello.ask;
    }
    return number;
}

static const char *answer(int64_t number, enum wg_next next)
{
    struct wg_ack ack = {.journal = JOURNAL,
                         .seq = device.core->state.memory.seq,
                         .link = device.core->state.run.link,
                         .answer = number,
                         .next = next};
    (void)wg_copy(ack.boot, sizeof ack.boot, device.start.boot);
    return device_answer(&device, &ack);
}

/* "go on" or the result in a word. */
static const char *verdict(bool is_over)
{
    struct once_facts facts;
    enum once_result result;
    once_facts_of(device.core, &facts);
    facts.is_over = is_over;
    return once_judge(&facts, &result) ? once_result_text(result) : "go on";
}

static void test_asks_and_is_through(void)
{
    init();
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    ASSERT_TEXT(verdict(false), "go on");
    ASSERT_TEXT(verdict(true), "offline");
    SAYS(connect(1), "hello");
    CU_ASSERT_EQUAL(asked(), 1);
    (void)device_ack(&device, JOURNAL, 0); /* heard, and not answered */
    ASSERT_TEXT(verdict(false), "go on");
    ASSERT_TEXT(verdict(true), "timeout");
    CU_ASSERT_TRUE(core_wake(device.core) > 0); /* asks again */
    (void)device_wake(&device);
    CU_ASSERT_EQUAL(asked(), 2);
    (void)answer(1, WG_NEXT_NONE); /* late: of the one before */
    ASSERT_TEXT(verdict(false), "go on");
    (void)answer(2, WG_NEXT_NONE);
    ASSERT_TEXT(verdict(false), "done");
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    device_clear(&device);
}

static void test_later_and_soon(void)
{
    init();
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    (void)connect(1);
    (void)answer(1, WG_NEXT_SOON);
    ASSERT_TEXT(verdict(false), "go on");
    (void)device_wake(&device); /* what was to come has not: it may have been stopped */
    CU_ASSERT_EQUAL(asked(), 2);
    (void)answer(2, WG_NEXT_LATER);
    ASSERT_TEXT(verdict(false), "later");
    device_clear(&device);
}

/* What an update has come to is told before what is next is asked. */
static void test_asks_after_the_report(void)
{
    init();
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    (void)connect(1);
    (void)answer(1, WG_NEXT_SOON);
    (void)device_install(&device, ORDER_A, 1);
    ASSERT_TEXT(verdict(false), "go on");
    (void)device_fails(&device, CORE_EV_FETCH_FAILED, WG_CAUSE_VERIFY, true, "wrong bytes");
    CU_ASSERT_EQUAL(asked(), -1);
    (void)answer(1, WG_NEXT_NONE); /* computed before the end: it says nothing of what is next */
    CU_ASSERT_EQUAL(asked(), 2);
    ASSERT_TEXT(verdict(false), "go on");
    (void)answer(2, WG_NEXT_NONE);
    ASSERT_TEXT(verdict(false), "failed");
    struct once_story story;
    once_story_of(device.core, &story);
    ASSERT_TEXT(story.detail, "wrong bytes");
    device_clear(&device);
}

static void test_a_new_connection_with_reports_left(void)
{
    init();
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    (void)connect(1);
    (void)answer(1, WG_NEXT_SOON);
    (void)device_install(&device, ORDER_A, 1);
    (void)EVENT(LOST);
    (void)device_fails(&device, CORE_EV_FETCH_FAILED, WG_CAUSE_VERIFY, true, "wrong bytes");
    (void)connect(2);
    CU_ASSERT_EQUAL(asked(), 0);
    (void)answer(1, WG_NEXT_SOON); /* covers the reports */
    CU_ASSERT_EQUAL(asked(), 2);
    device_clear(&device);
}

static void test_not_asked_for(void)
{
    device_init(&device);
    (void)EVENT(LOST);
    (void)connect(2);
    CU_ASSERT_EQUAL(asked(), 0);
    (void)answer(1, WG_NEXT_NONE); /* to nobody's question */
    ASSERT_TEXT(verdict(false), "go on");
    device_clear(&device);
}

static void test_verdicts(void)
{
    static const struct {
        struct once_facts facts;
        const char *says; /* "" go on */
    } cases[] = {
        {{.online = true}, ""},
        {{.online = true, .is_over = true}, "timeout"},
        {{.is_over = true}, "offline"},
        {{.next = WG_NEXT_NONE}, "done"},
        {{.next = WG_NEXT_NONE, .pending = 1}, ""},
        {{.next = WG_NEXT_NONE, .is_over = true}, "done"},
        {{.next = WG_NEXT_LATER}, "later"},
        {{.next = WG_NEXT_SOON}, ""},
        {{.next = WG_NEXT_NONE, .last = WG_FAILED}, "failed"},
        {{.next = WG_NEXT_LATER, .last = WG_ROLLED_BACK}, "failed"},
        {{.next = WG_NEXT_SOON, .last = WG_ROLLED_BACK}, ""},
        {{.next = WG_NEXT_NONE, .last = WG_SUCCEEDED}, "done"},
        {{.next = WG_NEXT_NONE, .last = WG_WITHDRAWN}, "done"},
        {{.next = WG_NEXT_NONE, .phase = CORE_FETCHING}, ""},
        {{.phase = CORE_FETCHING, .put_off = true}, "later"},
        {{.phase = CORE_FETCHING, .put_off = true, .last = WG_FAILED}, "later"},
        {{.phase = CORE_READY, .put_off = true, .pending = 1}, ""},
        {{.phase = CORE_REBOOTING, .reboot = true, .is_over = true}, "reboot"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum once_result result = ONCE_ERROR;
        bool settled = once_judge(&cases[i].facts, &result);
        ASSERT_TEXT(settled ? once_result_text(result) : "", cases[i].says);
    }
}

static void test_words(void)
{
    static const enum wg_error_code codes[] = {WG_E_USAGE,      WG_E_DENIED,  WG_E_NOT_FOUND,
                                               WG_E_CONFLICT,   WG_E_TIMEOUT, WG_E_IO,
                                               WG_E_INTERRUPTED};
    static const char *const says[] = {"settings", "refused", "no-token",   "conflict",
                                       "offline",  "error",   "interrupted"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        ASSERT_TEXT(once_result_text(once_result_of(codes[i])), says[i]);
    for (int i = ONCE_DONE; i <= ONCE_UNWELL; i++)
        CU_ASSERT_NOT_EQUAL(once_result_text((enum once_result)i)[0], '\0');
    ASSERT_TEXT(once_result_text((enum once_result)99), "");
}

WG_SUITE("once", {"asks and is through", test_asks_and_is_through},
         {"later and soon", test_later_and_soon},
         {"asks after the report", test_asks_after_the_report},
         {"a new connection with reports left", test_a_new_connection_with_reports_left},
         {"not asked for", test_not_asked_for}, {"verdicts", test_verdicts}, {"words", test_words})
