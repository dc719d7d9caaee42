/* repo_state.h: what a TUF repository says: its published metadata, what is staged (versions that
 * still lack signatures), and where keys are. Read through a function, so that a folder and a
 * bundle are read alike; signatures are checked on the way in, since new versions build on what is
 * read. Pure. */
#ifndef WG_ORCHESTRATOR_RELEASE_REPO_STATE_H
#define WG_ORCHESTRATOR_RELEASE_REPO_STATE_H

#include "common/json.h"
#include "common/tuf/metadata.h"

#define REPO_FILE_MAX ((size_t)16 << 20) /* bytes of one file of metadata */
#define REPO_NAME_MAX 320                /* "metadata/N.ROLE.json", with NUL */
#define REPO_KEYS_FILE "keys.json"
#define REPO_TIMESTAMP_FILE "metadata/timestamp.json"

struct repo_state {
    json_t *files;    /* name -> text as it was read: what a bundle carries */
    json_t *settings; /* keys.json: {"v", "roles": {ROLE: [{"keyid", "name", "where"?}]},
                         "expires": {ROLE: duration}} */
    json_t *live;     /* role -> envelope, as published */
    json_t *staged;   /* role -> envelope, of the next version */
};

/* The text of a file as a JSON string, a new reference; NULL with WG_E_NOT_FOUND when there is no
 * such file. */
typedef json_t *(*repo_read_fn)(void *ctx, const char *name, struct wg_error *err);

/* staged: names of roles that are staged (array). WG_E_VERIFY when signatures, hashes or versions
 * do not hold; expiry does not matter here. repo_state_clear() is due in any case. */
WG_MUST_CHECK bool repo_state_load(struct repo_state *state, repo_read_fn read, void *ctx,
                                   const json_t *staged, struct wg_error *err);
void repo_state_clear(struct repo_state *state);

/* Of a map of role -> envelope; borrowed. */
json_t *repo_body(const json_t *map, const char *role);    /* NULL: none */
int64_t repo_version(const json_t *map, const char *role); /* 0: none */
json_t *repo_overlay(const struct repo_state *state);      /* live, staged on top; new */
bool repo_metadata_name(const char *role, int64_t version, char out[REPO_NAME_MAX],
                        struct wg_error *err);

/* No control characters in any text, but for line ends and tabs in notes and keys: what is shown to
 * whoever signs must not be able to hide itself on a terminal. WG_E_BAD_INPUT. */
WG_MUST_CHECK bool repo_plain_check(const json_t *value, struct wg_error *err);

/* Who signs for a role, as a map says: borrowed. */
struct repo_signers {
    json_t *keys; /* key objects by id */
    json_t *role; /* {"keyids", "threshold"}; of a component its whole delegation */
};
bool repo_signers_find(const json_t *map, const char *role, struct repo_signers *out);
int64_t repo_signers_threshold(const struct repo_signers *signers);

/* Ids of the signers whose signatures hold, each key once: new array, or NULL. */
json_t *repo_signed_by(const json_t *envelope, const struct repo_signers *signers,
                       struct wg_error *err);
/* WG_E_VERIFY naming the role when too few hold. */
WG_MUST_CHECK bool repo_signed_check(const json_t *envelope, const char *role,
                                     const struct repo_signers *signers, struct wg_error *err);

#endif
