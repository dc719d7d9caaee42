/* token.h: one-time tokens, for devices that are born without credentials. A token is 256 random
 * bits, kept as its hash alone: DIR/device/tokens/NAME.json. It is good for one key: the key that
 * claimed it in time may ask again, also when it has expired since (an answer can get lost);
 * another one gets nothing. */
#ifndef WG_PKI_TOKEN_H
#define WG_PKI_TOKEN_H

#include "common/message_claim.h"
#include "pki/authority.h"

#define TOKEN_TEXT_MAX WG_CLAIM_TOKEN_MAX
#define TOKEN_LIFE_MAX (90 * WG_DAY)

struct token_terms {
    const char *device;
    wg_time expires;
    const char *model, *revision; /* of the hardware that may claim it; "": any */
};

/* Makes a token on these terms, in place of the device's earlier one; out is secret, and never seen
 * again. */
WG_MUST_CHECK bool token_make(const char *pki, const struct token_terms *terms,
                              char out[TOKEN_TEXT_MAX], struct wg_error *err);

/* Would the token be good for the key of this request now? Needs no lock, opens no authority: for
 * who is asked by strangers. Errors as token_claim()'s. */
WG_MUST_CHECK bool token_check(const char *pki, const struct wg_claim_request *request, wg_time now,
                               struct wg_error *err);

struct claimed {
    char chain[WG_CHAIN_MAX];         /* PEM */
    char record[WG_CLAIM_RECORD_MAX]; /* the signed enrolment record, one line of JSON */
    bool noted;                       /* token_note() was called for it */
};

/* Issues to whoever shows the token, and enrols the keys that he names. The caller holds the
 * folder's lock: of two claims at the same instant one is first. WG_E_DENIED, with the same words
 * whatever is wrong with the token; WG_E_VERIFY for a request that does not hold; WG_E_CONFLICT
 * when the name has a certificate, or the token was claimed with another age key or hardware. */
WG_MUST_CHECK bool token_claim(const char *pki, struct authority *authority,
                               const struct wg_claim_request *request, wg_time now,
                               struct claimed *out, struct wg_error *err);
/* The record of the device's claim is where it is taken in from; under the folder's lock. */
WG_MUST_CHECK bool token_note(const char *pki, const char *device, struct wg_error *err);

#endif
