/* approval.h: what an operator says about a campaign, signed with the operator's key: who applied
 * it, who approved a gate; and of a release: who published it. The statement is a signed envelope
 * (common/signed.h) beside the operator's certificate chain; checking needs only the operator
 * authority's root. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_APPROVAL_H
#define WG_ORCHESTRATOR_CAMPAIGN_APPROVAL_H

#include "common/crypto.h"
#include "common/text.h"
#include "common/time.h"

#define OPERATOR_CHAIN_MAX 8192 /* bytes of PEM: leaf and issuing authority */
#define STATEMENT_MAX 4096

#define STATEMENT_RELEASE_TEXT (WG_NAME_MAX + WG_VERSION_MAX + 2)

enum statement_kind { STATEMENT_APPLY, STATEMENT_APPROVE, STATEMENT_RELEASE };

/* An operator as the certificate shows: common name and role (organisational unit). */
struct operator_identity {
    char name[WG_NAME_MAX + 1];
    char role[WG_NAME_MAX + 1];
    char chain[OPERATOR_CHAIN_MAX]; /* PEM */
};

struct statement {
    enum statement_kind kind;
    char campaign[WG_NAME_MAX + 1];       /* apply, approve */
    char digest[WG_SHA256_HEX];           /* of the campaign; of the release's artifact */
    char wave[WG_NAME_MAX + 1];           /* approve; "" its start */
    char release[STATEMENT_RELEASE_TEXT]; /* release: COMPONENT/VERSION */
    char operator_name[WG_NAME_MAX + 1];
    wg_time at;
};

/* Reads name and role from the leaf and checks the chain up to root_pem, key usage and dates at
 * now. WG_E_DENIED when it does not hold. crl_pem may be NULL. */
WG_MUST_CHECK bool operator_check(const char *chain_pem, const char *root_pem, const char *crl_pem,
                                  struct operator_identity *out, struct wg_error *err);
/* Appends the envelope as JSON text. */
struct wg_buf;
WG_MUST_CHECK bool statement_sign(const struct statement *statement,
                                  const struct wg_secret_key *key, struct wg_buf *out,
                                  struct wg_error *err);
/* The envelope must be signed by the key in the operator's certificate and name that operator. */
WG_MUST_CHECK bool statement_check(const char *envelope, size_t len,
                                   const struct operator_identity *who, struct statement *out,
                                   struct wg_error *err);

#endif
