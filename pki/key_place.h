/* key_place.h: where a secret key of the authorities is: its file holds PEM, or one line with the
 * pkcs11: URI of a key in a token, whose PIN is where the URI's pin-source says. No person is
 * asked: services use these keys too. */
#ifndef WG_PKI_KEY_PLACE_H
#define WG_PKI_KEY_PLACE_H

#include "common/posix/signing_key.h"

#define KEY_PLACE_MAX 2048

/* The URI that the file holds; "" when it holds something else. */
WG_MUST_CHECK bool key_place_uri(const char *file, char out[KEY_PLACE_MAX], struct wg_error *err);
/* Writes the line, mode 600. */
WG_MUST_CHECK bool key_place_write(const char *file, const char *uri, struct wg_error *err);

/* Opens the key in a token; the caller frees. NULL on failure. */
struct wg_signing_key *key_place_open_token(const char *uri, struct wg_error *err);
/* Opens the key of such a file. */
struct wg_signing_key *key_place_open(const char *file, struct wg_error *err);

#endif
