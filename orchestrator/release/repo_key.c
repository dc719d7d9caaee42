/* repo_key.c: keys by file or URI. */
#include "orchestrator/release/repo_key.h"

#include "common/posix/file.h"
#include "common/posix/token_uri.h"
#include "common/text.h"
#include "orchestrator/release/repo_state.h"

#include <stdlib.h>
#include <string.h>

#define KEY_FILE_MAX 16384

bool repo_signer_open(const char *where, const struct wg_passphrase_source *secret,
                      struct repo_signer *out, struct wg_error *err)
{
    out->secret = wg_signing_key_open(where, secret, err);
    if (!out->secret) return false;
    if (tuf_key_from_identity(wg_signing_key_public(out->secret), &out->key, err)) return true;
    repo_signer_close(out);
    return false;
}

void repo_signer_close(struct repo_signer *signer)
{
    wg_signing_key_free(signer->secret);
    signer->secret = NULL;
}

/* A file with a public key alone; false without an error when it has none. */
static bool read_public(const char *where, struct tuf_key *out)
{
    struct wg_buf pem;
    wg_buf_init(&pem, KEY_FILE_MAX);
    bool ok = wg_file_read(where, &pem, NULL) &&
              tuf_key_from_pem(wg_buf_str(&pem), pem.len, out, NULL) && out->kind != TUF_KEY_RSA;
    if (pem.data) explicit_bzero(pem.data, pem.cap);
    wg_buf_clear(&pem);
    return ok;
}

/* "keys/anna.pub.pem" -> "anna". */
static void name_of_file(const char *where, char out[REPO_KEY_NAME_MAX])
{
    const char *slash = strrchr(where, '/'), *name = slash ? slash + 1 : where;
    size_t len = strcspn(name, ".");
    (void)wg_copy_n(out, REPO_KEY_NAME_MAX, name, len ? len : strlen(name));
}

static bool read_secret(const char *where, const struct wg_passphrase_source *secret,
                        struct repo_key *out, struct wg_error *err)
{
    struct repo_signer signer;
    if (!repo_signer_open(where, secret, &signer, err)) return false;
    out->key = signer.key;
    repo_signer_close(&signer);
    char *real = wg_token_uri_is(where) ? NULL : realpath(where, NULL);
    bool ok = wg_copy(out->where, sizeof out->where, real ? real : where) ||
              wg_fail(err, WG_E_LIMIT, "%.80s...: too long", where);
    free(real);
    return ok;
}

/* Names are shown to people: what could trouble a terminal, or is no UTF-8, goes. */
static void make_plain(char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < 0x20 || (unsigned char)*name >= 0x7f) *name = '?';
}

bool repo_key_read(const char *where, const struct wg_passphrase_source *secret,
                   struct repo_key *out, struct wg_error *err)
{
    struct wg_token_uri uri;
    *out = (struct repo_key){.name = ""};
    if (!wg_token_uri_is(where)) {
        name_of_file(where, out->name);
    } else if (wg_token_uri_parse(where, &uri, err)) {
        (void)wg_copy(out->name, sizeof out->name, uri.object[0] ? uri.object : uri.token);
    } else {
        return false;
    }
    make_plain(out->name);
    return ((!wg_token_uri_is(where) && read_public(where, &out->key)) ||
            read_secret(where, secret, out, err)) &&
           tuf_key_id(&out->key, out->id, err);
}

const char *repo_signer_id(const struct tuf_key *key, const json_t *keys, const json_t *role)
{
    const json_t *ids = json_object_get(role, "keyids");
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        struct tuf_key known;
        if (id && tuf_key_from_json(json_object_get(keys, id), &known, NULL) &&
            tuf_key_equal(&known, key))
            return id;
    }
    return NULL;
}

static void drop_signature(json_t *list, const char *id)
{
    for (size_t i = json_array_size(list); i > 0; i--) {
        const json_t *entry = json_array_get(list, i - 1);
        const char *found = json_string_value(json_object_get(entry, "keyid"));
        if (found && strcmp(found, id) == 0) (void)json_array_remove(list, i - 1);
    }
}

bool repo_signer_sign(struct repo_signer *signer, const char *id, json_t *envelope,
                      struct wg_error *err)
{
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    char hex[2 * WG_IDENTITY_SIGNATURE_MAX + 1];
    size_t len = 0;
    struct wg_buf bytes;
    json_t *list = json_object_get(envelope, "signatures");
    wg_buf_init(&bytes, REPO_FILE_MAX);
    bool ok = wg_json_canonical(json_object_get(envelope, "signed"), &bytes, err) &&
              wg_signing_key_sign(signer->secret, bytes.data, bytes.len, signature, &len, err);
    wg_buf_clear(&bytes);
    if (!ok) return false;
    wg_hex(signature, len, hex);
    drop_signature(list, id);
    return json_array_append_new(list, json_pack("{s:s,s:s}", "keyid", id, "sig", hex)) == 0 ||
           wg_fail_memory(err, "signing");
}
