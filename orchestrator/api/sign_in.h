/* sign_in.h: what routes about who is signed in share: /me, passwords that are asked again, the
 * cookie. */
#ifndef WG_ORCHESTRATOR_API_SIGN_IN_H
#define WG_ORCHESTRATOR_API_SIGN_IN_H

#include "orchestrator/api/call.h"
#include "orchestrator/store/session_row.h"

/* 200 with who is asking, as GET /me. */
WG_MUST_CHECK bool sign_in_answer_me(struct api_call *call, struct wg_error *err);
/* The same of the session that was just made, and its cookie. */
WG_MUST_CHECK bool sign_in_answer_session(struct api_call *call, const struct session_made *session,
                                          struct wg_error *err);
/* The cookie alone; call->who is them from now on. */
WG_MUST_CHECK bool sign_in_set_cookie(struct api_call *call, const struct session_made *session,
                                      struct wg_error *err);
/* Takes the cookie back. */
void sign_in_drop_cookie(struct api_call *call);
/* A problem (429, "locked"): false. */
bool sign_in_locked(struct api_call *call, wg_time until, struct wg_error *err);
/* A page of another host must not sign anybody in: the Origin that a browser tells is ours, or none
 * is told. Else a problem (403, "origin"). */
WG_MUST_CHECK bool sign_in_own_origin(struct api_call *call, struct wg_error *err);
/* Somebody who is in the table and came by no token, so that it is they: WG_E_DENIED. */
WG_MUST_CHECK bool sign_in_in_person(const struct api_call *call, struct wg_error *err);
/* Whether that is their password: outside a transaction. Else a problem (403 "wrong-password",
 * 429).
 */
WG_MUST_CHECK bool sign_in_ask_again(struct api_call *call, const char *password,
                                     struct wg_error *err);

#endif
