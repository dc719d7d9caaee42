/* identity.h: the device's identity as the session sees it: which pair of key and certificate the
 * next connection shows, and what has to be said about its renewal. Joins agent/core/renewal.h (the
 * rules) and agent/posix/renewal.h (the files). Wall clock 0: not to be trusted. */
#ifndef WG_AGENT_POSIX_IDENTITY_H
#define WG_AGENT_POSIX_IDENTITY_H

#include "agent/posix/renewal.h"

struct identity {
    struct renewal renewal;
    struct renewal_store store;
    bool on_next; /* the pair that was picked last */
};

enum identity_wish {
    IDENTITY_REST,
    IDENTITY_PUBLISH,  /* send what was appended, on up/csr */
    IDENTITY_RECONNECT /* end the session politely, and connect with identity_pick() */
};

/* factory: the pair of the settings, for as long as nothing was renewed. */
WG_MUST_CHECK bool identity_open(struct identity *identity, const char *state,
                                 const struct renewal_pair *factory, struct wg_error *err);
/* For the next connection; borrowed, holds until the identity is changed. */
const struct renewal_pair *identity_pick(struct identity *identity, wg_time monotonic);
/* How that went. */
void identity_up(struct identity *identity, wg_time monotonic);
void identity_failed(struct identity *identity, wg_time monotonic);
void identity_down(struct identity *identity); /* a session that was up has ended */
/* What is to be done now; to be asked again until it rests. */
enum identity_wish identity_step(struct identity *identity, wg_time now, wg_time monotonic,
                                 struct wg_buf *out);
/* When to ask again, if nothing happens before; monotonic; 0: no need. */
wg_time identity_wake(const struct identity *identity, wg_time now, wg_time monotonic);
/* An answer on down/cert. What does not hold is logged, and changes nothing. True: the present pair
 * is another one now, for everything that shows it. */
bool identity_take(struct identity *identity, const struct wg_cert_message *answer,
                   wg_time monotonic);

#endif
