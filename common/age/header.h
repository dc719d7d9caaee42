/* header.h: the header of an age file (age-encryption.org/v1): a file key, wrapped for whoever may
 * have it. Header and body (body.h) together are a file that age itself decrypts; here the body is
 * made once, and a header for each device. Pure but for age_header_make, which draws random bytes.
 */
#ifndef WG_COMMON_AGE_HEADER_H
#define WG_COMMON_AGE_HEADER_H

#include "common/age/key.h"
#include "common/age/stanza.h"

#define AGE_HEADER_SIZE 168 /* bytes of a header for one recipient: text, without a NUL */

/* A header for one recipient alone; another one each time. out is text with a NUL behind it.
 * WG_E_VERIFY for a recipient of small order, with whom nothing secret can be shared. */
WG_MUST_CHECK bool age_header_make(const struct age_file_key *key,
                                   const struct age_recipient *recipient,
                                   char out[AGE_HEADER_SIZE + 1], struct wg_error *err);
/* What identity may have: the file key. data is the header, with nothing behind it.
 * WG_E_BAD_INPUT, WG_E_LIMIT: it is no header, or one that must not be used (a share of small
 * order, a passphrase beside other recipients); WG_E_NOT_FOUND: none of it is for this identity;
 * WG_E_VERIFY: it was changed after it had been made. Stanzas that are not X25519 are passed over.
 * out is filled only when all holds. */
WG_MUST_CHECK bool age_header_open(const char *data, size_t len,
                                   const struct age_identity *identity, struct age_file_key *out,
                                   struct wg_error *err);
/* How long the header is that a file begins with, so that it can be opened. */
WG_MUST_CHECK bool age_header_length(const char *data, size_t len, size_t *out,
                                     struct wg_error *err);

#endif
