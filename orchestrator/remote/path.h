/* path.h: what is asked for: a path of the API and its parameters, escaped (RFC 3986). Pure. */
#ifndef WG_ORCHESTRATOR_REMOTE_PATH_H
#define WG_ORCHESTRATOR_REMOTE_PATH_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define REMOTE_PREFIX "/api/v1"
#define REMOTE_PATH_MAX 4096

struct remote_path {
    char text[REMOTE_PATH_MAX]; /* behind REMOTE_PREFIX: "/devices/dev-01?limit=10" */
    size_t len;
    bool over, has_query;
};

/* "/devices/{}/logs", with a text for each {}. */
void remote_path(struct remote_path *out, const char *form, ...);
/* A parameter; nothing when value is NULL or "". */
void remote_query(struct remote_path *path, const char *name, const char *value);
void remote_query_number(struct remote_path *path, const char *name, int64_t value);
/* WG_E_LIMIT when it did not fit. */
WG_MUST_CHECK bool remote_path_check(const struct remote_path *path, struct wg_error *err);

#endif
