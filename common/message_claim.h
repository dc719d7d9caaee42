/* message_claim.h: the claim of a device that was born without credentials, and its answers: the
 * bodies of POST /v1/claim (schemas/claim-*.schema.json). Problems are those of RFC 9457. Pure. */
#ifndef WG_COMMON_MESSAGE_CLAIM_H
#define WG_COMMON_MESSAGE_CLAIM_H

#include "common/enrolment.h"
#include "common/message_csr.h"

#define WG_CLAIM_PATH "/v1/claim"
#define WG_CLAIM_BYTES_MAX 8192   /* of a request's body */
#define WG_CLAIM_ANSWER_MAX 16384 /* of an answer's */
#define WG_CLAIM_TOKEN_MAX 80     /* with NUL */
#define WG_CLAIM_RECORD_MAX 2048  /* of a signed enrolment record, with NUL */

struct wg_claim_request {
    char device[WG_NAME_MAX + 1];
    char token[WG_CLAIM_TOKEN_MAX]; /* secret: no error text repeats it */
    size_t csr_len;
    uint8_t csr[WG_X509_MAX]; /* DER; PEM on the wire */
    char age_key[WG_AGE_RECIPIENT_TEXT];
    char hardware_model[WG_NAME_MAX + 1];
    char hardware_revision[WG_NAME_MAX + 1]; /* "" not told */
};

struct wg_claim_answer {
    char chain[WG_CHAIN_MAX];         /* PEM, the leaf first */
    char record[WG_CLAIM_RECORD_MAX]; /* compact JSON, keys in order: the signed enrolment record */
};

struct wg_problem {
    int status;                     /* of HTTP */
    char title[64];                 /* that status in words */
    char detail[WG_DETAIL_MAX + 1]; /* "" none */
};

/* WG_E_BAD_INPUT names the member. Neither the request's signature nor the age key's checksum is
 * looked at. */
WG_MUST_CHECK bool wg_claim_request_decode(const char *bytes, size_t len,
                                           struct wg_claim_request *out, struct wg_error *err);
WG_MUST_CHECK bool wg_claim_request_encode(const struct wg_claim_request *request,
                                           struct wg_buf *out, struct wg_error *err);
WG_MUST_CHECK bool wg_claim_answer_decode(const char *bytes, size_t len,
                                          struct wg_claim_answer *out, struct wg_error *err);
WG_MUST_CHECK bool wg_claim_answer_encode(const struct wg_claim_answer *answer, struct wg_buf *out,
                                          struct wg_error *err);
/* The texts are made fit for one line of a terminal or a log. */
WG_MUST_CHECK bool wg_problem_decode(const char *bytes, size_t len, struct wg_problem *out,
                                     struct wg_error *err);
WG_MUST_CHECK bool wg_problem_encode(const struct wg_problem *problem, struct wg_buf *out,
                                     struct wg_error *err);

#endif
