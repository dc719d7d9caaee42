/* proxy.h: the proxy that stands between a device and web servers: when it is used, and the words
 * of a CONNECT tunnel (RFC 9110, section 9.3.6). TLS goes through it unseen: certificate, pins and
 * host name are those of the server behind. No sockets in here. */
#ifndef WG_AGENT_POSIX_PROXY_H
#define WG_AGENT_POSIX_PROXY_H

#include "agent/posix/url.h"

#include <limits.h>

#define PROXY_EXCEPTIONS_MAX 32
#define PROXY_REQUEST_MAX 2048

struct proxy {
    char host[URL_HOST_MAX]; /* "": none */
    char port[8];
    char credentials[PATH_MAX]; /* a file of mode 0600, "USER:PASSWORD"; "": none */
    size_t exception_count;
    char exceptions[PROXY_EXCEPTIONS_MAX][URL_HOST_MAX]; /* as in no_proxy */
};

/* "http://HOST:PORT" */
WG_MUST_CHECK bool proxy_read(const char *text, struct proxy *out, struct wg_error *err);
/* "*", HOST, .DOMAIN (and all below), an address, or ADDRESS/BITS; each but the first may end with
 * :PORT (an IPv6 address then stands in brackets). */
WG_MUST_CHECK bool proxy_exception_check(const char *text, struct wg_error *err);
bool proxy_is_for(const struct proxy *proxy, const struct url *url);
/* The request for a tunnel; reads the credentials. */
WG_MUST_CHECK bool proxy_request(const struct proxy *proxy, const struct url *url,
                                 char out[PROXY_REQUEST_MAX], struct wg_error *err);
/* Whether the head of the proxy's answer opens the tunnel. */
WG_MUST_CHECK bool proxy_answer(const struct proxy *proxy, const char *head, struct wg_error *err);

#endif
