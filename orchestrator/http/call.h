/* call.h: what libmicrohttpd calls for a connection and each request in it. Internal to
 * orchestrator/http. */
#ifndef WG_ORCHESTRATOR_HTTP_CALL_H
#define WG_ORCHESTRATOR_HTTP_CALL_H

#include "orchestrator/http/bucket.h"
#include "orchestrator/http/pems.h"
#include "orchestrator/http/server.h"
#include "orchestrator/http/shift.h"
#include "orchestrator/http/watch.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#define CALL_BLOCK 32768 /* bytes of a stream read at a time */

struct http_server {
    struct http_settings settings;
    struct MHD_Daemon *daemon;
    struct http_shift shift;
    struct http_pems_seen seen; /* that the daemon shows */
    http_handle_fn handle;
    void *ctx;
    size_t body_max;
    http_admit_fn admit;
    const char *spool;
    unsigned files_max;
    atomic_uint files; /* that come, or are worked on */
    struct watch *watch;
    pthread_mutex_t lock; /* over buckets, and which daemon serves */
    struct buckets *buckets;
    bool asks_clients;
    atomic_bool stops;
    atomic_uint calls; /* under way */
};

/* ctx: the server. */
void call_on_connection(void *ctx, struct MHD_Connection *connection, void **place,
                        enum MHD_ConnectionNotificationCode what);
void *call_on_target(void *ctx, const char *target, struct MHD_Connection *connection);
enum MHD_Result call_on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *body,
                                size_t *body_len, void **place);
void call_on_end(void *ctx, struct MHD_Connection *connection, void **place,
                 enum MHD_RequestTerminationCode why);

#endif
