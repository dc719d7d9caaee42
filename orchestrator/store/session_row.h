/* session_row.h: who is signed in by a browser: a cookie's hash, a person, two ends. */
#ifndef WG_ORCHESTRATOR_STORE_SESSION_ROW_H
#define WG_ORCHESTRATOR_STORE_SESSION_ROW_H

#include "orchestrator/people/token.h"
#include "orchestrator/store/db.h"

struct session_made {
    struct token_secret secret; /* its text is the cookie */
    char csrf[TOKEN_CSRF_TEXT];
    int64_t id;
    wg_time ends; /* at the latest */
};

/* how: "password", "oidc", "setup", "invitation". The row of the audit log is its own ("sign-in").
 * In the caller's transaction or none. WG_E_DENIED: there is no such person, or they are disabled.
 */
WG_MUST_CHECK bool session_row_make(struct db *db, const char *name, const char *how,
                                    const char *address, wg_time now, struct session_made *out,
                                    struct wg_error *err);
/* Signs out ("sign-out"); harmless when it is gone. */
WG_MUST_CHECK bool session_row_end(struct db *db, int64_t id, wg_time now, struct wg_error *err);
/* Forgets sessions, tokens, links and failures that are over. Now and then. */
WG_MUST_CHECK bool session_row_sweep(struct db *db, wg_time now, struct wg_error *err);

#endif
