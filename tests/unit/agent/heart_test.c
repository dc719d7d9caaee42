/* heart_test.c: when the watchdog is fed, in every phase. */
#include "agent/core/heart.h"
#include "tests/unit/harness.h"

#define CHECK (30 * WG_SECOND)
#define EVERY (5 * WG_SECOND)
#define PATIENCE (65 * WG_SECOND) /* both, and half a minute */

static struct heart at(enum core_phase phase)
{
    struct heart heart;
    heart_init(&heart, CHECK, EVERY, 0);
    heart_look(&heart, phase, WG_HOUR);
    return heart;
}

static void test_at_rest_and_at_work(void)
{
    static const enum core_phase phases[] = {CORE_IDLE, CORE_FETCHING, CORE_INSTALLING, CORE_READY,
                                             CORE_ACTIVATING};
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
        struct heart heart = at(phases[i]);
        CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + 30 * WG_DAY));
    }
}

static void test_trial(void)
{
    struct heart heart = at(CORE_BOOTING);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + PATIENCE - 1));
    CU_ASSERT_FALSE(heart_beats(&heart, WG_HOUR + PATIENCE));
    heart_well(&heart, WG_HOUR + PATIENCE);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + PATIENCE));
    /* the next phase of the same trial has no time of its own */
    heart_look(&heart, CORE_PROBATION, WG_HOUR + PATIENCE + WG_SECOND);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + 2 * PATIENCE - 1));
    CU_ASSERT_FALSE(heart_beats(&heart, WG_HOUR + 2 * PATIENCE));
    heart_look(&heart, CORE_COMMITTING, WG_HOUR + 2 * PATIENCE);
    CU_ASSERT_FALSE(heart_beats(&heart, WG_HOUR + 2 * PATIENCE));
    heart_look(&heart, CORE_IDLE, WG_HOUR + 2 * PATIENCE);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + WG_DAY));
}

static void test_reboot(void)
{
    struct heart heart = at(CORE_REBOOTING);
    heart_look(&heart, CORE_REBOOTING, WG_HOUR + WG_MINUTE); /* it is asked for again */
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + HEART_REBOOT_PATIENCE - 1));
    CU_ASSERT_FALSE(heart_beats(&heart, WG_HOUR + HEART_REBOOT_PATIENCE));
    heart_look(&heart, CORE_REVERTING, WG_HOUR + HEART_REBOOT_PATIENCE);
    CU_ASSERT_FALSE(heart_beats(&heart, WG_HOUR + HEART_REBOOT_PATIENCE));
    heart_look(&heart, CORE_BOOTING, WG_HOUR + HEART_REBOOT_PATIENCE);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + HEART_REBOOT_PATIENCE));
}

/* Work with the slots has its own limit; the other clocks stand still meanwhile. */
static void test_busy(void)
{
    const wg_duration limit = 30 * WG_MINUTE, margin = 30 * WG_SECOND;
    struct heart heart = at(CORE_INSTALLING);
    heart_busy(&heart, WG_HOUR, limit, WG_HOUR + 1);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + limit + margin - 1));
    CU_ASSERT_FALSE(heart_beats(&heart, WG_HOUR + limit + margin));
    heart_busy(&heart, 0, limit, WG_HOUR + limit + margin);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + limit + margin));

    heart = at(CORE_REVERTING);
    heart_busy(&heart, WG_HOUR, limit, WG_HOUR + 1);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + limit));
    heart_busy(&heart, 0, limit, WG_HOUR + limit);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + limit + HEART_REBOOT_PATIENCE - 1));
    CU_ASSERT_FALSE(heart_beats(&heart, WG_HOUR + limit + HEART_REBOOT_PATIENCE));

    heart = at(CORE_COMMITTING);
    heart_busy(&heart, WG_HOUR, limit, WG_HOUR + 1);
    heart_busy(&heart, WG_HOUR + WG_MINUTE, limit, WG_HOUR + 2 * WG_MINUTE); /* the next call */
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + WG_MINUTE + limit));
    heart_busy(&heart, 0, limit, WG_HOUR + 2 * WG_MINUTE);
    CU_ASSERT_TRUE(heart_beats(&heart, WG_HOUR + 2 * WG_MINUTE + PATIENCE - 1));
    CU_ASSERT_FALSE(heart_beats(&heart, WG_HOUR + 2 * WG_MINUTE + PATIENCE));
}

WG_SUITE("heart", {"at rest and at work it beats", test_at_rest_and_at_work},
         {"a trial boot needs good words", test_trial},
         {"a reboot that does not come", test_reboot}, {"work with the slots", test_busy})
