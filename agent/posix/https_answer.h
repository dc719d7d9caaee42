/* https_answer.h: a web server's answer, as its bytes come: the head, with bounds, and the
 * body, chunked or not, handed to a sink. Opens nothing. */
#ifndef WG_AGENT_POSIX_HTTPS_ANSWER_H
#define WG_AGENT_POSIX_HTTPS_ANSWER_H

#include "agent/posix/https.h"

#include <http_parser.h>

#define ANSWER_HEAD_MAX 32768 /* bytes of the status line and all fields */
#define ANSWER_FIELDS 7

struct answer_field {
    bool seen, twice, cut;
};

struct answer {
    const struct https_sink *sink;
    struct wg_error *err;
    const char *host; /* for messages; borrowed */
    struct https_head head;
    char location[URL_TARGET_MAX]; /* a redirect leads there; "": it is none */
    bool complete;
    bool
        any_status; /* to be set after answer_init(): the sink judges, and redirects lead nowhere */
    /* for https_answer.c: */
    http_parser parser;
    char name[64], range[96], date[HTTPS_DATE_MAX], encoding[32], retry[32];
    struct answer_field fields[ANSWER_FIELDS];
    int field; /* that the value at hand belongs to; -1: none that matters */
    bool in_value, failed, has_head;
    size_t head_bytes;
};

/* err must not be NULL; all is borrowed. */
void answer_init(struct answer *answer, const char *host, const struct https_sink *sink,
                 struct wg_error *err);
/* len 0: the server has ended the connection in good order. False: the answer does not hold, or the
 * sink said no; answer->complete: no more is wanted. */
WG_MUST_CHECK bool answer_feed(struct answer *answer, const char *data, size_t len);
int64_t answer_retry(const struct answer *answer); /* Retry-After in seconds; 0: none */

#endif
