/* people_part.h: what the files about people share. Internal to the room. */
#ifndef WG_ORCHESTRATOR_STORE_PEOPLE_PART_H
#define WG_ORCHESTRATOR_STORE_PEOPLE_PART_H

#include "orchestrator/people/password.h"
#include "orchestrator/people/totp.h"
#include "orchestrator/store/db.h"
#include "orchestrator/store/params.h"

#include <jansson.h>

/* What lets somebody in: to be wiped. */
struct person_secrets {
    bool found, disabled;
    char password[PASSWORD_HASH]; /* its hash; "" none */
    char factor[TOTP_SECRET], offered[TOTP_SECRET];
    int64_t step; /* of the code that was taken last */
};
/* Nobody of that name: found is false, all others empty. */
WG_MUST_CHECK bool people_secrets(struct db *db, const char *name, struct person_secrets *out,
                                  struct wg_error *err);

/* All changes of people in turn, until the transaction ends. Before any row of theirs. */
WG_MUST_CHECK bool people_lock(struct db *db, struct wg_error *err);
/* An owner of all there is, who may come in. */
WG_MUST_CHECK bool people_has_owner(struct db *db, bool *out, struct wg_error *err);

/* The text of a value as it is stored; takes the value over, NULL is out of memory. Opens the
 * buffer, which is to be cleared either way. */
WG_MUST_CHECK bool people_text(json_t *value, struct wg_buf *out, struct wg_error *err);
/* A stored text as a value: new reference; NULL with an error. */
json_t *people_value(const char *text, struct wg_error *err);

#endif
