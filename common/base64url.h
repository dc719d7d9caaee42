/* base64url.h: the Base 64 of URLs (RFC 4648, section 5) without padding, as JOSE and our tokens
 * have it, in its one canonical form. Pure. */
#ifndef WG_COMMON_BASE64URL_H
#define WG_COMMON_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WG_BASE64URL_TEXT(bytes) (((bytes)*4 + 2) / 3 + 1) /* with NUL */

/* Writes WG_BASE64URL_TEXT(len) bytes, the NUL among them. */
void wg_base64url_write(const void *data, size_t len, char *out);
/* False for a sign that is none of it, padding, a length that no bytes have, bits left over that
 * are not zero, and what does not fit into size bytes. */
bool wg_base64url_read(const char *text, size_t text_len, uint8_t *out, size_t size, size_t *len);

#endif
