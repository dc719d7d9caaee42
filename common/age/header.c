/* header.c: wraps a file key for a recipient, and unwraps it.
 *
 * A stanza is X25519 between a secret of its own and the recipient; what both share makes the key
 * that the file key is sealed under. The nonce of that seal is zero: its key is used once. */
#include "common/age/header_part.h"

#include "common/age/base64.h"
#include "common/crypt/aead.h"
#include "common/crypt/hkdf.h"
#include "common/crypto.h"

#include <string.h>

#define TYPE "X25519"
#define TYPE_LEN (sizeof TYPE - 1)
#define SHARE_TEXT AGE_BASE64_LEN(WG_X25519_SIZE)
#define WRAPPED (AGE_FILE_KEY + WG_AEAD_TAG)

static const uint8_t ZERO_NONCE[WG_AEAD_NONCE];

struct search {
    const struct age_identity *identity;
    struct age_file_key key;
    size_t stanzas;
    bool passphrase, found;
};

static bool wrap_key(const uint8_t shared[WG_X25519_SIZE], const uint8_t share[WG_X25519_SIZE],
                     const struct age_recipient *recipient, uint8_t out[WG_AEAD_KEY],
                     struct wg_error *err)
{
    static const char info[] = "age-encryption.org/v1/X25519";
    uint8_t salt[2 * WG_X25519_SIZE];
    memcpy(salt, share, WG_X25519_SIZE);
    memcpy(salt + WG_X25519_SIZE, recipient->bytes, WG_X25519_SIZE);
    return wg_hkdf((struct wg_bytes){shared, WG_X25519_SIZE}, (struct wg_bytes){salt, sizeof salt},
                   (struct wg_bytes){info, sizeof info - 1}, out, WG_AEAD_KEY, err);
}

bool age_header_mac(const struct age_file_key *key, const char *data, size_t len,
                    uint8_t out[AGE_MAC], struct wg_error *err)
{
    uint8_t mac_key[WG_HMAC_SIZE];
    bool ok =
        wg_hkdf((struct wg_bytes){key->bytes, AGE_FILE_KEY}, (struct wg_bytes){NULL, 0},
                (struct wg_bytes){"header", 6}, mac_key, sizeof mac_key, err) &&
        wg_hmac((struct wg_bytes){mac_key, sizeof mac_key}, (struct wg_bytes){data, len}, out, err);
    explicit_bzero(mac_key, sizeof mac_key);
    return ok;
}

/* The two arguments and the body that an X25519 stanza must have. */
static bool read_share(const struct age_stanza *stanza, uint8_t share[WG_X25519_SIZE],
                       uint8_t wrapped[WRAPPED], struct wg_error *err)
{
    size_t len, bytes;
    const char *text = age_stanza_arg(stanza, 1, &len);
    if (!text || len != SHARE_TEXT || !age_base64_read(text, len, share, WG_X25519_SIZE, &bytes) ||
        age_stanza_arg(stanza, 2, &len))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "age header: an X25519 stanza without exactly one share of %d bytes",
                       WG_X25519_SIZE);
    return age_stanza_body(stanza, wrapped, WRAPPED) ||
           wg_fail(err, WG_E_BAD_INPUT,
                   "age header: an X25519 stanza with a body of %zu bytes, expected %d",
                   stanza->body_len, WRAPPED);
}

/* Tries to unwrap; that it is for somebody else is no error. */
static bool unwrap(struct search *search, const uint8_t share[WG_X25519_SIZE],
                   const uint8_t wrapped[WRAPPED], struct wg_error *err)
{
    uint8_t shared[WG_X25519_SIZE], key[WG_AEAD_KEY];
    struct wg_error tried = {0};
    if (!wg_x25519_shared(search->identity->secret, share, shared, &tried))
        return wg_fail(err, tried.code == WG_E_VERIFY ? WG_E_BAD_INPUT : tried.code,
                       "age header: %s", tried.text);
    bool ok = wrap_key(shared, share, &search->identity->recipient, key, err);
    if (ok) {
        struct wg_aead_use use = {.key = key, .nonce = ZERO_NONCE};
        search->found = wg_aead_open(&use, wrapped, WRAPPED, search->key.bytes, &tried);
        ok = search->found || tried.code == WG_E_VERIFY ||
             wg_fail(err, tried.code, "age header: %s", tried.text);
    }
    explicit_bzero(shared, sizeof shared);
    explicit_bzero(key, sizeof key);
    return ok;
}

static bool is_type(const struct age_stanza *stanza, const char *type)
{
    size_t len;
    const char *text = age_stanza_arg(stanza, 0, &len);
    return len == strlen(type) && memcmp(text, type, len) == 0;
}

