/* apply_signed.h: a campaign file that is stored with its author's signature: what is written by
 * hand, and what follows from another campaign. */
#ifndef WG_ORCHESTRATOR_STEERING_APPLY_SIGNED_H
#define WG_ORCHESTRATOR_STEERING_APPLY_SIGNED_H

#include "common/json.h"
#include "orchestrator/plan/applying.h"
#include "orchestrator/plan/signature.h"
#include "orchestrator/steering/signing.h"

struct apply_signed {
    struct applying applying;
    struct wg_buf statement;
    struct operator_identity who;
};

/* All may be called again: a transaction that loses a race with the engine is tried anew. */
struct apply_source {
    /* Appends the file to text and reads it; NULL on failure. */
    struct campaign *(*read)(void *ctx, struct wg_buf *text, struct wg_error *err);
    /* More of the same transaction, before anything is stored; may be NULL. */
    bool (*also)(void *ctx, struct apply_signed *apply, struct wg_error *err);
    void *ctx;
    /* The caller's own question about the plan, behind also; may be NULL. */
    bool (*check)(void *ctx, const struct apply_signed *apply, struct wg_error *err);
    void *check_ctx;
    bool draft;                                  /* of a new campaign alone */
    int64_t rolls_back;                          /* id of a campaign; 0: none */
    struct signing signing;                      /* by the author */
    const struct signature_authority *authority; /* of operators; root NULL: nothing is asked */
};

/* In a transaction of its own. What stands already is left as it is. NULL on failure;
 * apply_signed_free() it. */
struct apply_signed *apply_signed_run(struct db *db, const struct apply_source *source,
                                      struct wg_error *err);
void apply_signed_free(struct apply_signed *apply);

/* What the author of a plan has to sign; the operator's name and the time are left out. */
void apply_statement(const struct plan *plan, struct statement *out);
/* The release that it falls back on, by the authority; nothing when that is not there. */
WG_MUST_CHECK bool apply_check_release(struct plan *plan, struct db *db,
                                       const struct signature_authority *authority,
                                       struct wg_error *err);

/* The state that it is in now, and the revision. */
const char *apply_signed_state(const struct apply_signed *apply);
int64_t apply_signed_revision(const struct apply_signed *apply);
json_t *apply_signed_json(const struct apply_signed *apply); /* new reference */

/* "It waits for 2 approvals by rollout-admin: wavegate campaign approve NAME": what a campaign that
 * was applied, or started, in this state does next. */
#define APPLY_NEXT_TEXT 320
void apply_next_words(const struct campaign *campaign, const char *state,
                      char out[APPLY_NEXT_TEXT]);

#endif
