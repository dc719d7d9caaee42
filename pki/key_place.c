/* key_place.c: PEM or a URI. */
#include "pki/key_place.h"

#include "common/posix/file.h"
#include "common/posix/token_uri.h"
#include "common/text.h"

#include <string.h>

#define KEY_FILE_MAX ((size_t)16384)

static const struct wg_passphrase_source NOBODY = {.file = NULL, .fd = -1, .ask = false};

bool key_place_uri(const char *file, char out[KEY_PLACE_MAX], struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, KEY_FILE_MAX);
    bool ok = wg_file_read(file, &text, err);
    out[0] = '\0';
    if (ok && wg_token_uri_is(wg_buf_str(&text)))
        ok = wg_copy_n(out, KEY_PLACE_MAX, text.data, strcspn(text.data, "\r\n")) ||
             wg_fail(err, WG_E_BAD_FILE, "%s: the URI is longer than %d bytes", file,
                     KEY_PLACE_MAX - 1);
    if (text.data) explicit_bzero(text.data, text.cap);
    wg_buf_clear(&text);
    return ok;
}

bool key_place_write(const char *file, const char *uri, struct wg_error *err)
{
    char line[KEY_PLACE_MAX];
    return (wg_format(line, sizeof line, "%s\n", uri) ||
            wg_fail(err, WG_E_LIMIT, "the token's URI is too long")) &&
           wg_file_replace(file, line, strlen(line), 0600, err);
}

struct wg_signing_key *key_place_open_token(const char *uri, struct wg_error *err)
{
    if (wg_token_uri_is(uri)) return wg_signing_key_open(uri, &NOBODY, err);
    (void)wg_fail(err, WG_E_USAGE, "expected pkcs11:..., a key in a token");
    return NULL;
}

struct wg_signing_key *key_place_open(const char *file, struct wg_error *err)
{
    char uri[KEY_PLACE_MAX];
    if (!key_place_uri(file, uri, err)) return NULL;
    if (!uri[0]) return wg_signing_key_open(file, &NOBODY, err);
    struct wg_signing_key *key = key_place_open_token(uri, err);
    if (!key) (void)wg_context(err, "%s", file);
    return key;
}
