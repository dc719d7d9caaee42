/* message_csr.h: the messages by which a device renews its certificate (up/csr, down/cert).
 *
 * renew: a request (PKCS#10) for a new key, which is its own proof that the device holds the new
 *   key; with the certificate in force, and a signature by its key over the request.
 * used: the new certificate has carried a session; signed by the new key. Only now is the old one
 *   revoked.
 * pins: the number of the list of pins that the device has (common/pins.h): is there a newer one?
 * Answers: issued, refused, settled; pins, only if there is. Pure. */
#ifndef WG_COMMON_MESSAGE_CSR_H
#define WG_COMMON_MESSAGE_CSR_H

#include "common/message.h"
#include "common/x509.h"

#define WG_CSR_DER_MAX 2048   /* of a request, of a certificate */
#define WG_CHAIN_MAX 8192     /* of a chain in PEM form, with NUL */
#define WG_PINS_WIRE_MAX 8192 /* of a signed list of pins as compact JSON, with NUL */

enum wg_csr_kind { WG_CSR_RENEW, WG_CSR_USED, WG_CSR_PINS };

struct wg_csr_message {
    enum wg_csr_kind kind;
    /* renew */
    size_t csr_len, certificate_len;
    uint8_t csr[WG_CSR_DER_MAX], certificate[WG_CSR_DER_MAX]; /* DER */
    /* used */
    char serial[WG_SERIAL_MAX]; /* of the new certificate */
    /* pins; carries no proof: the list is no secret */
    int64_t number; /* 0: none */
    /* the others: renew by the old key, used by the new one */
    size_t proof_len;
    uint8_t proof[WG_IDENTITY_SIGNATURE_MAX];
};

enum wg_cert_kind { WG_CERT_ISSUED, WG_CERT_REFUSED, WG_CERT_SETTLED, WG_CERT_PINS };

/* Why there is no certificate. */
enum wg_cert_cause {
    WG_CERT_BROKEN,  /* the request or a proof does not hold */
    WG_CERT_FOREIGN, /* the certificate is not one of this device in force */
    WG_CERT_RATE,    /* too often: try again after retry */
    WG_CERT_LATER,   /* the authority cannot now: try again after retry */
    WG_CERT_CAUSES
};

struct wg_cert_message {
    enum wg_cert_kind kind;
    char request[WG_SHA256_HEX]; /* issued, refused: SHA-256 of the request's DER */
    union {
        char chain[WG_CHAIN_MAX];    /* issued: PEM, the leaf first */
        char pins[WG_PINS_WIRE_MAX]; /* pins: the signed list, as JSON */
    };
    enum wg_cert_cause cause; /* refused */
    char detail[WG_DETAIL_MAX + 1];
    wg_duration retry;          /* refused: not before; 0: not at all with this certificate */
    char serial[WG_SERIAL_MAX]; /* settled */
};

WG_MUST_CHECK bool wg_csr_message_decode(const char *bytes, size_t len, struct wg_csr_message *out,
                                         struct wg_error *err);
WG_MUST_CHECK bool wg_csr_message_encode(const struct wg_csr_message *message, struct wg_buf *out,
                                         struct wg_error *err);
WG_MUST_CHECK bool wg_cert_message_decode(const char *bytes, size_t len,
                                          struct wg_cert_message *out, struct wg_error *err);
WG_MUST_CHECK bool wg_cert_message_encode(const struct wg_cert_message *message, struct wg_buf *out,
                                          struct wg_error *err);
const char *wg_cert_cause_text(enum wg_cert_cause cause);

/* Fills proof of a message that is otherwise complete. */
WG_MUST_CHECK bool wg_csr_prove(struct wg_csr_message *message, const char *device,
                                const struct wg_identity_key *key, struct wg_error *err);
WG_MUST_CHECK bool wg_csr_prove_by(struct wg_csr_message *message, const char *device,
                                   const struct wg_identity_signer *signer, struct wg_error *err);
/* WG_E_VERIFY when key did not sign this message for that device. */
WG_MUST_CHECK bool wg_csr_check_proof(const struct wg_csr_message *message, const char *device,
                                      const struct wg_identity_public *key, struct wg_error *err);

#endif
