/* file_key.c: wraps file keys for their rest. */
#include "orchestrator/release/file_key.h"

#include "common/crypt/aead.h"
#include "common/crypt/hkdf.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/text.h"

#include <string.h>

#define FORMAT "wavegate-file-key-1"
#define SALT 32
#define SEALED (AGE_FILE_KEY + WG_AEAD_TAG)

static const uint8_t ZERO_NONCE[WG_AEAD_NONCE];

struct envelope {
    char artifact[WG_NAME_MAX + 1], kek[KEK_ID];
    uint8_t salt[SALT], sealed[SEALED];
};

/* What the seal is bound to: words without line ends, a line each. */
static bool bind(const struct envelope *envelope, char out[256], struct wg_error *err)
{
    return wg_format(out, 256, FORMAT "\n%s\n%s", envelope->kek, envelope->artifact) ||
           wg_fail(err, WG_E_LIMIT, "file key: names too long");
}

static bool sealing_key(const struct kek *kek, const uint8_t salt[SALT], uint8_t out[WG_AEAD_KEY],
                        struct wg_error *err)
{
    return wg_hkdf((struct wg_bytes){kek->bytes, KEK_SIZE}, (struct wg_bytes){salt, SALT},
                   (struct wg_bytes){FORMAT, sizeof FORMAT - 1}, out, WG_AEAD_KEY, err);
}

static bool write_envelope(const struct envelope *envelope, struct wg_buf *out,
                           struct wg_error *err)
{
    char salt[2 * SALT + 1], sealed[2 * SEALED + 1];
    wg_hex(envelope->salt, SALT, salt);
    wg_hex(envelope->sealed, SEALED, sealed);
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s}", "artifact", envelope->artifact, "format",
                             FORMAT, "kek", envelope->kek, "salt", salt, "sealed", sealed);
    if (!json) return wg_fail_memory(err, "wrapping a file key");
    bool ok = wg_json_canonical(json, out, err);
    json_decref(json);
    wg_buf_char(out, '\n');
    return ok && wg_buf_check(out, err, "file key");
}

bool file_key_wrap(const struct kek *kek, const char *artifact, const struct age_file_key *key,
                   struct wg_buf *out, struct wg_error *err)
{
    struct envelope envelope = {0};
    uint8_t sealing[WG_AEAD_KEY];
    char bound[256];
    if (!wg_name_is_valid(artifact) ||
        !wg_copy(envelope.artifact, sizeof envelope.artifact, artifact))
        return wg_fail(err, WG_E_BAD_INPUT, "file key: the artifact has no valid name");
    (void)wg_copy(envelope.kek, sizeof envelope.kek, kek->id);
    bool ok = wg_random(envelope.salt, SALT, err) && bind(&envelope, bound, err) &&
              sealing_key(kek, envelope.salt, sealing, err);
    if (ok) {
        struct wg_aead_use use = {sealing, ZERO_NONCE, bound, strlen(bound)};
        ok = wg_aead_seal(&use, key->bytes, AGE_FILE_KEY, envelope.sealed, err);
    }
    explicit_bzero(sealing, sizeof sealing);
    return ok && write_envelope(&envelope, out, err);
}

static bool read_hex(const json_t *json, const char *name, uint8_t *out, size_t len,
                     struct wg_error *err)
{
    char hex[2 * (SALT > SEALED ? SALT : SEALED) + 1];
    if (!wg_json_text(json, name, hex, sizeof hex, err)) return false;
    return (strlen(hex) == 2 * len && wg_unhex(hex, out, len)) ||
           wg_fail(err, WG_E_BAD_INPUT, "%s: expected %zu lower-case hex digits", name, 2 * len);
}

static bool read_members(const json_t *json, struct envelope *out, struct wg_error *err)
{
    static const char *const keys[] = {"artifact", "format", "kek", "salt", "sealed", NULL};
    char format[sizeof FORMAT];
    if (!json_is_object(json)) return wg_fail(err, WG_E_BAD_INPUT, "expected an object");
    if (!wg_json_only_keys(json, keys, err) ||
        !wg_json_text(json, "format", format, sizeof format, err))
        return false;
    if (strcmp(format, FORMAT) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "format: expected " FORMAT);
    return wg_json_text(json, "artifact", out->artifact, sizeof out->artifact, err) &&
           wg_json_text(json, "kek", out->kek, sizeof out->kek, err) &&
           read_hex(json, "salt", out->salt, SALT, err) &&
           read_hex(json, "sealed", out->sealed, SEALED, err);
}

static bool read_envelope(const char *text, size_t len, struct envelope *out, struct wg_error *err)
{
    json_t *json = wg_json_parse(text, len, FILE_KEY_ENVELOPE_MAX, err);
    bool ok = json && read_members(json, out, err);
    json_decref(json);
    return ok || wg_context(err, "file key");
}

static const struct kek *find(struct kek_ring ring, const char *id)
{
    for (size_t i = 0; i < ring.count; i++)
        if (strcmp(ring.keks[i].id, id) == 0) return &ring.keks[i];
    return NULL;
}

bool file_key_unwrap(struct kek_ring ring, const char *artifact, const char *text, size_t len,
                     struct age_file_key *out, struct wg_error *err)
{
    struct envelope envelope;
    uint8_t sealing[WG_AEAD_KEY];
    struct age_file_key key;
    char bound[256];
    if (!read_envelope(text, len, &envelope, err)) return false;
    if (strcmp(envelope.artifact, artifact) != 0)
        return wg_fail(err, WG_E_VERIFY, "file key: it belongs to another artifact");
    const struct kek *kek = find(ring, envelope.kek);
    if (!kek)
        return wg_fail(err, WG_E_NOT_FOUND,
                       "file key: wrapped under a key-encryption key that is not at hand");
    bool ok = bind(&envelope, bound, err) && sealing_key(kek, envelope.salt, sealing, err);
    if (ok) {
        struct wg_aead_use use = {sealing, ZERO_NONCE, bound, strlen(bound)};
        ok = wg_aead_open(&use, envelope.sealed, SEALED, key.bytes, err) ||
             wg_context(err, "file key");
    }
    if (ok) *out = key;
    explicit_bzero(sealing, sizeof sealing);
    age_file_key_clear(&key);
    return ok;
}

bool file_key_rewrap(struct kek_ring ring, const struct kek *to, const char *artifact,
                     const char *text, size_t len, struct wg_buf *out, struct wg_error *err)
{
    struct age_file_key key;
    bool ok = file_key_unwrap(ring, artifact, text, len, &key, err) &&
              file_key_wrap(to, artifact, &key, out, err);
    age_file_key_clear(&key);
    return ok;
}

bool file_key_kek(const char *text, size_t len, char out[KEK_ID], struct wg_error *err)
{
    struct envelope envelope;
    if (!read_envelope(text, len, &envelope, err)) return false;
    memcpy(out, envelope.kek, KEK_ID);
    return true;
}
