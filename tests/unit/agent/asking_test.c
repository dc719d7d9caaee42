/* asking_test.c: the device's hooks are asked at the right moments, and what they say is done. */
#include "tests/unit/agent/device.h"

static struct device device;

#define EVENT(kind) device_event(&device, CORE_EV_##kind)
#define MEMORY device.core->state.memory

static const char *later(const char *why, wg_duration delay)
{
    struct core_event event = {.kind = CORE_EV_HOOKS_LATER, .text = why, .delay = delay};
    return device_do(&device, &event);
}

static const char *fails(const char *why)
{
    struct core_event event = {.kind = CORE_EV_HOOKS_FAILED, .text = why};
    return device_do(&device, &event);
}

static void assert_put_off(const char *why, wg_duration retry)
{
    struct wg_report report = {.seq = 0};
    last_report(&device, &report);
    CU_ASSERT_EQUAL(report.state, WG_DEFERRED);
    CU_ASSERT_EQUAL(report.cause, WG_CAUSE_DEFERRED);
    ASSERT_TEXT(report.detail, why);
    CU_ASSERT_EQUAL(report.retry, retry);
}

static void test_asked_in_order(void)
{
    device_init_hooks(&device);
    SAYS(device_install(&device, ORDER_A, 1), "save hooks:check-enter");
    assert_phase(&device, CORE_CHECKING);
    SAYS(EVENT(HOOKS_GO), "save report:accepted report:downloading hooks:download-enter");
    SAYS(EVENT(HOOKS_GO), "fetch");
    SAYS(EVENT(HOOKS_GO), "log"); /* nobody was asked */
    SAYS(EVENT(FETCHED), "hooks:download-leave");
    SAYS(EVENT(FETCHED), "log");
    SAYS(EVENT(HOOKS_GO), "save report:installing hooks:install-enter");
    SAYS(EVENT(INSTALLED), "log");
    SAYS(EVENT(HOOKS_GO), "install");
    SAYS(EVENT(INSTALLED), "hooks:install-leave");
    SAYS(EVENT(HOOKS_GO), "save report:rebooting");
    assert_phase(&device, CORE_READY);
    SAYS(device_go(&device), "save hooks:reboot-enter");
    SAYS(device_go(&device), ""); /* they are asked already */
    SAYS(EVENT(HOOKS_GO), "save activate");
    SAYS(EVENT(ACTIVATED), "save reboot");
    SAYS(device_start(&device, BOOT_2, "b", true, "2.0.0"), "save boot-check");
    const struct core_hook *hook = &device.actions.items[1].hook;
    CU_ASSERT_EQUAL(hook->phase, CORE_HOOK_REBOOT);
    CU_ASSERT_EQUAL(hook->moment, CORE_HOOK_LEAVE);
    ASSERT_TEXT(hook->from, "1.0.0");
    ASSERT_TEXT(hook->version, "2.0.0");
    SAYS(EVENT(BOOTED), "save health-check");
    CU_ASSERT_EQUAL(device.actions.items[1].hook.phase, CORE_HOOK_HEALTH);
    ASSERT_TEXT(device.actions.items[1].hook.order, ORDER_A);
    device_clear(&device);
}

static void test_check_says_not_now(void)
{
    device_init_hooks(&device);
    (void)device_install(&device, ORDER_A, 1);
    SAYS(later("the vehicle moves", 10 * WG_MINUTE),
         "save report:deferred/deferred cancel discard");
    assert_put_off("the vehicle moves", 10 * WG_MINUTE);
    assert_phase(&device, CORE_IDLE);
    /* an offer that crosses the report is no answer to it */
    SAYS(device_install(&device, ORDER_A, 2), "report:deferred/deferred");
    (void)device_ack_all(&device);
    SAYS(device_install(&device, ORDER_A, 2), "save hooks:check-enter");
    device_clear(&device);
}

