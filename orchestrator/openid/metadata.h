/* metadata.h: what a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414): where things
 * are asked. Pure. */
#ifndef WG_ORCHESTRATOR_OPENID_METADATA_H
#define WG_ORCHESTRATOR_OPENID_METADATA_H

#include "common/error.h"

#include <stddef.h>

#define OPENID_METADATA_MAX ((size_t)256 * 1024) /* bytes of its text */
#define OPENID_URL_MAX 1024

struct openid_metadata {
    char authorization[OPENID_URL_MAX], token[OPENID_URL_MAX], keys[OPENID_URL_MAX];
    char userinfo[OPENID_URL_MAX]; /* "" none */
    bool tells_issuer;             /* RFC 9207: its answers must have iss */
    bool takes_post;               /* takes a client's secret in the body, and not in the header */
};

/* WG_E_VERIFY: it is another issuer's; WG_E_BAD_INPUT: something lacks, is not HTTPS, or the
 * provider does neither PKCE by S256 (when it says what it does) nor the code flow. */
WG_MUST_CHECK bool openid_metadata_parse(const char *text, size_t len, const char *issuer,
                                         struct openid_metadata *out, struct wg_error *err);

#endif
