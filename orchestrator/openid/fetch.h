/* fetch.h: one request to a provider, over HTTPS by libcurl, bounded in size and time; no
 * redirection is followed and no proxy of the environment asked. Blocks. */
#ifndef WG_ORCHESTRATOR_OPENID_FETCH_H
#define WG_ORCHESTRATOR_OPENID_FETCH_H

#include "common/buf.h"
#include "common/time.h"

#define OPENID_PATIENCE (10 * WG_SECOND)

struct openid_fetch { /* borrowed */
    const char *url;
    const char *ca;              /* file; "" the system's */
    const char *form;            /* NULL: GET; else POST of this form */
    const char *bearer;          /* NULL: none; an access token (RFC 6750) */
    const char *user, *password; /* NULL: none; as they go into the header (RFC 7617) */
};
/* body: initialised by the caller, its max is the bound. WG_E_NETWORK. *status: of the answer. */
WG_MUST_CHECK bool openid_fetch(const struct openid_fetch *what, struct wg_buf *body, long *status,
                                struct wg_error *err);
/* Appends "NAME=VALUE", percent-encoded (RFC 3986: all but unreserved signs), with a '&' before it
 * unless the text ends with '?' or is empty. */
void openid_form_add(struct wg_buf *text, const char *name, const char *value);
void openid_encode(struct wg_buf *out, const char *value);

#endif
