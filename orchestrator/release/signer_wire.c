/* signer_wire.c: frames on a stream socket. */
#include "orchestrator/release/signer_wire.h"

#include "common/text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HEAD 4

int signer_wire_connect(const char *path, struct wg_error *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!wg_copy(at.sun_path, sizeof at.sun_path, path)) {
        (void)wg_fail(err, WG_E_LIMIT, "signer: %s: the path is too long for a socket", path);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at) == 0) return fd;
    (void)wg_fail_errno(err, "signer: %s", path);
    if (err) err->code = WG_E_NETWORK;
    if (fd >= 0) (void)close(fd);
    return -1;
}

static bool wait_for(int fd, short events, struct wg_error *err)
{
    struct pollfd set = {.fd = fd, .events = events};
    int ready;
    do ready = poll(&set, 1, SIGNER_PATIENCE);
    while (ready < 0 && errno == EINTR);
    if (ready < 0) return wg_fail_errno(err, "signer");
    return ready > 0 || wg_fail(err, WG_E_NETWORK, "signer: silent for too long");
}

static bool send_all(int fd, const char *data, size_t len, struct wg_error *err)
{
    for (size_t done = 0; done < len;) {
        if (!wait_for(fd, POLLOUT, err)) return false;
        ssize_t sent = send(fd, data + done, len - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (sent < 0) {
            (void)wg_fail_errno(err, "signer");
            if (err) err->code = WG_E_NETWORK;
            return false;
        }
        done += (size_t)sent;
    }
    return true;
}

bool signer_wire_send(int fd, const json_t *message, struct wg_error *err)
{
    char *text = json_dumps(message, JSON_COMPACT);
    if (!text) return wg_fail_memory(err, "signer");
    size_t len = strlen(text);
    char head[HEAD];
    for (size_t i = 0; i < HEAD; i++) head[i] = (char)(len >> 8 * (HEAD - 1 - i) & 0xff);
    bool ok = len <= SIGNER_FRAME_MAX || wg_fail(err, WG_E_LIMIT, "signer: a frame is too long");
    ok = ok && send_all(fd, head, HEAD, err) && send_all(fd, text, len, err);
    free(text);
    return ok;
}

/* *got less than len: the other side has closed. */
static bool receive_all(int fd, char *out, size_t len, size_t *got, struct wg_error *err)
{
    for (*got = 0; *got < len;) {
        if (!wait_for(fd, POLLIN, err)) return false;
        ssize_t came = recv(fd, out + *got, len - *got, MSG_DONTWAIT);
        if (came < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (came < 0) {
            (void)wg_fail_errno(err, "signer");
            if (err) err->code = WG_E_NETWORK;
            return false;
        }
        if (came == 0) return true;
        *got += (size_t)came;
    }
    return true;
}

static json_t *receive_body(int fd, size_t len, struct wg_error *err)
{
    size_t got = 0;
    char *text = malloc(len + 1);
    json_t *json = NULL;
    if (!text) {
        (void)wg_fail_memory(err, "signer");
        return NULL;
    }
    if (receive_all(fd, text, len, &got, err)) {
        if (got == len)
            json = wg_json_parse(text, len, SIGNER_FRAME_MAX, err);
        else
            (void)wg_fail(err, WG_E_NETWORK, "signer: a frame was cut");
    }
    free(text);
    return json;
}

json_t *signer_wire_receive(int fd, bool *ended, struct wg_error *err)
{
    unsigned char head[HEAD];
    size_t got = 0, len = 0;
    if (ended) *ended = false;
    if (!receive_all(fd, (char *)head, HEAD, &got, err)) return NULL;
    if (got < HEAD) {
        if (ended) *ended = got == 0;
        (void)wg_fail(err, WG_E_NETWORK, "signer: the connection was closed");
        return NULL;
    }
    for (size_t i = 0; i < HEAD; i++) len = len << 8 | head[i];
    if (len <= SIGNER_FRAME_MAX) return receive_body(fd, len, err);
    (void)wg_fail(err, WG_E_LIMIT, "signer: a frame of %zu bytes is too long", len);
    return NULL;
}
