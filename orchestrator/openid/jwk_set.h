/* jwk_set.h: a provider's public keys (RFC 7517), and signatures held against them (RFC 7515, RFC
 * 7518): RS256 and ES256, nothing else. A key is good for the one algorithm of its kind, so that
 * nobody has an RSA key taken for the secret of an HMAC. Pure, but for what GnuTLS keeps. */
#ifndef WG_ORCHESTRATOR_OPENID_JWK_SET_H
#define WG_ORCHESTRATOR_OPENID_JWK_SET_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define JWK_SET_MAX ((size_t)256 * 1024) /* bytes of its text */
#define JWK_KEYS_MAX 64
#define JWK_KID_MAX 256

struct jwk_set;

/* What is not understood (other kinds, other uses, RSA of less than 2048 bits or more than 8192,
 * points off the curve) is passed over. NULL: WG_E_BAD_INPUT, WG_E_LIMIT. */
struct jwk_set *jwk_set_parse(const char *text, size_t len, struct wg_error *err);
void jwk_set_free(struct jwk_set *set);
size_t jwk_set_count(const struct jwk_set *set); /* of keys that can be used */

struct jwk_signed {
    const char *alg; /* as the header says */
    const char *kid; /* "" none: then there must be one key of the kind alone */
    const char *data;
    size_t len;
    const uint8_t *signature;
    size_t signature_len;
};
/* WG_E_NOT_FOUND: there is no such key, there may be one by now; WG_E_VERIFY. Any thread, as long
 * as nobody frees the set. */
WG_MUST_CHECK bool jwk_set_verify(const struct jwk_set *set, const struct jwk_signed *what,
                                  struct wg_error *err);

#endif
