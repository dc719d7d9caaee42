/* claims_test.c: how many devices are offered the update in a look. */
#include "tests/unit/engine/scene.h"

static void slots_rate_and_waiting_bound_what_is_claimed(void)
{
    static const struct {
        int64_t cap, in_flight, waiting; /* devices */
        int64_t rate, offered;
        wg_time first;
        int64_t slots;
        wg_time wake;
    } rows[] = {
        {10, 0, 5, 0, 0, 0, 5, 0},
        {10, 0, 50, 0, 0, 0, 10, 0},
        {10, 7, 50, 0, 0, 0, 3, 0},
        {10, 10, 50, 0, 0, 0, 0, 0},
        {10, 12, 50, 0, 0, 0, 0, 0}, /* the cap was lowered meanwhile */
        {5000, 0, 5000, 0, 0, 0, ENGINE_CLAIM_MAX, 0},
        /* a rate: so many in any minute */
        {10, 0, 50, 4, 0, 0, 4, NOW + WG_MINUTE},
        {10, 0, 50, 4, 3, NOW - 20 * WG_SECOND, 1, NOW + 40 * WG_SECOND},
        {10, 0, 50, 4, 4, NOW - 20 * WG_SECOND, 0, NOW + 40 * WG_SECOND},
        {10, 0, 50, 4, 9, NOW - 20 * WG_SECOND, 0, NOW + 40 * WG_SECOND},
        {10, 0, 1, 4, 3, NOW - 20 * WG_SECOND, 1, 0}, /* it holds nobody back */
        {10, 8, 50, 4, 0, 0, 2, 0},                   /* the cap does */
    };
    struct engine_actions actions;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy policy = policy_of(1);
        struct engine_view view = {.state = CAMPAIGN_RUNNING,
                                   .wave_count = 1,
                                   .offered = rows[i].offered,
                                   .offered_first = rows[i].first};
        policy.in_flight = rows[i].cap;
        policy.rate = (struct policy_rate){rows[i].rate, POLICY_PPM, rows[i].rate};
        set_wave(&view, 0, WAVE_OPEN, rows[i].waiting, 0, 0);
        add(&view, 0, WG_DOWNLOADING, rows[i].in_flight);
        engine_decide(&policy, &view, NOW, &actions);
        const struct engine_action *claim = find(&actions, ENGINE_CLAIM);
        if (actions.slots != rows[i].slots || actions.wake != rows[i].wake)
            printf("\n    row %zu: %lld slots, wake in %lld\n", i, (long long)actions.slots,
                   (long long)(actions.wake - NOW));
        CU_ASSERT_EQUAL(actions.slots, rows[i].slots);
        CU_ASSERT_EQUAL(claim ? claim->limit : 0, rows[i].slots);
        CU_ASSERT_EQUAL(actions.wake, rows[i].wake);
    }
}

/* Devices of a wave that are offline keep nothing from those behind them. */
static void each_wave_may_take_every_slot(void)
{
    static const enum wave_state states[] = {WAVE_PASSED, WAVE_AT_GATE, WAVE_OPEN, WAVE_PENDING};
    struct policy policy = policy_of(4);
    struct engine_view view = {.state = CAMPAIGN_RUNNING, .wave_count = 4};
    struct engine_actions actions;
    policy.overlap[2] = true;
    for (size_t i = 0; i < 4; i++) {
        policy.gates[i].approval_count = 1;
        policy.gates[i].sample = (struct policy_amount){false, 1};
        set_wave(&view, i, states[i], 9, 1, 0);
    }
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(actions.slots, 3);
    CU_ASSERT_EQUAL_FATAL(count_of(&actions, ENGINE_CLAIM), 3);
    const struct engine_action *claim = find(&actions, ENGINE_CLAIM);
    for (size_t i = 0; i < 3; i++, claim++) {
        CU_ASSERT_EQUAL(claim->kind, ENGINE_CLAIM);
        CU_ASSERT_EQUAL(claim->wave, i);
        CU_ASSERT_EQUAL(claim->limit, 3);
    }
}

static void the_pace_grows_with_success(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_pace pace;
    policy.in_flight = 500;
    engine_pace(&policy, &view, NOW, &pace);
    CU_ASSERT_EQUAL(pace.rate, -1);
    CU_ASSERT_EQUAL(pace.slots, 500);
    CU_ASSERT_EQUAL(pace.next, 0);
    policy.rate = (struct policy_rate){10, 2 * POLICY_PPM, 40};
    static const int64_t rows[][2] = {{0, 10}, {9, 10}, {10, 20}, {29, 20}, {30, 40}, {9999, 40}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set_wave(&view, 0, WAVE_PASSED, 0, rows[i][0] / 2, 0);
        set_wave(&view, 1, WAVE_OPEN, 5, rows[i][0] - rows[i][0] / 2, 0);
        engine_pace(&policy, &view, NOW, &pace);
        CU_ASSERT_EQUAL(pace.rate, rows[i][1]);
        CU_ASSERT_EQUAL(pace.slots, rows[i][1]);
        CU_ASSERT_EQUAL(pace.in_flight, 0);
    }
}

WG_SUITE("claims",
         {"slots, rate and waiting bound it", slots_rate_and_waiting_bound_what_is_claimed},
         {"each wave may take every slot", each_wave_may_take_every_slot},
         {"the pace grows with success", the_pace_grows_with_success})
