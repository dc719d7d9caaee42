/* envelope.c: tries every signature with every key. */
#include "common/trust/envelope.h"

#include "common/signed.h"
#include "common/text.h"

#include <string.h>

#define BODY_MAX ((size_t)1 << 16) /* bytes of canonical JSON under one signature */

static bool holds(const char *hex, const struct tuf_key *keys, size_t count,
                  const struct wg_buf *bytes)
{
    uint8_t signature[TUF_SIGNATURE_MAX];
    size_t len = hex ? strlen(hex) / 2 : 0;
    if (len == 0 || len > sizeof signature || !wg_unhex(hex, signature, len)) return false;
    for (size_t i = 0; i < count; i++) {
        struct wg_error ignored = {0};
        if (tuf_key_verify(&keys[i], bytes->data, bytes->len, signature, len, &ignored))
            return true;
    }
    return false;
}

bool envelope_check(const json_t *envelope, const struct tuf_key *keys, size_t count,
                    struct wg_error *err)
{
    json_t *body = NULL, *signatures = NULL;
    struct wg_buf bytes;
    bool found = false;
    if (!wg_json_object(envelope, "signed", &body, err) ||
        !wg_json_array(envelope, "signatures", &signatures, err))
        return false;
    wg_buf_init(&bytes, BODY_MAX);
    bool ok = wg_json_canonical(body, &bytes, err);
    for (size_t i = 0; ok && !found && i < json_array_size(signatures) && i < WG_SIGNATURES_MAX;
         i++)
        found = holds(json_string_value(json_object_get(json_array_get(signatures, i), "sig")),
                      keys, count, &bytes);
    wg_buf_clear(&bytes);
    if (!ok || found) return ok;
    return wg_fail(err, WG_E_VERIFY,
                   "none of its %zu signatures is by one of the %zu keys trusted here",
                   json_array_size(signatures), count);
}
