/* x509.c: wolfCrypt's view of a certificate, brought into our terms. */
#include <wolfssl/options.h>

#include "common/x509.h"

#include "common/der.h"

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>

#include <stdio.h>
#include <string.h>

/* A certificate is one SEQUENCE with a length of one or two bytes behind 0x81 or 0x82, and nothing
 * after it: wolfCrypt would not mind. */
static bool is_whole(const uint8_t *der, size_t len)
{
    if (len < 4 || len > WG_X509_MAX || der[0] != WG_DER_SEQUENCE) return false;
    if (der[1] == 0x82) return ((size_t)der[2] << 8 | der[3]) + 4 == len;
    if (der[1] == 0x81) return (size_t)der[2] + 3 == len;
    return der[1] < 0x80 && (size_t)der[1] + 2 == len;
}

static bool copy_part(char out[WG_NAME_MAX + 1], const char *text, int len)
{
    out[0] = '\0';
    return !text || len <= 0 ||
           (wg_text_is_utf8(text, (size_t)len) &&
            wg_copy_n(out, WG_NAME_MAX + 1, text, (size_t)len));
}

/* UTCTime or GeneralizedTime in the one form that RFC 5280 allows: seconds, and Z. */
static bool read_time(const byte *date, int len, wg_time *out)
{
    char text[WG_TIME_TEXT];
    bool is_short = date && len == 15 && date[0] == WG_DER_UTC_TIME && date[1] == 13;
    bool is_long = date && len == 17 && date[0] == WG_DER_TIME && date[1] == 15;
    if (!is_short && !is_long) return false;
    const char *at = (const char *)date + 2;
    const char *century = is_long ? "" : at[0] >= '5' ? "19" : "20"; /* section 4.1.2.5.1 */
    int year = is_long ? 4 : 2;
    if (at[year + 10] != 'Z') return false;
    (void)snprintf(text, sizeof text, "%s%.*s-%.2s-%.2sT%.2s:%.2s:%.2sZ", century, year, at,
                   at + year, at + year + 2, at + year + 4, at + year + 6, at + year + 8);
    return wg_time_parse(text, out);
}

/* wolfCrypt keeps the raw key, or the whole SubjectPublicKeyInfo: the key is its end. */
static bool read_key(const DecodedCert *cert, struct wg_identity_public *out, struct wg_error *err)
{
    size_t size = cert->keyOID == ED25519k ? WG_ED25519_PUBLIC
                  : cert->keyOID == ECDSAk ? WG_P256_POINT
                                           : 0;
    if (size == 0 || cert->pubKeySize < size)
        return wg_fail(err, WG_E_BAD_INPUT, "its key is neither Ed25519 nor P-256");
    if (cert->keyOID == ECDSAk && cert->pkCurveOID != ECC_SECP256R1_OID)
        return wg_fail(err, WG_E_BAD_INPUT, "its key is of another curve than P-256");
    return wg_identity_public_from(cert->publicKey + cert->pubKeySize - size, size, out, err);
}

static bool take(const DecodedCert *cert, struct wg_x509 *out, struct wg_error *err)
{
    if (!copy_part(out->name, cert->subjectCN, cert->subjectCNLen) ||
        !copy_part(out->unit, cert->subjectOU, cert->subjectOULen))
        return wg_fail(err, WG_E_BAD_INPUT, "its name is longer than %d bytes, or no UTF-8",
                       WG_NAME_MAX);
    if (cert->serialSz < 1 || cert->serialSz > (WG_SERIAL_MAX - 1) / 2)
        return wg_fail(err, WG_E_BAD_INPUT, "its serial number has %d bytes", cert->serialSz);
    wg_hex(cert->serial, (size_t)cert->serialSz, out->serial);
    if (!read_time(cert->beforeDate, cert->beforeDateLen, &out->not_before) ||
        !read_time(cert->afterDate, cert->afterDateLen, &out->not_after))
        return wg_fail(err, WG_E_BAD_INPUT, "its dates cannot be read");
    out->is_authority = cert->isCA;
    return read_key(cert, &out->key, err);
}

