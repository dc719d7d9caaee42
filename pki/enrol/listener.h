/* listener.h: HTTPS for devices that have no certificate yet: a thread of its own, beside the one
 * that renews; both take turns at the authority's folder by its lock. */
#ifndef WG_PKI_ENROL_LISTENER_H
#define WG_PKI_ENROL_LISTENER_H

#include "pki/enrol/settings.h"

struct listener;

/* *out NULL when the settings ask for none. settings are borrowed until listener_stop(). To be
 * called when signals are blocked: they are for the caller's thread. */
WG_MUST_CHECK bool listener_start(const struct enrol_settings *settings, struct listener **out,
                                  struct wg_error *err);
/* New connections get the certificate and key that the files have now; NULL: nothing to do. */
WG_MUST_CHECK bool listener_reload(struct listener *listener, struct wg_error *err);
void listener_stop(struct listener *listener); /* NULL is fine */

#endif
