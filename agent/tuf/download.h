/* download.h: one target, found through the metadata, in a folder. */
#ifndef WG_AGENT_TUF_DOWNLOAD_H
#define WG_AGENT_TUF_DOWNLOAD_H

#include "agent/tuf/update.h"

struct download {
    const char *name;       /* the target's path */
    const char *target_url; /* base of targets */
    const char *folder;     /* where it goes, as one file named by its encoded path */
};

/* The client is ready: its metadata is up to date. A file that is there already and is what the
 * metadata says is left alone; otherwise it is fetched beside its place, checked, and put there
 * atomically. WG_E_NOT_FOUND when no role tells of it. */
WG_MUST_CHECK bool download_run(const struct update *update, const struct download *download,
                                struct tuf_client *client, struct wg_error *err);

#endif
