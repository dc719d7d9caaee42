/* key.h: who an age file is for, and who can open it: recipients "age1...", identities
 * "AGE-SECRET-KEY-1...", and the file key that is wrapped from one to the other. Pure but for
 * making keys, which draws random bytes. */
#ifndef WG_COMMON_AGE_KEY_H
#define WG_COMMON_AGE_KEY_H

#include "common/age/bech32.h"
#include "common/crypt/x25519.h"

#define AGE_FILE_KEY 16

struct age_recipient {
    uint8_t bytes[WG_X25519_SIZE];
};

struct age_identity {
    uint8_t secret[WG_X25519_SIZE];
    struct age_recipient recipient;
};

/* The one key under a body; never used for a second one. */
struct age_file_key {
    uint8_t bytes[AGE_FILE_KEY];
};

WG_MUST_CHECK bool age_identity_make(struct age_identity *out, struct wg_error *err);
/* As age-keygen writes it, in upper case, without white space. WG_E_BAD_INPUT; no message repeats
 * the text. */
WG_MUST_CHECK bool age_identity_read(const char *text, struct age_identity *out,
                                     struct wg_error *err);
WG_MUST_CHECK bool age_identity_write(const struct age_identity *identity,
                                      char out[AGE_BECH32_TEXT], struct wg_error *err);
void age_identity_clear(struct age_identity *identity); /* wipes */

/* In lower case. WG_E_VERIFY for a recipient that no honest identity has: a point of small order,
 * or a number that is not below the field's prime. */
WG_MUST_CHECK bool age_recipient_read(const char *text, struct age_recipient *out,
                                      struct wg_error *err);
WG_MUST_CHECK bool age_recipient_write(const struct age_recipient *recipient,
                                       char out[AGE_BECH32_TEXT], struct wg_error *err);
WG_MUST_CHECK bool age_recipient_check(const struct age_recipient *recipient, struct wg_error *err);

void age_file_key_clear(struct age_file_key *key); /* wipes */

#endif
