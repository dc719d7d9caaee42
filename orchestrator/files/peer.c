/* peer.c: checks client certificates with GnuTLS, which the HTTP server's TLS is made of. */
#include "orchestrator/files/peer.h"

#include "common/buf.h"
#include "common/posix/file.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#define PEM_MAX ((size_t)64 * 1024)
#define CRL_MAX ((size_t)128 * 1024 * 1024)
#define CHAIN_MAX 8

struct peers {
    gnutls_x509_trust_list_t list;
};

static bool fail(struct wg_error *err, enum wg_error_code code, const char *what, int number)
{
    return wg_fail(err, code, "%s: %s", what, gnutls_strerror(number));
}

static bool load(struct peers *peers, const char *ca_file, const char *crl_file,
                 struct wg_error *err)
{
    struct wg_buf ca, crl;
    wg_buf_init(&ca, PEM_MAX);
    wg_buf_init(&crl, CRL_MAX);
    bool ok = wg_file_read(ca_file, &ca, err) && (!crl_file || wg_file_read(crl_file, &crl, err));
    if (ok) {
        const gnutls_datum_t cas = {(unsigned char *)ca.data, (unsigned)ca.len};
        const gnutls_datum_t crls = {(unsigned char *)crl.data, (unsigned)crl.len};
        int loaded = gnutls_x509_trust_list_add_trust_mem(peers->list, &cas, NULL,
                                                          GNUTLS_X509_FMT_PEM, 0, 0);
        if (loaded <= 0)
            ok = wg_fail(err, WG_E_BAD_FILE, "%s: there is no authority's certificate in it",
                         ca_file);
        if (ok && crl_file) {
            loaded = gnutls_x509_trust_list_add_trust_mem(
                peers->list, NULL, &crls, GNUTLS_X509_FMT_PEM, 0, GNUTLS_TL_VERIFY_CRL);
            ok = loaded > 0 || wg_fail(err, WG_E_BAD_FILE,
                                       "%s: no revocation list of these authorities", crl_file);
        }
    }
    wg_buf_clear(&ca);
    wg_buf_clear(&crl);
    return ok;
}

struct peers *peers_new(const char *ca_file, const char *crl_file, struct wg_error *err)
{
    struct peers *peers = calloc(1, sizeof *peers);
    if (!peers || gnutls_x509_trust_list_init(&peers->list, 0) != 0) {
        free(peers);
        (void)wg_fail_memory(err, "authorities");
        return NULL;
    }
    if (!load(peers, ca_file, crl_file, err)) {
        peers_free(peers);
        return NULL;
    }
    return peers;
}

void peers_free(struct peers *peers)
{
    if (!peers) return;
    gnutls_x509_trust_list_deinit(peers->list, 1);
    free(peers);
}

/* A second name would leave it open which one counts. */
static bool name_of(gnutls_x509_crt_t certificate, char name[WG_NAME_MAX + 1], struct wg_error *err)
{
    size_t size = WG_NAME_MAX + 1, none = 0;
    int code =
        gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size);
    if (code != 0 || size != strlen(name) || !wg_name_is_valid(name) ||
        gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 1, 0, NULL,
                                      &none) != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return wg_fail(err, WG_E_BAD_INPUT, "the certificate names no device");
    return true;
}

static bool check_chain(const struct peers *peers, gnutls_x509_crt_t *chain, unsigned count,
                        struct wg_error *err)
{
    unsigned status = GNUTLS_CERT_INVALID;
    char client[] = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st purpose = {
        .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)client, .size = 0};
    int code = gnutls_x509_trust_list_verify_crt2(peers->list, chain, count, &purpose, 1, 0,
                                                  &status, NULL);
    if (code != 0) return fail(err, WG_E_VERIFY, "the certificate cannot be checked", code);
    if (status != 0)
        return wg_fail(err, WG_E_VERIFY, "the certificate does not hold%s",
                       status & GNUTLS_CERT_REVOKED   ? ": revoked"
                       : status & GNUTLS_CERT_EXPIRED ? ": expired"
                                                      : "");
    return true;
}

bool peers_check(const struct peers *peers, gnutls_session_t session, char name[WG_NAME_MAX + 1],
                 struct wg_error *err)
{
    gnutls_x509_crt_t chain[CHAIN_MAX];
    unsigned given = 0, count = 0;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(session, &given);
    bool ok = list && given > 0;
    if (!ok) return wg_fail(err, WG_E_VERIFY, "there is no certificate");
    if (given > CHAIN_MAX) return wg_fail(err, WG_E_LIMIT, "more than %d certificates", CHAIN_MAX);
    for (; ok && count < given; count++) {
        if (gnutls_x509_crt_init(&chain[count]) != 0) {
            ok = wg_fail_memory(err, "a certificate");
            break;
        }
        int code = gnutls_x509_crt_import(chain[count], &list[count], GNUTLS_X509_FMT_DER);
        ok = code == 0 || fail(err, WG_E_VERIFY, "the certificate cannot be read", code);
    }
    ok = ok && check_chain(peers, chain, count, err) && name_of(chain[0], name, err);
    while (count > 0) gnutls_x509_crt_deinit(chain[--count]);
    return ok;
}

/* wg_unhex() reads small letters alone. */
static char small_digit(char digit)
{
    if (digit >= 'A' && digit <= 'F') return "abcdef"[digit - 'A'];
    return digit;
}

static bool unescape(const char *from, struct wg_buf *out, struct wg_error *err)
{
    for (; *from; from++) {
        unsigned char sign = (unsigned char)*from;
        if (sign == '%') {
            char digits[3] = "";
            digits[0] = small_digit(from[1]);
            if (from[1]) digits[1] = small_digit(from[2]);
            if (!wg_unhex(digits, &sign, 1))
                return wg_fail(err, WG_E_BAD_INPUT, "the certificate is badly escaped");
            from += 2;
        }
        wg_buf_char(out, (char)sign);
    }
    return wg_buf_check(out, err, "the certificate");
}

bool peers_check_escaped(const struct peers *peers, const char *pem, char name[WG_NAME_MAX + 1],
                         struct wg_error *err)
{
    struct wg_buf text;
    gnutls_x509_crt_t certificate;
    wg_buf_init(&text, PEM_MAX);
    bool ok = unescape(pem, &text, err);
    if (ok && gnutls_x509_crt_init(&certificate) != 0) ok = wg_fail_memory(err, "a certificate");
    if (ok) {
        const gnutls_datum_t bytes = {(unsigned char *)text.data, (unsigned)text.len};
        int code = gnutls_x509_crt_import(certificate, &bytes, GNUTLS_X509_FMT_PEM);
        ok = (code == 0 || fail(err, WG_E_BAD_INPUT, "the certificate cannot be read", code)) &&
             check_chain(peers, &certificate, 1, err) && name_of(certificate, name, err);
        gnutls_x509_crt_deinit(certificate);
    }
    wg_buf_clear(&text);
    return ok;
}
