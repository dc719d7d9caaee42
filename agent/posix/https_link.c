/* https_link.c: sockets and wolfSSL, and the patience with both. */
#include "agent/posix/https_link.h"

#include "common/posix/file.h"
#include "common/posix/tls_start.h"
#include "common/posix/tls_suites.h"
#include "common/posix/tls_token.h"
#include "common/text.h"

#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_EVERY 200 /* ms between looks at cancel */
#define TUNNEL_HEAD_MAX 8192
#define RECEIVE_LEAST 16384

static bool fail_tls(struct https_link *link, const char *what, int result)
{
    char words[WOLFSSL_MAX_ERROR_SZ];
    int code = wolfSSL_get_error(link->ssl, result);
    if (link->look.why[0])
        return wg_fail(link->err, WG_E_VERIFY, "%s %s: %s", what, link->url->host, link->look.why);
    wolfSSL_ERR_error_string((unsigned long)(code < 0 ? -code : code), words);
    bool verify =
        code == DOMAIN_NAME_MISMATCH || code == ASN_NO_SIGNER_E || code == ASN_SELF_SIGNED_E;
    return wg_fail(link->err, verify ? WG_E_VERIFY : WG_E_NETWORK, "%s %s: %s (%d)", what,
                   link->url->host, words, code);
}

/* True: there is patience left. */
static bool is_patient(struct https_link *link, wg_time now)
{
    if (link->floor)
        return pace_floor_holds(link->floor, now) ||
               wg_fail(link->err, WG_E_TIMEOUT, "%s: too slow", link->url->host);
    return now < link->until ||
           wg_fail(link->err, WG_E_TIMEOUT, "%s: no answer in time", link->url->host);
}

static bool is_wanted(struct https_link *link)
{
    return !atomic_load(link->config->cancel) || wg_fail(link->err, WG_E_INTERRUPTED, "cancelled");
}

/* Waits until the socket is ready. */
static bool wait_for(struct https_link *link, short events)
{
    for (;;) {
        struct pollfd set = {.fd = link->fd, .events = events};
        if (!is_wanted(link) || !is_patient(link, wg_monotonic())) return false;
        if (poll(&set, 1, LOOK_EVERY) > 0) return true;
    }
}

bool https_link_rest(struct https_link *link, wg_duration time)
{
    wg_time end = wg_monotonic() + time;
    for (wg_time now; (now = wg_monotonic()) < end;) {
        if (!is_wanted(link)) return false;
        (void)poll(NULL, 0, end - now < LOOK_EVERY ? (int)(end - now) : LOOK_EVERY);
    }
    if (link->floor) pace_floor_pause(link->floor, time);
    return true;
}

static void begin(struct https_link *link)
{
    link->until = wg_monotonic() + link->patience;
}

