/* reply.h: an answer over HTTP: JSON, or a problem (RFC 9457). The connection ends with it. */
#ifndef WG_PKI_ENROL_REPLY_H
#define WG_PKI_ENROL_REPLY_H

#include "common/message_claim.h"

struct reply {
    int status;
    wg_duration retry;  /* when to come again; 0: not told */
    struct wg_buf body; /* JSON */
};

void reply_init(struct reply *reply);
void reply_clear(struct reply *reply);
/* In place of what was there. */
void reply_problem(struct reply *reply, int status, const char *detail);
/* Appends head and body. */
WG_MUST_CHECK bool reply_write(const struct reply *reply, struct wg_buf *out, struct wg_error *err);

#endif
