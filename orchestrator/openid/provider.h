/* provider.h: the provider of OpenID Connect that the configuration names: what it says of itself
 * and its keys, fetched when they are first wanted, kept for an hour, the keys fetched anew, three
 * times a minute at most, when one is not known; a code redeemed for an ID token (RFC 6749, RFC
 * 7636, OpenID Connect Core 1.0). Any thread. Blocks for OPENID_PATIENCE, each. */
#ifndef WG_ORCHESTRATOR_OPENID_PROVIDER_H
#define WG_ORCHESTRATOR_OPENID_PROVIDER_H

#include "common/buf.h"
#include "orchestrator/openid/id_token.h"

#define OPENID_CODE_MAX 2048
#define OPENID_SECRET_TEXT 44 /* of state, nonce, verifier: 32 bytes in base64url, with NUL */

struct openid_provider;

/* settings: borrowed. Reads the client's secret, asks nobody. NULL: the file of the secret is not
 * there, or others may read it. */
struct openid_provider *openid_provider_new(const struct settings_openid *settings,
                                            struct wg_error *err);
void openid_provider_free(struct openid_provider *provider);

struct openid_start {     /* borrowed */
    const char *redirect; /* where the browser comes back */
    const char *state, *nonce, *verifier;
};
/* Appends where the browser is sent. WG_E_NETWORK, WG_E_BAD_INPUT, WG_E_VERIFY: of the provider. */
WG_MUST_CHECK bool openid_provider_location(struct openid_provider *provider,
                                            const struct openid_start *start, struct wg_buf *out,
                                            struct wg_error *err);

struct openid_return { /* borrowed: what the browser brings back, and what it was sent with */
    const char *code;
    const char *issuer; /* as it came; NULL: it did not */
    const char *redirect, *nonce, *verifier;
    wg_time since, now;
};
struct openid_account {
    char subject[ID_TOKEN_SUBJECT_MAX]; /* whose it is with this issuer, for good */
    char person[WG_NAME_MAX + 1];       /* as the person claim says, without the domain */
};
/* The provider is asked for claims that its ID token does not have. WG_E_NETWORK: it is away;
 * WG_E_VERIFY, WG_E_BAD_INPUT: what it says does not hold; WG_E_DENIED: the settings do not let
 * them in. */
WG_MUST_CHECK bool openid_provider_redeem(struct openid_provider *provider,
                                          const struct openid_return *back,
                                          struct openid_account *out, struct wg_error *err);
/* RFC 9207, also of answers that are errors. WG_E_VERIFY. */
WG_MUST_CHECK bool openid_provider_is_issuer(struct openid_provider *provider, const char *issuer,
                                             struct wg_error *err);

#endif
