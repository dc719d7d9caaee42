/* place.h: devices' places in a campaign as the engine's actions move them, and the orders for
 * them. */
#ifndef WG_ORCHESTRATOR_STORE_PLACE_H
#define WG_ORCHESTRATOR_STORE_PLACE_H

#include "orchestrator/store/intake.h"

/* All of these run in the caller's transaction, which holds the campaign's lock, and keep
 * wave_count true: it is written when the transaction commits. Each takes at most 1000 devices a
 * call. */

/* What a claim asks for. Everything borrowed. */
struct place_claim {
    int64_t campaign;
    size_t wave;
    int64_t limit;
    const char *zones; /* PostgreSQL array text: only devices in one of them; NULL: all */
    bool site_zone;    /* the zone of where the device stands, not what the device says; orders that
                          are issued at once say it */
    size_t per_count;  /* at most so many in hand with the same value of the attribute */
    const char *per_attribute[4];
    int64_t per_most[4];
    bool counts_offers; /* place_offered() will be asked */
    wg_duration
        issues; /* their orders are issued at once, for so long; 0: order_take_fresh() does */
};
/* Orders to be sent, sorted by device. Each is read when its turn comes: all at once they would
 * take 35 kB each. Zeroed: none. */
struct order_due;
struct order_lot {
    PGresult *rows; /* owned */
    size_t count;   /* of orders */
    bool more;      /* as many as asked for were found, and some taken: look again */
    int row;        /* of the next one */
    int mark;       /* the column that says whether a row is an order; 0: each is */
};
/* false: there are no more. */
bool order_lot_next(struct order_lot *lot, struct order_due *out);
void order_lot_clear(struct order_lot *lot);

struct place_claimed {
    int64_t offered, satisfied;
    struct order_lot issued; /* to be sent when the transaction is committed */
};
/* Offers to waiting devices of the wave that are online, not revoked, due (retry_at), in no other
 * running update and not first for another campaign, in rank order. Those that run the release
 * already become satisfied. An order whose slot was given back before its attempt ended is opened
 * again; others get the next attempt. Not issued, even if asked for, is the order of a device that
 * has another one to get before. out->issued is the caller's to clear, also after an error. */
WG_MUST_CHECK bool place_claim(struct db *db, const struct place_claim *claim, wg_time now,
                               struct place_claimed *out, struct wg_error *err);

/* Claims with caps per attribute value go one after the other. place_claim waits for its turn by
 * itself; whoever moves places before it claims takes it first, so that nobody waits for what is
 * moved while another waits for the turn. */
WG_MUST_CHECK bool place_take_turn(struct db *db, struct wg_error *err);

/* Windows as parallel arrays (PostgreSQL array text): days (bit 0 Monday), minutes. */
struct place_windows {
    const char *days, *begins, *ends;
    const char *zone; /* "" those of the devices */
    bool by_site;     /* of where they stand, not what they say */
};
/* The zones in which they are open now, as array text ("{}" none); the caller frees it. Writes them
 * into the campaign too, for those of lower priority. */
WG_MUST_CHECK bool place_open_zones(struct db *db, int64_t campaign,
                                    const struct place_windows *windows, wg_time now,
                                    char **out_owned, struct wg_error *err);
/* Devices offered in the last minute, and the first of these offers (0: none). */
WG_MUST_CHECK bool place_offered(struct db *db, int64_t campaign, wg_time now, int64_t *offered,
                                 wg_time *first, struct wg_error *err);

/* Waiting and deferred -> withdrawn at once, their open orders closed. started: of those that have
 * an order but have not switched over, an open withdrawal for it, unless one is there already. */
WG_MUST_CHECK bool place_withdraw(struct db *db, int64_t campaign, bool started, wg_time now,
                                  int64_t *moved, struct wg_error *err);

/* Says what becomes of a device whose time is over (retry rules). */
typedef void (*place_expire_fn)(void *ctx, const struct intake_place *place, enum wg_state to,
                                enum wg_cause cause, wg_time now, struct intake_change *out);
/* Devices in state from since before the given time. */
struct place_expiry {
    enum wg_state from, to;
    enum wg_cause cause;
    wg_time before;
};
#define PLACE_EXPIRIES_MAX 7
struct place_lateness {
    int64_t campaign;
    size_t count;
    struct place_expiry rules[PLACE_EXPIRIES_MAX]; /* each of another state */
    wg_time checked; /* whoever goes on and was looked at since then cannot be late */
    place_expire_fn decide;
    void *ctx;
};
/* Devices that take too long. Closes the order of a device that leaves; a withdrawal is made for
 * one that had accepted it, unless the same order may be offered again. Of those that go on, no
 * more are read than were not looked at since checked; it is noted that they were. */
WG_MUST_CHECK bool place_expire(struct db *db, const struct place_lateness *late, wg_time now,
                                int64_t *moved, struct wg_error *err);

/* Devices that went offline before they switched over: waiting, cause offline, the order kept. */
WG_MUST_CHECK bool place_give_back(struct db *db, int64_t campaign, wg_time now, int64_t *moved,
                                   struct wg_error *err);
/* Devices in quarantine that have not switched over: waiting, cause shed, their orders withdrawn.
 */
