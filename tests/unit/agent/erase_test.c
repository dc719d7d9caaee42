/* erase_test.c: the order to destroy the keys: in which phases it is obeyed, what survives a cut
 * before every action of it, how it ends, and what is not obeyed. */
#include "tests/unit/agent/device.h"

#define BEGUN "hello:started log erase"
#define EVENT(kind) device_event(&device, CORE_EV_##kind)

static struct device device;

static void test_from_first_to_last(void)
{
    device_init(&device);
    SAYS(device_erase(&device, ORDER_A, 1), "save " BEGUN);
    assert_phase(&device, CORE_ERASING);
    CU_ASSERT_EQUAL(device.core->state.memory.counter, 1);
    SAYS(EVENT(ERASED), "save hello:done");
    SAYS(device_ack(&device, JOURNAL, 0), "end");
    device_clear(&device);
}

/* Nobody hears: it ends all the same. */
static void test_ends_without_an_answer(void)
{
    device_init(&device);
    (void)device_erase(&device, ORDER_A, 1);
    SAYS(EVENT(ERASED), "save hello:done");
    device.now += CORE_ERASE_LINGER;
    SAYS(EVENT(TICK), "end");
    device_clear(&device);
    device_init(&device);
    (void)device_erase(&device, ORDER_A, 1);
    SAYS(EVENT(ERASED), "save hello:done");
    SAYS(EVENT(LOST), "end");
    device_clear(&device);
    device_init(&device);
    (void)device_erase(&device, ORDER_A, 1);
    SAYS(EVENT(LOST), "");
    SAYS(EVENT(ERASED), "save end");
    device_clear(&device);
}

/* The word that it was heard does not end it before the keys are gone. */
static void test_fails_and_tries_again(void)
{
    device_init(&device);
    (void)device_erase(&device, ORDER_A, 1);
    SAYS(device_fails(&device, CORE_EV_ERASE_FAILED, WG_CAUSE_NONE, false, "read-only"), "log");
    assert_log(&device, "read-only");
    SAYS(device_ack(&device, JOURNAL, 0), "");
    SAYS(device_wake(&device), "erase");
    SAYS(EVENT(ERASED), "save hello:done");
    device_clear(&device);
}

static void test_phases(void)
{
    for (int phase = CORE_CHECKING; phase <= CORE_READY; phase++) {
        device_in_phase(&device, (enum core_phase)phase);
        SAYS(device_erase(&device, ORDER_B, 2),
             "save report:withdrawn/withdrawn cancel discard " BEGUN);
        assert_phase(&device, CORE_ERASING);
        device_clear(&device);
    }
    for (int phase = CORE_ACTIVATING; phase < CORE_ERASING; phase++) {
        device_in_phase(&device, (enum core_phase)phase);
        SAYS(device_erase(&device, ORDER_B, 2), "log");
        assert_log(&device, "when the update in hand has ended");
        assert_phase(&device, (enum core_phase)phase);
        CU_ASSERT_EQUAL(device.core->state.memory.counter, 1); /* it may come again */
        device_clear(&device);
    }
}

static void test_not_obeyed(void)
{
    struct wg_order order;
    device_init(&device);
    (void)device_install(&device, ORDER_A, 5);
    SAYS(device_erase(&device, ORDER_B, 5), "log"); /* replayed */
    erase_fill(&order, ORDER_B, 6, BOOT_2);
    SAYS(device_order(&device, &order), "log hello");
    erase_fill(&order, ORDER_B, 6, BOOT_1);
    (void)wg_copy(order.device, sizeof order.device, "another");
    SAYS(device_order(&device, &order), "log");
    erase_fill(&order, ORDER_B, 6, BOOT_1);
    order.not_before = DEVICE_WALL - 2 * WG_HOUR;
    order.expires = DEVICE_WALL - WG_HOUR;
    SAYS(device_order(&device, &order), "save log");
    assert_log(&device, "expired");
    assert_phase(&device, CORE_FETCHING);
    device_clear(&device);
}

