/* client.h: the client's workflow of the TUF specification, section 5, whole: what to load, fetch,
 * store and forget next, and in the end where a target is and how long and with which hashes.
 *
 * Sans I/O: the caller asks what to do, does it, and answers, until the client is ready:
 *
 *     while (tuf_client_ask(client, &ask, err) && ask.kind != TUF_READY) {
 *         ... do what ask says ...
 *         if (!tuf_client_answer(client, data, len, err)) break;
 *     }
 *
 * What is to be stored must be durable before the answer: a power cut at any point then leaves
 * metadata from which the next update goes on. Memory is bounded by the limits: the files at hand,
 * and what reading them as JSON takes. Not thread-safe. */
#ifndef WG_COMMON_TUF_CLIENT_H
#define WG_COMMON_TUF_CLIENT_H

#include "common/tuf/metadata.h"

struct tuf_limits {
    size_t root, timestamp, snapshot, targets; /* bytes of one file; targets: also delegated */
    int root_rotations;                        /* new roots taken in one update */
    int visits;                                /* delegated roles looked into for one target */
};
struct tuf_limits tuf_limits_default(void);

enum tuf_ask_kind {
    TUF_LOAD,   /* answer with what is stored under name, or NULL */
    TUF_FETCH,  /* answer with the repository's file name, or NULL when it is not there */
    TUF_STORE,  /* put data under name, durably, in place of what is there; answer NULL */
    TUF_FORGET, /* remove what is stored under name, durably; answer NULL */
    TUF_READY,  /* nothing to do: the update, or the search, has come to its end */
};

struct tuf_ask {
    enum tuf_ask_kind kind;
    char name[TUF_FILE_NAME_MAX]; /* safe as a file's name, and in a URL as it is */
    size_t max;                   /* load, fetch: no more than so many bytes */
    const char *data;             /* store: borrowed until the answer */
    size_t len;
};

struct tuf_client;

/* start: the time of this update, fixed; expiry is judged by it. */
struct tuf_client *tuf_client_new(const struct tuf_limits *limits, wg_time start,
                                  struct wg_error *err);
void tuf_client_free(struct tuf_client *client);

/* False after a failure: nothing more can be had from this client but by a new one. */
WG_MUST_CHECK bool tuf_client_ask(struct tuf_client *client, struct tuf_ask *out,
                                  struct wg_error *err);
/* data is not needed afterwards. WG_E_VERIFY, WG_E_BAD_INPUT, WG_E_LIMIT when the file is not to be
 * believed, WG_E_NOT_FOUND when one that must be there is not; the text begins with the file. What
 * was stored before stays good. A failed search leaves the client ready for another one. */
WG_MUST_CHECK bool tuf_client_answer(struct tuf_client *client, const void *data, size_t len,
                                     struct wg_error *err);

struct tuf_target {
    char role[TUF_ROLE_NAME_MAX + 1]; /* who says so */
    int64_t length;
    const json_t *hashes;
    const json_t *custom; /* NULL: none */
};

/* Begins to look for a target (5.6.7), once the client is ready; goes on by ask and answer. */
WG_MUST_CHECK bool tuf_client_look_up(struct tuf_client *client, const char *path,
                                      struct wg_error *err);
/* What was found, when the client is ready again; NULL when no role says anything of it. Borrowed
 * until the next search. */
const struct tuf_target *tuf_client_target(const struct tuf_client *client);

/* Do the repository's targets carry their hash in their names? */
bool tuf_client_is_consistent(const struct tuf_client *client);
/* When the timestamp was made, by its member "wavegate", {"issued": TIME}, which repositories of
 * ours have; 0: it does not say. */
wg_time tuf_client_issued(const struct tuf_client *client);
/* Versions of what is trusted now; 0: none. */
int64_t tuf_client_version(const struct tuf_client *client, enum tuf_type type);

#endif
