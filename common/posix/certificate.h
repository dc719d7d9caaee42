/* certificate.h: X.509 certificates (RFC 5280) as people and programs of this project need them:
 * who it says it is for, and whether the chain up to a given root holds now. Uses the system's
 * clock. */
#ifndef WG_COMMON_POSIX_CERTIFICATE_H
#define WG_COMMON_POSIX_CERTIFICATE_H

#include "common/identity_key.h"
#include "common/text.h"

#define CERTIFICATE_PEM_MAX 65536
#define CERTIFICATE_CHAIN_MAX 4 /* certificates in one chain file */

struct certificate {
    char name[WG_NAME_MAX + 1];    /* common name */
    char role[WG_NAME_MAX + 1];    /* organisational unit; "" none */
    bool client_auth, server_auth; /* extended key usage */
    bool has_key;                  /* Ed25519 or P-256 */
    struct wg_identity_public key;
};

/* The first certificate of a PEM text. WG_E_BAD_INPUT when it is none. */
WG_MUST_CHECK bool certificate_read(const char *pem, struct certificate *out, struct wg_error *err);
/* The first certificate must lead, over the others of the text, to the root; all in date; the first
 * not on the CRL (crl_pem NULL: not asked). WG_E_VERIFY says which did not hold. */
WG_MUST_CHECK bool certificate_check_chain(const char *chain_pem, const char *root_pem,
                                           const char *crl_pem, struct wg_error *err);

#endif
