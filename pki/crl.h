/* crl.h: revocation lists: X.509 v2 CRLs (RFC 5280, section 5), written as DER and signed. */
#ifndef WG_PKI_CRL_H
#define WG_PKI_CRL_H

#include "common/buf.h"
#include "pki/issue.h"

/* Appends the CRL of issuer in PEM form with every revoked entry of the ledger. number grows with
 * each CRL. */
WG_MUST_CHECK bool crl_make(const struct issuer *issuer, const struct ledger *ledger,
                            int64_t number, wg_time this_update, wg_time next_update,
                            struct wg_buf *out, struct wg_error *err);

#endif
