/* start_test.c: where the core goes on after a restart, in every phase and from every slot. */
#include "agent/core/core_state.h"
#include "tests/unit/agent/device.h"

static struct device device;

#define EVENT(kind) device_event(&device, CORE_EV_##kind)

struct restart {
    enum core_phase phase;
    enum core_phase next;
    bool trial;
    const char *slot, *version;
    const char *says;
};

static const struct restart restarts[] = {
    {CORE_IDLE, CORE_IDLE, false, "a", "1.0.0", "save"},
    {CORE_IDLE, CORE_IDLE, true, "b", "2.0.0", "save log reboot"},
    {CORE_FETCHING, CORE_FETCHING, false, "a", "1.0.0", "save fetch"},
    {CORE_FETCHING, CORE_FETCHING, false, "b", "1.0.0", "save log fetch"},
    {CORE_FETCHING, CORE_FETCHING, true, "b", "1.0.0", "save log reboot"},
    {CORE_FETCHING, CORE_FETCHING, true, "a", "1.0.0", "save log reboot"},
    {CORE_INSTALLING, CORE_INSTALLING, false, "a", "1.0.0", "save install"},
    {CORE_INSTALLING, CORE_FETCHING, false, "b", "1.0.0", "save log fetch"},
    {CORE_INSTALLING, CORE_INSTALLING, true, "b", "1.0.0", "save log reboot"},
    {CORE_READY, CORE_READY, false, "a", "1.0.0", "save"},
    {CORE_READY, CORE_FETCHING, false, "b", "1.0.0", "save log fetch"},
    {CORE_READY, CORE_READY, true, "b", "2.0.0", "save log reboot"},
    {CORE_READY, CORE_READY, true, "a", "1.0.0", "save log reboot"},
    {CORE_ACTIVATING, CORE_ACTIVATING, false, "a", "1.0.0", "save activate"},
    {CORE_ACTIVATING, CORE_BOOTING, true, "a", "1.0.0", "save boot-check"},
    {CORE_ACTIVATING, CORE_BOOTING, true, "b", "2.0.0", "save boot-check"},
    {CORE_ACTIVATING, CORE_IDLE, false, "b", "2.0.0", "save report:succeeded"},
    {CORE_REBOOTING, CORE_IDLE, false, "a", "1.0.0", "save report:rolled-back/boot"},
    {CORE_REBOOTING, CORE_BOOTING, true, "b", "2.0.0", "save boot-check"},
    {CORE_REBOOTING, CORE_IDLE, false, "b", "2.0.0", "save report:succeeded"},
    {CORE_BOOTING, CORE_IDLE, false, "a", "1.0.0", "save report:rolled-back/boot"},
    {CORE_BOOTING, CORE_BOOTING, true, "b", "2.0.0", "save boot-check"},
    {CORE_PROBATION, CORE_IDLE, false, "a", "1.0.0", "save report:rolled-back/boot"},
    {CORE_PROBATION, CORE_BOOTING, true, "b", "2.0.0", "save boot-check"},
    {CORE_COMMITTING, CORE_IDLE, false, "a", "1.0.0", "save report:rolled-back/boot"},
    {CORE_COMMITTING, CORE_BOOTING, true, "b", "2.0.0", "save boot-check"},
    {CORE_COMMITTING, CORE_IDLE, false, "b", "2.0.0", "save report:succeeded"},
    {CORE_COMMITTING, CORE_IDLE, false, "b", "1.5.0", "save report:failed/boot"},
    {CORE_REVERTING, CORE_IDLE, false, "a", "1.0.0", "save report:rolled-back/health"},
    {CORE_REVERTING, CORE_REVERTING, true, "b", "2.0.0", "save reboot"},
    {CORE_REVERTING, CORE_IDLE, false, "b", "2.0.0", "save report:succeeded"},
};

/* What the start wrote into the journal comes out at the next connection. */
static void test_restarts(void)
{
    for (size_t i = 0; i < sizeof restarts / sizeof restarts[0]; i++) {
        const struct restart *row = &restarts[i];
        char all[8192];
        device_in_phase(&device, row->phase);
        (void)device_ack(&device, JOURNAL, 9); /* beyond what was written: ignored */
        (void)device_ack_all(&device);
        (void)wg_copy(all, sizeof all,
                      device_start(&device, "0000000000000000000000000000000a", row->slot,
                                   row->trial, row->version));
        assert_phase(&device, row->next);
        if (strncmp(EVENT(CONNECTED), "hello ", 6) == 0) {
            size_t used = strlen(all);
            (void)snprintf(all + used, sizeof all - used, " %s", device.said + 6);
        }
        ASSERT_TEXT(all, row->says);
        device_clear(&device);
    }
}

