/* certificate.c: reads certificates with wolfCrypt, checks chains with wolfSSL's certificate
 * manager. */
#include <wolfssl/options.h>

#include "common/posix/certificate.h"

#include "common/posix/tls_start.h"

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ed25519.h>

#include <stdlib.h>
#include <string.h>

#define DER_MAX 8192
#define END_LINE "-----END CERTIFICATE-----"
#define BEGIN_LINE "-----BEGIN CERTIFICATE-----"

/* The bytes of one certificate within a PEM text; NULL: no further one. *end is behind it. */
static const char *next_block(const char *pem, size_t *len)
{
    const char *begin = strstr(pem, BEGIN_LINE);
    const char *end = begin ? strstr(begin, END_LINE) : NULL;
    if (!end) return NULL;
    *len = (size_t)(end - begin) + strlen(END_LINE);
    return begin;
}

static bool to_der(const char *block, size_t len, unsigned char *der, int *der_len,
                   struct wg_error *err)
{
    *der_len = wc_CertPemToDer((const unsigned char *)block, (int)len, der, DER_MAX, CERT_TYPE);
    return *der_len > 0 || wg_fail(err, WG_E_BAD_INPUT, "this is no certificate in PEM form");
}

static void copy_part(char out[WG_NAME_MAX + 1], const char *text, int len)
{
    out[0] = '\0';
    if (text && len > 0) (void)wg_copy_n(out, WG_NAME_MAX + 1, text, (size_t)len);
}

static bool read_key(const DecodedCert *cert, struct certificate *out, struct wg_error *err)
{
    bool p256 = cert->keyOID == ECDSAk && cert->pkCurveOID == ECC_SECP256R1_OID;
    size_t size = p256 ? WG_P256_POINT : WG_ED25519_PUBLIC;
    out->has_key = p256 || cert->keyOID == ED25519k;
    if (!out->has_key) return true;
    if (cert->pubKeySize < size)
        return wg_fail(err, WG_E_BAD_INPUT, "the certificate's key is too short");
    /* wolfCrypt keeps the raw key, or the whole SubjectPublicKeyInfo: the key is its end */
    return wg_identity_public_from(cert->publicKey + cert->pubKeySize - size, size, &out->key, err);
}

bool certificate_read(const char *pem, struct certificate *out, struct wg_error *err)
{
    unsigned char der[DER_MAX];
    size_t len = 0;
    int der_len = 0;
    const char *block = next_block(pem, &len);
    memset(out, 0, sizeof *out);
    if (!block) return wg_fail(err, WG_E_BAD_INPUT, "there is no certificate in PEM form");
    if (!to_der(block, len, der, &der_len, err)) return false;
    DecodedCert cert;
    wc_InitDecodedCert(&cert, der, (word32)der_len, NULL);
    int code = wc_ParseCert(&cert, CERT_TYPE, NO_VERIFY, NULL);
    bool ok =
        code == 0 || wg_fail(err, WG_E_BAD_INPUT, "the certificate cannot be read (%d)", code);
    if (ok) {
        copy_part(out->name, cert.subjectCN, cert.subjectCNLen);
        copy_part(out->role, cert.subjectOU, cert.subjectOULen);
        out->client_auth = (cert.extExtKeyUsage & EXTKEYUSE_CLIENT_AUTH) != 0;
        out->server_auth = (cert.extExtKeyUsage & EXTKEYUSE_SERVER_AUTH) != 0;
        ok = read_key(&cert, out, err);
    }
    wc_FreeDecodedCert(&cert);
    return ok;
}

static bool fail_code(const char *what, int code, struct wg_error *err)
{
    char words[WOLFSSL_MAX_ERROR_SZ];
    wolfSSL_ERR_error_string((unsigned long)(code < 0 ? -code : code), words);
    return wg_fail(err, WG_E_VERIFY, "%s: %s (%d)", what, words, code);
}

/* From the root downwards: each certificate must verify before it may vouch for the one above it in
 * the file. */
static bool load_chain(WOLFSSL_CERT_MANAGER *manager, const char *const *blocks, const size_t *lens,
                       size_t count, struct wg_error *err)
{
    for (size_t i = count - 1; i > 0; i--) {
        const unsigned char *block = (const unsigned char *)blocks[i];
        int code =
            wolfSSL_CertManagerVerifyBuffer(manager, block, (long)lens[i], WOLFSSL_FILETYPE_PEM);
        if (code == WOLFSSL_SUCCESS)
            code = wolfSSL_CertManagerLoadCABuffer(manager, block, (long)lens[i],
                                                   WOLFSSL_FILETYPE_PEM);
        if (code != WOLFSSL_SUCCESS) return fail_code("the issuing authority", code, err);
    }
    return true;
}

static bool load_crl(WOLFSSL_CERT_MANAGER *manager, const char *crl_pem, struct wg_error *err)
{
    if (!crl_pem) return true;
    int code = wolfSSL_CertManagerEnableCRL(manager, WOLFSSL_CRL_CHECK);
    if (code == WOLFSSL_SUCCESS)
        code = wolfSSL_CertManagerLoadCRLBuffer(manager, (const unsigned char *)crl_pem,
                                                (long)strlen(crl_pem), WOLFSSL_FILETYPE_PEM);
    return code == WOLFSSL_SUCCESS || fail_code("the revocation list", code, err);
}

static bool check(WOLFSSL_CERT_MANAGER *manager, const char *const *blocks, const size_t *lens,
                  size_t count, const char *root_pem, const char *crl_pem, struct wg_error *err)
{
    int code = wolfSSL_CertManagerLoadCABuffer(manager, (const unsigned char *)root_pem,
                                               (long)strlen(root_pem), WOLFSSL_FILETYPE_PEM);
    if (code != WOLFSSL_SUCCESS) return fail_code("the root", code, err);
    if (!load_chain(manager, blocks, lens, count, err) || !load_crl(manager, crl_pem, err))
        return false;
    code = wolfSSL_CertManagerVerifyBuffer(manager, (const unsigned char *)blocks[0], (long)lens[0],
                                           WOLFSSL_FILETYPE_PEM);
    return code == WOLFSSL_SUCCESS || fail_code("the certificate", code, err);
}

bool certificate_check_chain(const char *chain_pem, const char *root_pem, const char *crl_pem,
                             struct wg_error *err)
{
    const char *blocks[CERTIFICATE_CHAIN_MAX];
    size_t lens[CERTIFICATE_CHAIN_MAX], count = 0;
    const char *at = chain_pem;
    while (count < CERTIFICATE_CHAIN_MAX && (at = next_block(at, &lens[count])) != NULL) {
        blocks[count] = at;
        at += lens[count++];
    }
    if (count == 0) return wg_fail(err, WG_E_BAD_INPUT, "there is no certificate in PEM form");
    if (!wg_tls_start(err)) return false;
    WOLFSSL_CERT_MANAGER *manager = wolfSSL_CertManagerNew();
    if (!manager) return wg_fail_memory(err, "checking a certificate");
    bool ok = check(manager, blocks, lens, count, root_pem, crl_pem, err);
    wolfSSL_CertManagerFree(manager);
    return ok;
}