/* Into the moment whose hooks are asked. */
static void ask(enum core_phase phase, enum core_hook_moment moment)
{
    device_init_hooks(&device);
    (void)device_install(&device, ORDER_A, 1);
    (void)EVENT(HOOKS_GO);
    if (phase == CORE_FETCHING && moment == CORE_HOOK_ENTER) return;
    (void)EVENT(HOOKS_GO);
    (void)EVENT(FETCHED);
    if (phase == CORE_FETCHING) return;
    (void)EVENT(HOOKS_GO);
    if (moment == CORE_HOOK_ENTER && phase == CORE_INSTALLING) return;
    (void)EVENT(HOOKS_GO);
    (void)EVENT(INSTALLED);
    if (phase == CORE_INSTALLING) return;
    (void)EVENT(HOOKS_GO);
    (void)device_go(&device);
    assert_phase(&device, CORE_READY);
}

static const struct {
    enum core_phase phase;
    enum core_hook_moment moment;
    const char *again, *failed; /* it is offered again; a hook says no */
} moments[] = {
    {CORE_FETCHING, CORE_HOOK_ENTER, "save report:downloading hooks:download-enter",
     "save report:failed/download hooks:download-error cancel discard"},
    {CORE_FETCHING, CORE_HOOK_LEAVE, "save report:downloading hooks:download-enter",
     "save report:failed/download hooks:download-error cancel discard"},
    {CORE_INSTALLING, CORE_HOOK_ENTER, "save report:installing hooks:install-enter",
     "save report:failed/install hooks:install-error cancel discard"},
    {CORE_INSTALLING, CORE_HOOK_LEAVE, "save report:installing hooks:install-enter",
     "save report:failed/install hooks:install-error cancel discard"},
    {CORE_READY, CORE_HOOK_ENTER, "save report:rebooting",
     "save report:failed/install hooks:reboot-error cancel discard"},
};
enum { MOMENTS = sizeof moments / sizeof moments[0] };

