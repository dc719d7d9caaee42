/* tuf_run.h: does what a TUF client (common/tuf/client.h) asks for: what is trusted is kept in a
 * folder, durably; what the repository has is brought by the caller. */
#ifndef WG_COMMON_POSIX_TUF_RUN_H
#define WG_COMMON_POSIX_TUF_RUN_H

#include "common/buf.h"
#include "common/tuf/client.h"

/* Appends the repository's file to out, whose max is the bound; *found false: it is not there. */
typedef bool (*tuf_fetch_fn)(void *ctx, const char *name, struct wg_buf *out, bool *found,
                             struct wg_error *err);

struct tuf_run {
    const char *folder; /* mode 0700 */
    tuf_fetch_fn fetch;
    void *ctx;
};

/* The first root begins the chain, where no root is trusted yet. */
WG_MUST_CHECK bool tuf_run_plant(const struct tuf_run *run, const char *root_file,
                                 struct wg_error *err);
/* Until the client is ready: the update, or a search that was begun. */
WG_MUST_CHECK bool tuf_run_go(const struct tuf_run *run, struct tuf_client *client,
                              struct wg_error *err);
/* Looks for a target; *out borrowed until the next search, NULL when there is none. */
WG_MUST_CHECK bool tuf_run_find(const struct tuf_run *run, struct tuf_client *client,
                                const char *path, const struct tuf_target **out,
                                struct wg_error *err);

/* A file of the folder beside the metadata, such as a small target. *found false: it is not there.
 */
WG_MUST_CHECK bool tuf_run_load(const struct tuf_run *run, const char *name, struct wg_buf *out,
                                bool *found, struct wg_error *err);
WG_MUST_CHECK bool tuf_run_store(const struct tuf_run *run, const char *name, const void *data,
                                 size_t len, struct wg_error *err);

#endif
