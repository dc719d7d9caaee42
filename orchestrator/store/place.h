/* place.h: devices' places in a campaign as the engine's actions move them, and the orders for
 * them. */
#ifndef WG_ORCHESTRATOR_STORE_PLACE_H
#define WG_ORCHESTRATOR_STORE_PLACE_H

#include "orchestrator/store/intake.h"

/* All of these run in the caller's transaction, which holds the campaign's lock, and keep
 * wave_count true. */

/* Offers to at most limit waiting devices of the wave that are online, not revoked, due (retry_at)
 * and in no other running update, in rank order (for update skip locked): state offered, attempt +
 * 1, an open install order each. */
WG_MUST_CHECK bool place_claim(struct db *db, int64_t campaign, size_t wave, int64_t limit,
                               wg_time now, int64_t *claimed, struct wg_error *err);

/* Waiting and deferred -> withdrawn at once, their open orders closed; offered, accepted,
 * downloading: an open withdrawal for the order, unless one is there already. */
WG_MUST_CHECK bool place_withdraw(struct db *db, int64_t campaign, wg_time now, int64_t *moved,
                                  struct wg_error *err);

/* Devices in state from since before the given time; decide says what becomes of each (retry
 * rules). At most 1000 a call. Closes the order of a device that leaves; a withdrawal is made for
 * one that had accepted it. */
typedef void (*place_expire_fn)(void *ctx, const struct intake_place *place, enum wg_state to,
                                enum wg_cause cause, wg_time now, struct intake_change *out);
WG_MUST_CHECK bool place_expire(struct db *db, int64_t campaign, enum wg_state from, wg_time before,
                                enum wg_state to, enum wg_cause cause, place_expire_fn decide,
                                void *ctx, wg_time now, int64_t *moved, struct wg_error *err);

/* An order that should be sent now, with all that is needed to sign it. */
struct order_due {
    struct wg_order
        order; /* id, kind, device, campaign, digest, attempt, release, hash, length,
                  time-outs are the caller's; counter, boot, not_before, expires as issued */
    int64_t campaign_id;
};
/* Open orders of devices that are online and that were not sent for the current boot, or were sent
 * longer than resend ago and not yet accepted (install: place still offered). A withdrawal is sent
 * by the same rule until the device confirms it. Gives each the next counter of its device when it
 * is new for this boot (then also issued_at and expires_at = now + lifetime); a plain resend keeps
 * counter and dates. Marks sent_at = now. Own transaction. device NULL: all. Allocates *out. */
WG_MUST_CHECK bool order_take_due(struct db *db, const char *device, wg_time now,
                                  wg_duration resend, wg_duration lifetime, size_t limit,
                                  struct order_due **out, size_t *count, struct wg_error *err);

#endif
