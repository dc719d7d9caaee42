/* partition.h: how many devices each wave gets. Pure arithmetic; sizes always add up to the whole
 * or to less when nothing says "remaining". */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_PARTITION_H
#define WG_ORCHESTRATOR_CAMPAIGN_PARTITION_H

#include "orchestrator/campaign/campaign.h"

/* matched: devices in the target. listed[i]: of these, the ones that wave i names and no earlier
 * wave does (0 for waves of another kind). The others form the pool, in seeded-hash order; wave i
 * that is not a list gets the next size[i] of the pool. Percent is of matched, rounded up. size[]
 * covers both kinds. Returns how many devices are left in no wave. */
int64_t partition_sizes(const struct campaign *campaign, int64_t matched, const int64_t *listed,
                        int64_t *size);

#endif
