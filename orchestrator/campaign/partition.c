/* partition.c: sizes of waves. */
#include "orchestrator/campaign/partition.h"

static int64_t wanted(const struct campaign_wave *wave, int64_t matched, int64_t pool)
{
    if (wave->kind == WAVE_PERCENT) {
        struct policy_amount amount = {.is_share = true, .value = wave->percent_ppm};
        return policy_amount_of(&amount, matched);
    }
    return wave->kind == WAVE_COUNT ? wave->count : pool;
}

static bool is_listed(const struct campaign *campaign, size_t kept, size_t wave)
{
    enum wave_kind kind = campaign->waves[wave].kind;
    return wave < kept || kind == WAVE_DEVICES || kind == WAVE_SELECT;
}

int64_t partition_sizes(const struct campaign *campaign, size_t kept, int64_t matched,
                        const int64_t *listed, int64_t *size)
{
    int64_t pool = matched;
    for (size_t i = 0; i < campaign->policy.wave_count; i++)
        if (is_listed(campaign, kept, i)) pool -= listed[i];
    for (size_t i = 0; i < campaign->policy.wave_count; i++) {
        const struct campaign_wave *wave = &campaign->waves[i];
        if (is_listed(campaign, kept, i)) {
            size[i] = listed[i];
            continue;
        }
        int64_t n = wanted(wave, matched, pool);
        size[i] = n < pool ? n : pool;
        pool -= size[i];
    }
    return pool;
}
