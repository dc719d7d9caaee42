/* authorities.h: the certificates that issue devices' and services' certificates. Not the roots
 * above them: who issued a certificate decides what its holder is. */
#ifndef WG_BROKER_MOSQUITTO_AUTHORITIES_H
#define WG_BROKER_MOSQUITTO_AUTHORITIES_H

#include "broker/guard.h"

#include <openssl/x509.h>

struct authorities {
    size_t count;
    struct authority {
        X509 *certificate; /* owned */
        bool is_device;
    } items[GUARD_AUTHORITIES_MAX];
};

/* Appends every certificate of a PEM file; errors name the file. */
WG_MUST_CHECK bool authorities_load(struct authorities *authorities, const char *path,
                                    bool is_device, struct wg_error *err);
void authorities_clear(struct authorities *authorities);
/* The one that signed this certificate, checked; false: none of them. */
bool authorities_issuer(const struct authorities *authorities, X509 *certificate, size_t *index);

#endif