bool wg_x509_read(const void *der, size_t len, struct wg_x509 *out, struct wg_error *err)
{
    DecodedCert cert;
    memset(out, 0, sizeof *out);
    if (!is_whole(der, len)) return wg_fail(err, WG_E_BAD_INPUT, "this is no certificate");
    wc_InitDecodedCert(&cert, der, (word32)len, NULL);
    int code = wc_ParseCert(&cert, CERT_TYPE, NO_VERIFY, NULL);
    bool ok = code == 0 ? take(&cert, out, err)
                        : wg_fail(err, WG_E_BAD_INPUT, "this is no certificate (%d)", code);
    wc_FreeDecodedCert(&cert);
    return ok || wg_context(err, "certificate");
}

bool wg_x509_end(const void *der, size_t len, wg_time *out, struct wg_error *err)
{
    DecodedCert cert;
    if (!is_whole(der, len)) return wg_fail(err, WG_E_BAD_INPUT, "this is no certificate");
    wc_InitDecodedCert(&cert, der, (word32)len, NULL);
    bool ok = wc_ParseCert(&cert, CERT_TYPE, NO_VERIFY, NULL) == 0 &&
              read_time(cert.afterDate, cert.afterDateLen, out);
    wc_FreeDecodedCert(&cert);
    return ok || wg_fail(err, WG_E_BAD_INPUT, "the end of the certificate cannot be read");
}

static bool from_pem(const char *pem, size_t pem_len, int type, const char *what, void *der,
                     size_t *len, struct wg_error *err)
{
    int code = pem_len > 0 && pem_len <= (size_t)1 << 20
                   ? wc_CertPemToDer((const byte *)pem, (int)pem_len, der, WG_X509_MAX, type)
                   : 0;
    *len = code > 0 ? (size_t)code : 0;
    return code > 0 || wg_fail(err, WG_E_BAD_INPUT, "no %s in PEM form", what);
}

static bool to_pem(const void *der, size_t len, int type, char out[WG_X509_PEM_MAX],
                   struct wg_error *err)
{
    int code = wc_DerToPem(der, (word32)len, (byte *)out, WG_X509_PEM_MAX - 1, type);
    if (code <= 0) return wg_fail(err, WG_E_FAILED, "writing PEM: wolfCrypt says %d", code);
    out[code] = '\0';
    return true;
}

bool wg_x509_from_pem(const char *pem, size_t pem_len, void *der, size_t *len, struct wg_error *err)
{
    return from_pem(pem, pem_len, CERT_TYPE, "certificate", der, len, err);
}

bool wg_x509_to_pem(const void *der, size_t len, char out[WG_X509_PEM_MAX], struct wg_error *err)
{
    return to_pem(der, len, CERT_TYPE, out, err);
}

bool wg_csr_from_pem(const char *pem, size_t pem_len, void *der, size_t *len, struct wg_error *err)
{
    return from_pem(pem, pem_len, CERTREQ_TYPE, "certificate request", der, len, err);
}

bool wg_csr_to_pem(const void *der, size_t len, char out[WG_X509_PEM_MAX], struct wg_error *err)
{
    return to_pem(der, len, CERTREQ_TYPE, out, err);
}

/* Both algorithm fields must name what the key signs with; the bytes are compared as a whole. */
static bool algorithm_fits(const DecodedCert *cert, enum wg_identity_kind kind)
{
    return cert->signatureOID ==
           (word32)(kind == WG_IDENTITY_P256 ? CTC_SHA256wECDSA : CTC_ED25519);
}

static bool check(const DecodedCert *cert, const uint8_t *der, const struct wg_identity_public *key,
                  struct wg_error *err)
{
    if (!algorithm_fits(cert, key->kind) || cert->sigIndex <= cert->certBegin)
        return wg_fail(err, WG_E_VERIFY, "it is not signed by its issuer's kind of key");
    return wg_identity_verify(key, der + cert->certBegin, cert->sigIndex - cert->certBegin,
                              cert->signature, cert->sigLength, err);
}

