/* order_keys.h: what orders are made with, by the configuration: who signs them, who wraps file
 * keys for devices, what signs the URLs in them, and whose word on devices counts. */
#ifndef WG_ORCHESTRATOR_DAEMON_ORDER_KEYS_H
#define WG_ORCHESTRATOR_DAEMON_ORDER_KEYS_H

#include "common/identity_key.h"
#include "common/posix/passphrase.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/release/director.h"
#include "orchestrator/release/sealer.h"
#include "orchestrator/release/url_keys.h"

struct order_keys {
    struct director *director;
    struct sealer *sealer;    /* NULL: none is set up */
    struct url_keys url_keys; /* may be replaced */
    struct wg_passphrase bucket_secrets[WG_URLS_MAX];
    struct wg_identity_public enrolment; /* where settings name one */
};

/* keys is all zero. To be cleared, whatever the outcome. */
WG_MUST_CHECK bool order_keys_open(struct order_keys *keys, const struct settings *settings,
                                   struct wg_error *err);
void order_keys_clear(struct order_keys *keys);

#endif
