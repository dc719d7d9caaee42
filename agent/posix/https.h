/* https.h: one GET of a range over TLS (RFC 9110, section 14), handed on as it comes, through a
 * proxy and behind redirects, where there are such; or one POST. */
#ifndef WG_AGENT_POSIX_HTTPS_H
#define WG_AGENT_POSIX_HTTPS_H

#include "agent/posix/download_settings.h"
#include "agent/posix/pace.h"
#include "common/error.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define HTTPS_REDIRECTS_MAX 5
#define HTTPS_ETAG_MAX 160
#define HTTPS_DATE_MAX 40

struct tls_pins;

struct https_config {
    const char *ca_file;
    const char *more_ca_file;                 /* believed beside; NULL or "": none */
    const char *cert_file, *key_file;         /* NULL: there is no certificate yet */
    const atomic_bool *cancel;                /* looked at a few times a second */
    struct tls_pins *pins;                    /* borrowed: asked beside the CA; NULL: none */
    const struct download_settings *settings; /* borrowed; NULL: as download_settings_init says */
    struct pace_limit *limit;                 /* borrowed; NULL: as fast as it comes */
    /* Whose servers see the device's certificate, beside certificate_hosts of the settings: those
     * of these URLs; own_count 0: that of the URL that is asked. No redirect adds to them. */
    const char (*own)[WG_URL_MAX];
    size_t own_count;
};

/* What the server says of its answer. */
struct https_head {
    int status;                    /* 200 or 206 when it is handed to a sink; 0: no answer came */
    int64_t start, total;          /* where its bytes begin; how long the whole is, -1: not told */
    char etag[HTTPS_ETAG_MAX];     /* "": none, or longer than that */
    char modified[HTTPS_DATE_MAX]; /* Last-Modified; "": none, or no strong validator */
};

typedef bool (*https_begin_fn)(void *ctx, const struct https_head *head, struct wg_error *err);
typedef bool (*https_body_fn)(void *ctx, const char *data, size_t len, struct wg_error *err);

struct https_sink {
    https_begin_fn begin;
    https_body_fn body;
    void *ctx;
};

struct https_request {
    const char *url;
    int64_t start;        /* all bytes from here on */
    const char *if_range; /* a validator (RFC 9110, section 13.1.5); NULL: none */
};

/* True when the answer came to its end; false with WG_E_NETWORK (also for a status that is no
 * success), WG_E_TIMEOUT (silent, or slower than the settings have it), WG_E_NOT_FOUND (404),
 * WG_E_VERIFY (certificate, pins), WG_E_INTERRUPTED (cancelled), or what the sink said. status
 * (NULL: not wanted): of the last answer, 0 when there was none. No text names a URL's query. */
WG_MUST_CHECK bool https_get(const struct https_config *config, const struct https_request *request,
                             const struct https_sink *sink, int *status, struct wg_error *err);

struct https_post {
    const char *type; /* of the body */
    const void *body;
    size_t len;
};

/* Whatever the server answers goes to the sink, and its status to *status; *retry: seconds after
 * which it asks to come again; 0: it does not. No redirect is followed. Errors as https_get()'s,
 * but for the status. */
WG_MUST_CHECK bool https_post(const struct https_config *config, const char *url,
                              const struct https_post *post, const struct https_sink *sink,
                              int *status, int64_t *retry, struct wg_error *err);

#endif
