/* base64.h: the Base 64 of age headers: RFC 4648 section 4, without padding, in its one canonical
 * form. Pure. */
#ifndef WG_COMMON_AGE_BASE64_H
#define WG_COMMON_AGE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AGE_BASE64_LEN(bytes) (((bytes)*4 + 2) / 3) /* characters for so many bytes */

/* Writes AGE_BASE64_LEN(len) characters, without a NUL. */
void age_base64_write(const uint8_t *data, size_t len, char *out);
/* False for a character of no meaning, padding, white space, a length that no bytes have, and bits
 * left over that are not zero. out: size bytes at most; *len is set, also when out is NULL, which
 * only checks. */
bool age_base64_read(const char *text, size_t text_len, uint8_t *out, size_t size, size_t *len);

#endif
