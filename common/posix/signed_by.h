/* signed_by.h: the envelope of common/signed.h, signed by a key wherever it lives. */
#ifndef WG_COMMON_POSIX_SIGNED_BY_H
#define WG_COMMON_POSIX_SIGNED_BY_H

#include "common/json.h"
#include "common/posix/signing_key.h"

/* New reference to the envelope around body (borrowed); NULL on failure. */
json_t *wg_signed_by(const json_t *body, struct wg_signing_key *key, struct wg_error *err);

#endif
