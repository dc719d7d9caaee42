/* envelope.h: whose signature a signed envelope (common/signed.h) bears, by keys as TUF knows them:
 * Ed25519 or P-256. Pure. */
#ifndef WG_COMMON_TRUST_ENVELOPE_H
#define WG_COMMON_TRUST_ENVELOPE_H

#include "common/tuf/key.h"

/* Has one of keys signed it? Key ids do not count: they are names that whoever made the envelope
 * chose. WG_E_VERIFY: none of them; WG_E_BAD_INPUT: it is no envelope. */
WG_MUST_CHECK bool envelope_check(const json_t *envelope, const struct tuf_key *keys, size_t count,
                                  struct wg_error *err);

#endif
