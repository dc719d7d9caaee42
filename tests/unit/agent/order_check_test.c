/* order_check_test.c: which orders a device may act on. */
#include "agent/core/order_check.h"

#include "tests/unit/agent/device.h"

struct row {
    const char *what;
    const char *device, *boot, *model;
    int64_t counter;
    wg_time not_before, expires, wall;
    wg_duration probation;
    enum order_verdict verdict;
    const char *says;
};

#define W DEVICE_WALL
#define MIN WG_MINUTE

static const struct row rows[] = {
    {"good", "dev-1", BOOT_1, "", 6, W - 1, W + 1, W, MIN, ORDER_FITS, ""},
    {"good, for this model", "dev-1", BOOT_1, "brake", 6, W - 1, W + 1, W, MIN, ORDER_FITS, ""},
    {"another device", "dev-2", BOOT_1, "", 6, W - 1, W + 1, W, MIN, ORDER_OTHER_DEVICE,
     "names device dev-2, this is dev-1"},
    {"the counter again", "dev-1", BOOT_1, "", 5, W - 1, W + 1, W, MIN, ORDER_STALE,
     "counter 5 is not greater than 5"},
    {"an old counter", "dev-1", BOOT_1, "", 4, W - 1, W + 1, W, MIN, ORDER_STALE,
     "counter 4 is not greater than 5"},
    {"another boot", "dev-1", BOOT_2, "", 6, W - 1, W + 1, W, MIN, ORDER_OTHER_BOOT,
     "is for boot " BOOT_2 ", this is boot " BOOT_1},
    {"early, within the skew", "dev-1", BOOT_1, "", 6, W + CORE_CLOCK_SKEW, W + WG_DAY, W, MIN,
     ORDER_FITS, ""},
    {"too early", "dev-1", BOOT_1, "", 6, W + CORE_CLOCK_SKEW + 1, W + WG_DAY, W, MIN, ORDER_EARLY,
     "not valid before 2027-01-15T08:05:00.001Z, this device's clock says "
     "2027-01-15T08:00:00.000Z"},
    {"expired, within the skew", "dev-1", BOOT_1, "", 6, W - WG_DAY, W - CORE_CLOCK_SKEW, W, MIN,
     ORDER_FITS, ""},
    {"expired", "dev-1", BOOT_1, "", 6, W - WG_DAY, W - CORE_CLOCK_SKEW - 1, W, MIN, ORDER_EXPIRED,
     "expired 2027-01-15T07:54:59.999Z, this device's clock says 2027-01-15T08:00:00.000Z"},
    {"expired, no clock", "dev-1", BOOT_1, "", 6, 1, 2, 0, MIN, ORDER_FITS, ""},
    {"another model", "dev-1", BOOT_1, "door", 6, W - 1, W + 1, W, MIN, ORDER_UNFIT,
     "the artifact fits hardware door, this is brake"},
    {"probation as short as the soak", "dev-1", BOOT_1, "", 6, W - 1, W + 1, W, 20 * WG_SECOND,
     ORDER_HOPELESS, "timeout.probation is 20s; this device needs more than its soak time of 20s"},
    {"stale and for another boot: stale", "dev-1", BOOT_2, "", 5, W - 1, W + 1, W, MIN, ORDER_STALE,
     "counter 5 is not greater than 5"},
    {"expired and for another boot: the boot", "dev-1", BOOT_2, "", 6, 1, 2, W, MIN,
     ORDER_OTHER_BOOT, "is for boot " BOOT_2 ", this is boot " BOOT_1},
};

static void row_fill(const struct row *row, struct wg_order *order, struct order_check *known)
{
    order_fill(order, ORDER_A, row->counter, row->boot);
    (void)wg_copy(order->device, sizeof order->device, row->device);
    (void)wg_copy(order->hardware_model, sizeof order->hardware_model, row->model);
    order->not_before = row->not_before;
    order->expires = row->expires;
    order->timeout_probation = row->probation;
    *known = (struct order_check){.device = "dev-1",
                                  .boot = BOOT_1,
                                  .hardware_model = "brake",
                                  .counter = 5,
                                  .soak = 20 * WG_SECOND,
                                  .wall = row->wall};
}

static void test_install(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_order order;
        struct order_check known;
        struct order_judgement judgement;
        row_fill(&rows[i], &order, &known);
        order_judge(&known, &order, &judgement);
        if (judgement.verdict != rows[i].verdict) ASSERT_TEXT(judgement.text, rows[i].what);
        ASSERT_TEXT(judgement.text, rows[i].says);
    }
}

/* A withdrawal brings nothing that would have to fit. */
static void test_withdrawal(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_order order;
        struct order_check known;
        struct order_judgement judgement;
        row_fill(&rows[i], &order, &known);
        order.kind = WG_ORDER_WITHDRAW;
        order_judge(&known, &order, &judgement);
        bool release = rows[i].verdict == ORDER_UNFIT || rows[i].verdict == ORDER_HOPELESS;
        CU_ASSERT_EQUAL(judgement.verdict, release ? ORDER_FITS : rows[i].verdict);
    }
}

static void test_causes(void)
{
    CU_ASSERT_EQUAL(order_verdict_cause(ORDER_EARLY), WG_CAUSE_REFUSED);
    CU_ASSERT_EQUAL(order_verdict_cause(ORDER_EXPIRED), WG_CAUSE_REFUSED);
    CU_ASSERT_EQUAL(order_verdict_cause(ORDER_HOPELESS), WG_CAUSE_REFUSED);
    CU_ASSERT_EQUAL(order_verdict_cause(ORDER_UNFIT), WG_CAUSE_INCOMPATIBLE);
    CU_ASSERT_EQUAL(order_verdict_cause(ORDER_FITS), WG_CAUSE_NONE);
}

WG_SUITE("agent/order_check", {"install", test_install}, {"withdrawal", test_withdrawal},
         {"causes", test_causes})
