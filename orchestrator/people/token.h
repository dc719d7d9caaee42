/* token.h: secrets that stand for a person: sessions (wgs_), tokens of scripts (wgt_), the one-time
 * links of the first owner (wgo_) and of who is invited (wgi_); and for a browser that is on its
 * way to a provider of OpenID Connect (wgb_). Only their SHA-256 is kept. Pure but for random
 * numbers.
 *
 * A token is its prefix and 48 characters of base64url: 32 random bytes and the first 4 of the
 * SHA-256 of the prefix and those, so that scanners find it and a slip is known before anything is
 * looked up. */
#ifndef WG_ORCHESTRATOR_PEOPLE_TOKEN_H
#define WG_ORCHESTRATOR_PEOPLE_TOKEN_H

#include "common/crypto.h"
#include "common/time.h"

#define TOKEN_TEXT 53      /* with NUL */
#define TOKEN_CSRF_TEXT 44 /* with NUL */

#define SESSION_LIFE (12 * WG_HOUR)
#define SESSION_IDLE (1 * WG_HOUR)
#define SETUP_LIFE (24 * WG_HOUR)
#define INVITATION_LIFE (24 * WG_HOUR)
#define INVITATION_LIFE_MAX (30 * WG_DAY)
#define TOKEN_LIFE_MAX (366 * WG_DAY)

enum token_kind {
    TOKEN_SESSION,
    TOKEN_SCRIPT,
    TOKEN_SETUP,
    TOKEN_INVITATION,
    TOKEN_BROWSER,
    TOKEN_KINDS
};

struct token_secret {
    char text[TOKEN_TEXT];    /* shown once */
    char hash[WG_SHA256_HEX]; /* kept */
};

WG_MUST_CHECK bool token_make(enum token_kind kind, struct token_secret *out, struct wg_error *err);
/* The hash to look up. WG_E_DENIED: it is none of that kind, or there is a slip in it; the text is
 * not in the error. */
WG_MUST_CHECK bool token_read(enum token_kind kind, const char *text, char hash[WG_SHA256_HEX],
                              struct wg_error *err);
void token_clear(struct token_secret *secret); /* wipes */

/* What writes of a session must repeat, made from the session's text: it is not stored. */
WG_MUST_CHECK bool token_csrf(const char *session, char out[TOKEN_CSRF_TEXT], struct wg_error *err);
/* Takes the same time wherever they differ. */
bool token_same(const char *a, const char *b);

/* When a session ends that was made and last seen then, if it is not used again. */
wg_time session_ends(wg_time made, wg_time seen);

#endif
