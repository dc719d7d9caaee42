/* gate_test.c: thresholds met exactly and just missed; three answers. */
#include "orchestrator/engine/gate.h"

#include "tests/unit/harness.h"

#include <string.h>

static struct engine_wave wave_of(int64_t members, int64_t succeeded, int64_t faults,
                                  int64_t withdrawn)
{
    struct engine_wave wave = {.members = members, .faults = faults};
    wave.count[WG_SUCCEEDED] = succeeded;
    wave.count[WG_ROLLED_BACK] = faults;
    wave.count[WG_WITHDRAWN] = withdrawn;
    wave.count[WG_WAITING] = members - succeeded - faults - withdrawn;
    return wave;
}

static void success_has_three_answers(void)
{
    static const struct {
        int64_t ppm, members, succeeded, faults, withdrawn;
        enum gate_answer expected;
    } rows[] = {
        {990000, 100, 99, 1, 0, GATE_PASS}, /* exactly */
        {990000, 100, 98, 2, 0, GATE_FAIL}, /* just missed */
        {990000, 100, 50, 1, 0, GATE_HOLD}, /* 98% so far, 99% can still come */
        {990000, 100, 0, 2, 0, GATE_FAIL},  /* can come no more */
        {990000, 100, 10, 0, 0, GATE_PASS},
        {990000, 4, 2, 0, 2, GATE_PASS}, /* withdrawn devices leave the denominator */
        {500000, 4, 2, 2, 0, GATE_PASS},
        {500000, 4, 1, 3, 0, GATE_FAIL},
        {POLICY_PPM, 3, 3, 0, 0, GATE_PASS},
        {POLICY_PPM, 3, 2, 1, 0, GATE_FAIL},
        {0, 3, 0, 3, 0, GATE_PASS}, /* not asked */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy_gate gate = {.success_ppm = rows[i].ppm, .sample = {true, POLICY_PPM}};
        struct engine_wave wave =
            wave_of(rows[i].members, rows[i].succeeded, rows[i].faults, rows[i].withdrawn);
        enum gate_answer got = gate_success(&gate, &wave, NULL);
        if (got != rows[i].expected) printf("\n    row %zu: got %d\n", i, (int)got);
        CU_ASSERT_EQUAL(got, rows[i].expected);
    }
}

static void sample_waits_for_enough(void)
{
    struct policy_gate gate = {.success_ppm = POLICY_PPM, .sample = {true, 800000}};
    struct engine_wave wave = wave_of(10, 7, 0, 0);
    CU_ASSERT_EQUAL(gate_sample(&gate, &wave, NULL), GATE_HOLD);
    wave = wave_of(10, 8, 0, 0);
    CU_ASSERT_EQUAL(gate_sample(&gate, &wave, NULL), GATE_PASS);
    gate.sample = (struct policy_amount){false, 50};
    wave = wave_of(10, 10, 0, 0);
    CU_ASSERT_EQUAL(gate_sample(&gate, &wave, NULL), GATE_PASS);
}

static void words_have_figures(void)
{
    char words[ENGINE_CAUSE_MAX];
    struct policy_gate gate = {.success_ppm = 995000,
                               .sample = {true, POLICY_PPM},
                               .approval_role = "rollout-admin",
                               .approval_count = 2};
    struct engine_wave wave = wave_of(5, 3, 2, 0);
    wave.approvals = 1;
    (void)gate_success(&gate, &wave, words);
    ASSERT_TEXT(words, "60% of 5 succeeded, 99.5% wanted");
    CU_ASSERT_EQUAL(gate_approvals(&gate, &wave, words), GATE_HOLD);
    ASSERT_TEXT(words, "1 of 2 approvals by rollout-admin");
    wave.approvals = 2;
    CU_ASSERT_EQUAL(gate_approvals(&gate, &wave, words), GATE_PASS);
}

WG_SUITE("gate", {"success has three answers", success_has_three_answers},
         {"sample waits for enough", sample_waits_for_enough},
         {"words have figures", words_have_figures})
