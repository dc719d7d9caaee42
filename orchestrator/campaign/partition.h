/* partition.h: how many devices each wave gets. Pure arithmetic; sizes always add up to the whole
 * or to less when nothing says "remaining". */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_PARTITION_H
#define WG_ORCHESTRATOR_CAMPAIGN_PARTITION_H

#include "orchestrator/campaign/campaign.h"

/* matched: devices in the target. listed[i]: of these, the ones that wave i takes by name or
 * selector and no earlier wave does, and for the first kept waves their members, which stay (0 for
 * the others). The rest form the pool, in seeded-hash order; wave i gets the next size[i] of the
 * pool. Percent is of matched, rounded up. size[] covers both kinds. Returns how many devices are
 * left in no wave. */
int64_t partition_sizes(const struct campaign *campaign, size_t kept, int64_t matched,
                        const int64_t *listed, int64_t *size);

#endif
