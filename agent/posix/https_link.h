/* https_link.h: one TLS connection to a web server, straight or through a proxy; every wait on it
 * ends with the patience of the settings or when it is cancelled. */
#ifndef WG_AGENT_POSIX_HTTPS_LINK_H
#define WG_AGENT_POSIX_HTTPS_LINK_H

#include "agent/posix/https.h"
#include "common/posix/tls_pins.h"

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

struct https_link {
    const struct https_config *config;
    const struct url *url;
    struct wg_error *err;
    wg_duration patience;
    wg_time until;            /* what is being done now must be done by then */
    struct pace_floor *floor; /* instead, once bytes are to come; NULL: not yet */
    int fd;
    WOLFSSL_CTX *ctx;
    WOLFSSL *ssl;
    struct tls_pins_look look;
};

/* Connects and shakes hands. with_pair: shows the device's certificate if it is asked for. url, err
 * (not NULL) and config are borrowed until https_link_close(), which is due also after a failure.
 */
WG_MUST_CHECK bool https_link_open(struct https_link *link, const struct https_config *config,
                                   const struct url *url, bool with_pair, struct wg_error *err);
void https_link_close(struct https_link *link);
WG_MUST_CHECK bool https_link_send(struct https_link *link, const char *data, size_t len);
/* Waits for bytes; *len 0: the server has ended the connection, and said so. */
WG_MUST_CHECK bool https_link_read(struct https_link *link, char *chunk, size_t size, size_t *len);
/* Sleeps, unless it is cancelled. */
WG_MUST_CHECK bool https_link_rest(struct https_link *link, wg_duration time);

#endif
