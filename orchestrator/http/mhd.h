/* mhd.h: what our servers ask of libmicrohttpd, one way for all. */
#ifndef WG_ORCHESTRATOR_HTTP_MHD_H
#define WG_ORCHESTRATOR_HTTP_MHD_H

#include "common/error.h"

#include <microhttpd.h>

/* Forward-secret AEAD alone, as the agent asks for it. */
#define HTTP_TLS_PRIORITIES                                                                        \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-CIPHER-ALL:"                        \
    "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"

/* The header's value, NULL when it is not there; false when it is there twice. */
WG_MUST_CHECK bool http_header(struct MHD_Connection *connection, const char *name,
                               const char **value);
/* True when the request has a body, or something that another server could take for one: among
 * that a header whose name has other signs than names may have ("Transfer-Encoding "). */
bool http_has_body(struct MHD_Connection *connection);
/* False when a header's name is none, or one that decides something is there twice. */
bool http_headers_are_sound(struct MHD_Connection *connection);
/* A response without a body, or with text and a line end; NULL: out of memory. */
struct MHD_Response *http_text(const char *text);
/* Queues it and lets go of it. Pairs of header names and values, NULL ends. */
enum MHD_Result http_answer(struct MHD_Connection *connection, unsigned status,
                            struct MHD_Response *response, ...) __attribute__((sentinel));
/* As the callbacks of libmicrohttpd: addresses stay as they came; its words go to our log. */
size_t http_unescape_nothing(void *ctx, struct MHD_Connection *connection, char *text);
void http_log(void *ctx, const char *format, va_list args) WG_PRINTF(2, 0);
/* A listening socket in the file system, its mode set before anybody can connect. -1 with the
 * error. */
int http_listen_unix(const char *path, int type, struct wg_error *err);

#endif
