/* file_key.c: wraps file keys for their rest. */
#include "orchestrator/release/file_key.h"

#include "common/crypt/aead.h"
#include "common/crypt/hkdf.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/text.h"

#include <string.h>

#define SALT 32
#define SEALED (AGE_FILE_KEY + WG_AEAD_TAG)
_Static_assert(WG_TOKEN_CIPHER_TAG == WG_AEAD_TAG, "both formats have sealed texts of one length");

static const uint8_t ZERO_NONCE[WG_AEAD_NONCE];

/* fresh: what is drawn for each envelope. */
struct format {
    const char *name, *fresh;
    size_t fresh_len;
};
static const struct format OF_FILE = {"wavegate-file-key-1", "salt", SALT};
static const struct format OF_TOKEN = {"wavegate-file-key-2", "iv", WG_TOKEN_CIPHER_IV};
#define FORMAT_MAX 32

struct envelope {
    const struct format *format;
    char artifact[WG_NAME_MAX + 1], kek[KEK_ID];
    uint8_t fresh[SALT], sealed[SEALED];
};

static const struct format *format_of(const struct kek *kek)
{
    return kek->token.seal ? &OF_TOKEN : &OF_FILE;
}

/* What the seal is bound to: words without line ends, a line each. */
static bool bind(const struct envelope *envelope, char out[256], struct wg_error *err)
{
    return wg_format(out, 256, "%s\n%s\n%s", envelope->format->name, envelope->kek,
                     envelope->artifact) ||
           wg_fail(err, WG_E_LIMIT, "file key: names too long");
}

static bool sealing_key(const struct kek *kek, const uint8_t salt[SALT], uint8_t out[WG_AEAD_KEY],
                        struct wg_error *err)
{
    return wg_hkdf((struct wg_bytes){kek->bytes, KEK_SIZE}, (struct wg_bytes){salt, SALT},
                   (struct wg_bytes){OF_FILE.name, strlen(OF_FILE.name)}, out, WG_AEAD_KEY, err);
}

static bool seal(const struct kek *kek, struct envelope *envelope, const struct age_file_key *key,
                 struct wg_error *err)
{
    uint8_t sealing[WG_AEAD_KEY];
    char bound[256];
    if (!bind(envelope, bound, err)) return false;
    if (kek->token.seal)
        return kek->token.seal(kek->token.ctx, bound, key->bytes, AGE_FILE_KEY, envelope->fresh,
                               envelope->sealed, err);
    bool ok =
        wg_random(envelope->fresh, SALT, err) && sealing_key(kek, envelope->fresh, sealing, err);
    if (ok) {
        struct wg_aead_use use = {sealing, ZERO_NONCE, bound, strlen(bound)};
        ok = wg_aead_seal(&use, key->bytes, AGE_FILE_KEY, envelope->sealed, err);
    }
    explicit_bzero(sealing, sizeof sealing);
    return ok;
}

static bool unseal(const struct kek *kek, const struct envelope *envelope, struct age_file_key *out,
                   struct wg_error *err)
{
    uint8_t sealing[WG_AEAD_KEY];
    char bound[256];
    if (envelope->format != format_of(kek))
        return wg_fail(err, WG_E_VERIFY, "its format is not that of its key-encryption key");
    if (!bind(envelope, bound, err)) return false;
    if (kek->token.unseal)
        return kek->token.unseal(kek->token.ctx, bound, envelope->fresh, envelope->sealed, SEALED,
                                 out->bytes, err);
    bool ok = sealing_key(kek, envelope->fresh, sealing, err);
    if (ok) {
        struct wg_aead_use use = {sealing, ZERO_NONCE, bound, strlen(bound)};
        ok = wg_aead_open(&use, envelope->sealed, SEALED, out->bytes, err);
    }
    explicit_bzero(sealing, sizeof sealing);
    return ok;
}

