/* certificate.h: what the guard needs to know of a client's certificate. */
#ifndef WG_BROKER_MOSQUITTO_CERTIFICATE_H
#define WG_BROKER_MOSQUITTO_CERTIFICATE_H

#include "broker/mosquitto/authorities.h"

/* False when it was not issued by one of the authorities, or not for clients. */
WG_MUST_CHECK bool certificate_read(X509 *x509, const struct authorities *authorities,
                                    struct certificate *out, struct wg_error *err);
/* A serial number, of a certificate or of a list's entry. */
WG_MUST_CHECK bool certificate_serial(const ASN1_INTEGER *number, struct serial *out);

#endif