bool wg_x509_check(const void *der, size_t len, const struct wg_identity_public *issuer,
                   struct wg_error *err)
{
    DecodedCert cert;
    if (!is_whole(der, len)) return wg_fail(err, WG_E_BAD_INPUT, "this is no certificate");
    wc_InitDecodedCert(&cert, der, (word32)len, NULL);
    int code = wc_ParseCert(&cert, CERT_TYPE, NO_VERIFY, NULL);
    bool ok = code == 0 ? check(&cert, der, issuer, err)
                        : wg_fail(err, WG_E_BAD_INPUT, "this is no certificate (%d)", code);
    wc_FreeDecodedCert(&cert);
    return ok || wg_context(err, "certificate");
}

static void put_name(const char *name, struct wg_buf *out)
{
    static const uint8_t common_name[] = {0x55, 0x04, 0x03};
    size_t list = wg_der_open(out, WG_DER_SEQUENCE), set = wg_der_open(out, WG_DER_SET),
           pair = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_put(out, WG_DER_OID, common_name, sizeof common_name);
    wg_der_text(out, name);
    wg_der_close(out, pair);
    wg_der_close(out, set);
    wg_der_close(out, list);
}

static bool sign_with(const void *ctx, const void *data, size_t len,
                      uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len, struct wg_error *err)
{
    return wg_identity_sign(ctx, data, len, out, out_len, err);
}

bool wg_csr_make(const char *name, const struct wg_identity_key *key, struct wg_buf *out,
                 struct wg_error *err)
{
    const struct wg_identity_signer signer = {&key->public_key, sign_with, key};
    return wg_csr_make_by(name, &signer, out, err);
}

bool wg_csr_make_by(const char *name, const struct wg_identity_signer *signer, struct wg_buf *out,
                    struct wg_error *err)
{
    struct wg_buf info;
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    size_t signature_len = 0;
    wg_buf_init(&info, WG_X509_MAX);
    size_t body = wg_der_open(&info, WG_DER_SEQUENCE);
    wg_der_number(&info, 0);
    put_name(name, &info);
    wg_identity_spki(signer->public_key, &info);
    wg_der_put(&info, WG_DER_CONTEXT_CONSTRUCTED, NULL, 0);
    wg_der_close(&info, body);
    bool ok = wg_buf_check(&info, err, "request") &&
              signer->sign(signer->ctx, info.data, info.len, signature, &signature_len, err);
    if (ok) {
        size_t whole = wg_der_open(out, WG_DER_SEQUENCE);
        wg_buf_add(out, info.data, info.len);
        wg_identity_algorithm(signer->public_key->kind, out);
        wg_der_bits(out, signature, signature_len);
        wg_der_close(out, whole);
    }
    wg_buf_clear(&info);
    return ok && wg_buf_check(out, err, "request");
}

bool wg_csr_read(const void *der, size_t len, struct wg_csr *out, struct wg_error *err)
{
    DecodedCert cert;
    memset(out, 0, sizeof *out);
    if (!is_whole(der, len)) return wg_fail(err, WG_E_BAD_INPUT, "this is no request");
    wc_InitDecodedCert(&cert, der, (word32)len, NULL);
    int code = wc_ParseCert(&cert, CERTREQ_TYPE, NO_VERIFY, NULL);
    bool ok = (code == 0 || wg_fail(err, WG_E_BAD_INPUT, "this is no request (%d)", code)) &&
              (copy_part(out->name, cert.subjectCN, cert.subjectCNLen) ||
               wg_fail(err, WG_E_BAD_INPUT, "its name is too long")) &&
              read_key(&cert, &out->key, err) && check(&cert, der, &out->key, err);
    wc_FreeDecodedCert(&cert);
    return ok || wg_context(err, "certificate request");
}
