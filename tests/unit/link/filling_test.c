/* filling_test.c: how long a batch waits. */
#include "orchestrator/link/filling.h"

#include "tests/unit/harness.h"

static void it_waits_as_the_settings_say(void)
{
    struct filling filling;
    filling_init(&filling, 20);
    CU_ASSERT_EQUAL(filling.wait, 20);
    filling_learn(&filling, 0);
    CU_ASSERT_EQUAL(filling.wait, 20);
    filling_learn(&filling, 5);
    CU_ASSERT_EQUAL(filling.wait, 20);
}

static void a_busy_database_gets_fewer_batches(void)
{
    struct filling filling;
    filling_init(&filling, 20);
    filling_learn(&filling, 6);
    CU_ASSERT_EQUAL(filling.wait, 24);
    filling_learn(&filling, 12);
    CU_ASSERT_EQUAL(filling.wait, 48);
    filling_learn(&filling, 13);
    CU_ASSERT_EQUAL(filling.wait, 50);
}

/* One that was away for a day is no reason to wait. */
static void it_never_waits_for_long(void)
{
    struct filling filling;
    filling_init(&filling, 20);
    filling_learn(&filling, 86400000);
    CU_ASSERT_EQUAL(filling.wait, 50);
    filling_learn(&filling, INT64_MAX);
    CU_ASSERT_EQUAL(filling.wait, 50);
    filling_learn(&filling, 1);
    CU_ASSERT_EQUAL(filling.wait, 20);
    filling_init(&filling, 1);
    filling_learn(&filling, 40);
    CU_ASSERT_EQUAL(filling.wait, 2);
}

/* A clock that was set back. */
static void time_that_went_back_is_none(void)
{
    struct filling filling;
    filling_init(&filling, 20);
    filling_learn(&filling, -5000);
    CU_ASSERT_EQUAL(filling.wait, 20);
}

WG_SUITE("filling", {"it waits as the settings say", it_waits_as_the_settings_say},
         {"a busy database gets fewer batches", a_busy_database_gets_fewer_batches},
         {"it never waits for long", it_never_waits_for_long},
         {"time that went back is none", time_that_went_back_is_none})
