/* faults_test.c: shares are read, and strike so many: the same ones each time. */
#include "tests/sim/fleet/faults.h"

#include "tests/sim/fleet/spread.h"
#include "tests/unit/harness.h"

#include <string.h>

static void shares_are_read(void)
{
    struct faults faults = {0};
    struct wg_error err = {0};
    ASSERT_OK(faults_parse("install=2%,silent=0.005,boot=100%", &faults, &err), &err);
    CU_ASSERT_DOUBLE_EQUAL(faults.shares[FLEET_INSTALL], 0.02, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(faults.shares[FLEET_SILENT], 0.005, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(faults.shares[FLEET_BOOT], 1, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(faults.shares[FLEET_CLOCK], 0, 1e-9);
}

static void what_is_none_is_named(void)
{
    static const char *const wrong[] = {
        "instal=2%",    "install",     "install=",     "=2%",
        "install=-1%",  "install=2",   "install=2%%",  "install=101%",
        "install=two%", "install=nan", "boot=1%,x=1%", "install=inf"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct faults faults = {0};
        struct wg_error err = {0};
        CU_ASSERT_FALSE(faults_parse(wrong[i], &faults, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, i == 10 ? "\"x=1%\"" : wrong[i]));
    }
}

static void they_strike_the_same_devices(void)
{
    struct faults faults = {0};
    int struck = 0, both = 0, again = 0;
    faults.shares[FLEET_INSTALL] = 0.1;
    faults.shares[FLEET_HEALTH] = 0.1;
    for (uint64_t number = 1; number <= 10000; number++) {
        bool install = faults_strike(&faults, 42, number, FLEET_INSTALL);
        struck += install;
        both += install && faults_strike(&faults, 42, number, FLEET_HEALTH);
        again += install == faults_strike(&faults, 42, number, FLEET_INSTALL);
        CU_ASSERT_FALSE(faults_strike(&faults, 42, number, FLEET_BOOT));
    }
    CU_ASSERT_TRUE(struck > 900 && struck < 1100);
    CU_ASSERT_TRUE(both > 60 && both < 140); /* one has nothing to do with the other */
    CU_ASSERT_EQUAL(again, 10000);
}

static void times_of_work(void)
{
    struct spread spread;
    struct chance chance;
    chance_init(&chance, 3, 4);
    CU_ASSERT_TRUE(spread_parse("20s", &spread) && spread.low == 20000 && spread.high == 20000);
    CU_ASSERT_EQUAL(spread_draw(&spread, 10, &chance), 2000);
    CU_ASSERT_EQUAL(spread_draw(&spread, 1e6, &chance), 1);
    CU_ASSERT_TRUE(spread_parse("1s..1000s", &spread));
    int below = 0;
    for (int i = 0; i < 9000; i++) {
        wg_duration time = spread_draw(&spread, 1, &chance);
        CU_ASSERT_TRUE_FATAL(time >= 1000 && time <= 1000000);
        below += time < 10000;
    }
    CU_ASSERT_TRUE(below > 2800 && below < 3200); /* one order of magnitude of three */
    CU_ASSERT_FALSE(spread_parse("", &spread));
    CU_ASSERT_FALSE(spread_parse("2s..1s", &spread));
    CU_ASSERT_FALSE(spread_parse("1s..", &spread));
    CU_ASSERT_FALSE(spread_parse("fast", &spread));
}

WG_SUITE("faults", {"shares are read", shares_are_read},
         {"what is none is named", what_is_none_is_named},
         {"they strike the same devices", they_strike_the_same_devices},
         {"times of work", times_of_work})
