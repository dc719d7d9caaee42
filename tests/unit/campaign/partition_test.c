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
        size_t kept = draw(2) ? (size_t)draw(7) : 0; /* may be all */
        for (size_t i = 0; i < campaign.policy.wave_count; i++) {
            struct campaign_wave *wave = &campaign.waves[i];
            wave->kind = (enum wave_kind)draw(WAVE_REMAINING);
            if (i + 1 == campaign.policy.wave_count && draw(2)) wave->kind = WAVE_REMAINING;
            wave->percent_ppm = draw(POLICY_PPM) + 1;
            wave->count = draw(50000) + 1;
            if (wave->kind == WAVE_DEVICES || wave->kind == WAVE_SELECT || i < kept) {
                listed[i] = draw(left + 1);
                left -= listed[i];
            }
        }
        int64_t rest = partition_sizes(&campaign, kept, matched, listed, size);
        for (size_t i = 0; i < campaign.policy.wave_count; i++) {
            CU_ASSERT_TRUE(size[i] >= 0);
            sum += size[i];
            enum wave_kind kind = campaign.waves[i].kind;
            if (kind == WAVE_DEVICES || kind == WAVE_SELECT || i < kept)
                CU_ASSERT_EQUAL(size[i], listed[i]);
        }
        CU_ASSERT_EQUAL(sum + rest, matched);
        if (campaign.waves[campaign.policy.wave_count - 1].kind == WAVE_REMAINING &&
            campaign.policy.wave_count > kept)
            CU_ASSERT_EQUAL(rest, 0);
    }
}

static void percents_round_up(void)
{
    static struct campaign campaign = {
        .policy = {.wave_count = 2},
        .waves = {{.kind = WAVE_PERCENT, .percent_ppm = 10000}, {.kind = WAVE_REMAINING}}};
    int64_t listed[2] = {0}, size[2];
    CU_ASSERT_EQUAL(partition_sizes(&campaign, 0, 150, listed, size), 0);
    CU_ASSERT_EQUAL(size[0], 2);
    CU_ASSERT_EQUAL(size[1], 148);
}

/* lab by name, beta by selector, two by share, and what remains; the pool is what is not listed. */
static void listed_waves_come_first(void)
{
    static struct campaign campaign = {.policy = {.wave_count = 5},
                                       .waves = {{.kind = WAVE_PERCENT, .percent_ppm = 100000},
                                                 {.kind = WAVE_DEVICES},
                                                 {.kind = WAVE_COUNT, .count = 500},
                                                 {.kind = WAVE_SELECT},
                                                 {.kind = WAVE_REMAINING}}};
    static const int64_t expected[] = {100, 30, 500, 250, 120};
    int64_t listed[5] = {0, 30, 0, 250, 0}, size[5];
    CU_ASSERT_EQUAL(partition_sizes(&campaign, 0, 1000, listed, size), 0);
    for (size_t i = 0; i < 5; i++) CU_ASSERT_EQUAL(size[i], expected[i]);
}

/* What has opened stays as it is, also where the share would now be another. */
static void kept_waves_stay(void)
{
    static struct campaign campaign = {.policy = {.wave_count = 3},
                                       .waves = {{.kind = WAVE_PERCENT, .percent_ppm = 100000},
                                                 {.kind = WAVE_COUNT, .count = 50},
                                                 {.kind = WAVE_REMAINING}}};
    int64_t listed[3] = {7, 0, 0}, size[3];
    CU_ASSERT_EQUAL(partition_sizes(&campaign, 1, 1000, listed, size), 0);
    CU_ASSERT_EQUAL(size[0], 7);
    CU_ASSERT_EQUAL(size[1], 50);
    CU_ASSERT_EQUAL(size[2], 943);
    listed[1] = 60;
    listed[2] = 900;
    CU_ASSERT_EQUAL(partition_sizes(&campaign, 3, 1000, listed, size), 33);
    CU_ASSERT_EQUAL(size[2], 900);
}

static void a_small_fleet_runs_out(void)
{
    static struct campaign campaign = {.policy = {.wave_count = 3},
                                       .waves = {{.kind = WAVE_COUNT, .count = 5},
                                                 {.kind = WAVE_PERCENT, .percent_ppm = 500000},
                                                 {.kind = WAVE_REMAINING}}};
    int64_t listed[3] = {0}, size[3];
    CU_ASSERT_EQUAL(partition_sizes(&campaign, 0, 6, listed, size), 0);
    CU_ASSERT_EQUAL(size[0], 5);
    CU_ASSERT_EQUAL(size[1], 1); /* three are wanted */
    CU_ASSERT_EQUAL(size[2], 0);
    CU_ASSERT_EQUAL(partition_sizes(&campaign, 0, 0, listed, size), 0);
    CU_ASSERT_EQUAL(size[0] + size[1] + size[2], 0);
}

WG_SUITE("partition", {"sizes add up", sizes_add_up}, {"percents round up", percents_round_up},
         {"listed waves come first", listed_waves_come_first}, {"kept waves stay", kept_waves_stay},
         {"a small fleet runs out", a_small_fleet_runs_out})
