/* enrolment_key.c: made in a file, or named in a token. */
#include "pki/enrolment_key.h"

#include "common/posix/file.h"
#include "pki/key_place.h"

#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096

static bool paths_of(const char *folder, char secret[PATH_SIZE], char public[PATH_SIZE],
                     struct wg_error *err)
{
    return wg_path_join(secret, PATH_SIZE, folder, "device/enrolment.key", err) &&
           wg_path_join(public, PATH_SIZE, folder, "device/enrolment.pub", err);
}

static bool write_public(const char *file, const struct wg_identity_public *key,
                         struct wg_error *err)
{
    char pem[WG_IDENTITY_PEM_MAX];
    return wg_identity_public_to_pem(key, pem, err) &&
           wg_file_replace(file, pem, strlen(pem), 0644, err);
}

bool enrolment_key_make(const char *folder, enum wg_identity_kind kind, struct wg_error *err)
{
    char secret[PATH_SIZE], public[PATH_SIZE], pem[WG_IDENTITY_PEM_MAX];
    struct wg_identity_key key;
    if (!paths_of(folder, secret, public, err)) return false;
    bool ok = wg_identity_make(kind, &key, err) && write_public(public, &key.public_key, err) &&
              wg_identity_to_pem(&key, pem, err) &&
              wg_file_replace(secret, pem, strlen(pem), 0600, err);
    wg_identity_clear(&key);
    explicit_bzero(pem, sizeof pem);
    return ok;
}

bool enrolment_key_name(const char *folder, const char *uri, struct wg_error *err)
{
    char secret[PATH_SIZE], public[PATH_SIZE];
    if (!paths_of(folder, secret, public, err)) return false;
    struct wg_signing_key *key = key_place_open_token(uri, err);
    bool ok = key && write_public(public, wg_signing_key_public(key), err) &&
              key_place_write(secret, uri, err);
    wg_signing_key_free(key);
    return ok;
}

struct wg_signing_key *enrolment_key_open(const char *folder, struct wg_error *err)
{
    char secret[PATH_SIZE], public[PATH_SIZE];
    struct stat info;
    if (!paths_of(folder, secret, public, err)) return NULL;
    bool there = stat(secret, &info) == 0 || enrolment_key_make(folder, WG_IDENTITY_ED25519, err);
    return there ? key_place_open(secret, err) : NULL;
}
