/* sign_in.h: who it is: by password and code, by session, by token, by certificate. */
#ifndef WG_ORCHESTRATOR_STORE_SIGN_IN_H
#define WG_ORCHESTRATOR_STORE_SIGN_IN_H

#include "orchestrator/people/who.h"
#include "orchestrator/store/session_row.h"

/* What a provider of OpenID Connect has said, and was checked. Borrowed texts. */
struct voucher {
    const char *issuer, *subject;
};
/* Borrowed texts. */
struct sign_in {
    const char *name, *password;
    const char *code;    /* of the second factor; NULL or "": not typed yet */
    const char *address; /* numeric, of the client */
    /* NULL: by password. Else in place of it, which is not looked at; the account becomes theirs.
     * An attempt is counted, and refused when the name is locked, once there is a code to guess. */
    const struct voucher *voucher;
};
enum sign_in_end {
    SIGN_IN_DONE,
    SIGN_IN_WRONG,       /* name, password or code; or disabled: which one is not told */
    SIGN_IN_CODE_NEEDED, /* the password is right, or the voucher stands for it */
    SIGN_IN_LOCKED       /* until then, whatever is typed */
};
struct sign_in_answer {
    enum sign_in_end end;
    wg_time until;               /* of SIGN_IN_LOCKED */
    struct session_made session; /* of SIGN_IN_DONE */
};
/* Takes about as long for names that nobody has. Each end is a row of the audit log
 * ("sign-in", "sign-in-refused"). Opens and ends
 * transactions, none of them while it hashes. False: it could not be found out. */
WG_MUST_CHECK bool sign_in(struct db *db, const struct sign_in *in, wg_time now,
                           struct sign_in_answer *out, struct wg_error *err);
/* The same of somebody who is signed in, without a session: for what must be confirmed by password.
 * DONE, WRONG or LOCKED. */
WG_MUST_CHECK bool sign_in_again(struct db *db, const struct sign_in *in, wg_time now,
                                 struct sign_in_answer *out, struct wg_error *err);

/* A row "sign-in-refused" of who came to no name here. In the caller's transaction or none. */
WG_MUST_CHECK bool sign_in_tell_refused(struct db *db, const char *address, const char *why,
                                        wg_time now, struct wg_error *err);

/* Each fills *out (WHO_NOBODY when it fails). WG_E_DENIED: it does not hold, or the person is
 * disabled; the text may be shown. Outside a transaction: what was used last is written. */
WG_MUST_CHECK bool who_by_session(struct db *db, const char *cookie, wg_time now, struct who *out,
                                  struct wg_error *err);
WG_MUST_CHECK bool who_by_token(struct db *db, const char *token, wg_time now, struct who *out,
                                struct wg_error *err);
/* name, role: common name and unit of a certificate that was checked (campaign/approval.h). The
 * role counts when the person is not in the table. */
WG_MUST_CHECK bool who_by_certificate(struct db *db, const char *name, const char *role,
                                      struct who *out, struct wg_error *err);

#endif
