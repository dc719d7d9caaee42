/* renewal_test.c: when to renew, and in which order. */
#include "agent/core/renewal.h"

#include "tests/unit/harness.h"

#define LIFE (120 * WG_DAY)
#define BEGIN (1000 * WG_DAY)

static void test_due(void)
{
    wg_time least = BEGIN + LIFE, most = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        struct renewal renewal;
        renewal_init(&renewal, i * 4294967U);
        renewal_set_present(&renewal, BEGIN, BEGIN + LIFE);
        wg_time due = renewal_due(&renewal);
        if (due < least) least = due;
        if (due > most) most = due;
        CU_ASSERT_EQUAL(renewal_due(&renewal), due);
    }
    CU_ASSERT_TRUE(least >= BEGIN + 75 * WG_DAY && least < BEGIN + 76 * WG_DAY);
    CU_ASSERT_TRUE(most <= BEGIN + 85 * WG_DAY && most > BEGIN + 84 * WG_DAY);
}

static void test_order(void)
{
    struct renewal renewal;
    wg_time m = WG_HOUR;
    renewal_init(&renewal, 0);
    renewal_set_present(&renewal, BEGIN, BEGIN + LIFE);
    wg_time due = renewal_due(&renewal);
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m), RENEWAL_REST); /* no session */
    CU_ASSERT_FALSE(renewal_pick(&renewal, m));
    renewal_up(&renewal, false, m);
    CU_ASSERT_EQUAL(renewal_act(&renewal, due - 1, m), RENEWAL_REST);
    CU_ASSERT_EQUAL(renewal_wake(&renewal, due - 5, m), m + 5);
    CU_ASSERT_EQUAL(renewal_act(&renewal, 0, m), RENEWAL_REST); /* no clock */
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m), RENEWAL_MAKE_KEY);
    renewal_set_next(&renewal, RENEWAL_NEXT_KEY);
    CU_ASSERT_FALSE(renewal_pick(&renewal, m));
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m), RENEWAL_ASK);
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m), RENEWAL_REST);
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m + WG_MINUTE),
                    RENEWAL_ASK); /* the answer is late */
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m + 2 * WG_MINUTE), RENEWAL_REST);
    renewal_set_next(&renewal, RENEWAL_NEXT_PAIR);
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m), RENEWAL_SWITCH);
    renewal_down(&renewal);
    CU_ASSERT_TRUE(renewal_pick(&renewal, m));
    renewal_up(&renewal, true, m);
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m), RENEWAL_TELL);
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m), RENEWAL_REST);
    CU_ASSERT_EQUAL(renewal_act(&renewal, due, m + 5 * WG_MINUTE), RENEWAL_TELL);
}

static void test_refused(void)
{
    struct renewal renewal;
    renewal_init(&renewal, 0);
    renewal_set_present(&renewal, BEGIN, BEGIN + LIFE);
    renewal_set_next(&renewal, RENEWAL_NEXT_KEY);
    renewal_up(&renewal, false, 0);
    CU_ASSERT_EQUAL(renewal_act(&renewal, BEGIN, 1), RENEWAL_ASK);
    renewal_refused(&renewal, 3 * WG_HOUR, 1);
    CU_ASSERT_EQUAL(renewal_act(&renewal, BEGIN, 3 * WG_HOUR), RENEWAL_REST);
    CU_ASSERT_EQUAL(renewal_act(&renewal, BEGIN, 3 * WG_HOUR + 1), RENEWAL_ASK);
    renewal_refused(&renewal, 0, 0);
    CU_ASSERT_EQUAL(renewal_wake(&renewal, BEGIN, 0), WG_DAY);
}

/* Offline, both pairs fail: they are tried in turns, and that is held against neither. */
static void test_offline(void)
{
    struct renewal renewal;
    renewal_init(&renewal, 0);
    renewal_set_next(&renewal, RENEWAL_NEXT_PAIR);
    for (wg_time m = 1; m < 100; m += 2) {
        CU_ASSERT_TRUE(renewal_pick(&renewal, m));
        renewal_failed(&renewal, true, m);
        CU_ASSERT_FALSE(renewal_pick(&renewal, m + 1));
        renewal_failed(&renewal, false, m + 1);
    }
    CU_ASSERT_EQUAL(renewal.strikes, 0);
    renewal_failed(&renewal, true, 200);
    renewal_up(&renewal, false, 201); /* now it is the pair's own fault */
    CU_ASSERT_EQUAL(renewal.strikes, 1);
    CU_ASSERT_EQUAL(renewal_act(&renewal, BEGIN, 202), RENEWAL_REST);
    CU_ASSERT_FALSE(renewal_pick(&renewal, 202));
    CU_ASSERT_EQUAL(renewal_act(&renewal, BEGIN, 201 + 10 * WG_MINUTE), RENEWAL_SWITCH);
    /* the present one was revoked meanwhile: the next one is tried at once */
    renewal_down(&renewal);
    renewal_failed(&renewal, false, 300);
    CU_ASSERT_TRUE(renewal_pick(&renewal, 300));
}

static void test_given_up(void)
{
    struct renewal renewal;
    wg_time m = 1;
    int strikes = 0;
    renewal_init(&renewal, 0);
    renewal_set_present(&renewal, BEGIN, BEGIN + LIFE);
    renewal_set_next(&renewal, RENEWAL_NEXT_PAIR);
    renewal_up(&renewal, false, m);
    for (; strikes < 100; strikes++) {
        m = renewal_wake(&renewal, BEGIN + LIFE, m) + 1;
        enum renewal_action action = renewal_act(&renewal, BEGIN + LIFE, m);
        if (action == RENEWAL_DROP) break;
        CU_ASSERT_EQUAL_FATAL(action, RENEWAL_SWITCH);
        renewal_down(&renewal);
        renewal_failed(&renewal, true, m);
        renewal_up(&renewal, false, m);
    }
    CU_ASSERT_EQUAL(strikes, 5);
    renewal_set_next(&renewal, RENEWAL_NEXT_NONE);
    CU_ASSERT_EQUAL(renewal_act(&renewal, BEGIN + LIFE, m), RENEWAL_REST);
    CU_ASSERT_EQUAL(renewal_act(&renewal, BEGIN + LIFE, m + WG_HOUR), RENEWAL_MAKE_KEY);
}

WG_SUITE("renewal", {"it is due at two thirds, spread", test_due},
         {"one step after the other", test_order}, {"a refusal is kept to", test_refused},
         {"without a network both are tried", test_offline},
         {"a pair that never works is dropped", test_given_up})