static void test_rolled_back_says_why(void)
{
    device_in_phase(&device, CORE_REVERTING);
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    (void)EVENT(CONNECTED);
    assert_detail(&device, "brakes too warm");
    device_clear(&device);
    device_in_phase(&device, CORE_PROBATION);
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    (void)EVENT(CONNECTED);
    assert_detail(&device, "the new slot started and did not confirm");
    device_clear(&device);
}

/* A slot that starts again and again without coming to an end is given up. */
static void test_restarts_are_bounded(void)
{
    device_in_phase(&device, CORE_PROBATION);
    for (int i = 2; i <= CORE_STARTS_MAX; i++) {
        SAYS(device_start(&device, BOOT_1, "b", true, "2.0.0"), "save boot-check");
        SAYS(EVENT(BOOTED), "save health-check");
        CU_ASSERT_EQUAL(core_pending(device.core), 1); /* probation was told before */
    }
    SAYS(device_start(&device, BOOT_1, "b", true, "2.0.0"), "save reboot");
    assert_phase(&device, CORE_REVERTING);
    (void)device_start(&device, BOOT_2, "a", false, "1.0.0");
    (void)EVENT(CONNECTED);
    assert_detail(&device, "the agent started 6 times in the new slot without a commit");
    device_clear(&device);
}

/* The slot that runs is not committed, so nothing may start from it, and nothing in the other slot
 * may be touched. */
static void test_stray(void)
{
    static const enum core_phase phases[] = {CORE_IDLE, CORE_FETCHING, CORE_INSTALLING, CORE_READY};
    for (int i = 0; i < 4; i++) {
        device_in_phase(&device, phases[i]);
        (void)device_ack_all(&device);
        SAYS(device_start(&device, BOOT_2, "b", true, "1.0.0"), "save log reboot");
        SAYS(EVENT(CONNECTED), "hello");
        SAYS(device_ack(&device, JOURNAL, 0), "");
        SAYS(device_go(&device), "");
        SAYS(device_ack(&device, JOURNAL, device.core->state.memory.seq), "");
        SAYS(device_install(&device, ORDER_B, 9), "log");
        assert_log(&device, "about to leave a trial boot");
        device.now += WG_DAY;
        SAYS(EVENT(TICK), "reboot");
        assert_phase(&device, phases[i]);
        device_clear(&device);
    }
}

/* The agent died between the marker and the reboot, and came back in the old slot. */
static void test_the_reboot_has_not_happened(void)
{
    static const struct {
        enum core_phase phase, next;
        const char *says;
    } rows[] = {
        {CORE_IDLE, CORE_IDLE, "save discard"},
        {CORE_FETCHING, CORE_FETCHING, "save fetch"},
        {CORE_INSTALLING, CORE_FETCHING, "save log fetch"},
        {CORE_READY, CORE_FETCHING, "save log fetch"},
        {CORE_ACTIVATING, CORE_ACTIVATING, "save activate"},
        {CORE_REBOOTING, CORE_REBOOTING, "save reboot"},
        {CORE_REVERTING, CORE_IDLE, "save discard"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct core_start start;
        device_in_phase(&device, rows[i].phase);
        (void)device_ack_all(&device);
        start_fill(&start, BOOT_2, "a", false, "1.0.0");
        start.marked = true;
        const struct core_event event = {.kind = CORE_EV_START, .start = &start};
        ASSERT_TEXT(device_do(&device, &event), rows[i].says);
        CU_ASSERT_EQUAL(core_phase(device.core), rows[i].next);
        device_clear(&device);
    }
}

WG_SUITE("agent/start", {"every phase, every slot", test_restarts},
         {"rolled back says why", test_rolled_back_says_why},
         {"restarts in a trial are bounded", test_restarts_are_bounded},
         {"a trial that nobody ordered", test_stray},
         {"the reboot has not happened", test_the_reboot_has_not_happened})