static bool write_envelope(const struct envelope *envelope, struct wg_buf *out,
                           struct wg_error *err)
{
    char fresh[2 * SALT + 1], sealed[2 * SEALED + 1];
    const struct format *format = envelope->format;
    wg_hex(envelope->fresh, format->fresh_len, fresh);
    wg_hex(envelope->sealed, SEALED, sealed);
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "artifact", envelope->artifact, "format",
                  format->name, "kek", envelope->kek, format->fresh, fresh, "sealed", sealed);
    if (!json) return wg_fail_memory(err, "wrapping a file key");
    bool ok = wg_json_canonical(json, out, err);
    json_decref(json);
    wg_buf_char(out, '\n');
    return ok && wg_buf_check(out, err, "file key");
}

bool file_key_wrap(const struct kek *kek, const char *artifact, const struct age_file_key *key,
                   struct wg_buf *out, struct wg_error *err)
{
    struct envelope envelope = {.format = format_of(kek)};
    if (!wg_name_is_valid(artifact) ||
        !wg_copy(envelope.artifact, sizeof envelope.artifact, artifact))
        return wg_fail(err, WG_E_BAD_INPUT, "file key: the artifact has no valid name");
    (void)wg_copy(envelope.kek, sizeof envelope.kek, kek->id);
    return (seal(kek, &envelope, key, err) && write_envelope(&envelope, out, err)) ||
           wg_context(err, "file key");
}

static bool read_hex(const json_t *json, const char *name, uint8_t *out, size_t len,
                     struct wg_error *err)
{
    char hex[2 * (SALT > SEALED ? SALT : SEALED) + 1];
    if (!wg_json_text(json, name, hex, sizeof hex, err)) return false;
    return (strlen(hex) == 2 * len && wg_unhex(hex, out, len)) ||
           wg_fail(err, WG_E_BAD_INPUT, "%s: expected %zu lower-case hex digits", name, 2 * len);
}

static const struct format *read_format(const json_t *json, struct wg_error *err)
{
    char name[FORMAT_MAX];
    if (!wg_json_text(json, "format", name, sizeof name, err)) return NULL;
    if (strcmp(name, OF_FILE.name) == 0) return &OF_FILE;
    if (strcmp(name, OF_TOKEN.name) == 0) return &OF_TOKEN;
    (void)wg_fail(err, WG_E_BAD_INPUT, "format: expected %s or %s, found \"%s\"", OF_FILE.name,
                  OF_TOKEN.name, name);
    return NULL;
}

static bool read_members(const json_t *json, struct envelope *out, struct wg_error *err)
{
    uint8_t id[(KEK_ID - 1) / 2];
    if (!json_is_object(json)) return wg_fail(err, WG_E_BAD_INPUT, "expected an object");
    out->format = read_format(json, err);
    if (!out->format) return false;
    const char *const keys[] = {"artifact", "format", "kek", out->format->fresh, "sealed", NULL};
    return wg_json_only_keys(json, keys, err) &&
           wg_json_text(json, "artifact", out->artifact, sizeof out->artifact, err) &&
           read_hex(json, "kek", id, sizeof id, err) &&
           wg_json_text(json, "kek", out->kek, sizeof out->kek, err) &&
           read_hex(json, out->format->fresh, out->fresh, out->format->fresh_len, err) &&
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
    struct age_file_key key;
    if (!read_envelope(text, len, &envelope, err)) return false;
    if (strcmp(envelope.artifact, artifact) != 0)
        return wg_fail(err, WG_E_VERIFY, "file key: it belongs to another artifact");
    const struct kek *kek = find(ring, envelope.kek);
    if (!kek)
        return wg_fail(err, WG_E_NOT_FOUND,
                       "file key: wrapped under the key-encryption key %s, which is not at hand",
                       envelope.kek);
    bool ok = unseal(kek, &envelope, &key, err) || wg_context(err, "file key");
    if (ok) *out = key;
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
