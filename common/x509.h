/* x509.h: what stands in one certificate, and certification requests (PKCS#10, RFC 2986), as DER.
 * Reading a certificate checks no signature; reading a request checks the one that it carries.
 * Pure: wolfCrypt reads, nothing else is asked. */
#ifndef WG_COMMON_X509_H
#define WG_COMMON_X509_H

#include "common/identity_key.h"
#include "common/text.h"
#include "common/time.h"

#define WG_X509_MAX 4096 /* bytes of DER that are read */
#define WG_X509_PEM_MAX 8192
#define WG_SERIAL_MAX 48 /* hex, with NUL */

struct wg_x509 {
    char name[WG_NAME_MAX + 1]; /* common name */
    char unit[WG_NAME_MAX + 1]; /* organisational unit; "" none */
    char serial[WG_SERIAL_MAX]; /* lower-case hex */
    wg_time not_before, not_after;
    bool is_authority;
    struct wg_identity_public key;
};

WG_MUST_CHECK bool wg_x509_read(const void *der, size_t len, struct wg_x509 *out,
                                struct wg_error *err);
/* Of a certificate with any kind of key. */
WG_MUST_CHECK bool wg_x509_end(const void *der, size_t len, wg_time *out, struct wg_error *err);
/* The first certificate of a PEM text as DER; der holds WG_X509_MAX. */
WG_MUST_CHECK bool wg_x509_from_pem(const char *pem, size_t pem_len, void *der, size_t *len,
                                    struct wg_error *err);
WG_MUST_CHECK bool wg_x509_to_pem(const void *der, size_t len, char out[WG_X509_PEM_MAX],
                                  struct wg_error *err);
/* Is the certificate in DER signed by that key? WG_E_VERIFY when not. */
WG_MUST_CHECK bool wg_x509_check(const void *der, size_t len,
                                 const struct wg_identity_public *issuer, struct wg_error *err);

struct wg_csr {
    char name[WG_NAME_MAX + 1];
    struct wg_identity_public key;
};
/* "CERTIFICATE REQUEST" (RFC 7468), as openssl writes it; der holds WG_X509_MAX. */
WG_MUST_CHECK bool wg_csr_from_pem(const char *pem, size_t pem_len, void *der, size_t *len,
                                   struct wg_error *err);
WG_MUST_CHECK bool wg_csr_to_pem(const void *der, size_t len, char out[WG_X509_PEM_MAX],
                                 struct wg_error *err);
/* Appends a request for that common name, signed by the key that it asks for. */
WG_MUST_CHECK bool wg_csr_make_by(const char *name, const struct wg_identity_signer *signer,
                                  struct wg_buf *out, struct wg_error *err);
WG_MUST_CHECK bool wg_csr_make(const char *name, const struct wg_identity_key *key,
                               struct wg_buf *out, struct wg_error *err);
/* WG_E_VERIFY when whoever made it does not hold the key; nothing that it asks for beside name and
 * key is looked at. */
WG_MUST_CHECK bool wg_csr_read(const void *der, size_t len, struct wg_csr *out,
                               struct wg_error *err);

#endif
