/* hmac_sha1.h: HMAC-SHA-1 (RFC 2104) of wolfCrypt: for codes of second factors (RFC 6238), which
 * authenticators know with no other hash. Nothing else is to be built on it. Pure. */
#ifndef WG_COMMON_CRYPT_HMAC_SHA1_H
#define WG_COMMON_CRYPT_HMAC_SHA1_H

#include "common/crypt/hkdf.h"

#define WG_HMAC_SHA1_SIZE 20

WG_MUST_CHECK bool wg_hmac_sha1(struct wg_bytes key, struct wg_bytes data,
                                uint8_t out[WG_HMAC_SHA1_SIZE], struct wg_error *err);

#endif
