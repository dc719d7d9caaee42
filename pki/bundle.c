/* bundle.c: makes the JSON, seals it, wipes it. */
#include "pki/bundle.h"

#include "common/age/body.h"
#include "common/age/header.h"

#include <stdlib.h>
#include <string.h>

static bool into_buf(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct wg_buf *out = ctx;
    wg_buf_add(out, data, len);
    return wg_buf_check(out, err, "bundle");
}

static bool encrypt(const char *text, const struct age_recipient *station, struct wg_buf *out,
                    struct wg_error *err)
{
    char header[AGE_HEADER_SIZE + 1];
    struct age_file_key key;
    struct wg_buf body;
    wg_buf_init(&body, BUNDLE_MAX);
    struct age_encryptor *encryptor =
        age_encryptor_new((struct age_sink){into_buf, &body}, &key, err);
    bool ok = encryptor && age_encryptor_push(encryptor, text, strlen(text), err) &&
              age_encryptor_end(encryptor, err) && age_header_make(&key, station, header, err);
    age_encryptor_free(encryptor);
    age_file_key_clear(&key);
    if (ok) {
        wg_buf_text(out, header);
        wg_buf_add(out, body.data, body.len);
        ok = wg_buf_check(out, err, "bundle");
    }
    wg_buf_clear(&body);
    return ok;
}

bool bundle_seal(const struct bundle *bundle, const struct age_recipient *station,
                 struct wg_buf *out, struct wg_error *err)
{
    json_t *json =
        json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:O*,s:s*}", "v", 1, "device", bundle->device, "key",
                  bundle->key, "chain", bundle->chain, "server_root", bundle->server_root,
                  "age_identity", bundle->age_identity, "pins", (json_t *)(uintptr_t)bundle->pins,
                  "pins_key", bundle->pins ? bundle->pins_key : NULL);
    char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    bool ok = text ? encrypt(text, station, out, err) : wg_fail_memory(err, "a bundle");
    if (text) explicit_bzero(text, strlen(text));
    free(text);
    json_decref(json);
    return ok;
}
