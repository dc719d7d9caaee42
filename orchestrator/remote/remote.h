/* remote.h: the API as those who ask it see it (docs/api.md): HTTPS by the operator's certificate
 * or a token; JSON in and out; a problem (RFC 9457) comes back as the error that the server had.
 * One thread's; blocks. */
#ifndef WG_ORCHESTRATOR_REMOTE_REMOTE_H
#define WG_ORCHESTRATOR_REMOTE_REMOTE_H

#include "common/json.h"
#include "common/posix/passphrase.h"
#include "orchestrator/remote/path.h"

#include <stdio.h>

#define REMOTE_ANSWER_MAX ((size_t)64 * 1024 * 1024) /* bytes of a document */

/* Borrowed until remote_new() returns. "" is not there. */
struct remote_way {
    const char *server;                 /* "https://HOST[:PORT]" */
    const char *ca;                     /* file: who vouches for the server; "" the system's */
    const char *certificate;            /* file: who asks, with the certificates that it needs */
    const char *key;                    /* of it: a file or a pkcs11: URI */
    const char *token_file;             /* a token instead, in a file of mode 600 */
    struct wg_passphrase_source secret; /* of the key, where it has one */
};

struct remote;

/* Nothing is asked yet. WG_E_USAGE, WG_E_NOT_FOUND, WG_E_DENIED (others may read a secret). */
struct remote *remote_new(const struct remote_way *way, struct wg_error *err);
void remote_free(struct remote *remote); /* wipes; NULL is fine */

/* The document at a path: a new reference. NULL with the server's own error code and words;
 * WG_E_NETWORK when it cannot be reached, WG_E_VERIFY when it is not the one that it should be. */
json_t *remote_get(struct remote *remote, const struct remote_path *path, struct wg_error *err);
/* A write, with a key that lets the server know a repetition. body: a reference that is taken over;
 * NULL is out of memory, JSON null no body. The answer's document, JSON null where it has none. */
json_t *remote_send(struct remote *remote, const char *method, const struct remote_path *path,
                    json_t *body, struct wg_error *err);

/* Every item of a list, through all its pages, at most so many (0: all). each: false ends it with
 * its error. item is borrowed. */
typedef bool (*remote_item_fn)(void *ctx, json_t *item, struct wg_error *err);
WG_MUST_CHECK bool remote_each(struct remote *remote, const struct remote_path *path, size_t most,
                               remote_item_fn each, void *ctx, struct wg_error *err);
/* The same as an array, a new reference. *more: there are more than so many; may be NULL. */
json_t *remote_list(struct remote *remote, const struct remote_path *path, size_t most, bool *more,
                    struct wg_error *err);
/* The same behind that cursor, the key of a row as lists in order of a name have it; NULL: from the
 * start. */
json_t *remote_list_after(struct remote *remote, const struct remote_path *path, const char *after,
                          size_t most, bool *more, struct wg_error *err);

/* What the server sends, piece by piece, as it comes. accept: "text/csv". A connection that ends
 * too early is an error. take: false ends it with its error. */
typedef bool (*remote_bytes_fn)(void *ctx, const void *bytes, size_t len, struct wg_error *err);
WG_MUST_CHECK bool remote_download(struct remote *remote, const struct remote_path *path,
                                   const char *accept, remote_bytes_fn take, void *ctx,
                                   struct wg_error *err);
/* A file as the body, which is not held in memory. len: bytes, below 0: to its end. The answer's
 * document. */
json_t *remote_upload(struct remote *remote, const char *method, const struct remote_path *path,
                      const char *type, FILE *file, int64_t len, struct wg_error *err);

/* The problem of the last request that failed, with members that are not in the error: "problems"
 * of a file. Borrowed until the next one; NULL: none. */
const json_t *remote_problem(const struct remote *remote);

#endif
