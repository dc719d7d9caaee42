/* http.h: one GET over http: or https: (RFC 9112), bounded in length and time. No redirects, no
 * content codings, one connection a request. */
#ifndef WG_AGENT_TUF_HTTP_H
#define WG_AGENT_TUF_HTTP_H

#include "agent/tuf/link.h"

struct http_options {
    struct link_tls tls; /* for https: */
    struct link_pace pace;
};

typedef bool (*http_body_fn)(void *ctx, const char *data, size_t len, struct wg_error *err);

/* Hands the body on as it comes, never more than max bytes: an answer that says it is longer is
 * refused before its first byte, one that turns out to be so at that point (WG_E_LIMIT).
 * WG_E_NOT_FOUND when the server answers 403 or 404, WG_E_NETWORK for other failures, WG_E_TIMEOUT
 * when it is too slow, or what body said. */
WG_MUST_CHECK bool http_get(const struct http_options *options, const char *url, int64_t max,
                            http_body_fn body, void *ctx, struct wg_error *err);

#endif
