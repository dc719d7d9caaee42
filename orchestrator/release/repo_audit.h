/* repo_audit.h: a whole repository checked as a client would, and more: every root since the first,
 * every role, every target's bytes; who signed, and what expires when. */
#ifndef WG_ORCHESTRATOR_RELEASE_REPO_AUDIT_H
#define WG_ORCHESTRATOR_RELEASE_REPO_AUDIT_H

#include "orchestrator/release/repo_folder.h"

struct repo_audit {
    json_t *roles;    /* [{"role", "version", "expires", "threshold", "signed": [names]}, ...] */
    json_t *problems; /* [text, ...]; empty: it holds */
    int64_t targets;  /* files checked */
    int64_t bytes;
};

/* repo is open. False only when the check itself failed; repo_audit_clear() is due in any case. */
WG_MUST_CHECK bool repo_audit_run(struct repo_audit *audit, const struct repo *repo, wg_time now,
                                  struct wg_error *err);
void repo_audit_clear(struct repo_audit *audit);

#endif
