/* url.h: https addresses: read, resolved against each other (RFC 3986, section 5), compared, and
 * named in messages without what may be a secret in them. Pure. */
#ifndef WG_AGENT_POSIX_URL_H
#define WG_AGENT_POSIX_URL_H

#include "common/error.h"

#include <stddef.h>

#define URL_HOST_MAX 256
#define URL_TARGET_MAX 4096
#define URL_AUTHORITY_MAX (URL_HOST_MAX + 16)

struct url {
    char host[URL_HOST_MAX];     /* without the brackets of an IPv6 address */
    char port[8];                /* digits */
    char target[URL_TARGET_MAX]; /* path and query, as in the line of a request */
};

/* https alone, without user or password. WG_E_BAD_INPUT, WG_E_LIMIT: the text names the address
 * without its query. */
WG_MUST_CHECK bool url_read(const char *text, struct url *out, struct wg_error *err);
/* Where a Location leads; the same rules hold, so no redirect leaves https. */
WG_MUST_CHECK bool url_resolve(const struct url *base, const char *location, struct url *out,
                               struct wg_error *err);
bool url_same_origin(const struct url *a, const struct url *b); /* host and port */
/* "HOST:PORT", with brackets around an IPv6 address. */
void url_authority(const struct url *url, char out[URL_AUTHORITY_MAX]);
/* What a request names as its Host (RFC 9110, section 7.2): the port only where it is another one
 * than 443. A signature over the URL may count on it. */
void url_host(const struct url *url, char out[URL_AUTHORITY_MAX]);
int url_path_len(const struct url *url); /* of target, without the query */
bool url_is_address(const char *host);   /* a number, not a name */

#endif
