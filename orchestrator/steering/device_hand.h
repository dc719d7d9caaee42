/* device_hand.h: whether a device takes part at all: revoked, let in again, told to destroy its
 * keys. */
#ifndef WG_ORCHESTRATOR_STEERING_DEVICE_HAND_H
#define WG_ORCHESTRATOR_STEERING_DEVICE_HAND_H

#include "orchestrator/steering/signing.h"
#include "orchestrator/store/db.h"

struct revoking {
    const char *device, *why; /* borrowed */
    bool on;
    bool changed; /* out: it was not so before */
    bool dropped; /* out: an erasure that was asked for is off */
};

/* In the caller's transaction; wakes the orchestrators when that commits. WG_E_NOT_FOUND. */
WG_MUST_CHECK bool device_hand_revoke(struct db *db, struct revoking *revoking, wg_time now,
                                      struct wg_error *err);
/* What that means, for people. */
#define REVOKING_WORDS 320
void device_hand_words(const struct revoking *revoking, char out[REVOKING_WORDS]);

/* What somebody signs who has a device destroy its keys: kind and device. */
void device_hand_erase_statement(const char *device, struct statement *out);
struct erasing {
    const char *device, *why;      /* borrowed */
    const struct signing *signing; /* borrowed */
    int64_t asked;                 /* out: so many people have by now */
};
/* The device is revoked, and told so when it is there and the repository's policy allows it. In the
 * caller's transaction, and as above. WG_E_NOT_FOUND. */
WG_MUST_CHECK bool device_hand_erase(struct db *db, struct erasing *erasing, wg_time now,
                                     struct wg_error *err);

/* Whom its encrypted artifacts are for: "age1...". WG_E_BAD_INPUT, WG_E_NOT_FOUND. */
WG_MUST_CHECK bool device_hand_age_key(struct db *db, const char *device, const char *recipient,
                                       struct wg_error *err);

#endif
