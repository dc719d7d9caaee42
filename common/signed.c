/* signed.c: makes and checks the signed envelope.
 *
 * The canonical form is made anew from what was parsed, on both sides, so white space and key order
 * of the envelope on the wire do not matter. Signatures by keys that are not ours are passed over:
 * an envelope may be signed by an old and a new key while keys are rotated. */
#include "common/signed.h"

#include "common/text.h"

#include <string.h>

#define SIGNED_BODY_MAX ((size_t)1 << 20) /* bytes of canonical JSON under one signature */
#define SIGNATURE_HEX ((size_t)2 * WG_ED25519_SIGNATURE)

static json_t *envelope_make(const json_t *body, const char *keyid, const char *sig,
                             struct wg_error *err)
{
    json_t *envelope = json_pack("{s:O, s:[{s:s, s:s}]}", "signed", (json_t *)body, "signatures",
                                 "keyid", keyid, "sig", sig);
    if (!envelope) (void)wg_fail_memory(err, "making a signed envelope");
    return envelope;
}

json_t *wg_signed_make(const json_t *body, const struct wg_secret_key *key, struct wg_error *err)
{
    struct wg_buf bytes;
    uint8_t signature[WG_ED25519_SIGNATURE];
    json_t *envelope = NULL;
    if (!json_is_object(body)) {
        (void)wg_fail(err, WG_E_BAD_INPUT, "signed: expected an object");
        return NULL;
    }
    wg_buf_init(&bytes, SIGNED_BODY_MAX);
    if (wg_json_canonical(body, &bytes, err) &&
        wg_sign(key, bytes.data, bytes.len, signature, err)) {
        char sig[SIGNATURE_HEX + 1];
        wg_hex(signature, sizeof signature, sig);
        envelope = envelope_make(body, key->public_key.id, sig, err);
    }
    wg_buf_clear(&bytes);
    return envelope;
}

static const struct wg_public_key *key_find(const struct wg_public_key *keys, size_t count,
                                            const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].id, id) == 0) return &keys[i];
    return NULL;
}

static bool signature_check(const json_t *entry, const struct wg_public_key *key,
                            const struct wg_buf *bytes, struct wg_error *err)
{
    uint8_t signature[WG_ED25519_SIGNATURE];
    /* wg_unhex takes exactly this many digits, and only the one lower-case spelling of them. */
    if (!wg_unhex(json_string_value(json_object_get(entry, "sig")), signature, sizeof signature))
        return wg_fail(err, WG_E_VERIFY,
                       "the signature of key %.16s does not hold: expected %zu lower-case hex "
                       "digits",
                       key->id, SIGNATURE_HEX);
    return wg_verify(key, bytes->data, bytes->len, signature, err);
}

static bool signatures_check(const json_t *signatures, const struct wg_public_key *keys,
                             size_t key_count, const struct wg_buf *bytes, struct wg_error *err)
{
    size_t held = 0;
    for (size_t i = 0; i < json_array_size(signatures); i++) {
        const json_t *entry = json_array_get(signatures, i);
        const char *id = json_string_value(json_object_get(entry, "keyid"));
        if (!id || !json_is_string(json_object_get(entry, "sig")))
            return wg_fail(err, WG_E_BAD_INPUT,
                           "signatures[%zu]: expected an object with the texts keyid and sig", i);
        const struct wg_public_key *key = key_find(keys, key_count, id);
        if (!key) continue;
        if (!signature_check(entry, key, bytes, err)) return false;
        held++;
    }
    if (held == 0)
        return wg_fail(err, WG_E_VERIFY,
                       "none of its %zu signatures is by one of the %zu keys trusted here",
                       json_array_size(signatures), key_count);
    return true;
}

bool wg_signed_check(const json_t *envelope, const struct wg_public_key *keys, size_t key_count,
                     json_t **body, struct wg_error *err)
{
    json_t *content = NULL, *signatures = NULL;
    if (!wg_json_object(envelope, "signed", &content, err) ||
        !wg_json_array(envelope, "signatures", &signatures, err))
        return false;
    if (json_array_size(signatures) > WG_SIGNATURES_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "signatures: %zu of them, at most %d allowed",
                       json_array_size(signatures), WG_SIGNATURES_MAX);
    struct wg_buf bytes;
    wg_buf_init(&bytes, SIGNED_BODY_MAX);
    bool ok = wg_json_canonical(content, &bytes, err) &&
              signatures_check(signatures, keys, key_count, &bytes, err);
    wg_buf_clear(&bytes);
    if (ok) *body = content;
    return ok;
}
