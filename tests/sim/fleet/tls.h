/* tls.h: what the TLS connections of a process share, for one broker. Certificate and key are each
 * device's own: they are read when its handshake asks for them, and let go of after it. */
#ifndef WG_TESTS_SIM_FLEET_TLS_H
#define WG_TESTS_SIM_FLEET_TLS_H

#include "common/error.h"

typedef struct ssl_ctx_st SSL_CTX; /* as OpenSSL names it */

/* Whose handshake goes on now; the owner sets it before each call that may go on with one. */
struct tls_turn {
    const char *folder; /* with ID.crt and ID.key; NULL: nobody shows a certificate */
    const char *device;
};

/* Trusts ca alone, and a server that is named host. turn is borrowed. */
SSL_CTX *tls_open(const char *ca, const char *host, struct tls_turn *turn, struct wg_error *err);
void tls_close(SSL_CTX *tls); /* NULL is fine */
void tls_forget(void *ssl);   /* a connection's certificate and key: the handshake is over */

#endif
