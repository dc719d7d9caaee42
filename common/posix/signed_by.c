/* signed_by.c: canonical JSON, signed, with the signature beside it. */
#include "common/posix/signed_by.h"

#include "common/text.h"

#define BODY_MAX ((size_t)1 << 20) /* as common/signed.c */

json_t *wg_signed_by(const json_t *body, struct wg_signing_key *key, struct wg_error *err)
{
    const struct wg_identity_public *public_key = wg_signing_key_public(key);
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    char id[WG_SHA256_HEX], hex[2 * WG_IDENTITY_SIGNATURE_MAX + 1];
    size_t len = 0;
    struct wg_buf bytes;
    json_t *envelope = NULL;
    wg_buf_init(&bytes, BODY_MAX);
    bool ok = wg_json_canonical(body, &bytes, err) &&
              wg_sha256_of(public_key->bytes, public_key->len, id, err) &&
              wg_signing_key_sign(key, bytes.data, bytes.len, signature, &len, err);
    wg_buf_clear(&bytes);
    if (!ok) return NULL;
    wg_hex(signature, len, hex);
    envelope =
        json_pack("{s:O, s:[{s:s, s:s}]}", "signed", body, "signatures", "keyid", id, "sig", hex);
    if (!envelope) (void)wg_fail_memory(err, "signing");
    return envelope;
}
