/* client_state.h: inside of the client: client.c is the update, search.c looks for targets. */
#ifndef WG_COMMON_TUF_CLIENT_STATE_H
#define WG_COMMON_TUF_CLIENT_STATE_H

#include "common/tuf/client.h"
#include "common/tuf/delegation.h"
#include "common/tuf/trusted.h"

#define TUF_PENDING_MAX 256 /* delegations found and not yet looked into */

enum client_stage {
    STAGE_ROOT_LOAD,
    STAGE_ROOT_FETCH,
    STAGE_FORGET_TIMESTAMP,
    STAGE_FORGET_SNAPSHOT,
    STAGE_ROOT_STORE,
    STAGE_TIMESTAMP_LOAD,
    STAGE_TIMESTAMP_FETCH,
    STAGE_TIMESTAMP_STORE,
    STAGE_SNAPSHOT_LOAD,
    STAGE_SNAPSHOT_FETCH,
    STAGE_SNAPSHOT_STORE,
    STAGE_TARGETS_LOAD, /* the top-level targets role or, in a search, a delegated one */
    STAGE_TARGETS_FETCH,
    STAGE_TARGETS_STORE,
    STAGE_READY,
    STAGE_FAILED,
};

/* A targets role to be looked into, and who must have signed it. */
struct visit {
    char name[TUF_ROLE_NAME_MAX + 1];
    json_t *keys, *role; /* references of our own */
};

struct search {
    bool under_way;
    char path[TUF_PATH_MAX + 1];
    json_t *visited; /* object: the names of roles that were looked into */
    int visits;
    struct visit pending[TUF_PENDING_MAX]; /* the next one last */
    size_t pending_count;
    json_t *info; /* the target's own entry */
    struct tuf_target found;
};

struct tuf_client {
    struct tuf_limits limits;
    struct tuf_trusted trusted;
    enum client_stage stage;
    int rotations;
    struct wg_buf bytes;        /* what is to be stored */
    struct visit visit;         /* the targets role at hand */
    struct tuf_metadata loaded; /* a delegated role that was accepted and is being stored */
    struct search search;
};

void visit_clear(struct visit *visit);

/* Takes what the role at hand says, then sets the client to the next role or to ready. */
WG_MUST_CHECK bool search_role(struct tuf_client *client, const struct tuf_metadata *role,
                               struct wg_error *err);
void search_clear(struct search *search);

#endif