/* Starts again with what was saved last. */
static void restart(const struct wg_buf *disk, bool keyed)
{
    core_free(device.core);
    device.core = core_new(&device.config, &device.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(device.core);
    if (disk->len > 0)
        ASSERT_OK(core_load(device.core, disk->data, disk->len, &device.err), &device.err);
    start_fill(&device.start, BOOT_2, "a", false, "1.0.0");
    device.start.keyed = keyed;
    struct core_event event = {.kind = CORE_EV_START, .start = &device.start};
    (void)device_do(&device, &event);
}

struct cutting {
    struct wg_buf disk;
    size_t before, actions; /* cut before that one; so many were done */
    bool keys, partly;      /* keys: whole; partly: some are gone */
    bool ended;
};

/* Does the actions of the last event. False: the power was cut. */
static bool carry_out(struct cutting *with, bool *erased)
{
    *erased = false;
    for (size_t i = 0; i < device.actions.count; i++) {
        const struct core_action *action = &device.actions.items[i];
        if (++with->actions == with->before) return false;
        if (action->kind == CORE_DO_SAVE) {
            wg_buf_clear(&with->disk);
            wg_buf_init(&with->disk, CORE_MEMORY_MAX);
            ASSERT_OK(core_dump(device.core, &with->disk, &device.err), &device.err);
        }
        if (action->kind == CORE_DO_ERASE) {
            with->keys = false;
            *erased = true;
        }
        if (action->kind == CORE_DO_END) with->ended = true;
    }
    return true;
}

/* Once the order is on disk, no cut keeps the keys; before that, nothing has happened. */
static void test_cut_before_every_action(void)
{
    size_t actions = 1;
    for (size_t before = 1; before <= actions; before++) {
        struct cutting with = {.before = before, .keys = true};
        bool erased = false;
        wg_buf_init(&with.disk, CORE_MEMORY_MAX);
        device_in_phase(&device, CORE_FETCHING);
        (void)device_erase(&device, ORDER_B, 2);
        bool whole = carry_out(&with, &erased);
        if (whole && erased) {
            (void)EVENT(ERASED);
            whole = carry_out(&with, &erased);
        }
        if (whole) {
            (void)EVENT(LOST);
            whole = carry_out(&with, &erased);
        }
        if (whole) CU_ASSERT_TRUE(with.ended);
        bool saved = with.disk.len > 0;
        restart(&with.disk, with.keys);
        with.before = 0;
        (void)carry_out(&with, &erased);
        if (saved && erased) {
            (void)EVENT(ERASED);
            (void)carry_out(&with, &erased);
        }
        CU_ASSERT_EQUAL(with.keys, !saved);
        CU_ASSERT_EQUAL(with.ended, saved);
        if (before == 1) actions = 20;
        if (whole) actions = before;
        wg_buf_clear(&with.disk);
        device_clear(&device);
    }
    CU_ASSERT_TRUE(actions > 6 && actions < 20);
}

/* What was erased is not erased again: new keys are the device's own. */
static void test_new_keys(void)
{
    struct wg_buf disk;
    device_init(&device);
    (void)device_erase(&device, ORDER_A, 7);
    (void)EVENT(ERASED);
    wg_buf_init(&disk, CORE_MEMORY_MAX);
    ASSERT_OK(core_dump(device.core, &disk, &device.err), &device.err);
    restart(&disk, false);
    ASSERT_TEXT(device.said, "end");
    restart(&disk, true);
    ASSERT_TEXT(device.said, "save log");
    assert_phase(&device, CORE_IDLE);
    SAYS(EVENT(CONNECTED), "hello");
    CU_ASSERT_EQUAL(device.core->state.memory.counter, 7);
    SAYS(device_erase(&device, ORDER_A, 7), "log"); /* replayed */
    wg_buf_clear(&disk);
    device_clear(&device);
}

WG_SUITE("agent/erase", {"from the first word to the last", test_from_first_to_last},
         {"it ends when nobody answers", test_ends_without_an_answer},
         {"tried again", test_fails_and_tries_again}, {"phases", test_phases},
         {"not obeyed", test_not_obeyed}, {"cut before every action", test_cut_before_every_action},
         {"new keys", test_new_keys})
