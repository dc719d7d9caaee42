/* dispatch.h: what goes down to devices: acknowledgements of what is committed, signed orders. */
#ifndef WG_ORCHESTRATOR_LINK_DISPATCH_H
#define WG_ORCHESTRATOR_LINK_DISPATCH_H

#include "common/posix/passphrase.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/release/director.h"
#include "orchestrator/release/sealer.h"
#include "orchestrator/release/url_keys.h"
#include "orchestrator/store/place.h"

/* Fills in what orders of a campaign carry of its file: time-outs of phases, windows. false: the
 * campaign cannot be read. */
typedef bool (*dispatch_terms_fn)(void *ctx, int64_t campaign, const char *site_zone,
                                  struct wg_order *order, struct wg_error *err);

struct dispatch {
    struct db *db; /* all borrowed */
    /* broker: where the device listens; "": perhaps at any */
    bool (*publish)(void *link, const char *broker, const char *topic, const void *payload,
                    size_t len);
    bool (*connected)(void *link); /* at least to one broker */
    void *link;
    struct director *director;
    const struct url_keys *url_keys;            /* count 0: URLs are not signed */
    const struct wg_passphrase *bucket_secrets; /* of the settings' buckets, in the same places;
                                                   NULL: they have none */
    const struct wg_identity_public
        *enrolment;        /* whose word on devices counts; NULL: the database's */
    struct sealer *sealer; /* NULL: no artifact is encrypted */
    const struct settings *settings;
    dispatch_terms_fn terms;
    void *ctx;
};

/* Acknowledges each device's reports, then gives those that said hello the order that waits for
 * them. */
WG_MUST_CHECK bool dispatch_answers(const struct dispatch *dispatch,
                                    const struct intake_result *result, wg_time now,
                                    struct wg_error *err);
/* Signs and sends every order that is due. *more (may be NULL): the bound of one call was reached.
 */
WG_MUST_CHECK bool dispatch_orders(const struct dispatch *dispatch, wg_time now, bool *more,
                                   struct wg_error *err);
/* Those that a claim has issued; clears the lot. */
WG_MUST_CHECK bool dispatch_issued(const struct dispatch *dispatch, struct order_lot *lot,
                                   struct wg_error *err);
/* Those alone that were not sent yet. */
WG_MUST_CHECK bool dispatch_fresh(const struct dispatch *dispatch, wg_time now, bool *more,
                                  struct wg_error *err);

#endif
