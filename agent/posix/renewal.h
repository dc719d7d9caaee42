/* renewal.h: the device's pairs of key and certificate on disk, and the messages about them.
 *
 *   STATE/identity.pem       the present pair in one file, once it was renewed: chain, then key
 *   STATE/identity.next.pem  the next one: the key alone, later chain and key
 *
 * Before the first renewal the present pair is the factory's, where the settings say; and again
 * when that one has become the newer of the two: somebody has provisioned the device anew. A pair
 * is one file, so that it is replaced as a whole: a power cut leaves the old or the new one.
 *
 * Where the settings' key is in a token, new ones are made there too, under two names in turns
 * (device_key.h), and the files hold their URI in the place of the key. */
#ifndef WG_AGENT_POSIX_RENEWAL_H
#define WG_AGENT_POSIX_RENEWAL_H

#include "agent/core/renewal.h"
#include "common/message_csr.h"
#include "common/pins.h"

#include <limits.h>

struct renewal_pair {
    char certificate[PATH_MAX]; /* files; the same one after the first renewal */
    char key[PATH_MAX];         /* of the settings it may be a pkcs11: URI */
};

struct renewal_store {
    char state[PATH_MAX];
    char device[WG_NAME_MAX + 1];
    char token[PATH_MAX]; /* the URI of the settings' key; "" the keys are in files */
    struct renewal_pair present, next;
    struct wg_x509 present_x509; /* what the present certificate says */
    enum renewal_next has_next;
    const struct wg_pins *pins; /* borrowed; NULL: none. Set after opening */
};

/* Looks at what is there. A next file that cannot be read is set aside; the present pair must be
 * right. factory: the pair of the settings, borrowed. */
WG_MUST_CHECK bool renewal_store_open(struct renewal_store *store, const char *state,
                                      const struct renewal_pair *factory, struct wg_error *err);
/* When the certificate of the pair ends; 0: it cannot be read. */
wg_time renewal_store_ends(const struct renewal_store *store, bool of_next);
/* A new key of the present one's kind, on disk when it returns. */
WG_MUST_CHECK bool renewal_store_make_key(struct renewal_store *store, struct wg_error *err);
/* Appends the request for it. */
WG_MUST_CHECK bool renewal_store_ask(const struct renewal_store *store, struct wg_buf *out,
                                     struct wg_error *err);
/* Keeps the chain beside its key. WG_E_VERIFY when it is not of this device, this key, or of whom
 * it says: then nothing is changed. An answer for a key of before changes nothing either. */
WG_MUST_CHECK bool renewal_store_take(struct renewal_store *store,
                                      const struct wg_cert_message *answer, struct wg_error *err);
/* Appends the word that the next pair carries the session. */
WG_MUST_CHECK bool renewal_store_tell(const struct renewal_store *store, struct wg_buf *out,
                                      struct wg_error *err);
/* The next pair becomes the present one, if serial is its own. */
WG_MUST_CHECK bool renewal_store_promote(struct renewal_store *store, const char *serial,
                                         struct wg_error *err);
WG_MUST_CHECK bool renewal_store_drop(struct renewal_store *store, struct wg_error *err);

#endif
