/* password.h: passwords, kept as Argon2id (RFC 9106) in the text form of its reference
 * implementation; by libsodium (docs/decisions/0031). Pure but for random numbers; a call that
 * hashes takes PASSWORD_MEMORY bytes for an eighth of a second or so. */
#ifndef WG_ORCHESTRATOR_PEOPLE_PASSWORD_H
#define WG_ORCHESTRATOR_PEOPLE_PASSWORD_H

#include "common/error.h"

#include <stddef.h>

#define PASSWORD_MIN 12  /* characters */
#define PASSWORD_MAX 256 /* bytes */
#define PASSWORD_HASH 128
/* The second choice of RFC 9106, section 4, with one lane. */
#define PASSWORD_MEMORY ((size_t)64 * 1024 * 1024)
#define PASSWORD_PASSES 3

/* Good enough for that person? WG_E_BAD_INPUT says what is wrong, never what was typed. */
WG_MUST_CHECK bool password_check(const char *password, const char *name, struct wg_error *err);
/* $argon2id$v=19$m=65536,t=3,p=1$... */
WG_MUST_CHECK bool password_hash(const char *password, char out[PASSWORD_HASH],
                                 struct wg_error *err);
/* hash "" or NULL: there is none; takes as long and is false. */
bool password_verify(const char *hash, const char *password);
/* Made at another cost: make it anew at the next sign-in. */
bool password_is_stale(const char *hash);

#endif