WG_MUST_CHECK bool place_quarantine(struct db *db, int64_t campaign, wg_time now, int64_t *moved,
                                    struct wg_error *err);
/* Devices that waited for the word: rebooting. Appends their ids to told, at most max in all. */
WG_MUST_CHECK bool place_release(struct db *db, int64_t campaign, wg_time now,
                                 char (*told)[WG_NAME_MAX + 1], size_t *count, size_t max,
                                 int64_t *moved, struct wg_error *err);
/* Places that the next waiting devices of this campaign have in others that are no emergency,
 * before they switch over: waiting again, cause shed. */
WG_MUST_CHECK bool place_preempt(struct db *db, int64_t campaign, int64_t limit, wg_time now,
                                 int64_t *moved, struct wg_error *err);
/* Places of this campaign's devices in those that it supersedes, before they switch over:
 * superseded. */
WG_MUST_CHECK bool place_supersede(struct db *db, int64_t campaign, const char *name, wg_time now,
                                   int64_t *moved, struct wg_error *err);

/* One device's place, before it switches over: withdrawn, in these words. *moved: the place was one
 * to be withdrawn. By a person: the campaign's lock need not be held. */
WG_MUST_CHECK bool place_cancel(struct db *db, const char *campaign, const char *device,
                                const char *words, wg_time now, int64_t *moved,
                                struct wg_error *err);

/* Of these devices, those that wait for a release that they run, and have nothing in hand:
 * satisfied. Needs no campaign's lock. */
WG_MUST_CHECK bool place_satisfy(struct db *db, const char *devices, wg_time now,
                                 struct wg_error *err);

/* An order that should be sent now, with all that is needed to sign it. */
#define DEVICE_ENROLMENT_MAX 2048 /* bytes of an enrolment record, with NUL */

struct order_due {
    struct wg_order order; /* id, kind, device, campaign, digest, attempt, release, hash, length,
                              time-outs and windows are the caller's; counter, boot, not_before,
                              expires as issued */
    int64_t campaign_id;
    char site_zone[WG_ZONE_MAX + 1]; /* of where the device stands; "" not known, not asked for */
    char wave[WG_NAME_MAX + 1];      /* of the device's place */
    char broker[WG_NAME_MAX + 1];    /* where the device listens; "": it may be at any */
    bool sealed;                     /* the artifact is an age body */
    bool companion_sealed[WG_COMPANIONS_MAX];
    char age_recipient[64];               /* of the device; "" not known */
    char enrolment[DEVICE_ENROLMENT_MAX]; /* its signed record; "" none */
    bool form_sealed[WG_FORMS_MAX]; /* of the order's forms, whose hashes and lengths are set */
    bool was_refused;               /* it could not be signed when it was last tried */
};
struct order_times {
    wg_time now;
    wg_duration resend;   /* one that is not answered for so long is sent again */
    wg_duration lifetime; /* of one that is new for its device's boot */
};

/* Open orders of devices that are online. Each gets the next counter of its device when it is new
 * for this boot (then also issued_at and expires_at = now + lifetime); a plain resend keeps counter
 * and dates. Marks sent_at = now. Own transaction. At most limit of them, the oldest first; *out is
 * the caller's to clear. A withdrawal is sent by the same rules until the device confirms
 * it. */
/* Those that were not sent for the current boot: costs as much as there are of them. */
WG_MUST_CHECK bool order_take_fresh(struct db *db, const struct order_times *times, size_t limit,
                                    struct order_lot *out, struct wg_error *err);
/* And those that were sent longer than resend ago and not yet accepted (install: place still
 * offered). */
WG_MUST_CHECK bool order_take_due(struct db *db, const struct order_times *times, size_t limit,
                                  struct order_lot *out, struct wg_error *err);
/* The same of some devices. */
WG_MUST_CHECK bool order_take_of(struct db *db, const char *const *devices, size_t device_count,
                                 const struct order_times *times, size_t limit,
                                 struct order_lot *out, struct wg_error *err);

/* What devices of a campaign said last. */
struct place_reasons {
    char put_off[WG_DETAIL_MAX + 1]; /* of the newest that waits because it put its update off */
    char failed[WG_NAME_MAX + 1];    /* device that failed last; "" none has */
    char failure[WG_DETAIL_MAX + 1]; /* why */
};
/* scopes: a list for wg_in_scopes(), whose devices alone are looked at; NULL: all. */
WG_MUST_CHECK bool place_reasons(struct db *db, int64_t campaign, const char *scopes,
                                 struct place_reasons *out, struct wg_error *err);

/* Why an order of kind install is not signed; "" when it is. */
#define ORDER_REFUSAL_MAX 256
WG_MUST_CHECK bool order_refused(struct db *db, const char *order, const char *why,
                                 struct wg_error *err);
/* Open orders of a campaign that are not signed, and why the first of them is not. scopes: as in
 * place_reasons(). */
WG_MUST_CHECK bool order_unsigned(struct db *db, int64_t campaign, const char *scopes,
                                  int64_t *count, char why[ORDER_REFUSAL_MAX],
                                  struct wg_error *err);

#endif
