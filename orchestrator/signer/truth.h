/* truth.h: what the signer believes: the TUF repository, read from a folder by the client's
 * workflow, and the policy in it. */
#ifndef WG_ORCHESTRATOR_SIGNER_TRUTH_H
#define WG_ORCHESTRATOR_SIGNER_TRUTH_H

#include "common/time.h"
#include "common/trust/release_facts.h"
#include "common/trust/trust_policy.h"

struct truth;

struct truth_source {
    const char *repository; /* metadata/ and targets/ below it */
    const char *root;       /* the first root metadata */
    const char *folder;     /* where trusted metadata are kept; mode 0700 */
    wg_duration refresh;
};

struct truth *truth_new(const struct truth_source *source, struct wg_error *err); /* copies */
void truth_free(struct truth *truth);

/* Reads the repository anew when it is time. now: its expiry is judged by it. When this fails
 * nothing is believed: what was read before may have expired, or been revoked. */
WG_MUST_CHECK bool truth_refresh(struct truth *truth, wg_time now, struct wg_error *err);
/* NULL: the repository has none. Borrowed until the next refresh. */
const struct trust_policy *truth_policy(const struct truth *truth);
/* WG_E_NOT_FOUND: no such release. */
WG_MUST_CHECK bool truth_release(struct truth *truth, const char *component, const char *version,
                                 struct release_facts *out, struct wg_error *err);

#endif
