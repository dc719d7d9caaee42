/* person_row.h: people, what they may, and what lets them in. struct person_row, which answers and
 * the audit log are made of, has no secret in it.
 *
 * Changes are made in the caller's transaction. Each is a row of the audit log, before and after,
 * by triggers (migrations/019_people.sql), in the name of audit_row_actor(). by: whose request it
 * is; NULL: the server's own, or the command of whoever has the database. Nobody gives what they
 * have not or changes somebody who may more than they (WG_E_DENIED); nobody takes away the last
 * owner (WG_E_CONFLICT). */
#ifndef WG_ORCHESTRATOR_STORE_PERSON_ROW_H
#define WG_ORCHESTRATOR_STORE_PERSON_ROW_H

#include "orchestrator/people/password.h"
#include "orchestrator/people/totp.h"
#include "orchestrator/people/who.h"
#include "orchestrator/store/db.h"

/* As large as struct grants: keep it off small stacks. */
struct person_row {
    char name[WG_NAME_MAX + 1];
    int64_t version; /* grows with every change: the ETag */
    wg_time made_at, changed_at;
    wg_time disabled_at;   /* 0: may come in */
    wg_time signed_in_at;  /* last time by password; 0: never */
    wg_time locked_until;  /* after wrong passwords; 0, or in the past: may try */
    wg_time invited_until; /* there is a link until then; 0, or in the past: none */
    bool has_password, has_second_factor;
    bool has_openid; /* an account at a provider is theirs */
    struct grants grants;
};

WG_MUST_CHECK bool person_row_get(struct db *db, const char *name, struct person_row *out,
                                  struct wg_error *err); /* WG_E_NOT_FOUND */
/* Borrowed row; false ends it. */
typedef bool (*person_row_fn)(void *ctx, const struct person_row *row, struct wg_error *err);
/* By name, behind that one ("" from the start), at most limit. */
WG_MUST_CHECK bool person_row_each(struct db *db, const char *after, size_t limit,
                                   person_row_fn take, void *ctx, struct wg_error *err);

/* hash: of password_hash(), NULL: none yet. WG_E_CONFLICT: there is one of that name. */
WG_MUST_CHECK bool person_row_add(struct db *db, const struct who *by, const char *name,
                                  const struct grants *grants, const char *hash, wg_time now,
                                  struct wg_error *err);

enum person_set { PERSON_KEEP, PERSON_NO, PERSON_YES };
struct person_change {
    int64_t version;             /* it must still be this one; 0: any */
    const struct grants *grants; /* NULL: as they are */
    enum person_set disabled;
    const char *hash; /* a new password; NULL: as it is */
    bool drop_password, drop_second_factor;
    bool drop_openid; /* accounts at providers are theirs no more */
    bool unlock;      /* wrong passwords before are forgotten */
};
/* *stale: somebody else changed it since (WG_E_CONFLICT); may be NULL. Who is disabled, or gets
 * another password, loses all sessions; with a password, wrong ones before are forgotten.
 * WG_E_NOT_FOUND. */
WG_MUST_CHECK bool person_row_change(struct db *db, const struct who *by, const char *name,
                                     const struct person_change *change, wg_time now, bool *stale,
                                     struct wg_error *err);
/* With their sessions and tokens. A certificate then speaks for itself again: to keep somebody out,
 * disable them. */
WG_MUST_CHECK bool person_row_delete(struct db *db, const struct who *by, const char *name,
                                     int64_t version, bool *stale, struct wg_error *err);

/* A person's own doing, once sign_in_again() (sign_in.h) has said that it is they. keep: the
 * session that stays, all others end. */
WG_MUST_CHECK bool person_row_own_password(struct db *db, const char *name, int64_t keep,
                                           const char *hash, wg_time now, struct wg_error *err);
/* A second factor counts once a code of it was typed: until then the last one holds. WG_E_DENIED:
 * wrong code; WG_E_CONFLICT: none was offered. */
WG_MUST_CHECK bool person_row_factor_offer(struct db *db, const char *name, const char *secret,
                                           struct wg_error *err);
WG_MUST_CHECK bool person_row_factor_confirm(struct db *db, const char *name, const char *code,
                                             wg_time now, struct wg_error *err);

#endif
