/* apply_signed.h: a campaign file that is stored with the operator's signature: what is written by
 * hand for `campaign apply`, and what commands write themselves. */
#ifndef WG_ORCHESTRATOR_CLI_APPLY_SIGNED_H
#define WG_ORCHESTRATOR_CLI_APPLY_SIGNED_H

#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/plan/applying.h"

struct apply_signed {
    struct applying applying;
    struct wg_buf statement;
    struct operator_identity who;
};

/* Both may be called again: a transaction that loses a race with the engine is tried anew. */
struct apply_source {
    /* Appends the file to text and reads it; NULL on failure. */
    struct campaign *(*read)(void *ctx, struct wg_buf *text, struct wg_error *err);
    /* More of the same transaction, before anything is stored; may be NULL. */
    bool (*also)(void *ctx, struct apply_signed *apply, struct wg_error *err);
    void *ctx;
    bool draft;
    int64_t rolls_back; /* id of a campaign; 0: none */
};

/* What stands already is left as it is. NULL on failure; apply_signed_free() it. */
struct apply_signed *apply_signed_run(const struct cli *cli, const struct apply_source *source,
                                      struct wg_error *err);
void apply_signed_free(struct apply_signed *apply);

/* "It waits for 2 approvals by rollout-admin: wavegate campaign approve NAME": what a campaign that
 * was applied, or started, in this state does next. */
#define APPLY_NEXT_TEXT 320
void apply_next_words(const struct campaign *campaign, const char *state,
                      char out[APPLY_NEXT_TEXT]);

#endif
