/* audit_chain.h: whether rows of the audit log hang together. Pure.
 *
 * A row is a JSON object: number (from 1, without a gap), at (milliseconds), actor, kind, subject,
 * detail, previous, hash. hash is the hex SHA-256 of the canonical JSON (common/json.h) of all the
 * rest, previous the hash of the row before, 64 zeros in the first. Whoever can write the whole log
 * can make another one that hangs together: only a head that was noted elsewhere tells it. */
#ifndef WG_COMMON_AUDIT_CHAIN_H
#define WG_COMMON_AUDIT_CHAIN_H

#include "common/crypto.h"
#include "common/json.h"

#define AUDIT_ROW_MAX ((size_t)64 * 1024) /* bytes of a row's JSON */
#define AUDIT_HEAD_TEXT 96                /* bytes that hold "NUMBER:HASH" */

/* What has been read so far. */
struct audit_chain {
    int64_t rows;
    char head[WG_SHA256_HEX];
};

enum audit_break {
    AUDIT_HOLDS,
    AUDIT_MISSING, /* a later row stands where the next one should */
    AUDIT_MOVED,   /* it does not follow on what stands before it */
    AUDIT_EDITED   /* its hash is not that of its content */
};

void audit_chain_init(struct audit_chain *chain);
/* The next row. False with WG_E_VERIFY, which names the row, when it is not what must come here;
 * *what tells why, and the chain stays as it was. */
WG_MUST_CHECK bool audit_chain_add(struct audit_chain *chain, const json_t *row,
                                   enum audit_break *what, struct wg_error *err);
void audit_chain_text(const struct audit_chain *chain, char out[AUDIT_HEAD_TEXT]);

/* A head that somebody noted: that of the log, or of an earlier time. */
struct audit_head {
    int64_t number; /* 0: the hash alone was noted */
    char hash[WG_SHA256_HEX];
    bool met;
};
/* "NUMBER:HASH" or "HASH"; WG_E_USAGE. */
WG_MUST_CHECK bool audit_head_parse(const char *text, struct audit_head *out, struct wg_error *err);
/* After each row. */
void audit_head_look(struct audit_head *head, const struct audit_chain *chain);
/* After the last row; WG_E_VERIFY when the chain has not come by that head. */
WG_MUST_CHECK bool audit_head_check(const struct audit_head *head, const struct audit_chain *chain,
                                    struct wg_error *err);

#endif
