/* repo_plan.h: what can be published now, and in which order it is to be written so that a reader
 * never sees a half. Pure but for the keys that sign snapshot and timestamp. */
#ifndef WG_ORCHESTRATOR_RELEASE_REPO_PLAN_H
#define WG_ORCHESTRATOR_RELEASE_REPO_PLAN_H

#include "orchestrator/release/repo_draft.h"

struct repo_plan {
    json_t *included; /* role -> envelope: of what is staged, what is complete */
    json_t *writes;   /* [[name, text], ...] in order; empty: nothing is to be done */
};

/* The keys of snapshot and timestamp that are at hand; borrowed. */
struct repo_online {
    struct repo_signer *signers;
    size_t count;
};

/* What is staged and complete: signed by enough of those whom root and targets name, be they
 * published or complete themselves, and leaving nothing published without enough signatures. A new
 * map, or NULL. */
json_t *repo_complete(const struct repo_state *state, struct wg_error *err);

/* Publishes that, and signs snapshot and timestamp anew where they changed, where they expire
 * before `before`, or where others are to sign them now. WG_E_DENIED when keys for that are not at
 * hand. repo_plan_clear() is due in any case. */
WG_MUST_CHECK bool repo_plan_make(struct repo_plan *plan, const struct repo_draft *draft,
                                  const struct repo_online *online, wg_time snapshot_before,
                                  wg_time timestamp_before, struct wg_error *err);
void repo_plan_clear(struct repo_plan *plan);

/* Of each staged role: {"role", "version", "threshold", "signed": [names], "missing": [names]}. */
json_t *repo_standing(const struct repo_state *state, struct wg_error *err);
/* The name of a key for people: as keys.json has it, else the beginning of the id. New text. */
json_t *repo_key_title(const struct repo_state *state, const char *id);

#endif
