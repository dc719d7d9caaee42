/* paho_tls.c: the TLS under Paho MQTT C, done by wolfSSL.
 *
 * Paho's static archive is compiled against OpenSSL 3 and leaves its names undefined. They are
 * defined here on wolfSSL's native interface, so that no OpenSSL is linked or loaded. The functions
 * are hidden, so that another library of the process keeps its own; each carries its OpenSSL name
 * as assembler label, because wolfSSL's headers define many of those names as macros. A newer Paho
 * that needs a further name fails when the program is linked.
 *
 * What Paho may not decide: TLS 1.2 is the least, the peer is always verified against the one
 * CA, its name and the pins are checked inside the handshake, and only forward-secret AEAD suites
 * are offered. */
#include <wolfssl/options.h>

#include "common/posix/paho_tls.h"

#include "common/posix/tls_bulk.h"
#include "common/posix/tls_pins.h"
#include "common/posix/tls_start.h"
#include "common/posix/tls_suites.h"
#include "common/posix/tls_token.h"
#include "common/posix/token_uri.h"

#include <MQTTAsync.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <arpa/inet.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

bool paho_tls_ready(struct wg_error *err)
{
    return wg_tls_start(err);
}

/* No suite that is offered knows pre-shared keys. */
/* NOLINTBEGIN(readability-non-const-parameter): Paho's type */
unsigned paho_tls_pins_pass(const char *hint, char *identity, unsigned identity_max,
                            unsigned char *key, unsigned key_max, void *look)
{
    (void)hint;
    (void)identity;
    (void)identity_max;
    (void)key;
    (void)key_max;
    (void)look;
    return 0;
}
/* NOLINTEND(readability-non-const-parameter) */

#pragma GCC visibility push(hidden)

#define AS(name) __asm__(#name)

/* Values of OpenSSL's interface that Paho's objects were compiled with. */
enum {
    OPENSSL_ERROR_NONE = 0,
    OPENSSL_ERROR_SSL = 1,
    OPENSSL_ERROR_WANT_READ = 2,
    OPENSSL_ERROR_WANT_WRITE = 3,
    OPENSSL_ERROR_SYSCALL = 5,
    OPENSSL_ERROR_ZERO_RETURN = 6,
    OPENSSL_CTRL_SET_HOSTNAME = 55
};

static __thread unsigned long last_error;
static __thread char last_text[WOLFSSL_MAX_ERROR_SZ];

/* ---- library ---- */

int shim_init_ssl(unsigned long options, const void *settings) AS(OPENSSL_init_ssl);
int shim_init_ssl(unsigned long options, const void *settings)
{
    (void)options;
    (void)settings;
    return wolfSSL_Init() == WOLFSSL_SUCCESS;
}

int shim_init_crypto(unsigned long options, const void *settings) AS(OPENSSL_init_crypto);
int shim_init_crypto(unsigned long options, const void *settings)
{
    (void)options;
    (void)settings;
    return 1;
}

const char *shim_version(int kind) AS(OpenSSL_version);
const char *shim_version(int kind)
{
    (void)kind;
    return "wolfSSL " LIBWOLFSSL_VERSION_STRING;
}

