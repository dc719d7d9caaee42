/* visit.c: one life of a connection. */
#include "orchestrator/http/visit.h"

#include <stdlib.h>

void *http_visit_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

void *http_visit_turn(struct watch *watch, size_t size, struct MHD_Connection *connection,
                      void **place, enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*place) watch_leave(watch, *place);
        free(*place);
        *place = NULL;
        return NULL;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *place = info ? calloc(1, size) : NULL;
    if (*place) watch_enter(watch, *place, info->connect_fd);
    return *place;
}