/* The process ends; what was saved is all that is left. */
static void restart(void)
{
    struct wg_buf disk;
    wg_buf_init(&disk, CORE_MEMORY_MAX);
    ASSERT_OK(core_dump(device.core, &disk, &device.err), &device.err);
    core_free(device.core);
    device.core = core_new(&device.config, &device.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(device.core);
    ASSERT_OK(core_load(device.core, disk.data, disk.len, &device.err), &device.err);
    wg_buf_clear(&disk);
    SAYS(device_start(&device, BOOT_1, "a", false, "1.0.0"), "save");
    SAYS(EVENT(CONNECTED), "hello");
    (void)device_ack_all(&device);
}

/* What was done stays, nothing is done, and a restart does not change that. */
static void test_not_now(void)
{
    for (int cut = 0; cut < 2; cut++)
        for (size_t i = 0; i < MOMENTS; i++) {
            ask(moments[i].phase, moments[i].moment);
            SAYS(later("the vehicle moves", 90 * WG_SECOND), "save report:deferred/deferred");
            assert_put_off("the vehicle moves", 90 * WG_SECOND);
            assert_phase(&device, moments[i].phase);
            (void)device_ack_all(&device);
            if (cut) restart();
            device.now += WG_DAY;
            (void)EVENT(TICK);
            assert_phase(&device, moments[i].phase);
            SAYS(device_install(&device, ORDER_A, 2), moments[i].again);
            device_clear(&device);
        }
}

static void test_fails(void)
{
    for (size_t i = 0; i < MOMENTS; i++) {
        ask(moments[i].phase, moments[i].moment);
        SAYS(fails("no room"), moments[i].failed);
        assert_detail(&device, "no room");
        const struct core_hook *error = &device.actions.items[2].hook;
        ASSERT_TEXT(error->reason, "no room");
        ASSERT_TEXT(error->order, ORDER_A);
        ASSERT_TEXT(error->version, "2.0.0");
        CU_ASSERT_TRUE(error->cause != WG_CAUSE_NONE);
        assert_phase(&device, CORE_IDLE);
        device_clear(&device);
    }
    device_init_hooks(&device);
    (void)device_install(&device, ORDER_A, 1);
    SAYS(fails("no room"), "save report:failed/refused hooks:check-error cancel discard");
    device_clear(&device);
}

/* Another word, a withdrawal and a time limit end the asking. */
static void test_ended_while_asked(void)
{
    ask(CORE_READY, CORE_HOOK_ENTER);
    SAYS(device_word(&device, MEMORY.seq, ORDER_B, false),
         "save report:withdrawn/withdrawn cancel discard");
    SAYS(EVENT(HOOKS_GO), "log");
    device_clear(&device);
    ask(CORE_READY, CORE_HOOK_ENTER);
    SAYS(device_install(&device, ORDER_A, 2), "save cancel report:rebooting");
    SAYS(EVENT(HOOKS_GO), "log");
    device_clear(&device);
    ask(CORE_FETCHING, CORE_HOOK_ENTER);
    (void)device_ack_all(&device);
    SAYS(device_withdraw(&device, ORDER_A, 2), "save report:withdrawn/withdrawn cancel discard");
    device_clear(&device);
    ask(CORE_INSTALLING, CORE_HOOK_ENTER);
    (void)device_ack_all(&device);
    SAYS(device_wake(&device), "save log report:failed/timeout hooks:install-error cancel discard");
    device_clear(&device);
}

/* Between the word and the mark they are asked again: the vehicle may move by now. */
static void test_start_activating(void)
{
    ask(CORE_READY, CORE_HOOK_ENTER);
    (void)EVENT(HOOKS_GO);
    SAYS(device_start(&device, BOOT_1, "a", false, "1.0.0"), "save hooks:reboot-enter");
    assert_phase(&device, CORE_ACTIVATING);
    SAYS(EVENT(ACTIVATED), "log");
    SAYS(later("the vehicle moves", 0), "save cancel discard");
    assert_phase(&device, CORE_IDLE);
    SAYS(EVENT(CONNECTED), "hello report:deferred/deferred");
    device_clear(&device);
}

/* Health that cannot be said is waited for, and the soak begins anew. */
static void test_health_later(void)
{
    struct core_event event = {.kind = CORE_EV_HEALTH_LATER, .delay = 9 * WG_SECOND};
    device_in_phase(&device, CORE_PROBATION);
    (void)device_ack_all(&device);
    SAYS(EVENT(HEALTHY), "");
    device.now += 19 * WG_SECOND;
    SAYS(device_do(&device, &event), "log");
    CU_ASSERT_EQUAL(core_wake(device.core), device.now + 9 * WG_SECOND);
    SAYS(device_wake(&device), "health-check");
    SAYS(EVENT(HEALTHY), ""); /* not soaked yet */
    assert_phase(&device, CORE_PROBATION);
    event.delay = 3650 * WG_DAY;
    SAYS(device_do(&device, &event), "log");
    SAYS(device_wake(&device), "save log cancel reboot");
    device_clear(&device);
}

static void test_tampered(void)
{
    struct core_event event = {.kind = CORE_EV_TAMPERED, .text = "case opened"};
    struct wg_hello hello = {.online = false};
    device_init(&device);
    device.now += WG_HOUR;
    SAYS(device_do(&device, &event), "hello");
    ASSERT_OK(wg_hello_decode(device.actions.items[0].payload, device.actions.items[0].len, &hello,
                              &device.err),
              &device.err);
    ASSERT_TEXT(hello.tampered, "case opened");
    SAYS(device_do(&device, &event), "");
    device_clear(&device);
}

WG_SUITE("agent/asking", {"asked in order", test_asked_in_order},
         {"check says not now", test_check_says_not_now}, {"not now", test_not_now},
         {"fails", test_fails}, {"ended while asked", test_ended_while_asked},
         {"start activating", test_start_activating}, {"health later", test_health_later},
         {"tampered", test_tampered})
