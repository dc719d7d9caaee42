/* pems.h: what a server shows and whom it believes, as files say it now. */
#ifndef WG_ORCHESTRATOR_HTTP_PEMS_H
#define WG_ORCHESTRATOR_HTTP_PEMS_H

#include "common/buf.h"
#include "common/error.h"
#include "common/posix/file_stamp.h"

struct http_pems {
    struct wg_buf certificate, key, ca;
};

struct http_pems_seen {
    struct wg_file_stamp certificate, key, ca;
};

/* client_ca NULL: ca stays empty. To be cleared, whatever the outcome. */
WG_MUST_CHECK bool http_pems_read(struct http_pems *pems, const char *certificate, const char *key,
                                  const char *client_ca, struct wg_error *err);
void http_pems_clear(struct http_pems *pems); /* wipes the key */
/* Whether a file is another one than was seen, or cannot be seen: reading it says why. Keeps what
 * it saw. */
bool http_pems_moved(struct http_pems_seen *seen, const char *certificate, const char *key,
                     const char *client_ca);

#endif
