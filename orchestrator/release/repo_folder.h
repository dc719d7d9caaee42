/* repo_folder.h: a repository in a folder:
 *   metadata/  what is published, one file a version; timestamp.json names the rest
 *   targets/   COMPONENT/VERSION/SHA256.NAME
 *   staged/    ROLE.json: next versions that lack signatures
 *   keys.json  which keys there are and where; no secret
 * One writer at a time. */
#ifndef WG_ORCHESTRATOR_RELEASE_REPO_FOLDER_H
#define WG_ORCHESTRATOR_RELEASE_REPO_FOLDER_H

#include "orchestrator/release/artifact.h"
#include "orchestrator/release/repo_plan.h"

#include <limits.h>

struct repo {
    char folder[PATH_MAX];
    int lock; /* -1: none */
    struct repo_state state;
    const struct artifact_told *told; /* while targets are copied; may be NULL */
};

/* WG_E_NOT_FOUND when there is no repository; WG_E_CONFLICT when another process writes it.
 * repo_close() is due in any case. */
WG_MUST_CHECK bool repo_open(struct repo *repo, const char *folder, bool to_write,
                             struct wg_error *err);
/* Makes the folder; WG_E_CONFLICT when there is a repository in it. The state is empty. */
WG_MUST_CHECK bool repo_create(struct repo *repo, const char *folder, struct wg_error *err);
void repo_close(struct repo *repo);
/* The state as the folder has it. */
WG_MUST_CHECK bool repo_reload(struct repo *repo, struct wg_error *err);

/* keys.json and staged/ as the state has them. */
WG_MUST_CHECK bool repo_save(struct repo *repo, struct wg_error *err);
/* Writes in order, each file whole or not at all, then takes away what is staged no more; reads the
 * state anew. */
WG_MUST_CHECK bool repo_publish(struct repo *repo, const struct repo_plan *plan,
                                struct wg_error *err);

/* The file of a target: targets/FOLDER/SHA256.NAME. */
WG_MUST_CHECK bool repo_target_file(const struct repo *repo, const char *path, const char *sha256,
                                    char out[PATH_MAX], struct wg_error *err);
/* Copies a file in under its hash: {"length", "hashes"}, a new reference; NULL on failure. */
json_t *repo_target_add(const struct repo *repo, const char *path, const char *file,
                        struct wg_error *err);
/* WG_E_NOT_FOUND when the file of a target in what is included is missing, WG_E_VERIFY when it has
 * another length. */
WG_MUST_CHECK bool repo_targets_check(const struct repo *repo, const json_t *included,
                                      struct wg_error *err);

#endif
