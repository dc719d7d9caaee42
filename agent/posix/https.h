/* https.h: one GET of a range over TLS (RFC 9110, section 14), handed on as it comes; or one POST.
 */
#ifndef WG_AGENT_POSIX_HTTPS_H
#define WG_AGENT_POSIX_HTTPS_H

#include "common/error.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct https;
struct tls_pins;

struct https_config {
    const char *ca_file;
    const char *cert_file, *key_file; /* NULL: there is no certificate yet */
    const atomic_bool *cancel;        /* looked at a few times a second */
    struct tls_pins *pins;            /* borrowed: asked beside the CA; NULL: none */
};

/* What the server answers: start is where its bytes begin, total how long the whole is. */
typedef bool (*https_begin_fn)(void *ctx, int64_t start, int64_t total, struct wg_error *err);
typedef bool (*https_body_fn)(void *ctx, const char *data, size_t len, struct wg_error *err);

struct https_sink {
    https_begin_fn begin;
    https_body_fn body;
    void *ctx;
};

/* Asks for all bytes from start on. True when the answer came to its end; false with WG_E_NETWORK
 * (also for a status that is no success, which the text names), WG_E_NOT_FOUND (404), WG_E_VERIFY
 * (certificate, pins), WG_E_INTERRUPTED (cancelled), or what the sink said. */
WG_MUST_CHECK bool https_get(const struct https_config *config, const char *url, int64_t start,
                             const struct https_sink *sink, struct wg_error *err);

struct https_post {
    const char *type; /* of the body */
    const void *body;
    size_t len;
};

/* Whatever the server answers goes to the sink, and its status to *status; *retry: seconds after
 * which it asks to come again; 0: it does not. Errors as https_get()'s, but for the status. */
WG_MUST_CHECK bool https_post(const struct https_config *config, const char *url,
                              const struct https_post *post, const struct https_sink *sink,
                              int *status, int64_t *retry, struct wg_error *err);

#endif
