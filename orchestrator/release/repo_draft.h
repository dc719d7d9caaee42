/* repo_draft.h: the next versions of metadata: bodies made and changed, then put among what is
 * staged, unsigned. Pure; the time is handed in. */
#ifndef WG_ORCHESTRATOR_RELEASE_REPO_DRAFT_H
#define WG_ORCHESTRATOR_RELEASE_REPO_DRAFT_H

#include "orchestrator/release/repo_key.h"
#include "orchestrator/release/repo_state.h"

#define REPO_ROLE_KEYS_MAX 16

struct repo_role_keys {
    size_t count;
    struct repo_key keys[REPO_ROLE_KEYS_MAX];
    int64_t threshold;
};

struct repo_draft {
    struct repo_state *state;
    wg_time now;
};

/* Root 1 and empty targets 1; by enum tuf_type. expires: {ROLE: duration} for all four. */
WG_MUST_CHECK bool repo_draft_first(struct repo_draft *draft,
                                    const struct repo_role_keys roles[TUF_TARGETS + 1],
                                    json_t *expires, struct wg_error *err);

/* A body that may be changed: of what is staged, else the next version of what is live, with a
 * fresh expiry; a new reference. NULL when there is neither. */
json_t *repo_draft_open(const struct repo_draft *draft, const char *role, struct wg_error *err);
/* Stages it, without signatures; body is taken over. */
WG_MUST_CHECK bool repo_draft_put(struct repo_draft *draft, const char *role, json_t *body,
                                  struct wg_error *err);
/* Without change: a new version that expires later. */
WG_MUST_CHECK bool repo_draft_renew(struct repo_draft *draft, const char *role,
                                    struct wg_error *err);

/* The component's role, and its delegation when it is new: to keys, or to the signers of targets
 * when there are none. */
WG_MUST_CHECK bool repo_draft_component(struct repo_draft *draft, const char *component,
                                        const struct repo_role_keys *keys, struct wg_error *err);
/* A target {"length", "hashes", "custom"?} under the path; info is taken over. WG_E_CONFLICT when
 * the path is there. */
WG_MUST_CHECK bool repo_draft_target(struct repo_draft *draft, const char *role, const char *path,
                                     json_t *info, bool replaces, struct wg_error *err);
/* Takes out all targets COMPONENT/VERSION/..., and keeps the reason in the role's custom part.
 * WG_E_NOT_FOUND when there are none. */
WG_MUST_CHECK bool repo_draft_revoke(struct repo_draft *draft, const char *component,
                                     const char *version, const char *reason, struct wg_error *err);
/* {"reason", "at"} of a version that was taken out, borrowed; NULL when it was not. */
const json_t *repo_revocation(const json_t *map, const char *component, const char *version);

/* Keys of a role added, removed (ids, or beginnings of 8 digits or more), threshold set (0: as it
 * is). The delegator gets a new version, and so does whatever its signatures would no longer
 * cover. Role snapshot and timestamp are made anew by every publication anyway. */
WG_MUST_CHECK bool repo_draft_rotate(struct repo_draft *draft, const char *role,
                                     const struct repo_role_keys *add, const char *const *remove,
                                     size_t remove_count, struct wg_error *err);

/* snapshot and timestamp, without signatures, new: the map holds what they list, files the texts.
 */
json_t *repo_draft_snapshot(const struct repo_draft *draft, const json_t *map, const json_t *texts,
                            struct wg_error *err);
json_t *repo_draft_timestamp(const struct repo_draft *draft, const json_t *snapshot_text,
                             int64_t snapshot_version, struct wg_error *err);

/* How metadata is written into files: a JSON string. */
json_t *repo_text(const json_t *envelope, struct wg_error *err);

#endif
