/* link.c: sockets below, wolfSSL where it is asked for. */
#include <wolfssl/options.h>

#include "agent/tuf/link.h"

#include "common/posix/file.h"
#include "common/posix/tls_start.h"
#include "common/posix/tls_suites.h"
#include "common/text.h"

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST_MAX 256

struct link {
    char host[HOST_MAX];
    int fd;
    wg_time start;
    struct link_pace pace;
    int64_t credit; /* bytes of use so far */
    WOLFSSL_CTX *ctx;
    WOLFSSL *ssl; /* NULL: plain */
};

static wg_time deadline(const struct link *link)
{
    return link->start + link->pace.grace + link->credit * WG_SECOND / link->pace.rate;
}

static bool wait_for(const struct link *link, short events, struct wg_error *err)
{
    for (;;) {
        struct pollfd set = {.fd = link->fd, .events = events};
        wg_duration left = deadline(link) - wg_monotonic();
        if (left <= 0) return wg_fail(err, WG_E_TIMEOUT, "%s is too slow: given up", link->host);
        int ready = poll(&set, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return wg_fail_errno(err, "%s", link->host);
    }
}

static bool connect_to(struct link *link, const struct addrinfo *address, struct wg_error *err)
{
    int error = 0;
    socklen_t len = sizeof error;
    link->fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (link->fd < 0) return wg_fail_errno(err, "%s", link->host);
    if (connect(link->fd, address->ai_addr, address->ai_addrlen) == 0) return true;
    bool waited = errno == EINPROGRESS;
    if (!waited) error = errno;
    if (waited && !wait_for(link, POLLOUT, err)) return false;
    if (waited) (void)getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error == 0) return true;
    (void)close(link->fd);
    link->fd = -1;
    return wg_fail(err, WG_E_NETWORK, "%s: %s", link->host, strerror(error));
}

static bool connect_any(struct link *link, const char *port, struct wg_error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int code = getaddrinfo(link->host, port, &hints, &list);
    if (code != 0) return wg_fail(err, WG_E_NETWORK, "%s: %s", link->host, gai_strerror(code));
    bool ok = false;
    for (struct addrinfo *at = list; at && !ok && link->fd < 0; at = at->ai_next)
        ok = connect_to(link, at, err);
    freeaddrinfo(list);
    return ok;
}

static bool fail_tls(struct link *link, const char *what, int result, struct wg_error *err)
{
    char words[WOLFSSL_MAX_ERROR_SZ];
    int code = wolfSSL_get_error(link->ssl, result);
    wolfSSL_ERR_error_string((unsigned long)(code < 0 ? -code : code), words);
    bool verify = code == DOMAIN_NAME_MISMATCH || code == ASN_NO_SIGNER_E ||
                  code == ASN_SELF_SIGNED_E || code == ASN_AFTER_DATE_E ||
                  code == ASN_BEFORE_DATE_E;
    return wg_fail(err, verify ? WG_E_VERIFY : WG_E_NETWORK, "%s %s: %s (%d)", what, link->host,
                   words, code);
}

