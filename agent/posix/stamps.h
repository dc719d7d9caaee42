/* stamps.h: which version of the file each server gave, so that a change in the middle of a
 * download is seen, also after a restart. A small JSON file in the state folder. The hash decides
 * in the end; stamps spare the bytes until then. */
#ifndef WG_AGENT_POSIX_STAMPS_H
#define WG_AGENT_POSIX_STAMPS_H

#include "agent/posix/https.h"

#include <limits.h>

#define STAMPS_MAX 8

struct stamp {
    char url[WG_URL_MAX]; /* without its query, which may be a secret */
    char etag[HTTPS_ETAG_MAX], modified[HTTPS_DATE_MAX];
};

struct stamps {
    char path[PATH_MAX];
    size_t count, next; /* next: to be replaced when all are in use */
    struct stamp items[STAMPS_MAX];
};

/* What cannot be read is as good as not there. */
void stamps_open(struct stamps *stamps, const char *path);
/* Borrowed until the next call; NULL: this server has given nothing yet. */
const struct stamp *stamps_find(const struct stamps *stamps, const char *url);
const char *stamp_validator(const struct stamp *stamp); /* for If-Range; NULL: none */
/* True when the answer is about another version than the stamp. */
bool stamp_differs(const struct stamp *stamp, const struct https_head *head);
/* Kept durably if it is news. */
WG_MUST_CHECK bool stamps_keep(struct stamps *stamps, const char *url,
                               const struct https_head *head, struct wg_error *err);
void stamps_forget(struct stamps *stamps); /* all, and the file */

#endif
