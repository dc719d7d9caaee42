/* listen.c: a listening socket of TCP. */
#include "common/posix/listen.h"

#include "common/text.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 512
#define HOST_MAX 64

static int open_at(const struct addrinfo *at, const char *where, struct wg_error *err)
{
    const int on = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    (void)wg_fail_errno(err, "listening at %s", where);
    if (fd >= 0) (void)close(fd);
    return -1;
}

int wg_listen(const char *where, struct wg_error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *list = NULL;
    char host[HOST_MAX];
    const char *colon = strrchr(where, ':'), *from = where;
    size_t len = colon ? (size_t)(colon - where) : 0;
    if (len >= 2 && where[0] == '[' && where[len - 1] == ']') {
        from++;
        len -= 2;
    }
    if (len == 0 || !wg_copy_n(host, sizeof host, from, len) ||
        getaddrinfo(host, colon + 1, &hints, &list) != 0) {
        (void)wg_fail(err, WG_E_USAGE, "\"%.80s\": expected ADDRESS:PORT, as numbers", where);
        return -1;
    }
    int fd = open_at(list, where, err);
    freeaddrinfo(list);
    return fd;
}
