/* repo_bundle.h: a repository's metadata in one JSON file, to be carried to a machine without a
 * network, signed there and carried back:
 *   {"_type": "wavegate-repository", "v": 1, "files": {NAME: {"sha256", "text"}, ...}}
 * with keys.json (without places), every root, what is published now, and what is staged. */
#ifndef WG_ORCHESTRATOR_RELEASE_REPO_BUNDLE_H
#define WG_ORCHESTRATOR_RELEASE_REPO_BUNDLE_H

#include "orchestrator/release/repo_folder.h"

#define BUNDLE_MAX ((size_t)64 << 20) /* bytes */

/* Pure: appends the bundle. */
WG_MUST_CHECK bool repo_bundle_write(const struct repo_state *state, struct wg_buf *out,
                                     struct wg_error *err);
/* Pure: checked like a folder. repo_state_clear() is due in any case. */
WG_MUST_CHECK bool repo_bundle_read(const char *bytes, size_t len, struct repo_state *out,
                                    struct wg_error *err);

struct repo_merge {
    int64_t signatures; /* new ones */
    int64_t roles;      /* staged roles that were not known here */
    bool advanced;      /* what is published there was newer, and is here now */
};

/* Takes in what the bundle has more: newer published metadata, staged roles, signatures. It must be
 * of the same repository (one chain of roots goes on the other) and its staged versions must follow
 * on what is published; where a role is staged on both sides they must say the same. WG_E_CONFLICT
 * otherwise, and nothing is changed. An empty repository (of repo_create) takes all. */
WG_MUST_CHECK bool repo_merge_run(struct repo *repo, const struct repo_state *from,
                                  struct repo_merge *out, struct wg_error *err);

#endif
