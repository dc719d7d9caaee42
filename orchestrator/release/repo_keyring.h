/* repo_keyring.h: secret keys that are open for signing metadata, and publishing with those of
 * snapshot and timestamp: what is complete, and what would expire. One thread. */
#ifndef WG_ORCHESTRATOR_RELEASE_REPO_KEYRING_H
#define WG_ORCHESTRATOR_RELEASE_REPO_KEYRING_H

#include "orchestrator/release/repo_folder.h"

#define REPO_KEYRING_MAX 16

struct repo_keyring {
    struct repo_signer signers[REPO_KEYRING_MAX];
    size_t count;
    struct wg_error refused; /* why the first one that did not open did not */
};

WG_MUST_CHECK bool repo_keyring_add(struct repo_keyring *ring, const char *where,
                                    const struct wg_passphrase_source *secret,
                                    struct wg_error *err);
/* Those of snapshot and timestamp whose place keys.json knows; one that does not open is passed
 * over. */
void repo_keyring_online(struct repo_keyring *ring, const struct repo_state *state,
                         const struct wg_passphrase_source *secret);
void repo_keyring_clear(struct repo_keyring *ring);

/* Publishes what is complete, and signs anew what expires before the times given. *published counts
 * the files written. WG_E_DENIED when keys for that are not at hand. */
WG_MUST_CHECK bool repo_keyring_publish(struct repo *repo, struct repo_keyring *ring,
                                        wg_time snapshot_before, wg_time timestamp_before,
                                        size_t *published, struct wg_error *err);

/* What expires before that is signed anew: when half of the role's time is over. */
wg_time repo_due_before(const struct repo_state *state, const char *role, wg_time now);

/* Roles that people must sign anew within REPO_WARN_BEFORE, with the time that they have left. */
#define REPO_WARN_BEFORE (14 * WG_DAY)
typedef void (*repo_warn_fn)(void *ctx, const char *role, wg_duration left);
void repo_warn_of_expiry(const struct repo_state *state, wg_time now, repo_warn_fn warn, void *ctx);

#endif
