/* update.h: runs the TUF client over a folder and a repository on the web. */
#ifndef WG_AGENT_TUF_UPDATE_H
#define WG_AGENT_TUF_UPDATE_H

#include "agent/tuf/http.h"
#include "common/tuf/client.h"

struct update {
    const char *folder;       /* of trusted metadata */
    const char *metadata_url; /* with or without a slash at its end */
    struct http_options http;
    struct tuf_limits limits;
};

/* "BASE/NAME" with one slash in between. */
WG_MUST_CHECK bool update_url(const char *base, const char *name, char *out, size_t size,
                              struct wg_error *err);

/* Does what the client asks for until it is ready: the whole update for a new client, a search
 * after tuf_client_look_up. */
WG_MUST_CHECK bool update_run(const struct update *update, struct tuf_client *client,
                              struct wg_error *err);

#endif
