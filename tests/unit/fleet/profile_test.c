/* profile_test.c: nights by local time, messages by their shares. */
#include "tests/sim/fleet/profile.h"

#include "tests/unit/harness.h"

static void words(void)
{
    enum profile_kind kind;
    CU_ASSERT_TRUE(profile_parse("steady", &kind) && kind == PROFILE_STEADY);
    CU_ASSERT_TRUE(profile_parse("flash-crowd", &kind) && kind == PROFILE_FLASH_CROWD);
    CU_ASSERT_TRUE(profile_parse("bad-network", &kind) && kind == PROFILE_BAD_NETWORK);
    CU_ASSERT_TRUE(profile_parse("day-and-night", &kind) && kind == PROFILE_DAY_AND_NIGHT);
    CU_ASSERT_FALSE(profile_parse("", &kind));
    CU_ASSERT_FALSE(profile_parse("steady ", &kind));
}

static void nights(void)
{
    struct profile profile;
    profile_init(&profile);
    profile.day = 24 * WG_MINUTE; /* an hour is a minute */
    /* noon at the start, night from 22 to 6 */
    CU_ASSERT_FALSE(profile_is_night(&profile, 0, 0));
    CU_ASSERT_FALSE(profile_is_night(&profile, 10 * WG_MINUTE - 1, 0));
    CU_ASSERT_TRUE(profile_is_night(&profile, 10 * WG_MINUTE + 1, 0));
    CU_ASSERT_TRUE(profile_is_night(&profile, 18 * WG_MINUTE - 1, 0));
    CU_ASSERT_FALSE(profile_is_night(&profile, 18 * WG_MINUTE + 1, 0));
    CU_ASSERT_TRUE(profile_is_night(&profile, 34 * WG_MINUTE + 1, 0)); /* the next one */
    /* ten hours ahead it is night at once; seven behind it is five in the morning */
    CU_ASSERT_TRUE(profile_is_night(&profile, 1, 10 * WG_HOUR));
    CU_ASSERT_TRUE(profile_is_night(&profile, 0, -7 * WG_HOUR));
    CU_ASSERT_FALSE(profile_is_night(&profile, 0, -5 * WG_HOUR));
}

/* Going from turn to turn: 8 of 24 hours are night, wherever one stands. */
static void turns(void)
{
    struct profile profile;
    profile_init(&profile);
    for (wg_duration offset = -12 * WG_HOUR; offset <= 14 * WG_HOUR; offset += 90 * WG_MINUTE) {
        wg_duration at = 0, night = 0, step = 0;
        while (at < 30 * profile.day) {
            bool is_night = profile_is_night(&profile, at, offset);
            step = profile_turn(&profile, at, offset);
            CU_ASSERT_TRUE_FATAL(step > 0);
            CU_ASSERT_EQUAL(profile_is_night(&profile, at + step - 3, offset), is_night);
            if (is_night) night += step;
            at += step;
            CU_ASSERT_NOT_EQUAL(profile_is_night(&profile, at, offset), is_night);
        }
        double share = (double)night / (double)at;
        CU_ASSERT_TRUE(share > 0.31 && share < 0.36);
    }
}

static void fates_of_messages(void)
{
    struct profile profile;
    struct chance chance;
    int lost = 0, doubled = 0, late = 0;
    profile_init(&profile);
    chance_init(&chance, 1, 2);
    for (int i = 0; i < 10000; i++) {
        struct profile_fate fate = profile_fate(&profile, &chance);
        CU_ASSERT_TRUE_FATAL(!fate.lost && fate.copies == 1 && fate.delay == 0);
    }
    CU_ASSERT_EQUAL(profile_cut(&profile, &chance), 0);
    profile.kind = PROFILE_BAD_NETWORK;
    for (int i = 0; i < 10000; i++) {
        struct profile_fate fate = profile_fate(&profile, &chance);
        lost += fate.lost;
        doubled += fate.copies == 2;
        late += fate.delay > 0;
        CU_ASSERT_TRUE(fate.delay <= profile.late_most + 1);
    }
    CU_ASSERT_TRUE(lost > 150 && lost < 250);
    CU_ASSERT_TRUE(doubled > 430 && doubled < 570);
    CU_ASSERT_TRUE(late > 1880 && late < 2120);
    CU_ASSERT_TRUE(profile_cut(&profile, &chance) > 0);
}

WG_SUITE("profile", {"words", words}, {"nights", nights}, {"turns", turns},
         {"fates of messages", fates_of_messages})
