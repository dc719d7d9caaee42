/* approval.h: statements of operators (common/trust/statement.h) beside their certificate chains;
 * checking needs only the operator authority's root. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_APPROVAL_H
#define WG_ORCHESTRATOR_CAMPAIGN_APPROVAL_H

#include "common/posix/signing_key.h"
#include "common/trust/statement.h"

#define OPERATOR_CHAIN_MAX 8192 /* bytes of PEM: leaf and issuing authority */

/* An operator as the certificate shows: common name and role (organisational unit). */
struct operator_identity {
    char name[WG_NAME_MAX + 1];
    char role[WG_NAME_MAX + 1];
    char chain[OPERATOR_CHAIN_MAX]; /* PEM */
};

/* Reads name and role from the leaf and checks the chain up to root_pem, key usage and dates at
 * now. WG_E_DENIED when it does not hold. crl_pem may be NULL. */
WG_MUST_CHECK bool operator_check(const char *chain_pem, const char *root_pem, const char *crl_pem,
                                  struct operator_identity *out, struct wg_error *err);
/* The envelope must be signed by the key in the operator's certificate and name that operator. */
WG_MUST_CHECK bool statement_check(const char *envelope, size_t len,
                                   const struct operator_identity *who, struct statement *out,
                                   struct wg_error *err);

/* statement_sign() by a key wherever it lives. */
WG_MUST_CHECK bool statement_sign_by(const struct statement *statement, struct wg_signing_key *key,
                                     struct wg_buf *out, struct wg_error *err);
/* Fills in what every statement about that campaign says of it: name, release, rollback_to. */
struct campaign;
void statement_about(const struct campaign *campaign, struct statement *out);

#endif
