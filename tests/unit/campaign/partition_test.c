/* partition_test.c: sizes of waves add up, whatever is asked. */
#include "orchestrator/campaign/partition.h"

#include "tests/unit/harness.h"

static uint64_t seed = 3;

static int64_t draw(int64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

static void sizes_add_up(void)
{
    static struct campaign campaign;
    for (int round = 0; round < 20000; round++) {
        int64_t matched = draw(3) ? draw(100000) : draw(20), listed[POLICY_WAVES_MAX] = {0},
                size[POLICY_WAVES_MAX];
        int64_t left = matched, sum = 0;
        campaign.policy.wave_count = (size_t)draw(6) + 1;
        for (size_t i = 0; i < campaign.policy.wave_count; i++) {
            struct campaign_wave *wave = &campaign.waves[i];
            wave->kind = (enum wave_kind)draw(WAVE_REMAINING);
            if (i + 1 == campaign.policy.wave_count && draw(2)) wave->kind = WAVE_REMAINING;
            wave->percent_ppm = draw(POLICY_PPM) + 1;
            wave->count = draw(50000) + 1;
            if (wave->kind == WAVE_DEVICES) {
                listed[i] = draw(left + 1);
                left -= listed[i];
            }
        }
        int64_t rest = partition_sizes(&campaign, matched, listed, size);
        for (size_t i = 0; i < campaign.policy.wave_count; i++) {
            CU_ASSERT_TRUE(size[i] >= 0);
            sum += size[i];
            if (campaign.waves[i].kind == WAVE_DEVICES) CU_ASSERT_EQUAL(size[i], listed[i]);
        }
        CU_ASSERT_EQUAL(sum + rest, matched);
        if (campaign.waves[campaign.policy.wave_count - 1].kind == WAVE_REMAINING)
            CU_ASSERT_EQUAL(rest, 0);
    }
}

static void percents_round_up(void)
{
    static struct campaign campaign = {
        .policy = {.wave_count = 2},
        .waves = {{.kind = WAVE_PERCENT, .percent_ppm = 10000}, {.kind = WAVE_REMAINING}}};
    int64_t listed[2] = {0}, size[2];
    CU_ASSERT_EQUAL(partition_sizes(&campaign, 150, listed, size), 0);
    CU_ASSERT_EQUAL(size[0], 2);
    CU_ASSERT_EQUAL(size[1], 148);
}

WG_SUITE("partition", {"sizes add up", sizes_add_up}, {"percents round up", percents_round_up})