void shim_free_memory(void *memory, const char *file, int line) AS(CRYPTO_free);
void shim_free_memory(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

int shim_new_index(int kind, long arg, void *p, void *n, void *d, void *f)
    AS(CRYPTO_get_ex_new_index);
int shim_new_index(int kind, long arg, void *p, void *n, void *d, void *f)
{
    (void)kind;
    (void)arg;
    (void)p;
    (void)n;
    (void)d;
    (void)f;
    return 0;
}

/* ---- errors ---- */

void shim_clear_error(void) AS(ERR_clear_error);
void shim_clear_error(void)
{
    last_error = 0;
    last_text[0] = '\0';
}

unsigned long shim_get_error(void) AS(ERR_get_error);
unsigned long shim_get_error(void)
{
    unsigned long error = last_error;
    last_error = 0;
    return error;
}

void shim_print_errors(int (*print)(const char *, size_t, void *), void *ctx)
    AS(ERR_print_errors_cb);
void shim_print_errors(int (*print)(const char *, size_t, void *), void *ctx)
{
    if (last_text[0]) (void)print(last_text, strlen(last_text), ctx);
}

int shim_ssl_error(WOLFSSL *ssl, int result) AS(SSL_get_error);
int shim_ssl_error(WOLFSSL *ssl, int result)
{
    int error = wolfSSL_get_error(ssl, result);
    if (error == WOLFSSL_ERROR_WANT_READ) return OPENSSL_ERROR_WANT_READ;
    if (error == WOLFSSL_ERROR_WANT_WRITE) return OPENSSL_ERROR_WANT_WRITE;
    if (error == WOLFSSL_ERROR_ZERO_RETURN) return OPENSSL_ERROR_ZERO_RETURN;
    if (error == 0) return result > 0 ? OPENSSL_ERROR_NONE : OPENSSL_ERROR_SYSCALL;
    last_error = (unsigned long)(error < 0 ? -error : error);
    (void)wolfSSL_ERR_error_string(last_error, last_text);
    return OPENSSL_ERROR_SSL;
}

/* ---- context ---- */

const void *shim_method(void) AS(TLS_client_method);
const void *shim_method(void)
{
    static const char method;
    return &method;
}

WOLFSSL_CTX *shim_ctx_new(const void *method) AS(SSL_CTX_new);
WOLFSSL_CTX *shim_ctx_new(const void *method)
{
    (void)method;
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfTLS_client_method());
    if (ctx && (wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_TLSV1_2) != WOLFSSL_SUCCESS ||
                wolfSSL_CTX_set_cipher_list(ctx, WG_TLS_SUITES) != WOLFSSL_SUCCESS)) {
        wolfSSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

void shim_ctx_free(WOLFSSL_CTX *ctx) AS(SSL_CTX_free);
void shim_ctx_free(WOLFSSL_CTX *ctx)
{
    tls_token_drop(ctx);
    wolfSSL_CTX_free(ctx);
}

long shim_ctx_ctrl(WOLFSSL_CTX *ctx, int command, long value, void *data) AS(SSL_CTX_ctrl);
long shim_ctx_ctrl(WOLFSSL_CTX *ctx, int command, long value, void *data)
{
    (void)ctx;
    (void)command;
    (void)data;
    return value;
}

void shim_ctx_security(WOLFSSL_CTX *ctx, int level) AS(SSL_CTX_set_security_level);
void shim_ctx_security(WOLFSSL_CTX *ctx, int level)
{
    (void)ctx;
    (void)level;
}

void *shim_ctx_get_data(WOLFSSL_CTX *ctx, int index) AS(SSL_CTX_get_ex_data);
void *shim_ctx_get_data(WOLFSSL_CTX *ctx, int index)
{
    (void)ctx;
    (void)index;
    return NULL;
}

int shim_ctx_set_data(WOLFSSL_CTX *ctx, int index, void *data) AS(SSL_CTX_set_ex_data);
/* Paho hands over its copy of the session's options, if they have a callback for pre-shared keys.
 */
int shim_ctx_set_data(WOLFSSL_CTX *ctx, int index, void *data)
{
    const MQTTAsync_SSLOptions *options = data;
    (void)index;
    if (options && options->ssl_psk_cb == paho_tls_pins_pass)
        wolfSSL_CTX_SetCertCbCtx(ctx, options->ssl_psk_context);
    return 1;
}

int shim_ctx_load_ca(WOLFSSL_CTX *ctx, const char *file, const char *folder)
    AS(SSL_CTX_load_verify_locations);
int shim_ctx_load_ca(WOLFSSL_CTX *ctx, const char *file, const char *folder)
{
    return wolfSSL_CTX_load_verify_locations(ctx, file, folder) == WOLFSSL_SUCCESS;
}

/* The CA is pinned: the system's list is never asked. */
int shim_ctx_default_paths(WOLFSSL_CTX *ctx) AS(SSL_CTX_set_default_verify_paths);
int shim_ctx_default_paths(WOLFSSL_CTX *ctx)
{
    (void)ctx;
    return 0;
}

int shim_ctx_alpn(WOLFSSL_CTX *ctx, const unsigned char *names, unsigned len)
    AS(SSL_CTX_set_alpn_protos);
int shim_ctx_alpn(WOLFSSL_CTX *ctx, const unsigned char *names, unsigned len)
{
    (void)ctx;
    (void)names;
    (void)len;
    return 1;
}

/* The list of this file stands. */
int shim_ctx_ciphers(WOLFSSL_CTX *ctx, const char *list) AS(SSL_CTX_set_cipher_list);
int shim_ctx_ciphers(WOLFSSL_CTX *ctx, const char *list)
{
    (void)ctx;
    (void)list;
    return 1;
}

/* Passwords, traces and pre-shared keys: taken and dropped. */
#define DROPPED(shim, name)                                                                        \
    void shim(WOLFSSL_CTX *ctx, void *what) __asm__(#name);                                        \
    void shim(WOLFSSL_CTX *ctx, void *what)                                                        \
    {                                                                                              \
        (void)ctx;                                                                                 \
        (void)what;                                                                                \
    }

DROPPED(shim_ctx_password, SSL_CTX_set_default_passwd_cb)
DROPPED(shim_ctx_password_data, SSL_CTX_set_default_passwd_cb_userdata)
DROPPED(shim_ctx_info, SSL_CTX_set_info_callback)
DROPPED(shim_ctx_message, SSL_CTX_set_msg_callback)
DROPPED(shim_ctx_psk, SSL_CTX_set_psk_client_callback)

void shim_ctx_verify(WOLFSSL_CTX *ctx, int mode, VerifyCallback callback) AS(SSL_CTX_set_verify);
void shim_ctx_verify(WOLFSSL_CTX *ctx, int mode, VerifyCallback callback)
{
    (void)mode;
    (void)callback;
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, tls_pins_verify);
}

int shim_ctx_key(WOLFSSL_CTX *ctx, const char *file, int type) AS(SSL_CTX_use_PrivateKey_file);
int shim_ctx_key(WOLFSSL_CTX *ctx, const char *file, int type)
{
    char uri[PATH_MAX];
    struct wg_error err = {0};
    if (tls_token_uri(file, uri, sizeof uri)) return tls_token_use(ctx, uri, &err);
    return wolfSSL_CTX_use_PrivateKey_file(ctx, file, type) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_check_private_key(ctx) == WOLFSSL_SUCCESS;
}

int shim_ctx_chain(WOLFSSL_CTX *ctx, const char *file) AS(SSL_CTX_use_certificate_chain_file);
int shim_ctx_chain(WOLFSSL_CTX *ctx, const char *file)
{
    return wolfSSL_CTX_use_certificate_chain_file(ctx, file) == WOLFSSL_SUCCESS;
}

/* ---- connection ---- */

WOLFSSL *shim_new(WOLFSSL_CTX *ctx) AS(SSL_new);
WOLFSSL *shim_new(WOLFSSL_CTX *ctx)
{
    WOLFSSL *ssl = wolfSSL_new(ctx);
    if (ssl && !tls_bulk_take(ssl)) {
        wolfSSL_free(ssl);
        return NULL;
    }
    /* Of TLS 1.3; else P-256 is offered first, whose table costs 0.8 MB while hands are shaken. A
     * server without it asks for another. */
    if (ssl) (void)wolfSSL_UseKeyShare(ssl, WOLFSSL_ECC_X25519);
    return ssl;
}

void shim_free(WOLFSSL *ssl) AS(SSL_free);
void shim_free(WOLFSSL *ssl)
{
    tls_bulk_drop(ssl);
    wolfSSL_free(ssl);
}

int shim_set_fd(WOLFSSL *ssl, int fd) AS(SSL_set_fd);
int shim_set_fd(WOLFSSL *ssl, int fd)
{
    return tls_bulk_set_fd(ssl, fd);
}

static int is_address(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* Paho names the host here, before the handshake: the place to ask for its certificate and to pin
 * its name. */
long shim_ctrl(WOLFSSL *ssl, int command, long value, void *data) AS(SSL_ctrl);
long shim_ctrl(WOLFSSL *ssl, int command, long value, void *data)
{
    (void)value;
    const char *host = data;
    if (command != OPENSSL_CTRL_SET_HOSTNAME || !host) return 0;
    if (!is_address(host) && wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, host,
                                            (unsigned short)strlen(host)) != WOLFSSL_SUCCESS)
        return 0;
    return wolfSSL_check_domain_name(ssl, host) == WOLFSSL_SUCCESS;
}

int shim_connect(WOLFSSL *ssl) AS(SSL_connect);
int shim_connect(WOLFSSL *ssl)
{
    int done = wolfSSL_connect(ssl) == WOLFSSL_SUCCESS;
#ifdef FP_ECC
    /* Debian's build caches up to 0.8 MB of multiples a point and thread: of no use to a client.
     * One thread begins a handshake and another may end it, so it is dropped at every return. */
    wc_ecc_fp_free();
    int error = done ? 0 : wolfSSL_get_error(ssl, -1);
    if (error != WOLFSSL_ERROR_WANT_READ && error != WOLFSSL_ERROR_WANT_WRITE) (void)malloc_trim(0);
#endif
    return done ? 1 : -1;
}

/* Paho's: a socket that has something to read whatever poll says. */
void SSLSocket_addPendingRead(int fd);

/* Paho asks for what is pending behind what a packet carries, not behind one that carries nothing.
 */
int shim_read(WOLFSSL *ssl, void *data, int len) AS(SSL_read);
int shim_read(WOLFSSL *ssl, void *data, int len)
{
    int got = tls_bulk_read(ssl, data, len);
    if (got > 0 && tls_bulk_has_more(ssl)) SSLSocket_addPendingRead(wolfSSL_get_fd(ssl));
    return got < 0 ? -1 : got;
}

int shim_write(WOLFSSL *ssl, const void *data, int len) AS(SSL_write);
int shim_write(WOLFSSL *ssl, const void *data, int len)
{
    int wrote = tls_bulk_write(ssl, data, len);
    return wrote < 0 ? -1 : wrote;
}

int shim_pending(WOLFSSL *ssl) AS(SSL_pending);
int shim_pending(WOLFSSL *ssl)
{
    return wolfSSL_pending(ssl);
}

int shim_shutdown(WOLFSSL *ssl) AS(SSL_shutdown);
int shim_shutdown(WOLFSSL *ssl)
{
    tls_bulk_flush(ssl);
    return wolfSSL_shutdown(ssl);
}

/* ---- asked for by Paho's traces alone ---- */

WOLFSSL_CTX *shim_get_ctx(WOLFSSL *ssl) AS(SSL_get_SSL_CTX);
WOLFSSL_CTX *shim_get_ctx(WOLFSSL *ssl)
{
    (void)ssl;
    return NULL;
}

const char *shim_cipher_at(WOLFSSL *ssl, int index) AS(SSL_get_cipher_list);
const char *shim_cipher_at(WOLFSSL *ssl, int index)
{
    (void)ssl;
    (void)index;
    return NULL;
}

const void *shim_cipher(WOLFSSL *ssl) AS(SSL_get_current_cipher);
const void *shim_cipher(WOLFSSL *ssl)
{
    return ssl;
}

const char *shim_cipher_name(const void *cipher) AS(SSL_CIPHER_get_name);
const char *shim_cipher_name(const void *cipher)
{
    (void)cipher;
    return "";
}

long shim_verify_result(WOLFSSL *ssl) AS(SSL_get_verify_result);
long shim_verify_result(WOLFSSL *ssl)
{
    (void)ssl;
    return 0;
}

const char *shim_state(WOLFSSL *ssl) AS(SSL_state_string_long);
const char *shim_state(WOLFSSL *ssl)
{
    (void)ssl;
    return "";
}

const char *shim_alert_type(int value) AS(SSL_alert_type_string_long);
const char *shim_alert_type(int value)
{
    (void)value;
    return "";
}

const char *shim_alert(int value) AS(SSL_alert_desc_string_long);
const char *shim_alert(int value)
{
    (void)value;
    return "";
}

/* ---- sessions are not resumed: every connection is a whole handshake with a fresh name check ----
 */

void *shim_session(WOLFSSL *ssl) AS(SSL_get1_session);
void *shim_session(WOLFSSL *ssl)
{
    (void)ssl;
    return NULL;
}

int shim_set_session(WOLFSSL *ssl, void *session) AS(SSL_set_session);
int shim_set_session(WOLFSSL *ssl, void *session)
{
    (void)ssl;
    (void)session;
    return 1;
}

void shim_session_free(void *session) AS(SSL_SESSION_free);
void shim_session_free(void *session)
{
    (void)session;
}

/* ---- Paho's own name check, after the handshake, which has made it already ---- */

void *shim_peer(WOLFSSL *ssl) AS(SSL_get1_peer_certificate);
void *shim_peer(WOLFSSL *ssl)
{
    return ssl;
}

void shim_peer_free(void *certificate) AS(X509_free);
void shim_peer_free(void *certificate)
{
    (void)certificate;
}

int shim_check_host(void *certificate, const char *host, size_t len, unsigned flags, char **name)
    AS(X509_check_host);
int shim_check_host(void *certificate, const char *host, size_t len, unsigned flags, char **name)
{
    (void)certificate;
    (void)host;
    (void)len;
    (void)flags;
    if (name) *name = NULL;
    return 1;
}

int shim_check_address(void *certificate, const char *address, unsigned flags)
    AS(X509_check_ip_asc);
int shim_check_address(void *certificate, const char *address, unsigned flags)
{
    (void)certificate;
    (void)address;
    (void)flags;
    return 1;
}

#pragma GCC visibility pop
