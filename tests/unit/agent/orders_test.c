/* orders_test.c: what an order does to a device, whatever it is doing already. */
#include "agent/core/core_state.h"
#include "tests/unit/agent/device.h"

static struct device device;

#define EVENT(kind) device_event(&device, CORE_EV_##kind)

static void test_forged(void)
{
    struct wg_order order;
    struct wg_identity_key other;
    struct core_event event = {.kind = CORE_EV_ORDER, .bytes = "no order", .len = 8};
    device_init(&device);
    SAYS(device_do(&device, &event), "log");
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &other, &device.err), &device.err);
    struct wg_identity_key director = device.director;
    device.director = other;
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(device_order(&device, &order), "log");
    assert_log(&device, "none of its 1 signatures");
    device.director = director;
    (void)wg_copy(order.device, sizeof order.device, "dev-2");
    SAYS(device_order(&device, &order), "log");
    assert_log(&device, "names device dev-2, this is dev-1");
    assert_phase(&device, CORE_IDLE);
    CU_ASSERT_EQUAL(device.core->state.memory.counter, 0);
    device_clear(&device);
}

/* A director whose hardware knows nothing but P-256. */
static void test_p256_director(void)
{
    struct wg_order order;
    struct wg_identity_key other;
    memset(&device, 0, sizeof device);
    device.now = 1000;
    device.wall = DEVICE_WALL;
    ASSERT_OK(wg_identity_make(WG_IDENTITY_P256, &device.director, &device.err), &device.err);
    device_config(&device.config, &device.director);
    device.core = core_new(&device.config, &device.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(device.core);
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    (void)EVENT(CONNECTED);
    struct wg_identity_key director = device.director;
    ASSERT_OK(wg_identity_make(WG_IDENTITY_P256, &other, &device.err), &device.err);
    device.director = other;
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(device_order(&device, &order), "log");
    assert_log(&device, "none of its 1 signatures");
    device.director = director;
    SAYS(device_order(&device, &order), "save report:accepted report:downloading fetch");
    /* signed again, with other bytes: the same order */
    SAYS(device_order(&device, &order), "report:downloading");
    device_clear(&device);
}

static void test_refused(void)
{
    struct wg_order order;
    device_init(&device);
    order_fill(&order, ORDER_A, 3, BOOT_2);
    SAYS(device_order(&device, &order), "log hello");
    CU_ASSERT_EQUAL(device.core->state.memory.counter, 0);
    order_fill(&order, ORDER_A, 3, BOOT_1);
    order.expires = order.not_before + 1;
    SAYS(device_order(&device, &order), "save report:failed/refused");
    assert_detail(&device, "expired 2027-01-15T07:00:00.001Z, this device's clock says "
                           "2027-01-15T08:00:00.000Z");
    CU_ASSERT_EQUAL(device.core->state.memory.counter, 3);
    order_fill(&order, ORDER_B, 4, BOOT_1);
    (void)wg_copy(order.hardware_model, sizeof order.hardware_model, "door");
    SAYS(device_order(&device, &order), "save report:failed/incompatible");
    SAYS(device_order(&device, &order), "report:failed/incompatible"); /* stale, its answer */
    order.counter = 5;
    SAYS(device_order(&device, &order), "save report:failed/incompatible");
    CU_ASSERT_EQUAL(core_pending(device.core), 2);
    order_fill(&order, ORDER_A, 4, BOOT_1);
    SAYS(device_order(&device, &order), "log");
    assert_log(&device, "counter 4 is not greater than 5");
    device_clear(&device);
}

static void test_already_running(void)
{
    struct wg_report report;
    device_new(&device);
    (void)device_start(&device, BOOT_1, "b", false, "2.0.0");
    (void)EVENT(CONNECTED);
    SAYS(device_install(&device, ORDER_A, 1), "save report:satisfied");
    last_report(&device, &report);
    ASSERT_TEXT(report.detail, "already running");
    CU_ASSERT_EQUAL(report.component_count, 1);
    assert_phase(&device, CORE_IDLE);
    device_clear(&device);
}

static void test_issued_again(void)
{
    device_in_phase(&device, CORE_FETCHING);
    SAYS(device_install(&device, ORDER_A, 1), "report:downloading"); /* the same message */
    SAYS(device_install(&device, ORDER_A, 2), "save report:downloading");
    SAYS(device_install(&device, ORDER_A, 2), "report:downloading");
    (void)device_ack(&device, JOURNAL, 2);
    SAYS(device_install(&device, ORDER_A, 3), "save report:downloading"); /* heard, but forgotten */
    SAYS(device_install(&device, ORDER_A, 3), "report:downloading");
    CU_ASSERT_EQUAL(core_pending(device.core), 1);
    assert_phase(&device, CORE_FETCHING);
    SAYS(device_fails(&device, CORE_EV_FETCH_FAILED, WG_CAUSE_VERIFY, false, "hash differs"),
         "save report:failed/verify cancel discard");
    SAYS(device_install(&device, ORDER_A, 3), "report:failed/verify");
    (void)device_ack(&device, JOURNAL, 4);
    SAYS(device_install(&device, ORDER_A, 3), "");
    SAYS(device_install(&device, ORDER_A, 4), "save report:failed/verify");
    assert_detail(&device, "hash differs");
    assert_phase(&device, CORE_IDLE);
    device_clear(&device);
}

static void test_replaced(void)
{
    struct wg_order order;
    for (int phase = CORE_FETCHING; phase <= CORE_READY; phase++) {
        device_in_phase(&device, (enum core_phase)phase);
        order_fill(&order, ORDER_B, 2, BOOT_1);
        (void)wg_copy(order.hardware_model, sizeof order.hardware_model, "door");
        SAYS(device_order(&device, &order), "save report:failed/incompatible");
        assert_phase(&device, (enum core_phase)phase); /* who is refused replaces nothing */
        SAYS(device_install(&device, ORDER_B, 3), "save report:failed/incompatible");
        order_fill(&order, "33333333-3333-4333-8333-333333333333", 4, BOOT_1);
        SAYS(device_order(&device, &order), "save report:withdrawn/withdrawn cancel discard "
                                            "report:accepted report:downloading fetch");
        assert_phase(&device, CORE_FETCHING);
        ASSERT_TEXT(device.core->state.memory.task->order.id, order.id);
        CU_ASSERT_EQUAL(device.core->state.memory.ask, 0);
        device_clear(&device);
    }
}

static void test_deferred(void)
{
    for (int phase = CORE_ACTIVATING; phase < CORE_ERASING; phase++) {
        device_in_phase(&device, (enum core_phase)phase);
        SAYS(device_install(&device, ORDER_B, 2), "save report:deferred/deferred");
        assert_detail(&device, "busy until the update in hand ends");
        SAYS(device_install(&device, ORDER_B, 2), "report:deferred/deferred");
        SAYS(device_install(&device, ORDER_A, 2),
             phase < CORE_PROBATION ? "save report:rebooting" : "save report:probation");
        assert_phase(&device, (enum core_phase)phase);
        device_clear(&device);
    }
}

/* A deferred order has kept its counter and is taken when the update in hand has ended. */
static void test_deferred_comes_again(void)
{
    struct wg_order order;
    device_in_phase(&device, CORE_COMMITTING);
    order_fill(&order, ORDER_B, 2, BOOT_2);
    (void)wg_copy(order.version, sizeof order.version, "3.0.0");
    SAYS(device_order(&device, &order), "save report:deferred/deferred");
    SAYS(EVENT(COMMITTED), "save report:succeeded");
    SAYS(device_order(&device, &order), "report:deferred/deferred"); /* not heard yet */
    (void)device_ack_all(&device);
    SAYS(device_order(&device, &order), "save report:accepted report:downloading fetch");
    SAYS(device_start(&device, BOOT_1, "b", false, "2.0.0"), "save fetch"); /* home is b now */
    device_clear(&device);
}

static void test_withdrawn(void)
{
    for (int phase = CORE_FETCHING; phase <= CORE_READY; phase++) {
        device_in_phase(&device, (enum core_phase)phase);
        SAYS(device_withdraw(&device, ORDER_A, 2),
             "save report:withdrawn/withdrawn cancel discard");
        assert_phase(&device, CORE_IDLE);
        SAYS(device_withdraw(&device, ORDER_A, 2), "report:withdrawn/withdrawn");
        SAYS(device_withdraw(&device, ORDER_A, 3), "save report:withdrawn/withdrawn");
        device_clear(&device);
    }
    for (int phase = CORE_ACTIVATING; phase < CORE_ERASING; phase++) {
        device_in_phase(&device, (enum core_phase)phase);
        SAYS(device_withdraw(&device, ORDER_A, 2), "save log");
        assert_phase(&device, (enum core_phase)phase);
        device_clear(&device);
    }
    device_in_phase(&device, CORE_FETCHING);
    SAYS(device_withdraw(&device, ORDER_B, 2), "save report:withdrawn/withdrawn");
    assert_phase(&device, CORE_FETCHING);
    SAYS(device_install(&device, ORDER_B, 1), "report:withdrawn/withdrawn"); /* overtaken */
    device_clear(&device);
}

static void test_withdrawal_out_of_date(void)
{
    struct wg_order order;
    device_in_phase(&device, CORE_FETCHING);
    order_fill(&order, ORDER_A, 2, BOOT_1);
    order.kind = WG_ORDER_WITHDRAW;
    order.expires = order.not_before + 1;
    SAYS(device_order(&device, &order), "save log");
    assert_phase(&device, CORE_FETCHING);
    device_clear(&device);
}

/* One order of a row, with the counter of its place. */
static const char *throw_order(int i, const char *hardware)
{
    char id[WG_ORDER_ID_MAX];
    struct wg_order order;
    (void)snprintf(id, sizeof id, "%08x-1111-4111-8111-111111111111", (unsigned)i);
    order_fill(&order, id, 2 + i, device.start.boot);
    (void)wg_copy(order.hardware_model, WG_NAME_MAX + 1, hardware);
    return device_order(&device, &order);
}

#define FULL (CORE_PENDING_MAX - CORE_PENDING_KEPT)

/* However many orders come unacknowledged, the outbox stays within its bound. */
static void test_shed(void)
{
    int thrown = 0;
    device_in_phase(&device, CORE_FETCHING);
    while (thrown < 46) (void)throw_order(thrown++, "door");
    CU_ASSERT_EQUAL(core_pending(device.core), CORE_PENDING_SHED);
    SAYS(throw_order(thrown++, "brake"), "save report:failed/shed");
    while (thrown < 2 * CORE_PENDING_MAX) (void)throw_order(thrown++, "brake");
    SAYS(device.said, "log");
    assert_log(&device, "too many reports wait");
    assert_phase(&device, CORE_FETCHING);
    CU_ASSERT_EQUAL(core_pending(device.core), FULL);
    device.now += CORE_RESEND;
    (void)EVENT(TICK);
    CU_ASSERT_EQUAL(device.actions.count, FULL);
    /* there is room for the end of the order in hand */
    (void)EVENT(FETCHED);
    SAYS(EVENT(INSTALLED), "save report:rebooting");
    CU_ASSERT_EQUAL(core_pending(device.core), FULL + 2);
    SAYS(device_install(&device, ORDER_A, 2 + thrown), "save report:rebooting"); /* not anew */
    CU_ASSERT_EQUAL(core_pending(device.core), FULL + 2);
    SAYS(device_go(&device), "save activate");
    while (thrown < 4 * CORE_PENDING_MAX) (void)throw_order(++thrown, "door");
    CU_ASSERT_EQUAL(core_pending(device.core), FULL);
    (void)EVENT(ACTIVATED);
    (void)device_start(&device, BOOT_2, "b", true, "2.0.0");
    (void)EVENT(CONNECTED);
    CU_ASSERT_EQUAL(device.actions.count, 1 + FULL);
    (void)EVENT(BOOTED);
    (void)device_fails(&device, CORE_EV_UNHEALTHY, WG_CAUSE_HEALTH, false, NULL);
    SAYS(device_start(&device, BOOT_1, "a", false, "1.0.0"), "save");
    SAYS(EVENT(CONNECTED) + strlen(device.said) - strlen("report:rolled-back/health"),
         "report:rolled-back/health");
    SAYS(device_ack(&device, JOURNAL, device.core->state.memory.seq), "save");
    CU_ASSERT_EQUAL(core_pending(device.core), 0);
    device_clear(&device);
}

WG_SUITE("agent/orders", {"forged and misdirected", test_forged},
         {"P-256 director", test_p256_director}, {"refused", test_refused},
         {"already running", test_already_running}, {"issued again", test_issued_again},
         {"replaced by a newer order", test_replaced}, {"deferred", test_deferred},
         {"deferred, then taken", test_deferred_comes_again}, {"withdrawn", test_withdrawn},
         {"withdrawal out of date", test_withdrawal_out_of_date}, {"too many reports", test_shed})
