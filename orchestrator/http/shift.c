/* shift.c: daemons that have been followed by another one. */
#include "orchestrator/http/shift.h"

#include "common/posix/file.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SETTLE WG_SECOND /* a connection that is just being taken counts for none until it is */

int http_shift_socket(const struct http_shift *shift, struct MHD_Daemon *daemon,
                      struct wg_error *err)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_LISTEN_FD);
    if (shift->count >= HTTP_SHIFTS_MAX) {
        (void)wg_fail(err, WG_E_LIMIT, "connections under %d earlier certificates still stand",
                      HTTP_SHIFTS_MAX);
        return -1;
    }
    int fd = info ? fcntl(info->listen_fd, F_DUPFD_CLOEXEC, 3) : -1;
    if (fd < 0) (void)wg_fail_errno(err, "the server's socket");
    return fd;
}

void http_shift_retire(struct http_shift *shift, struct MHD_Daemon *daemon)
{
    shift->old[shift->count++] = (struct http_shifted){
        .daemon = daemon, .fd = MHD_quiesce_daemon(daemon), .since = wg_monotonic()};
}

unsigned http_daemon_connections(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info =
        daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS) : NULL;
    return info ? info->num_connections : 0;
}

/* The library aborts the process over a socket that is closed before it has let go of it. */
static void end(struct http_shifted *old)
{
    MHD_stop_daemon(old->daemon);
    if (old->fd != MHD_INVALID_SOCKET) (void)close(old->fd);
}

void http_shift_look(struct http_shift *shift)
{
    const wg_time now = wg_monotonic();
    for (size_t i = shift->count; i-- > 0;) {
        struct http_shifted *old = &shift->old[i];
        if (now < old->since + SETTLE || http_daemon_connections(old->daemon) > 0) continue;
        end(old);
        *old = shift->old[--shift->count];
    }
}

void http_shift_close(const struct http_shift *shift)
{
    for (size_t i = 0; i < shift->count; i++) (void)shutdown(shift->old[i].fd, SHUT_RD);
}

unsigned http_shift_connections(const struct http_shift *shift)
{
    unsigned count = 0;
    for (size_t i = 0; i < shift->count; i++)
        count += http_daemon_connections(shift->old[i].daemon);
    return count;
}

void http_shift_clear(struct http_shift *shift)
{
    while (shift->count > 0) end(&shift->old[--shift->count]);
}