static bool try_stanza(void *ctx, const struct age_stanza *stanza, struct wg_error *err)
{
    struct search *search = ctx;
    uint8_t share[WG_X25519_SIZE], wrapped[WRAPPED];
    search->stanzas++;
    search->passphrase = search->passphrase || is_type(stanza, "scrypt");
    if (search->passphrase && search->stanzas > 1)
        return wg_fail(err, WG_E_BAD_INPUT,
                       "age header: a passphrase (scrypt) beside other recipients");
    if (!is_type(stanza, TYPE)) return true;
    return read_share(stanza, share, wrapped, err) &&
           (search->found || unwrap(search, share, wrapped, err));
}

static bool check_mac(const struct search *search, const char *data,
                      const struct age_header_end *end, struct wg_error *err)
{
    uint8_t mac[AGE_MAC];
    if (!search->found)
        return wg_fail(err, WG_E_NOT_FOUND,
                       "age header: none of its %zu stanzas is for this identity", search->stanzas);
    if (!age_header_mac(&search->key, data, end->authenticated, mac, err)) return false;
    return wg_same_secret(mac, end->mac, sizeof mac) ||
           wg_fail(err, WG_E_VERIFY, "age header: its MAC does not hold: it was changed");
}

bool age_header_open(const char *data, size_t len, const struct age_identity *identity,
                     struct age_file_key *out, struct wg_error *err)
{
    struct search search = {.identity = identity};
    struct age_header_end end;
    bool ok = age_header_scan(data, len, try_stanza, &search, &end, err);
    if (ok && end.len != len)
        ok = wg_fail(err, WG_E_BAD_INPUT, "age header: %zu bytes behind its end", len - end.len);
    ok = ok && check_mac(&search, data, &end, err);
    if (ok) *out = search.key;
    explicit_bzero(&search, sizeof search);
    return ok;
}

bool age_header_length(const char *data, size_t len, size_t *out, struct wg_error *err)
{
    struct age_header_end end;
    if (!age_header_scan(data, len, NULL, NULL, &end, err)) return false;
    *out = end.len;
    return true;
}

/* The share, and the file key wrapped for the recipient. */
static bool wrap(const struct age_file_key *key, const struct age_recipient *recipient,
                 const uint8_t ephemeral[WG_X25519_SIZE], uint8_t share[WG_X25519_SIZE],
                 uint8_t wrapped[WRAPPED], struct wg_error *err)
{
    uint8_t shared[WG_X25519_SIZE], sealing[WG_AEAD_KEY];
    struct wg_aead_use use = {.key = sealing, .nonce = ZERO_NONCE};
    bool ok = wg_x25519_public(ephemeral, share, err) &&
              wg_x25519_shared(ephemeral, recipient->bytes, shared, err) &&
              wrap_key(shared, share, recipient, sealing, err) &&
              wg_aead_seal(&use, key->bytes, AGE_FILE_KEY, wrapped, err);
    explicit_bzero(shared, sizeof shared);
    explicit_bzero(sealing, sizeof sealing);
    return ok;
}

static bool write_header(const struct age_file_key *key, const uint8_t share[WG_X25519_SIZE],
                         const uint8_t wrapped[WRAPPED], struct wg_buf *out, struct wg_error *err)
{
    char args[TYPE_LEN + 1 + SHARE_TEXT];
    uint8_t mac[AGE_MAC];
    memcpy(args, TYPE " ", TYPE_LEN + 1);
    age_base64_write(share, WG_X25519_SIZE, args + TYPE_LEN + 1);
    age_header_begin(out);
    age_stanza_write(out, args, sizeof args, wrapped, WRAPPED);
    age_header_mark(out);
    if (!wg_buf_check(out, err, "age header") ||
        !age_header_mac(key, out->data, out->len, mac, err))
        return false;
    age_header_finish(out, mac);
    return wg_buf_check(out, err, "age header");
}

bool age_header_make_with(const struct age_file_key *key, const struct age_recipient *recipient,
                          const uint8_t ephemeral[WG_X25519_SIZE], char out[AGE_HEADER_SIZE + 1],
                          struct wg_error *err)
{
    uint8_t share[WG_X25519_SIZE], wrapped[WRAPPED];
    struct wg_buf text;
    if (!wrap(key, recipient, ephemeral, share, wrapped, err)) return false;
    wg_buf_init(&text, AGE_HEADER_SIZE);
    bool ok = write_header(key, share, wrapped, &text, err);
    if (ok) memcpy(out, text.data, AGE_HEADER_SIZE + 1);
    wg_buf_clear(&text);
    return ok;
}

bool age_header_make(const struct age_file_key *key, const struct age_recipient *recipient,
                     char out[AGE_HEADER_SIZE + 1], struct wg_error *err)
{
    uint8_t ephemeral[WG_X25519_SIZE];
    bool ok = wg_random(ephemeral, sizeof ephemeral, err) &&
              age_header_make_with(key, recipient, ephemeral, out, err);
    explicit_bzero(ephemeral, sizeof ephemeral);
    return ok;
}
