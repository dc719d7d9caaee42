/* tls_pins.h: the list of pins that a program's TLS handshakes ask, beside the chain and the host
 * name (common/pins.h, use "server"). One list for all threads, that may be replaced while they
 * run; connections that stand are not looked at again.
 *
 * Asked is the key that signed the server's own certificate, not the certificates that came along:
 * a rogue authority may send the right one's with its own. It is found among those that came along
 * (RFC 8446, section 4.4.2 has the server send it); Ed25519 and P-256 are known. */
#ifndef WG_COMMON_POSIX_TLS_PINS_H
#define WG_COMMON_POSIX_TLS_PINS_H

#include "common/pins.h"
#include "common/time.h"

#define TLS_PINS_WHY_MAX 200

struct WOLFSSL;
struct WOLFSSL_X509_STORE_CTX;
struct tls_pins;

struct tls_pins *tls_pins_new(struct wg_error *err); /* an empty list: every server is taken */
void tls_pins_free(struct tls_pins *pins);
/* From the next handshake on; copies. Any thread. A list without server pins asks nothing. */
void tls_pins_set(struct tls_pins *pins, const struct wg_pins *list);

/* One handshake, and what came of it; of its thread alone until it has ended. */
struct tls_pins_look {
    struct tls_pins *pins;      /* borrowed; NULL: nothing is asked */
    bool asked;                 /* the server's certificate was looked at */
    char issuer[WG_SHA256_HEX]; /* of the key that signed it; "": not found */
    char why[TLS_PINS_WHY_MAX]; /* no pin fits: what was found; "": the pins have nothing to say */
    /* Given the server's certificate, whatever the pins say; NULL: nobody wants it. */
    void (*shown)(struct tls_pins_look *look, const void *der, size_t len);
    wg_time end; /* of it, for who wants it: mqtt_server.c */
};

/* Before the handshake, on which a pin that does not fit is a failure. look must live as long. */
void tls_pins_watch(struct tls_pins_look *look, struct WOLFSSL *ssl);
/* wolfSSL's verify callback; the user's context is a tls_pins_look. For paho_tls.c. */
int tls_pins_verify(int ok, struct WOLFSSL_X509_STORE_CTX *store);

#endif
