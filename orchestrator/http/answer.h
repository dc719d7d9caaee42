/* answer.h: what goes back: a body that is there, or a stream that is made while it is sent. */
#ifndef WG_ORCHESTRATOR_HTTP_ANSWER_H
#define WG_ORCHESTRATOR_HTTP_ANSWER_H

#include "common/json.h"

#define HTTP_HEADERS_MAX 16
#define HTTP_LOCATION_MAX 4096
#define HTTP_ANSWER_MAX ((size_t)64 * 1024 * 1024)

struct http_header_line {
    char name[32];
    char value[512];
};

struct http_stream {
    /* Appends what comes next; *end: nothing does. May wait, then for at most some seconds, and
     * append nothing. False ends the connection, so that the client sees that something lacks. */
    bool (*read)(void *ctx, struct wg_buf *out, bool *end, struct wg_error *err);
    void (*free)(void *ctx);
    void *ctx;
};

struct http_answer {
    unsigned status;
    char type[80];
    struct wg_buf body;
    struct http_stream stream; /* read NULL: the body is all */
    bool secret;               /* something in it is shown once: it is kept nowhere */
    size_t header_count;
    struct http_header_line headers[HTTP_HEADERS_MAX];
    char location[HTTP_LOCATION_MAX]; /* of http_answer_redirect(); "" none */
};

void http_answer_init(struct http_answer *answer);
void http_answer_clear(struct http_answer *answer);
/* Drops what was said so far: another answer is given instead. */
void http_answer_reset(struct http_answer *answer);
/* A line break in the value would be another header: such a header is left out, and one that does
 * not fit. */
bool http_answer_header(struct http_answer *answer, const char *name, const char *value);
const char *http_answer_find(const struct http_answer *answer, const char *name); /* or NULL */
/* 303 (RFC 9110, section 15.4.4) to a URL or a path. WG_E_LIMIT. */
WG_MUST_CHECK bool http_answer_redirect(struct http_answer *answer, const char *to,
                                        struct wg_error *err);
/* Takes over the reference; NULL is out of memory. Keys stay in the order in which they were set.
 */
WG_MUST_CHECK bool http_answer_json(struct http_answer *answer, unsigned status, json_t *value,
                                    struct wg_error *err);

/* RFC 9457. What is said beside title, status, detail, code: members, borrowed, may be NULL. */
void http_answer_problem(struct http_answer *answer, unsigned status, const char *code,
                         const char *detail, json_t *members);
const char *http_status_title(unsigned status);

#endif
