/* bundle.h: what one device is given in the factory, in one file: JSON, sealed to the factory
 * station as a standard age file, so that `age -d` opens it there and nobody reads it on the way.
 *
 *   {"v": 1, "device": "...", "key": PEM, "chain": PEM, "server_root": PEM,
 *    "age_identity": "AGE-SECRET-KEY-1...", "pins": {...}, "pins_key": PEM} */
#ifndef WG_PKI_BUNDLE_H
#define WG_PKI_BUNDLE_H

#include "common/age/key.h"
#include "common/buf.h"

#include <jansson.h>

#define BUNDLE_MAX ((size_t)128 * 1024)

/* Texts are borrowed. */
struct bundle {
    const char *device, *key, *chain, *server_root, *age_identity;
    const json_t *pins;   /* a signed list; NULL: none */
    const char *pins_key; /* public: who signs it; with pins alone */
};

/* Appends the sealed bundle. */
WG_MUST_CHECK bool bundle_seal(const struct bundle *bundle, const struct age_recipient *station,
                               struct wg_buf *out, struct wg_error *err);

#endif
