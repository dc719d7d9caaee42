/* visit.c: the phases of a connection. */
#include "pki/enrol/visit.h"

#include "common/posix/file.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 4096
#define ANSWER_MAX ((size_t)WG_CLAIM_ANSWER_MAX + 1024)
#define LINGER (2 * WG_SECOND)
#define LINGER_BYTES_MAX ((size_t)256 * 1024)

bool visit_open(struct visit *visit, WOLFSSL_CTX *tls, int fd, const char *address, wg_time now,
                wg_duration patience)
{
    memset(visit, 0, sizeof *visit);
    visit->fd = fd;
    visit->phase = VISIT_SHAKE;
    visit->events = POLLIN;
    visit->since = now;
    visit->deadline = now + patience;
    (void)wg_copy(visit->address, sizeof visit->address, address);
    post_init(&visit->post);
    wg_buf_init(&visit->out, ANSWER_MAX);
    visit->ssl = wolfSSL_new(tls);
    if (visit->ssl && wolfSSL_set_fd(visit->ssl, fd) == WOLFSSL_SUCCESS) {
        wolfSSL_SetIOWriteFlags(visit->ssl, MSG_NOSIGNAL);
        return true;
    }
    visit_close(visit);
    return false;
}

void visit_close(struct visit *visit)
{
    wolfSSL_free(visit->ssl);
    visit->ssl = NULL;
    post_clear(&visit->post);
    wg_buf_clear(&visit->out);
    if (visit->fd >= 0) (void)close(visit->fd);
    visit->fd = -1;
    visit->phase = VISIT_OVER;
}

/* True: it waits for the socket. False: it failed, and is over. */
static bool waits(struct visit *visit, int result)
{
    int code = wolfSSL_get_error(visit->ssl, result);
    visit->events = code == WOLFSSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;
    if (code == WOLFSSL_ERROR_WANT_READ || code == WOLFSSL_ERROR_WANT_WRITE) return true;
    visit->phase = VISIT_OVER;
    return false;
}

static void shake(struct visit *visit)
{
    int result = wolfSSL_accept(visit->ssl);
    if (result == WOLFSSL_SUCCESS)
        visit->phase = VISIT_READ;
    else
        (void)waits(visit, result);
}

static void answer(struct visit *visit, struct desk *desk, wg_time now, wg_duration patience)
{
    struct reply reply;
    struct post *post = &visit->post;
    reply_init(&reply);
    if (post->status == 200)
        desk_take(desk, visit->address, wg_buf_str(&post->body), post->body.len, wg_now(), now,
                  &reply);
    else
        reply_problem(&reply, post->status, post->why);
    bool ok = reply_write(&reply, &visit->out, NULL);
    reply_clear(&reply);
    post_clear(post);
    visit->phase = ok ? VISIT_WRITE : VISIT_OVER;
    visit->deadline = wg_monotonic() + patience;
}

static void read_request(struct visit *visit, struct desk *desk, wg_time now, wg_duration patience)
{
    char chunk[CHUNK];
    while (visit->phase == VISIT_READ) {
        int got = wolfSSL_read(visit->ssl, chunk, sizeof chunk);
        if (got <= 0) {
            (void)waits(visit, got);
            break;
        }
        if (post_feed(&visit->post, chunk, (size_t)got)) answer(visit, desk, now, patience);
    }
    explicit_bzero(chunk, sizeof chunk);
}

static void write_answer(struct visit *visit)
{
    while (visit->sent < visit->out.len) {
        int wrote = wolfSSL_write(visit->ssl, visit->out.data + visit->sent,
                                  (int)(visit->out.len - visit->sent));
        if (wrote <= 0) {
            (void)waits(visit, wrote);
            return;
        }
        visit->sent += (size_t)wrote;
    }
    (void)wolfSSL_shutdown(visit->ssl);
    (void)shutdown(visit->fd, SHUT_WR);
    visit->phase = VISIT_LINGER;
    visit->events = POLLIN;
    visit->sent = 0;
    visit->deadline = wg_monotonic() + LINGER;
}

/* Closed with bytes unread, the connection would be reset, and the answer lost with it. */
static void linger(struct visit *visit)
{
    char chunk[CHUNK];
    for (;;) {
        ssize_t got = recv(visit->fd, chunk, sizeof chunk, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0 || visit->sent > LINGER_BYTES_MAX) break;
        visit->sent += (size_t)got;
    }
    visit->phase = VISIT_OVER;
}

void visit_step(struct visit *visit, struct desk *desk, wg_time now, wg_duration patience)
{
    if (visit->phase == VISIT_SHAKE) shake(visit);
    if (visit->phase == VISIT_READ) read_request(visit, desk, now, patience);
    if (visit->phase == VISIT_WRITE) write_answer(visit);
    if (visit->phase == VISIT_LINGER) linger(visit);
}