/* What the kernel takes ahead of us would be faster than the limit. */
static void bound_receiving(const struct https_link *link)
{
    if (!link->config->limit || link->config->limit->rate <= 0) return;
    int64_t size = link->config->limit->rate / 8;
    int bytes = size < RECEIVE_LEAST ? RECEIVE_LEAST : size > INT32_MAX ? INT32_MAX : (int)size;
    (void)setsockopt(link->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

static bool open_address(struct https_link *link, const struct addrinfo *address, const char *host,
                         const char *port)
{
    int error = 0;
    socklen_t len = sizeof error;
    link->fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (link->fd < 0) return wg_fail_errno(link->err, "%s", host);
    bound_receiving(link);
    begin(link);
    if (connect(link->fd, address->ai_addr, address->ai_addrlen) == 0) return true;
    bool waits = errno == EINPROGRESS;
    bool ready = waits && wait_for(link, POLLOUT);
    if (ready && getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
        return true;
    if (error) errno = error;
    if (!waits || ready)
        (void)wg_fail(link->err, WG_E_NETWORK, "%s:%s: %s", host, port, strerror(errno));
    (void)close(link->fd);
    link->fd = -1;
    return false;
}

static bool open_socket(struct https_link *link, const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int code = getaddrinfo(host, port, &hints, &list);
    if (code != 0) return wg_fail(link->err, WG_E_NETWORK, "%s: %s", host, gai_strerror(code));
    bool ok = false;
    for (struct addrinfo *at = list; at && !ok; at = at->ai_next) {
        ok = open_address(link, at, host, port);
        if (atomic_load(link->config->cancel)) break;
    }
    freeaddrinfo(list);
    return ok;
}

static bool send_plain(struct https_link *link, const char *text)
{
    for (size_t len = strlen(text), sent = 0; sent < len;) {
        if (!wait_for(link, POLLOUT)) return false;
        ssize_t wrote = send(link->fd, text + sent, len - sent, MSG_NOSIGNAL);
        if (wrote < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (wrote < 0) return wg_fail(link->err, WG_E_NETWORK, "sending: %s", strerror(errno));
        sent += (size_t)wrote;
    }
    return true;
}

/* A byte at a time: what follows the head belongs to TLS. */
static bool read_head(struct https_link *link, char *head)
{
    for (size_t len = 0; len < TUNNEL_HEAD_MAX - 1;) {
        if (!wait_for(link, POLLIN)) return false;
        ssize_t got = recv(link->fd, head + len, 1, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got <= 0) return wg_fail(link->err, WG_E_NETWORK, "the connection ended early");
        head[++len] = '\0';
        if (len >= 4 && memcmp(head + len - 4, "\r\n\r\n", 4) == 0) return true;
    }
    return wg_fail(link->err, WG_E_LIMIT, "the head of the answer is too long");
}

static bool open_tunnel(struct https_link *link, const struct proxy *proxy)
{
    char request[PROXY_REQUEST_MAX], head[TUNNEL_HEAD_MAX] = "";
    if (!open_socket(link, proxy->host, proxy->port)) return wg_context(link->err, "proxy");
    begin(link);
    bool ok = proxy_request(proxy, link->url, request, link->err);
    bool asked = ok && send_plain(link, request) && read_head(link, head);
    explicit_bzero(request, sizeof request);
    if (!asked) return ok ? wg_context(link->err, "proxy %s", proxy->host) : false;
    return proxy_answer(proxy, head, link->err);
}

static bool use_pair(const struct https_link *link)
{
    const struct https_config *config = link->config;
    char uri[PATH_MAX];
    if (wolfSSL_CTX_use_certificate_chain_file(link->ctx, config->cert_file) != WOLFSSL_SUCCESS)
        return false;
    if (tls_token_uri(config->key_file, uri, sizeof uri))
        return tls_token_use(link->ctx, uri, link->err);
    return wolfSSL_CTX_use_PrivateKey_file(link->ctx, config->key_file, WOLFSSL_FILETYPE_PEM) ==
           WOLFSSL_SUCCESS;
}

static bool trust(const struct https_link *link)
{
    const char *const files[] = {link->config->ca_file, link->config->more_ca_file};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (i > 0 && (!files[i] || !files[i][0])) continue;
        if (wolfSSL_CTX_load_verify_locations(link->ctx, files[i], NULL) != WOLFSSL_SUCCESS)
            return wg_fail(link->err, WG_E_VERIFY, "%s: no certificate authorities to believe",
                           files[i]);
    }
    return true;
}

static bool set_up_tls(struct https_link *link, bool with_pair)
{
    const struct https_config *config = link->config;
    const char *host = link->url->host;
    if (!wg_tls_start(link->err)) return false;
    link->ctx = wolfSSL_CTX_new(wolfTLS_client_method());
    if (!link->ctx) return wg_fail_memory(link->err, "TLS");
    wolfSSL_CTX_set_verify(link->ctx, WOLFSSL_VERIFY_PEER, NULL);
    if (wolfSSL_CTX_SetMinVersion(link->ctx, WOLFSSL_TLSV1_2) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_cipher_list(link->ctx, WG_TLS_SUITES) != WOLFSSL_SUCCESS)
        return wg_fail(link->err, WG_E_FAILED, "wolfSSL lacks TLS 1.2 or its suites");
    if (!trust(link)) return false;
    if (with_pair && !use_pair(link))
        return wg_fail(link->err, WG_E_VERIFY, "certificate or key of the device cannot be used");
    link->ssl = wolfSSL_new(link->ctx);
    if (!link->ssl || wolfSSL_set_fd(link->ssl, link->fd) != WOLFSSL_SUCCESS ||
        wolfSSL_check_domain_name(link->ssl, host) != WOLFSSL_SUCCESS)
        return wg_fail_memory(link->err, "TLS");
    (void)wolfSSL_UseKeyShare(link->ssl, WOLFSSL_ECC_X25519); /* as in paho_tls.c */
    link->look.pins = config->pins;
    tls_pins_watch(&link->look, link->ssl);
    wolfSSL_SetIOWriteFlags(link->ssl, MSG_NOSIGNAL);
    if (!url_is_address(host))
        (void)wolfSSL_UseSNI(link->ssl, WOLFSSL_SNI_HOST_NAME, host, (unsigned short)strlen(host));
    return true;
}

/* What wolfSSL waits for; 0: it failed. */
static short wanted(struct https_link *link, int result)
{
    int code = wolfSSL_get_error(link->ssl, result);
    if (code == WOLFSSL_ERROR_WANT_READ) return POLLIN;
    if (code == WOLFSSL_ERROR_WANT_WRITE) return POLLOUT;
    return 0;
}

/* The curve's cache of this thread: 0.8 MB a point, of no use to a client, and lost with the
 * thread. */
static void drop_cache(void)
{
#ifdef FP_ECC
    wc_ecc_fp_free();
#endif
}

static int step(struct https_link *link)
{
    int result = wolfSSL_connect(link->ssl);
    drop_cache();
    return result;
}

static bool shake_hands(struct https_link *link)
{
    int result;
    begin(link);
    while ((result = step(link)) != WOLFSSL_SUCCESS) {
        short events = wanted(link, result);
        if (!events) return fail_tls(link, "connecting to", result);
        if (!wait_for(link, events)) return false;
    }
    return !link->look.pins || link->look.asked ||
           wg_fail(link->err, WG_E_VERIFY, "%s: the pins were not asked", link->url->host);
}

bool https_link_open(struct https_link *link, const struct https_config *config,
                     const struct url *url, bool with_pair, struct wg_error *err)
{
    const struct download_settings *settings = config->settings;
    *link = (struct https_link){.config = config, .url = url, .err = err, .fd = -1};
    link->patience = settings->patience;
    bool ok = proxy_is_for(&settings->proxy, url) ? open_tunnel(link, &settings->proxy)
                                                  : open_socket(link, url->host, url->port);
    return ok && set_up_tls(link, with_pair) && shake_hands(link);
}

void https_link_close(struct https_link *link)
{
    if (link->ssl) (void)wolfSSL_shutdown(link->ssl);
    wolfSSL_free(link->ssl);
    tls_token_drop(link->ctx);
    wolfSSL_CTX_free(link->ctx);
    drop_cache();
    if (link->fd >= 0) (void)close(link->fd);
    link->fd = -1;
    link->ssl = NULL;
    link->ctx = NULL;
}

bool https_link_send(struct https_link *link, const char *data, size_t len)
{
    begin(link);
    for (size_t sent = 0; sent < len;) {
        int wrote = wolfSSL_write(link->ssl, data + sent, (int)(len - sent));
        if (wrote > 0) {
            sent += (size_t)wrote;
            continue;
        }
        short events = wanted(link, wrote);
        if (!events) return fail_tls(link, "sending to", wrote);
        if (!wait_for(link, events)) return false;
    }
    return true;
}

bool https_link_read(struct https_link *link, char *chunk, size_t size, size_t *len)
{
    int got;
    *len = 0;
    if (!is_wanted(link) || !is_patient(link, wg_monotonic())) return false;
    while ((got = wolfSSL_read(link->ssl, chunk, (int)size)) <= 0) {
        short events = wanted(link, got);
        if (!events)
            return wolfSSL_get_error(link->ssl, got) == WOLFSSL_ERROR_ZERO_RETURN ||
                   wg_fail(link->err, WG_E_NETWORK, "%s: the connection ended early",
                           link->url->host);
        if (!wait_for(link, events)) return false;
    }
    *len = (size_t)got;
    if (link->floor) pace_floor_add(link->floor, *len);
    return true;
}
