/* device_key.c: signs in memory, or has a token sign. */
#include "agent/posix/device_key.h"

#include "common/posix/file.h"
#include "common/posix/secrets.h"
#include "common/posix/tls_token.h"
#include "common/posix/token_turn.h"
#include "common/posix/token_uri.h"
#include "common/text.h"

#include <stdio.h>
#include <string.h>

#define PAIR_FILE_MAX 65536
#define OBJECT "object="

static bool load_file(const char *file, struct device_key *out, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, PAIR_FILE_MAX);
    bool ok = wg_file_read(file, &text, err) &&
              (wg_identity_from_pem(wg_buf_str(&text), text.len, &out->in_memory, err) ||
               wg_context(err, "%s", file));
    if (text.data) explicit_bzero(text.data, text.cap);
    wg_buf_clear(&text);
    out->public_key = out->in_memory.public_key;
    return ok;
}

bool device_key_load(const char *where, struct device_key *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    if (!wg_token_uri_is(where) && !wg_secret_path_check(where, err)) return false;
    if (!tls_token_uri(where, out->uri, sizeof out->uri)) return load_file(where, out, err);
    return token_turn_public(out->uri, &out->public_key, err);
}

void device_key_clear(struct device_key *key)
{
    wg_identity_clear(&key->in_memory);
    key->uri[0] = '\0';
}

static bool sign(const void *ctx, const void *data, size_t len,
                 uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len, struct wg_error *err)
{
    const struct device_key *key = ctx;
    return key->uri[0] ? token_turn_sign(key->uri, data, len, out, out_len, err)
                       : wg_identity_sign(&key->in_memory, data, len, out, out_len, err);
}

struct wg_identity_signer device_key_signer(const struct device_key *key)
{
    return (struct wg_identity_signer){&key->public_key, sign, key};
}

bool device_key_make(const char *uri, enum wg_identity_kind kind, struct device_key *out,
                     struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    if (uri && uri[0]) {
        (void)wg_copy(out->uri, sizeof out->uri, uri);
        return token_turn_make(uri, kind, &out->public_key, err);
    }
    bool ok = wg_identity_make(kind, &out->in_memory, err);
    out->public_key = out->in_memory.public_key;
    return ok;
}

bool device_key_write(const struct device_key *key, struct wg_buf *out, struct wg_error *err)
{
    char pem[WG_IDENTITY_PEM_MAX];
    if (key->uri[0]) {
        wg_buf_printf(out, "%s\n", key->uri);
        return wg_buf_check(out, err, "identity");
    }
    bool ok = wg_identity_to_pem(&key->in_memory, pem, err);
    if (ok) wg_buf_text(out, pem);
    explicit_bzero(pem, sizeof pem);
    return ok && wg_buf_check(out, err, "identity");
}

bool device_key_numbered(const char *uri, int number, char out[PATH_MAX], struct wg_error *err)
{
    const char *object = strstr(uri, OBJECT);
    size_t before =
        object ? (size_t)(object - uri) + strlen(OBJECT) + strcspn(object + strlen(OBJECT), ";?")
               : 0;
    int len =
        object ? snprintf(out, PATH_MAX, "%.*s.%d%s", (int)before, uri, number, uri + before) : -1;
    return (len > 0 && len < PATH_MAX) ||
           wg_fail(err, WG_E_USAGE, "key: expected a pkcs11 URI with object=NAME");
}

bool device_key_destroy(const char *uri, struct wg_error *err)
{
    char other[PATH_MAX];
    struct wg_error first = {0};
    bool ok = true;
    for (int number = 1; number <= 2; number++)
        ok = device_key_numbered(uri, number, other, ok ? &first : NULL) &&
             token_turn_destroy(other, ok ? &first : NULL) && ok;
    ok = token_turn_destroy(uri, ok ? &first : NULL) && ok;
    if (!ok && err) *err = first;
    return ok;
}
