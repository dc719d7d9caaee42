/* post.h: one HTTP request (RFC 9110, 9112), read as it comes: a POST of JSON to /v1/claim, or what
 * is wrong with it. Whatever does not have to be understood is refused: no chunks, no second
 * request, no more bytes than stated. Pure: fed with bytes, by whoever has them. */
#ifndef WG_PKI_ENROL_POST_H
#define WG_PKI_ENROL_POST_H

#include "common/buf.h"

#include <http_parser.h>

#define POST_HEAD_MAX 8192 /* bytes of the request line and all headers */
#define POST_NAME_MAX 32
#define POST_VALUE_MAX 128

struct post {
    http_parser parser;
    size_t head; /* bytes read before the body */
    bool headed; /* the head is whole */
    bool in_value;
    int hosts, types;                                /* how often these headers are there */
    char target[64];                                 /* "*" when longer */
    char name[POST_NAME_MAX], value[POST_VALUE_MAX]; /* of the header in hand; cut */
    struct wg_buf body;                              /* secret */
    int status;      /* 0: there is more to come; 200: whole; else how it is refused */
    const char *why; /* of a refusal */
};

void post_init(struct post *post);
void post_clear(struct post *post); /* wipes */
/* Returns the status. Once it is not 0, nothing more is read. Between two calls the struct may be
 * moved. */
int post_feed(struct post *post, const char *bytes, size_t len);

#endif
