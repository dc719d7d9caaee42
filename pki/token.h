/* token.h: one-time tokens, for devices that are born without credentials. A token is 256 random
 * bits, kept as its hash alone: DIR/device/tokens/NAME.json. It is good for one key: the key that
 * claimed it may ask again (an answer can get lost), another one gets nothing. */
#ifndef WG_PKI_TOKEN_H
#define WG_PKI_TOKEN_H

#include "common/message_csr.h"
#include "pki/authority.h"

#define TOKEN_TEXT_MAX 80
#define TOKEN_LIFE_MAX (90 * WG_DAY)

/* Makes a token for that device, in place of an earlier one; out is secret, and never seen again.
 */
WG_MUST_CHECK bool token_make(const char *pki, const char *device, wg_time expires,
                              char out[TOKEN_TEXT_MAX], struct wg_error *err);

struct claim {
    const char *device, *token;
    const unsigned char *csr; /* DER */
    size_t csr_len;
    int days; /* 0: as pki.json says */
};

struct claimed {
    char chain[WG_CHAIN_MAX]; /* PEM */
    struct wg_identity_public key;
};

/* Issues to whoever shows the token. The caller holds the folder's lock: of two claims at the same
 * instant one is first. WG_E_DENIED, with the same words whatever is wrong with the token;
 * WG_E_VERIFY for a request that does not hold. */
WG_MUST_CHECK bool token_claim(const char *pki, struct authority *authority,
                               const struct claim *claim, wg_time now, struct claimed *out,
                               struct wg_error *err);

#endif
