/* threshold.h: is metadata signed by enough of those who may sign it? Pure. */
#ifndef WG_COMMON_TUF_THRESHOLD_H
#define WG_COMMON_TUF_THRESHOLD_H

#include "common/tuf/metadata.h"

/* Checks the signatures over the canonical JSON of the whole body. keys: key objects by id; role:
 * {"keyids", "threshold"}, checked by metadata.h. What counts are keys, not ids: one key under two
 * ids counts once. A signature that does not hold, or by a key of a kind not known here, only fails
 * to count. WG_E_VERIFY when too few hold. */
WG_MUST_CHECK bool tuf_threshold_check(const struct tuf_metadata *metadata, const json_t *keys,
                                       const json_t *role, struct wg_error *err);

/* Do the two roles name the same keys and threshold? Key objects are compared, not ids alone. */
bool tuf_signers_equal(const json_t *keys_a, const json_t *role_a, const json_t *keys_b,
                       const json_t *role_b);

#endif
