/* approving.h: an approval of a campaign's start, or of a wave's gate: a signed statement, and the
 * orchestrator's word on it. */
#ifndef WG_ORCHESTRATOR_STEERING_APPROVING_H
#define WG_ORCHESTRATOR_STEERING_APPROVING_H

#include "common/json.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/status/standing.h"
#include "orchestrator/steering/signing.h"

struct approving {
    struct db *db;
    struct campaign_row row;
    struct engine_view view;
    struct campaign *campaign; /* owned */
    size_t wave;               /* or APPROVAL_START */
    struct approval_row approval;
};

/* What is asked of those who approve. */
struct approval_asked {
    const char *role;
    int64_t count, given;
    wg_duration expires;
};

/* wave: NULL is the first whose gate waits for somebody; before the campaign starts, its start.
 * start: the start and nothing else. NULL on failure, WG_E_CONFLICT when nothing of that waits;
 * approving_free() it. */
struct approving *approving_new(struct db *db, const char *campaign, const char *wave, bool start,
                                struct wg_error *err);
void approving_free(struct approving *with);

/* What is to be signed; the operator's name and the time are left out. */
void approving_statement(const struct approving *with, struct statement *out);
/* WG_E_DENIED: the creator never approves, nor somebody of another role. */
WG_MUST_CHECK bool approving_sign(struct approving *with, const struct signing *signing,
                                  struct wg_error *err);
/* Stores and commits what was signed. */
WG_MUST_CHECK bool approving_add(const struct approving *with, struct wg_error *err);
/* The orchestrator judges within a tick; when it is away the approval waits for it, and is unjudged
 * still. WG_E_DENIED: it was refused. */
WG_MUST_CHECK bool approving_await(const struct approving *with, wg_duration patience,
                                   enum approval_verdict *verdict, struct wg_error *err);

struct approval_asked approving_asked(const struct approving *with);
json_t *approving_json(const struct approving *with,
                       enum approval_verdict verdict); /* new reference */

#endif
