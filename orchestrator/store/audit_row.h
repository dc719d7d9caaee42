/* audit_row.h: writing the audit log. Most rows are written by triggers (migrations/008_audit.sql,
 * 021_audit_more.sql) beside what they tell; the others from here in the same transaction. They are
 * numbered and chained as it commits; those of a transaction that is not "read committed" behind
 * it. Of texts that go through here what looks like a secret is taken out (common/redact.h). */
#ifndef WG_ORCHESTRATOR_STORE_AUDIT_ROW_H
#define WG_ORCHESTRATOR_STORE_AUDIT_ROW_H

#include "common/json.h"
#include "orchestrator/store/db.h"

/* For whom this connection acts from now on: the actor of all that names none itself. */
WG_MUST_CHECK bool audit_row_actor(struct db *db, const char *actor, struct wg_error *err);
/* And from where: the way ("cli", "engine"; the database adds the address that it sees), or the way
 * and an address ("https 10.0.0.4"). */
WG_MUST_CHECK bool audit_row_origin(struct db *db, const char *origin, struct wg_error *err);

/* What was done. before and after: the members that are others now; NULL where there is nothing to
 * say. JSON without reals; references are taken over by audit_row_change. */
struct audit_change {
    const char *kind, *subject;
    const char *why; /* NULL: what the transaction says (wavegate.reason), if anything */
    json_t *detail, *before, *after;
    wg_time at; /* 0: by the database's clock */
};
/* detail NULL is out of memory. */
WG_MUST_CHECK bool audit_row_change(struct db *db, const struct audit_change *change,
                                    struct wg_error *err);
/* A change without before, after and why. */
WG_MUST_CHECK bool audit_row_add(struct db *db, const char *kind, const char *subject,
                                 json_t *detail, wg_time now, struct wg_error *err);

/* What somebody was not allowed, or could not do as things stood. */
struct audit_refusal {
    const char *who;     /* NULL: the connection's login, for who has not been known */
    const char *origin;  /* NULL: the connection's */
    const char *what;    /* "campaign approve", "POST /campaigns": of few */
    const char *subject; /* the campaign, device...; "" none */
    const char *why;     /* for people */
    json_t *detail;      /* reference taken over; may be NULL */
};
/* A row of kind "refused" in a transaction of its own: call it when what was tried is rolled back.
 * The same who and what become one row a minute, with a count; so do the many names that one
 * origin makes up. */
WG_MUST_CHECK bool audit_row_refused(struct db *db, const struct audit_refusal *refusal,
                                     struct wg_error *err);
/* WG_E_USAGE when what a person writes for others to read, like a reason, holds what looks like a
 * secret. what: "--reason". */
WG_MUST_CHECK bool audit_row_plain(const char *what, const char *text, struct wg_error *err);

/* After a transaction that was not "read committed", and before the whole log is read: chains what
 * was told and could not be chained as it was committed, and tells what was refused again and
 * again. Outside a transaction. */
WG_MUST_CHECK bool audit_row_settle(struct db *db, struct wg_error *err);

#endif
