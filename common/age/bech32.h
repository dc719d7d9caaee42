/* bech32.h: Bech32 (BIP 173), the text form of age keys: a prefix, '1', 32 bytes and a checksum.
 * Without BIP 173's bound on the length, as age has it; only for 32 bytes, which is all that we
 * have. Pure. */
#ifndef WG_COMMON_AGE_BECH32_H
#define WG_COMMON_AGE_BECH32_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define AGE_BECH32_BYTES 32
#define AGE_BECH32_PREFIX_MAX 20
#define AGE_BECH32_DATA 58 /* characters behind the '1': 52 for the bytes, 6 for the checksum */
#define AGE_BECH32_TEXT (AGE_BECH32_PREFIX_MAX + 1 + AGE_BECH32_DATA + 1) /* with NUL */

/* The prefix, in lower or in upper case, decides the case of the text. */
WG_MUST_CHECK bool age_bech32_write(const char *prefix, const uint8_t data[AGE_BECH32_BYTES],
                                    char out[AGE_BECH32_TEXT], struct wg_error *err);
/* WG_E_BAD_INPUT unless the text has this prefix, in its case, with 32 bytes and a checksum that
 * holds. No message repeats the text: it may be a secret. */
WG_MUST_CHECK bool age_bech32_read(const char *prefix, const char *text,
                                   uint8_t out[AGE_BECH32_BYTES], struct wg_error *err);

#endif
