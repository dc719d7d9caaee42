/* bring.h: brings what is missing of an artifact into its part: from mirror to mirror, by ranges,
 * as fast as it may, and not over a network that costs. Blocks; for the download's thread. */
#ifndef WG_AGENT_POSIX_BRING_H
#define WG_AGENT_POSIX_BRING_H

#include "agent/posix/https.h"
#include "agent/posix/mirrors.h"
#include "agent/posix/part.h"

/* What outlives one download. */
struct bring {
    const struct download_settings *settings; /* borrowed */
    char device[WG_NAME_MAX + 1];             /* seeds the order of the mirrors */
    struct mirrors mirrors;
    /* of the form in hand, bits of mirrors_list: */
    uint32_t all, gave, blamed; /* whose bytes are in the part; whose were not what was ordered */
    bool alone;                 /* bytes of two servers are not mixed any more */
    int wrong;                  /* copies so far that were not what was ordered */
    char last[WG_URL_MAX];      /* whose bytes came last */
    bool metered;               /* it gave way to a network that stays metered */
    bool refused;               /* each of the order's own URLs was turned down */
};

void bring_start(struct bring *bring); /* with another order, or another form */

struct bring_job {
    const struct https_config *config; /* files, pins, cancel; the rest is filled in */
    const struct wg_order *order;
    struct part *part;                       /* open */
    const char *stamps;                      /* file of stamps.h */
    void (*progress)(void *ctx, size_t len); /* so many more bytes came */
    void *ctx;
};

/* True: the part is as long as it has to be. Else err is what the last server did; part->disk,
 * part->wrong, bring->metered and cancel are looked at by the caller. */
WG_MUST_CHECK bool bring_rest(struct bring *bring, const struct bring_job *job,
                              struct wg_error *err);
/* What was brought is not what was ordered, and is gone. resumed: its beginning was of an earlier
 * life. True: another try may end better, because nobody is convicted by torn or mixed bytes, and
 * not all have been asked. */
bool bring_wrong(struct bring *bring, bool resumed);

#endif
