/* id_token.h: an ID token judged as OpenID Connect Core 1.0, section 3.1.3.7 wants it, and who it
 * says that it is. Pure. */
#ifndef WG_ORCHESTRATOR_OPENID_ID_TOKEN_H
#define WG_ORCHESTRATOR_OPENID_ID_TOKEN_H

#include "common/json.h"
#include "common/text.h"
#include "common/time.h"
#include "orchestrator/config/settings_openid.h"
#include "orchestrator/openid/jwk_set.h"

#define ID_TOKEN_MAX ((size_t)16 * 1024) /* bytes of its text */
#define ID_TOKEN_SUBJECT_MAX 256
#define ID_TOKEN_LEEWAY (60 * WG_SECOND) /* of the clocks of two machines */

struct id_token_rules { /* borrowed */
    const struct settings_openid *settings;
    const char *nonce; /* of the attempt */
    wg_time since;     /* when the attempt began: nothing is older */
    wg_time now;
};
struct id_token {
    char subject[ID_TOKEN_SUBJECT_MAX]; /* whose it is with this issuer, for good */
    json_t *claims;                     /* owned */
};

/* Signature and claims; out is cleared when it fails. WG_E_NOT_FOUND: signed by a key that is not
 * in the set; WG_E_VERIFY: it does not hold. The words may be logged: nothing secret is in them. */
WG_MUST_CHECK bool id_token_check(const char *text, const struct jwk_set *keys,
                                  const struct id_token_rules *rules, struct id_token *out,
                                  struct wg_error *err);
void id_token_clear(struct id_token *token);

/* Does it say nothing of what the settings want to know? Then the provider may be asked beside it
 * (section 5.3). */
bool id_token_lacks(const struct id_token *token, const struct settings_openid *settings);
/* Adds what was told there, and the token does not say; borrowed. WG_E_VERIFY: it is of another
 * account. */
WG_MUST_CHECK bool id_token_add(struct id_token *token, const json_t *told, struct wg_error *err);
/* The person's name, without the domain. WG_E_DENIED: the settings want something else of who comes
 * in, or it is no name. */
WG_MUST_CHECK bool id_token_person(const struct id_token *token,
                                   const struct settings_openid *settings,
                                   char out[WG_NAME_MAX + 1], struct wg_error *err);

#endif
