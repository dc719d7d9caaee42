/* visit.h: one connection of a stranger, step by step, without ever waiting: TLS handshake, one
 * request, one answer, the end. */
#ifndef WG_PKI_ENROL_VISIT_H
#define WG_PKI_ENROL_VISIT_H

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "pki/enrol/desk.h"
#include "pki/enrol/post.h"

enum visit_phase {
    VISIT_SHAKE,
    VISIT_READ,
    VISIT_WRITE,
    VISIT_LINGER, /* the answer is out: what still comes is thrown away, so that it arrives */
    VISIT_OVER
};

struct visit {
    enum visit_phase phase;
    int fd;           /* owned */
    short events;     /* what to wait for */
    wg_time since;    /* monotonic */
    wg_time deadline; /* of this phase */
    char address[GATE_ADDRESS_MAX];
    WOLFSSL *ssl; /* owned */
    struct post post;
    struct wg_buf out;
    size_t sent;
};

/* Takes fd, also when it fails. */
WG_MUST_CHECK bool visit_open(struct visit *visit, WOLFSSL_CTX *tls, int fd, const char *address,
                              wg_time now, wg_duration patience);
void visit_close(struct visit *visit);
/* The socket is ready, or the time has come; patience: for an answer. */
void visit_step(struct visit *visit, struct desk *desk, wg_time now, wg_duration patience);

#endif
