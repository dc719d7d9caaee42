/* openid_row.h: sign-ins by OpenID Connect on their way, and whose an account at a provider is. Of
 * states and cookies only the hashes are kept. */
#ifndef WG_ORCHESTRATOR_STORE_OPENID_ROW_H
#define WG_ORCHESTRATOR_STORE_OPENID_ROW_H

#include "common/crypto.h"
#include "common/text.h"
#include "orchestrator/store/db.h"

#define OPENID_TRY_LIFE (10 * WG_MINUTE)
#define OPENID_TRIES_MAX 100 /* under way, of one address */
#define OPENID_TRY_TEXT 64   /* of nonce and verifier */
#define OPENID_SUBJECT_MAX 256
#define OPENID_ISSUER_MAX 512

struct openid_try {
    char browser[WG_SHA256_HEX]; /* hash of the cookie */
    char nonce[OPENID_TRY_TEXT], verifier[OPENID_TRY_TEXT];
    wg_time made_at;
};

/* state: its hash. WG_E_LIMIT: this address has too many under way. */
WG_MUST_CHECK bool openid_row_begin(struct db *db, const char *state, const struct openid_try *what,
                                    const char *address, wg_time now, struct wg_error *err);
/* Once: whatever comes of it, it is gone. WG_E_NOT_FOUND: never begun, used, or over. */
WG_MUST_CHECK bool openid_row_take(struct db *db, const char *state, wg_time now,
                                   struct openid_try *out, struct wg_error *err);

/* Who the provider says that it is, while the code of the second factor is not typed. */
struct openid_vouched {
    char person[WG_NAME_MAX + 1];
    char issuer[OPENID_ISSUER_MAX], subject[OPENID_SUBJECT_MAX];
};
WG_MUST_CHECK bool openid_row_vouch(struct db *db, const char *browser,
                                    const struct openid_vouched *what, const char *address,
                                    wg_time now, struct wg_error *err);
/* WG_E_NOT_FOUND. */
WG_MUST_CHECK bool openid_row_vouched(struct db *db, const char *browser, wg_time now,
                                      struct openid_vouched *out, struct wg_error *err);
WG_MUST_CHECK bool openid_row_end(struct db *db, const char *browser, struct wg_error *err);

enum openid_who {
    OPENID_KNOWN,   /* name is set */
    OPENID_NOBODY,  /* no such person */
    OPENID_ANOTHER, /* of that name there is one, with another account */
    OPENID_DISABLED
};
/* By the account; by the name claimed when it is nobody's yet. */
WG_MUST_CHECK bool openid_row_who(struct db *db, const char *issuer, const char *subject,
                                  const char *claimed, enum openid_who *out,
                                  char name[WG_NAME_MAX + 1], struct wg_error *err);

#endif
