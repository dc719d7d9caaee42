/* gate_test.c: so many a second, so many at once, in the order in which they came. */
#include "tests/sim/fleet/gate.h"

#include "tests/unit/harness.h"

#define COUNT 1000

static void fill(struct gate *gate, double rate, int most)
{
    struct wg_error err = {0};
    ASSERT_OK(gate_init(gate, COUNT, rate, most, 5000, &err), &err);
    for (size_t i = 0; i < COUNT; i++) gate_add(gate, i);
}

static void first_come_first_served_at_its_rate(void)
{
    struct gate gate;
    size_t who = 0, next = 0;
    wg_time now = 5000;
    fill(&gate, 100, COUNT);
    while (next < COUNT) {
        while (gate_next(&gate, now, &who)) {
            CU_ASSERT_EQUAL_FATAL(who, next);
            next++;
        }
        /* never more than the rate allows, and a burst */
        CU_ASSERT_TRUE((double)next <= (double)(now - 5000) / 10 + 6);
        now += gate.waiting > 0 ? gate_due(&gate) : 0;
    }
    CU_ASSERT_TRUE(now - 5000 >= 9900 && now - 5000 <= 10100);
    CU_ASSERT_EQUAL(gate_due(&gate), -1);
    gate_clear(&gate);
}

static void no_more_at_once_than_may_be(void)
{
    struct gate gate;
    size_t who = 0;
    int begun = 0;
    fill(&gate, 100000, 7);
    while (gate_next(&gate, 6000, &who)) begun++;
    CU_ASSERT_EQUAL(begun, 7);
    CU_ASSERT_EQUAL(gate_due(&gate), -1);
    gate_done(&gate);
    CU_ASSERT_TRUE(gate_due(&gate) >= 0);
    CU_ASSERT_TRUE(gate_next(&gate, 6001, &who));
    CU_ASSERT_EQUAL(who, 7);
    CU_ASSERT_FALSE(gate_next(&gate, 6001, &who));
    gate_clear(&gate);
}

static void who_waits_again_is_last(void)
{
    struct gate gate;
    struct wg_error err = {0};
    size_t who = 0;
    ASSERT_OK(gate_init(&gate, 3, 1e6, 10, 0, &err), &err);
    for (size_t i = 0; i < 3; i++) gate_add(&gate, i);
    for (size_t round = 0; round < 10; round++) {
        CU_ASSERT_TRUE_FATAL(gate_next(&gate, (wg_time)round + 1, &who));
        CU_ASSERT_EQUAL(who, round % 3);
        gate_done(&gate);
        gate_add(&gate, who);
    }
    gate_clear(&gate);
}

WG_SUITE("gate", {"first come, first served, at its rate", first_come_first_served_at_its_rate},
         {"no more at once than may be", no_more_at_once_than_may_be},
         {"who waits again is last", who_waits_again_is_last})
