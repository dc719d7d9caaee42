/* tls_bulk.c: two buffers between wolfSSL and its socket: of what has come, as it came, and of what
 * is to be sent, before it is encrypted. */
#include "common/posix/tls_bulk.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define HEADER ((size_t)5) /* of a record: type, version, length (RFC 8446, 5.1) */
#define AHEAD_LEAST ((size_t)2048)
#define AHEAD_MOST ((size_t)16384)
#define HELD_MOST ((size_t)16384)
#define PATIENCE_MS 10000

struct tls_bulk {
    int fd;
    unsigned char *ahead;
    size_t size, at, have;
    unsigned char *held;
    size_t held_len;
    bool stuck; /* the last that was written directly has not gone out whole: it comes again */
};

static struct tls_bulk *bulk_of(WOLFSSL *ssl)
{
    return wolfSSL_GetIOReadCtx(ssl);
}

static size_t body_length(const unsigned char header[HEADER])
{
    return (size_t)header[3] << 8 | header[4];
}

/* wolfSSL takes no more than the record that it is at: what is left begins with one. */
static bool has_record(const struct tls_bulk *bulk)
{
    size_t there = bulk->have - bulk->at;
    return there >= HEADER && there - HEADER >= body_length(bulk->ahead + bulk->at);
}

static int why_nothing(ssize_t got)
{
    if (got == 0) return WOLFSSL_CBIO_ERR_CONN_CLOSE;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return WOLFSSL_CBIO_ERR_WANT_READ;
    if (errno == EINTR) return WOLFSSL_CBIO_ERR_ISR;
    if (errno == ECONNRESET) return WOLFSSL_CBIO_ERR_CONN_RST;
    return WOLFSSL_CBIO_ERR_GENERAL;
}

/* Who fills the buffer has much to say: it gets a larger one. */
static void grow(struct tls_bulk *bulk)
{
    if (bulk->have < bulk->size || bulk->size >= AHEAD_MOST) return;
    unsigned char *larger = realloc(bulk->ahead, 2 * bulk->size);
    if (!larger) return; /* what there is does as well */
    bulk->ahead = larger;
    bulk->size *= 2;
}

static int on_receive(WOLFSSL *ssl, char *out, int size, void *ctx)
{
    struct tls_bulk *bulk = ctx;
    (void)ssl;
    if (bulk->at == bulk->have) {
        ssize_t got = recv(bulk->fd, bulk->ahead, bulk->size, 0);
        if (got <= 0) return why_nothing(got);
        bulk->at = 0;
        bulk->have = (size_t)got;
        grow(bulk);
    }
    size_t len = bulk->have - bulk->at;
    if (len > (size_t)size) len = (size_t)size;
    memcpy(out, bulk->ahead + bulk->at, len);
    bulk->at += len;
    return (int)len;
}

bool tls_bulk_take(WOLFSSL *ssl)
{
    struct tls_bulk *bulk = calloc(1, sizeof *bulk);
    if (bulk) bulk->ahead = malloc(AHEAD_LEAST);
    if (!bulk || !bulk->ahead) {
        free(bulk);
        return false;
    }
    bulk->fd = -1;
    bulk->size = AHEAD_LEAST;
    wolfSSL_SSLSetIORecv(ssl, on_receive);
    wolfSSL_SetIOReadCtx(ssl, bulk);
    return true;
}

void tls_bulk_drop(WOLFSSL *ssl)
{
    struct tls_bulk *bulk = bulk_of(ssl);
    wolfSSL_SetIOReadCtx(ssl, NULL);
    free(bulk->ahead);
    free(bulk->held);
    free(bulk);
}

bool tls_bulk_set_fd(WOLFSSL *ssl, int fd)
{
    struct tls_bulk *bulk = bulk_of(ssl);
    bulk->fd = fd;
    bool ok = wolfSSL_set_fd(ssl, fd) == WOLFSSL_SUCCESS;
    wolfSSL_SetIOReadCtx(ssl, bulk); /* it has put the descriptor there */
    return ok;
}

bool tls_bulk_has_more(WOLFSSL *ssl)
{
    return has_record(bulk_of(ssl));
}

/* wolfSSL wants the same bytes again when it could not send them all. */
static int send_held(struct tls_bulk *bulk, WOLFSSL *ssl)
{
    int wrote;
    while (bulk->held_len > 0) {
        wrote = wolfSSL_write(ssl, bulk->held, (int)bulk->held_len);
        if (wrote > 0) {
            bulk->held_len -= (size_t)wrote;
            memmove(bulk->held, bulk->held + wrote, bulk->held_len);
            continue;
        }
        struct pollfd room = {.fd = bulk->fd, .events = POLLOUT};
        if (wolfSSL_get_error(ssl, wrote) != WOLFSSL_ERROR_WANT_WRITE ||
            poll(&room, 1, PATIENCE_MS) <= 0)
            return -1;
    }
    return 1;
}

/* Writing forgets why nothing was read: that is asked once more. */
int tls_bulk_read(WOLFSSL *ssl, void *data, int len)
{
    struct tls_bulk *bulk = bulk_of(ssl);
    int got = wolfSSL_read(ssl, data, len);
    if (bulk->held_len == 0 || has_record(bulk)) return got;
    if (got <= 0 && wolfSSL_get_error(ssl, got) != WOLFSSL_ERROR_WANT_READ) return got;
    if (send_held(bulk, ssl) < 0) return -1;
    return got > 0 ? got : wolfSSL_read(ssl, data, len);
}

static bool hold(struct tls_bulk *bulk, const void *data, size_t len)
{
    if (len > HELD_MOST - bulk->held_len) return false;
    if (!bulk->held) bulk->held = malloc(HELD_MOST);
    if (!bulk->held) return false;
    memcpy(bulk->held + bulk->held_len, data, len);
    bulk->held_len += len;
    return true;
}

static int write_now(struct tls_bulk *bulk, WOLFSSL *ssl, const void *data, int len)
{
    int wrote = wolfSSL_write(ssl, data, len);
    bulk->stuck = wrote <= 0 && wolfSSL_get_error(ssl, wrote) == WOLFSSL_ERROR_WANT_WRITE;
    return wrote;
}

int tls_bulk_write(WOLFSSL *ssl, const void *data, int len)
{
    struct tls_bulk *bulk = bulk_of(ssl);
    bool more = has_record(bulk);
    if (bulk->stuck) return write_now(bulk, ssl, data, len);
    if ((more || bulk->held_len > 0) && hold(bulk, data, (size_t)len))
        return more || send_held(bulk, ssl) > 0 ? len : -1;
    return send_held(bulk, ssl) > 0 ? write_now(bulk, ssl, data, len) : -1;
}

void tls_bulk_flush(WOLFSSL *ssl)
{
    struct tls_bulk *bulk = bulk_of(ssl);
    if (!bulk->stuck) (void)send_held(bulk, ssl);
}
