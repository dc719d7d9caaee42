/* testimony.h: what people have signed about the campaign of one order: each statement opened once,
 * then counted. Pure. */
#ifndef WG_ORCHESTRATOR_SIGNER_TESTIMONY_H
#define WG_ORCHESTRATOR_SIGNER_TESTIMONY_H

#include "common/message.h"
#include "common/trust/warrant.h"

#define TESTIMONY_MAX 528 /* a warrant, and a full quorum at every gate */

struct testimony;

struct testimony_source {
    const struct wg_order *order;
    const struct trust_policy *policy;
    const json_t *warrant; /* arrays of envelopes; NULL: none */
    const json_t *gates;   /* approvals of gates, also of earlier revisions: what passed stays so */
    /* Has anything been signed for that revision of the campaign? */
    bool (*has_begun)(void *ctx, const char *digest);
    void *ctx;
};

/* What is about another campaign, or is signed by nobody of the policy, is passed over. All is
 * borrowed until testimony_free(). */
struct testimony *testimony_new(const struct testimony_source *source, struct wg_error *err);
void testimony_free(struct testimony *testimony); /* NULL is fine */

struct testimony_asked {
    const char *wave; /* "" the start */
    const char *role;
    int64_t count;
    wg_duration expires; /* 0: never */
};
/* Distinct people who are not the author and whose approval is in date. */
int64_t testimony_approvals(const struct testimony *testimony, const struct testimony_asked *asked,
                            wg_time now);

#define TESTIMONY_UNBOUND (-1)
#define TESTIMONY_UNSAID (-2)
/* The smallest number of devices that anybody has signed for the wave. */
int64_t testimony_size(const struct testimony *testimony, const char *wave);

#endif
