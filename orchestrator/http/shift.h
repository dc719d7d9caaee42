/* shift.h: a server of libmicrohttpd takes another certificate: a new daemon listens at the same
 * socket, the one before keeps the connections that it has until they end. No connection is lost.
 */
#ifndef WG_ORCHESTRATOR_HTTP_SHIFT_H
#define WG_ORCHESTRATOR_HTTP_SHIFT_H

#include "common/error.h"
#include "common/time.h"

#include <microhttpd.h>
#include <stddef.h>

#define HTTP_SHIFTS_MAX 16

struct http_shift {
    struct http_shifted {
        struct MHD_Daemon *daemon;
        int fd;        /* its socket: threads of the daemon may look at it until they have ended */
        wg_time since; /* monotonic */
    } old[HTTP_SHIFTS_MAX + 1]; /* and the last, when the server stops */
    size_t count;
};

/* Another descriptor of the daemon's socket, for the new one. -1 with the error; also when so many
 * earlier ones still have connections. */
int http_shift_socket(const struct http_shift *shift, struct MHD_Daemon *daemon,
                      struct wg_error *err);
/* The daemon takes no more connections. */
void http_shift_retire(struct http_shift *shift, struct MHD_Daemon *daemon);
/* Now and then: ends those without connections. */
void http_shift_look(struct http_shift *shift);
/* None listens any more: who comes is refused. */
void http_shift_close(const struct http_shift *shift);
unsigned http_shift_connections(const struct http_shift *shift); /* of all of them */
void http_shift_clear(struct http_shift *shift); /* ends all with their connections */

/* Of one daemon; NULL: none. */
unsigned http_daemon_connections(struct MHD_Daemon *daemon);

#endif
