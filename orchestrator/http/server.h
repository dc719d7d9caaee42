/* server.h: HTTPS for a handler that blocks: a thread for each connection (libmicrohttpd, GnuTLS),
 * with limits on connections, sizes, rate and time. */
#ifndef WG_ORCHESTRATOR_HTTP_SERVER_H
#define WG_ORCHESTRATOR_HTTP_SERVER_H

#include "common/time.h"
#include "orchestrator/http/answer.h"
#include "orchestrator/http/spool.h"
#include "orchestrator/http/target.h"

#define HTTP_ADDRESS_MAX 48
#define HTTP_CHAIN_MAX ((size_t)16 * 1024) /* bytes of PEM */

/* A body that is taken as it comes, whatever its length. */
struct http_upload {
    int64_t length; /* bytes, that the client has promised and is held to; -1: it did not say */
    /* Set by who admits it: */
    bool (*write)(void *ctx, const void *data, size_t len, struct wg_error *err);
    void (*free)(void *ctx); /* at the end of the request, whatever came of it */
    void *ctx;
    bool answered; /* the answer is there without it, and it is not wanted */
};

struct http_request;
/* Asked before the body comes: whether it is a file, which may be large, and from whom. Returns how
 * many bytes it may have: then it is kept in request->file; 0: it is one of usual size, or, with
 * upload->write, is taken by that. An answer with a status of 400 or more refuses it. */
typedef int64_t (*http_admit_fn)(void *ctx, const struct http_request *request,
                                 struct http_upload *upload, struct http_answer *answer);

struct http_settings { /* what it points to is borrowed as long as the server lives */
    const char *listen;
    const char *certificate, *key; /* files, PEM; NULL: no TLS */
    const char *client_ca;         /* file: whose certificates clients are asked for; NULL: none */
    size_t body_max;               /* bytes */
    unsigned connections, per_address;
    wg_duration patience; /* for a whole request, and for each part of an answer */
    int64_t rate, burst;  /* requests a minute of one address; 0: any */
    http_admit_fn admit;  /* NULL: no body is a file */
    const char *spool;    /* folder for files; borrowed as long as the server lives */
    unsigned files;       /* at a time */
};

struct http_request { /* all borrowed, for as long as the handler runs */
    const char *method;
    const struct http_target *target;
    const void *body;
    size_t body_len;
    const struct spool *file;            /* the body, at its first byte; NULL: it is above */
    void *upload;                        /* ctx of who took the body; NULL: nobody did */
    const struct wg_error *upload_error; /* why it was not taken to its end; NULL: it was */
    char address[HTTP_ADDRESS_MAX];      /* "192.0.2.1" */
    const char *chain; /* PEM of the client, leaf first, not checked but for its key; "" none */
    void *connection;  /* of the library */
};

/* NULL: it is not there; headers that are there twice are refused before a handler is called. */
const char *http_request_header(const struct http_request *request, const char *name);
/* The value of a cookie, copied; false when it is not there or does not fit. */
bool http_request_cookie(const struct http_request *request, const char *name, char *out,
                         size_t size);

/* Called by many threads at once. What it leaves in answer is sent. */
typedef void (*http_handle_fn)(void *ctx, const struct http_request *request,
                               struct http_answer *answer);

struct http_server;

/* Serves when it has returned. WG_E_USAGE, WG_E_IO, WG_E_FAILED. */
struct http_server *http_server_new(const struct http_settings *settings, http_handle_fn handle,
                                    void *ctx, struct wg_error *err);
/* New connections get the certificate, key and authorities that the files have now; those that
 * stand end by themselves. Keeps the old ones if that fails. */
WG_MUST_CHECK bool http_server_reload(struct http_server *server, struct wg_error *err);
/* Takes no more connections; streams see http_server_stops(); what is under way gets so long. */
void http_server_stop(struct http_server *server, wg_duration grace);
bool http_server_stops(const struct http_server *server);
void http_server_free(struct http_server *server); /* ends all connections */
/* Now and then: ends connections that are too slow. */
void http_server_look(struct http_server *server);
unsigned http_server_connections(struct http_server *server);

#endif
