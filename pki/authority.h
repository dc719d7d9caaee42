/* authority.h: the folder of authorities: device, server and operator, each with a root of its own.
 *
 *   DIR/lock
 *   DIR/<domain>/root.crt root.key issuing.crt issuing.key chain.pem ledger crl.number crl.pem
 *   DIR/broker/trust.pem crl.pem     what a broker needs: device and server chains, and their CRLs
 *
 * root.key may be taken offline after init: day to day work needs the issuing key alone. */
#ifndef WG_PKI_AUTHORITY_H
#define WG_PKI_AUTHORITY_H

#include "pki/crl.h"

enum domain { DOMAIN_DEVICE, DOMAIN_SERVER, DOMAIN_OPERATOR, DOMAINS };

const char *domain_text(enum domain domain);

struct authority {
    enum domain domain;
    char folder[4096];
    struct issuer issuing;
    struct ledger ledger;
};

/* Makes the folder with all domains; WG_E_CONFLICT when there is one. */
WG_MUST_CHECK bool authority_init_all(const char *folder, wg_time now, struct wg_error *err);
/* Holds the folder against another wavegate-pki until the process ends. */
WG_MUST_CHECK bool authority_lock(const char *folder, struct wg_error *err);
WG_MUST_CHECK bool authority_open(const char *folder, enum domain domain, struct authority *out,
                                  struct wg_error *err);
void authority_clear(struct authority *authority);
WG_MUST_CHECK bool authority_save(const struct authority *authority, struct wg_error *err);
/* Writes the CRLs of all domains anew, and the broker's; *ends: when the first of them runs out. */
WG_MUST_CHECK bool authority_write_crls(const char *folder, wg_time now, int days, wg_time *ends,
                                        struct wg_error *err);
/* The chain that follows a leaf in its file: the issuing certificate. Appends PEM. */
WG_MUST_CHECK bool authority_issuing_pem(const struct authority *authority, struct wg_buf *out,
                                         struct wg_error *err);

#endif
