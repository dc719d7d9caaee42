/* device_key.h: the secret key that the device is known by, in a file or in a PKCS#11 token. In a
 * token the file of a pair has a line with the key's URI in the place of the key. */
#ifndef WG_AGENT_POSIX_DEVICE_KEY_H
#define WG_AGENT_POSIX_DEVICE_KEY_H

#include "common/identity_key.h"

#include <limits.h>

struct device_key {
    struct wg_identity_public public_key;
    struct wg_identity_key in_memory; /* of a file */
    char uri[PATH_MAX];               /* in a token; "" of a file */
};

/* where: a pkcs11: URI, or a file of mode 600 with a key, or with a line that is such a URI. */
WG_MUST_CHECK bool device_key_load(const char *where, struct device_key *out, struct wg_error *err);
void device_key_clear(struct device_key *key); /* wipes */
/* Borrows the key. */
struct wg_identity_signer device_key_signer(const struct device_key *key);
/* A new one: in memory, or, with a URI, in the token under its object. */
WG_MUST_CHECK bool device_key_make(const char *uri, enum wg_identity_kind kind,
                                   struct device_key *out, struct wg_error *err);
/* What stands for the key in a file: PEM, or the line with the URI. A secret. */
WG_MUST_CHECK bool device_key_write(const struct device_key *key, struct wg_buf *out,
                                    struct wg_error *err);
/* A renewed key is in the token under one of two other names, number 1 or 2. */
WG_MUST_CHECK bool device_key_numbered(const char *uri, int number, char out[PATH_MAX],
                                       struct wg_error *err);
/* All that may be there under the URI's name and those two is destroyed. */
WG_MUST_CHECK bool device_key_destroy(const char *uri, struct wg_error *err);

#endif
