/* link.h: one connection to a server, plain or TLS, that is given up when it is too slow: after a
 * time of grace the bytes that count must have come at a least rate on average. */
#ifndef WG_AGENT_TUF_LINK_H
#define WG_AGENT_TUF_LINK_H

#include "common/time.h"

struct link;

struct link_pace {
    wg_duration grace; /* for connecting, the answer's head, and any hiccup */
    int64_t rate;      /* bytes a second behind that */
};

struct link_tls {
    const char *ca_file;              /* PEM: whom to believe */
    const char *cert_file, *key_file; /* PEM: who we are; both NULL: nobody */
};

/* tls: NULL for a plain connection. WG_E_NETWORK, WG_E_VERIFY (certificate), WG_E_TIMEOUT. */
struct link *link_open(const char *host, const char *port, const struct link_tls *tls,
                       const struct link_pace *pace, struct wg_error *err);
void link_close(struct link *link);

WG_MUST_CHECK bool link_write(struct link *link, const void *data, size_t len,
                              struct wg_error *err);
/* *got 0: the server has closed. */
WG_MUST_CHECK bool link_read(struct link *link, void *out, size_t size, size_t *got,
                             struct wg_error *err);
/* So many bytes were of use: they buy more time. */
void link_credit(struct link *link, size_t bytes);

#endif
