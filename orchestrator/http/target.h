/* target.h: what a request names (RFC 9112, section 3.2.1): the path and the parameters behind '?',
 * decoded strictly (RFC 3986): a '%' without two digits, NUL, bytes that are no UTF-8, and a '/'
 * that was hidden as
 * "%2F" are refused. Pure. */
#ifndef WG_ORCHESTRATOR_HTTP_TARGET_H
#define WG_ORCHESTRATOR_HTTP_TARGET_H

#include "common/error.h"

#include <stddef.h>

#define HTTP_TARGET_MAX 4096
#define HTTP_PARAMETERS_MAX 32

struct http_parameter {
    const char *name, *value; /* decoded; point into the target */
};

struct http_target {
    char text[2 * HTTP_TARGET_MAX]; /* path and parameters, each with its NUL */
    const char *path;               /* "/api/v1/devices/dev-01" */
    size_t count;
    struct http_parameter parameters[HTTP_PARAMETERS_MAX];
};

/* WG_E_BAD_INPUT, WG_E_LIMIT. A parameter that is there twice is refused: two readers of one
 * request might each take another. */
WG_MUST_CHECK bool http_target_parse(const char *given, struct http_target *out,
                                     struct wg_error *err);
const char *http_target_parameter(const struct http_target *target, const char *name); /* or NULL */

#endif
