/* repo_key.h: a key as a repository admin names it: a file with a public or a secret key, or a
 * pkcs11: URI; and signing metadata with one. */
#ifndef WG_ORCHESTRATOR_RELEASE_REPO_KEY_H
#define WG_ORCHESTRATOR_RELEASE_REPO_KEY_H

#include "common/json.h"
#include "common/posix/signing_key.h"
#include "common/tuf/key.h"

#include <limits.h>

#define REPO_WHERE_MAX PATH_MAX
#define REPO_KEY_NAME_MAX 128

struct repo_key {
    struct tuf_key key;
    char id[WG_SHA256_HEX];
    char name[REPO_KEY_NAME_MAX]; /* for people: the file's name, the token's object */
    char where[REPO_WHERE_MAX];   /* of the secret part, absolute; "" not known */
};

/* The public part. Of a file that holds a secret key, the passphrase may be asked for. */
WG_MUST_CHECK bool repo_key_read(const char *where, const struct wg_passphrase_source *secret,
                                 struct repo_key *out, struct wg_error *err);

/* A key that is open for signing. */
struct repo_signer {
    struct wg_signing_key *secret; /* owned */
    struct tuf_key key;
};
WG_MUST_CHECK bool repo_signer_open(const char *where, const struct wg_passphrase_source *secret,
                                    struct repo_signer *out, struct wg_error *err);
void repo_signer_close(struct repo_signer *signer);

/* The id under which the role's signers know the key; NULL: they do not. Borrowed. */
const char *repo_signer_id(const struct tuf_key *key, const json_t *keys, const json_t *role);
/* Signs the envelope's body under that id, in place of a signature of the same id. */
WG_MUST_CHECK bool repo_signer_sign(struct repo_signer *signer, const char *id, json_t *envelope,
                                    struct wg_error *err);

#endif
