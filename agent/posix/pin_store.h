/* pin_store.h: the list of pins in force on this device, and how a newer one takes its place.
 *
 *   the settings' "pins"  the factory's list
 *   STATE/pins.json       the newest that came over the network
 *
 * Of those that the pins' own key has signed the one with the greater number is in force: asked by
 * every TLS handshake (tls), and about who may issue the device's own certificate (list). A list
 * is replaced as a whole: a power cut leaves the old one or the new one.
 *
 * A list from the network comes from somebody who need not be trusted. It is taken if it is signed,
 * has a greater number, and the connection that brought it would be made under it too: else the
 * device, which believes the list at once, could never hear of a better one. It is offered again,
 * so such a list waits until the servers have moved (docs/decisions/0024). */
#ifndef WG_AGENT_POSIX_PIN_STORE_H
#define WG_AGENT_POSIX_PIN_STORE_H

#include "common/backoff.h"
#include "common/posix/tls_pins.h"

#include <limits.h>

struct pin_store {
    char file[PATH_MAX]; /* STATE/pins.json */
    struct wg_identity_public key;
    struct wg_pins list;   /* in force */
    struct tls_pins *tls;  /* owned; the same, for handshakes; NULL: this device has no pins */
    struct wg_backoff ask; /* while a session stands */
    wg_time ask_at;        /* monotonic; 0: no session */
};

/* first: between the first two questions of a session. A list that does not hold is logged and
 * passed over; WG_E_BAD_FILE when none holds. */
WG_MUST_CHECK bool pin_store_open(struct pin_store *store, const char *state, const char *factory,
                                  const char *key_file, wg_duration first, struct wg_error *err);
void pin_store_clear(struct pin_store *store);
/* The list of a message. issuer: hex SHA-256 of the key that signed the certificate of the server
 * that it came through. Nothing is changed when it fails: WG_E_VERIFY, WG_E_BAD_INPUT;
 * WG_E_CONFLICT when it is no newer one, or would end this connection. */
WG_MUST_CHECK bool pin_store_take(struct pin_store *store, const char *bytes, size_t len,
                                  const char *issuer, struct wg_error *err);

/* The session stands, or not; monotonic. */
void pin_store_up(struct pin_store *store, wg_time now);
void pin_store_down(struct pin_store *store);
/* Appends the question for a newer list if it is due; store->ask_at is when the next one is. */
bool pin_store_ask(struct pin_store *store, wg_time now, struct wg_buf *out);

#endif
