/* store.h: the folder where trusted metadata is kept: a file a role, replaced atomically and
 * durably. */
#ifndef WG_AGENT_TUF_STORE_H
#define WG_AGENT_TUF_STORE_H

#include "common/buf.h"

/* Reads a file into out (initialised; its max is the bound). *there false: there is none, or one
 * above the bound, which no file of ours is. */
WG_MUST_CHECK bool store_load(const char *folder, const char *name, struct wg_buf *out, bool *there,
                              struct wg_error *err);
WG_MUST_CHECK bool store_put(const char *folder, const char *name, const void *data, size_t len,
                             struct wg_error *err);
/* Removing what is not there is fine. */
WG_MUST_CHECK bool store_remove(const char *folder, const char *name, struct wg_error *err);

#endif
