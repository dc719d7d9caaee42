/* webhook_url.h: where webhooks may go: https, and to no address of this machine or network, unless
 * the configuration allows it. The URL is judged when it is set, the address whenever it is
 * connected to: a name may lead elsewhere by then. */
#ifndef WG_ORCHESTRATOR_API_WEBHOOK_URL_H
#define WG_ORCHESTRATOR_API_WEBHOOK_URL_H

#include "common/error.h"

#include <stddef.h>
#include <sys/socket.h>

#define WEBHOOK_URL_MAX 1024
#define WEBHOOK_ORIGIN_MAX 320

/* Loopback, private, link-local, shared, multicast, reserved, and such in IPv6 or inside of it.
 * What is of another family is too. */
bool webhook_address_is_private(const struct sockaddr *address);
/* WG_E_USAGE. */
WG_MUST_CHECK bool webhook_url_check(const char *url, bool allow_http, bool allow_private,
                                     struct wg_error *err);
/* "https://host:443": what of it is told; the rest may be a secret. */
void webhook_url_origin(const char *url, char out[WEBHOOK_ORIGIN_MAX]);

#endif
