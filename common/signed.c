/* signed.c: makes and checks the signed envelope.
 *
 * The canonical form is made anew from what was parsed, on both sides, so white space and key order
 * of the envelope on the wire do not matter. Signatures by keys that are not ours are passed over:
 * an envelope may be signed by an old and a new key while keys are rotated. */
#include "common/signed.h"

#include "common/text.h"

#include <string.h>

json_t *wg_signed_wrap(const json_t *body, const struct wg_identity_public *key,
                       const uint8_t *signature, size_t len, struct wg_error *err)
{
    char id[WG_SHA256_HEX], sig[2 * WG_IDENTITY_SIGNATURE_MAX + 1];
    if (!wg_identity_keyid(key, id, err)) return NULL;
    wg_hex(signature, len, sig);
    json_t *envelope = json_pack("{s:O, s:[{s:s, s:s}]}", "signed", (json_t *)body, "signatures",
                                 "keyid", id, "sig", sig);
    if (!envelope) (void)wg_fail_memory(err, "making a signed envelope");
    return envelope;
}

/* What is signed, canonical, into bytes, which are initialised here. */
static bool sign_body(const json_t *body, const struct wg_identity_key *key, struct wg_buf *bytes,
                      uint8_t signature[WG_IDENTITY_SIGNATURE_MAX], size_t *len,
                      struct wg_error *err)
{
    wg_buf_init(bytes, WG_SIGNED_BODY_MAX);
    if (!json_is_object(body)) return wg_fail(err, WG_E_BAD_INPUT, "signed: expected an object");
    return wg_json_canonical(body, bytes, err) &&
           wg_identity_sign(key, bytes->data, bytes->len, signature, len, err);
}

json_t *wg_signed_make(const json_t *body, const struct wg_identity_key *key, struct wg_error *err)
{
    struct wg_buf bytes;
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    size_t len = 0;
    json_t *envelope = NULL;
    if (sign_body(body, key, &bytes, signature, &len, err))
        envelope = wg_signed_wrap(body, &key->public_key, signature, len, err);
    wg_buf_clear(&bytes);
    return envelope;
}

/* Canonical JSON leaves control characters as they are, which JSON does not. */
static void write_body(const struct wg_buf *bytes, struct wg_buf *out)
{
    size_t from = 0;
    for (size_t i = 0; i < bytes->len; i++) {
        unsigned char c = (unsigned char)bytes->data[i];
        if (c >= 0x20) continue;
        wg_buf_add(out, bytes->data + from, i - from);
        if (c == '\n')
            wg_buf_text(out, "\\n");
        else
            wg_buf_printf(out, "\\u%04x", c);
        from = i + 1;
    }
    wg_buf_add(out, bytes->data + from, bytes->len - from);
}

bool wg_signed_write(const json_t *body, const struct wg_identity_key *key, struct wg_buf *out,
                     struct wg_error *err)
{
    struct wg_buf bytes;
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    char id[WG_SHA256_HEX], sig[2 * WG_IDENTITY_SIGNATURE_MAX + 1];
    size_t len = 0;
    bool ok = sign_body(body, key, &bytes, signature, &len, err) &&
              wg_identity_keyid(&key->public_key, id, err);
    if (ok) {
        wg_hex(signature, len, sig);
        wg_buf_text(out, "{\"signed\":");
        write_body(&bytes, out);
        wg_buf_printf(out, ",\"signatures\":[{\"keyid\":\"%s\",\"sig\":\"%s\"}]}", id, sig);
    }
    wg_buf_clear(&bytes);
    return ok && wg_buf_check(out, err, "a signed envelope");
}

/* *out: NULL when there is none of that id. */
static bool key_find(const struct wg_identity_public *keys, size_t count, const char *id,
                     const struct wg_identity_public **out, struct wg_error *err)
{
    char known[WG_SHA256_HEX];
    *out = NULL;
    for (size_t i = 0; i < count && !*out; i++) {
        if (!wg_identity_keyid(&keys[i], known, err)) return false;
        if (strcmp(known, id) == 0) *out = &keys[i];
    }
    return true;
}

static bool signature_check(const json_t *entry, const char *id,
                            const struct wg_identity_public *key, const struct wg_buf *bytes,
                            struct wg_error *err)
{
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    const char *hex = json_string_value(json_object_get(entry, "sig"));
    size_t len = strlen(hex) / 2;
    /* wg_unhex takes exactly this many digits, and only the one lower-case spelling of them. */
    if (len == 0 || len > sizeof signature || !wg_unhex(hex, signature, len))
        return wg_fail(err, WG_E_VERIFY,
                       "the signature of key %.16s does not hold: expected at most %d bytes in "
                       "lower-case hex digits",
                       id, WG_IDENTITY_SIGNATURE_MAX);
    return wg_identity_verify(key, bytes->data, bytes->len, signature, len, err);
}

static bool signatures_check(const json_t *signatures, const struct wg_identity_public *keys,
                             size_t key_count, const struct wg_buf *bytes, struct wg_error *err)
{
    size_t held = 0;
    for (size_t i = 0; i < json_array_size(signatures); i++) {
        const json_t *entry = json_array_get(signatures, i);
        const char *id = json_string_value(json_object_get(entry, "keyid"));
        if (!id || !json_is_string(json_object_get(entry, "sig")))
            return wg_fail(err, WG_E_BAD_INPUT,
                           "signatures[%zu]: expected an object with the texts keyid and sig", i);
        const struct wg_identity_public *key = NULL;
        if (!key_find(keys, key_count, id, &key, err)) return false;
        if (!key) continue;
        if (!signature_check(entry, id, key, bytes, err)) return false;
        held++;
    }
    if (held == 0)
        return wg_fail(err, WG_E_VERIFY,
                       "none of its %zu signatures is by one of the %zu keys trusted here",
                       json_array_size(signatures), key_count);
    return true;
}

bool wg_signed_check(const json_t *envelope, const struct wg_identity_public *keys,
                     size_t key_count, json_t **body, struct wg_error *err)
{
    json_t *content = NULL, *signatures = NULL;
    if (!wg_json_object(envelope, "signed", &content, err) ||
        !wg_json_array(envelope, "signatures", &signatures, err))
        return false;
    if (json_array_size(signatures) > WG_SIGNATURES_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "signatures: %zu of them, at most %d allowed",
                       json_array_size(signatures), WG_SIGNATURES_MAX);
    struct wg_buf bytes;
    wg_buf_init(&bytes, WG_SIGNED_BODY_MAX);
    bool ok = wg_json_canonical(content, &bytes, err) &&
              signatures_check(signatures, keys, key_count, &bytes, err);
    wg_buf_clear(&bytes);
    if (ok) *body = content;
    return ok;
}
