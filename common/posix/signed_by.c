/* signed_by.c: canonical JSON, signed, with the signature beside it. */
#include "common/posix/signed_by.h"

#include "common/signed.h"

json_t *wg_signed_by(const json_t *body, struct wg_signing_key *key, struct wg_error *err)
{
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    size_t len = 0;
    struct wg_buf bytes;
    wg_buf_init(&bytes, WG_SIGNED_BODY_MAX);
    bool ok = wg_json_canonical(body, &bytes, err) &&
              wg_signing_key_sign(key, bytes.data, bytes.len, signature, &len, err);
    wg_buf_clear(&bytes);
    return ok ? wg_signed_wrap(body, wg_signing_key_public(key), signature, len, err) : NULL;
}
