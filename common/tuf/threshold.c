/* threshold.c: counts the distinct keys whose signatures hold. */
#include "common/tuf/threshold.h"

#include "common/text.h"
#include "common/tuf/key.h"

#include <inttypes.h>
#include <string.h>

/* Keys that have been counted, by the SHA-256 of kind and bytes. */
struct tally {
    size_t count;
    char keys[TUF_SIGNATURES_MAX][WG_SHA256_HEX];
};

static bool tally_add(struct tally *tally, const struct tuf_key *key, struct wg_error *err)
{
    uint8_t bytes[TUF_KEY_BYTES_MAX + 1];
    char *name = tally->keys[tally->count];
    bytes[0] = (uint8_t)key->kind;
    memcpy(bytes + 1, key->bytes, key->len);
    if (!wg_sha256_of(bytes, key->len + 1, name, err)) return false;
    for (size_t i = 0; i < tally->count; i++)
        if (strcmp(tally->keys[i], name) == 0) return true;
    tally->count++;
    return true;
}

static bool role_names(const json_t *role, const char *id)
{
    const json_t *keyids = json_object_get(role, "keyids");
    for (size_t i = 0; i < json_array_size(keyids); i++)
        if (strcmp(json_string_value(json_array_get(keyids, i)), id) == 0) return true;
    return false;
}

static bool signature_holds(const json_t *entry, const struct tuf_key *key,
                            const struct wg_buf *bytes)
{
    uint8_t signature[TUF_SIGNATURE_MAX];
    const json_t *sig = json_object_get(entry, "sig");
    size_t len = json_string_length(sig) / 2;
    return json_string_length(sig) % 2 == 0 && len <= sizeof signature &&
           wg_unhex(json_string_value(sig), signature, len) &&
           tuf_key_verify(key, bytes->data, bytes->len, signature, len, NULL);
}

static bool count(const struct tuf_metadata *metadata, const json_t *keys, const json_t *role,
                  const struct wg_buf *bytes, struct tally *tally, struct wg_error *err)
{
    const json_t *list = json_object_get(metadata->envelope, "signatures");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const char *id = json_string_value(json_object_get(entry, "keyid"));
        struct tuf_key key;
        if (!role_names(role, id) || !tuf_key_from_json(json_object_get(keys, id), &key, NULL) ||
            !signature_holds(entry, &key, bytes))
            continue;
        if (!tally_add(tally, &key, err)) return false;
    }
    return true;
}

bool tuf_threshold_check(const struct tuf_metadata *metadata, const json_t *keys,
                         const json_t *role, struct wg_error *err)
{
    struct tally tally = {.count = 0};
    struct wg_buf bytes;
    json_int_t threshold = json_integer_value(json_object_get(role, "threshold"));
    /* The canonical form has no white space and no escapes but two: it is never the longer one. */
    wg_buf_init(&bytes, metadata->len);
    bool ok = wg_json_canonical(metadata->body, &bytes, err) &&
              count(metadata, keys, role, &bytes, &tally, err);
    wg_buf_clear(&bytes);
    if (!ok) return false;
    return (threshold > 0 && tally.count >= (size_t)threshold) ||
           wg_fail(err, WG_E_VERIFY, "signed by %zu of its keys, %" PRId64 " are needed",
                   tally.count, (int64_t)threshold);
}

bool tuf_signers_equal(const json_t *keys_a, const json_t *role_a, const json_t *keys_b,
                       const json_t *role_b)
{
    const json_t *ids = json_object_get(role_a, "keyids");
    if (json_array_size(ids) != json_array_size(json_object_get(role_b, "keyids")) ||
        !json_equal(json_object_get(role_a, "threshold"), json_object_get(role_b, "threshold")))
        return false;
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        if (!role_names(role_b, id) ||
            !json_equal(json_object_get(keys_a, id), json_object_get(keys_b, id)))
            return false;
    }
    return true;
}
