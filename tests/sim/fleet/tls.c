/* tls.c: libmosquitto's TLS is OpenSSL's, so this is too. */
#include "tests/sim/fleet/tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static bool fail(struct wg_error *err, const char *what)
{
    char text[200];
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    return wg_fail(err, WG_E_VERIFY, "%s: %s", what, text);
}

/* The broker asks for a certificate. 1: it has one, or none is shown; 0: it cannot be read. */
static int show(SSL *ssl, void *arg)
{
    const struct tls_turn *turn = arg;
    char certificate[PATH_MAX], key[PATH_MAX];
    if (!turn->folder) return 1;
    if (snprintf(certificate, sizeof certificate, "%s/%s.crt", turn->folder, turn->device) >=
            (int)sizeof certificate ||
        snprintf(key, sizeof key, "%s/%s.key", turn->folder, turn->device) >= (int)sizeof key)
        return 0;
    return SSL_use_certificate_chain_file(ssl, certificate) == 1 &&
           SSL_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) == 1;
}

SSL_CTX *tls_open(const char *ca, const char *host, struct tls_turn *turn, struct wg_error *err)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (!tls) {
        (void)fail(err, "TLS");
        return NULL;
    }
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(tls);
    bool named = X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1 ||
                 X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
    if (!named || SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1 ||
        SSL_CTX_load_verify_locations(tls, ca, NULL) != 1) {
        (void)fail(err, ca);
        SSL_CTX_free(tls);
        return NULL;
    }
    ERR_clear_error();
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_cb(tls, show, turn);
    /* thousands of idle connections: no buffers for them, and no sessions that nobody resumes */
    (void)SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    return tls;
}

void tls_close(SSL_CTX *tls)
{
    SSL_CTX_free(tls);
}

void tls_forget(void *ssl)
{
    if (ssl) SSL_certs_clear(ssl);
}
