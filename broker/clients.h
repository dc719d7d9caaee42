/* clients.h: what is remembered of each client, in a table whose size is fixed at the start. Who
 * has a session is kept; of the others the one that was quiet longest is forgotten first. Pure. */
#ifndef WG_BROKER_CLIENTS_H
#define WG_BROKER_CLIENTS_H

#include "broker/bucket.h"
#include "broker/revoked.h"
#include "common/text.h"

struct client {
    char id[WG_NAME_MAX + 1]; /* client id; a device's is its name */
    const void *session;      /* the broker's, never looked into; NULL: not connected */
    size_t authority;         /* that issued the certificate of the session */
    struct serial serial;
    nanoseconds refused_until;
    uint32_t takeovers; /* since its connect bucket was last full */
    struct bucket connects, messages, bytes, subscribes, drops;
    uint32_t next;           /* in its hash chain; private, like the two below */
    uint32_t older, younger; /* among those without a session */
};

struct clients;

struct clients *clients_new(size_t max, struct wg_error *err);
void clients_free(struct clients *clients);

struct client *clients_find(struct clients *clients, const char *id);
/* Finds or makes; NULL when there is no room: everybody has a session. */
struct client *clients_get(struct clients *clients, const char *id);
/* session NULL: it has ended. */
void clients_set_session(struct clients *clients, struct client *client, const void *session);
size_t clients_connected(const struct clients *clients);
/* To look at all: NULL behind the last. */
struct client *clients_at(struct clients *clients, size_t index);

#endif