static bool is_address(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

static bool tls_context(struct link *link, const struct link_tls *tls, struct wg_error *err)
{
    if (!wg_tls_start(err)) return false;
    link->ctx = wolfSSL_CTX_new(wolfTLS_client_method());
    if (!link->ctx) return wg_fail_memory(err, "TLS");
    wolfSSL_CTX_set_verify(link->ctx, WOLFSSL_VERIFY_PEER, NULL);
    if (wolfSSL_CTX_SetMinVersion(link->ctx, WOLFSSL_TLSV1_2) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_cipher_list(link->ctx, WG_TLS_SUITES) != WOLFSSL_SUCCESS)
        return wg_fail(err, WG_E_FAILED, "wolfSSL lacks TLS 1.2 or its suites");
    if (wolfSSL_CTX_load_verify_locations(link->ctx, tls->ca_file, NULL) != WOLFSSL_SUCCESS)
        return wg_fail(err, WG_E_VERIFY, "%s: no certificate authorities to believe", tls->ca_file);
    if (!tls->cert_file) return true;
    if (wolfSSL_CTX_use_certificate_chain_file(link->ctx, tls->cert_file) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_use_PrivateKey_file(link->ctx, tls->key_file, WOLFSSL_FILETYPE_PEM) !=
            WOLFSSL_SUCCESS)
        return wg_fail(err, WG_E_VERIFY, "%s, %s: the certificate or its key cannot be used",
                       tls->cert_file, tls->key_file);
    return true;
}

static bool tls_session(struct link *link, struct wg_error *err)
{
    link->ssl = wolfSSL_new(link->ctx);
    if (!link->ssl || wolfSSL_set_fd(link->ssl, link->fd) != WOLFSSL_SUCCESS ||
        wolfSSL_check_domain_name(link->ssl, link->host) != WOLFSSL_SUCCESS)
        return wg_fail_memory(err, "TLS");
    wolfSSL_SetIOWriteFlags(link->ssl, MSG_NOSIGNAL);
    if (!is_address(link->host))
        (void)wolfSSL_UseSNI(link->ssl, WOLFSSL_SNI_HOST_NAME, link->host,
                             (unsigned short)strlen(link->host));
    return true;
}

/* What wolfSSL waits for; 0: it failed. */
static short wanted(struct link *link, int result)
{
    int code = wolfSSL_get_error(link->ssl, result);
    if (code == WOLFSSL_ERROR_WANT_READ) return POLLIN;
    if (code == WOLFSSL_ERROR_WANT_WRITE) return POLLOUT;
    return 0;
}

static bool shake_hands(struct link *link, struct wg_error *err)
{
    int result;
    while ((result = wolfSSL_connect(link->ssl)) != WOLFSSL_SUCCESS) {
        short events = wanted(link, result);
        if (!events) return fail_tls(link, "connecting to", result, err);
        if (!wait_for(link, events, err)) return false;
    }
    return true;
}

struct link *link_open(const char *host, const char *port, const struct link_tls *tls,
                       const struct link_pace *pace, struct wg_error *err)
{
    struct link *link = calloc(1, sizeof *link);
    if (!link) {
        (void)wg_fail_memory(err, "connecting");
        return NULL;
    }
    link->fd = -1;
    link->start = wg_monotonic();
    link->pace = *pace;
    (void)wg_copy(link->host, sizeof link->host, host);
    if (connect_any(link, port, err) &&
        (!tls || (tls_context(link, tls, err) && tls_session(link, err) && shake_hands(link, err))))
        return link;
    link_close(link);
    return NULL;
}

void link_close(struct link *link)
{
    if (!link) return;
    if (link->ssl) (void)wolfSSL_shutdown(link->ssl);
    wolfSSL_free(link->ssl);
    wolfSSL_CTX_free(link->ctx);
#ifdef FP_ECC
    wc_ecc_fp_free();
#endif
    if (link->fd >= 0) (void)close(link->fd);
    free(link);
}

static bool retry(ssize_t result, short events, const struct link *link, bool *fatal,
                  struct wg_error *err)
{
    *fatal = true;
    if (result < 0 && errno != EINTR && errno != EAGAIN)
        return wg_fail(err, WG_E_NETWORK, "%s: %s", link->host, strerror(errno));
    *fatal = errno == EAGAIN && !wait_for(link, events, err);
    return !*fatal;
}

static bool plain_write(struct link *link, const char *data, size_t len, struct wg_error *err)
{
    bool fatal = false;
    while (len > 0) {
        ssize_t sent = send(link->fd, data, len, MSG_NOSIGNAL);
        if (sent >= 0) {
            data += sent;
            len -= (size_t)sent;
        } else if (!retry(sent, POLLOUT, link, &fatal, err)) {
            return false;
        }
    }
    return true;
}

static bool tls_write(struct link *link, const char *data, size_t len, struct wg_error *err)
{
    while (len > 0) {
        int sent = wolfSSL_write(link->ssl, data, len > INT_MAX ? INT_MAX : (int)len);
        if (sent > 0) {
            data += sent;
            len -= (size_t)sent;
            continue;
        }
        short events = wanted(link, sent);
        if (!events) return fail_tls(link, "sending to", sent, err);
        if (!wait_for(link, events, err)) return false;
    }
    return true;
}

bool link_write(struct link *link, const void *data, size_t len, struct wg_error *err)
{
    return link->ssl ? tls_write(link, data, len, err) : plain_write(link, data, len, err);
}

static bool plain_read(struct link *link, void *out, size_t size, size_t *got, struct wg_error *err)
{
    bool fatal = false;
    for (;;) {
        ssize_t came = recv(link->fd, out, size, 0);
        if (came >= 0) {
            *got = (size_t)came;
            return true;
        }
        if (!retry(came, POLLIN, link, &fatal, err)) return false;
    }
}

static bool tls_read(struct link *link, void *out, size_t size, size_t *got, struct wg_error *err)
{
    int came;
    while ((came = wolfSSL_read(link->ssl, out, size > INT_MAX ? INT_MAX : (int)size)) <= 0) {
        short events = wanted(link, came);
        *got = 0;
        if (wolfSSL_get_error(link->ssl, came) == WOLFSSL_ERROR_ZERO_RETURN) return true;
        if (!events) return fail_tls(link, "receiving from", came, err);
        if (!wait_for(link, events, err)) return false;
    }
    *got = (size_t)came;
    return true;
}

bool link_read(struct link *link, void *out, size_t size, size_t *got, struct wg_error *err)
{
    /* Even a server that always has a byte at hand must keep the pace. */
    if (wg_monotonic() >= deadline(link))
        return wg_fail(err, WG_E_TIMEOUT, "%s is too slow: given up", link->host);
    return link->ssl ? tls_read(link, out, size, got, err) : plain_read(link, out, size, got, err);
}

void link_credit(struct link *link, size_t bytes)
{
    link->credit += (int64_t)bytes;
}
