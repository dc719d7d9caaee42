/* shift.c: daemons that have been followed by another one. */
#include "orchestrator/http/shift.h"

#include <fcntl.h>
#include <unistd.h>

int http_shift_socket(const struct http_shift *shift, struct MHD_Daemon *daemon,
                      struct wg_error *err)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_LISTEN_FD);
    if (shift->count == HTTP_SHIFTS_MAX) {
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
    MHD_socket fd = MHD_quiesce_daemon(daemon);
    if (fd != MHD_INVALID_SOCKET) (void)close(fd);
    shift->old[shift->count++] = daemon;
}

unsigned http_shift_connections(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}

void http_shift_look(struct http_shift *shift)
{
    for (size_t i = shift->count; i-- > 0;) {
        if (http_shift_connections(shift->old[i]) > 0) continue;
        MHD_stop_daemon(shift->old[i]);
        shift->old[i] = shift->old[--shift->count];
    }
}

void http_shift_clear(struct http_shift *shift)
{
    while (shift->count > 0) MHD_stop_daemon(shift->old[--shift->count]);
}
