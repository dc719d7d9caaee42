/* key.c: age's X25519 keys and their text. */
#include "common/age/key.h"

#include "common/crypto.h"

#include <string.h>

#define RECIPIENT_PREFIX "age"
#define IDENTITY_PREFIX "AGE-SECRET-KEY-"

/* 2^255 - 19, little-endian. */
static const uint8_t FIELD_PRIME[WG_X25519_SIZE] = {
    0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};

static bool identity_from(const uint8_t secret[WG_X25519_SIZE], struct age_identity *out,
                          struct wg_error *err)
{
    struct age_recipient recipient;
    if (!wg_x25519_public(secret, recipient.bytes, err)) return false;
    memcpy(out->secret, secret, sizeof out->secret);
    out->recipient = recipient;
    return true;
}

bool age_identity_make(struct age_identity *out, struct wg_error *err)
{
    uint8_t secret[WG_X25519_SIZE];
    bool ok = wg_random(secret, sizeof secret, err) && identity_from(secret, out, err);
    explicit_bzero(secret, sizeof secret);
    return ok || wg_context(err, "making an age identity");
}

bool age_identity_read(const char *text, struct age_identity *out, struct wg_error *err)
{
    uint8_t secret[WG_X25519_SIZE];
    bool ok =
        age_bech32_read(IDENTITY_PREFIX, text, secret, err) && identity_from(secret, out, err);
    explicit_bzero(secret, sizeof secret);
    return ok || wg_context(err, "age identity");
}

bool age_identity_write(const struct age_identity *identity, char out[AGE_BECH32_TEXT],
                        struct wg_error *err)
{
    return age_bech32_write(IDENTITY_PREFIX, identity->secret, out, err);
}

void age_identity_clear(struct age_identity *identity)
{
    explicit_bzero(identity, sizeof *identity);
}

/* Not in constant time: a recipient is public. */
static bool is_canonical(const struct age_recipient *recipient)
{
    for (int i = WG_X25519_SIZE - 1; i >= 0; i--)
        if (recipient->bytes[i] != FIELD_PRIME[i]) return recipient->bytes[i] < FIELD_PRIME[i];
    return false;
}

bool age_recipient_check(const struct age_recipient *recipient, struct wg_error *err)
{
    /* a multiple of the cofactor, as all secrets are, takes each point of small order to zero */
    static const uint8_t anyone[WG_X25519_SIZE] = {8};
    uint8_t shared[WG_X25519_SIZE];
    if (!is_canonical(recipient))
        return wg_fail(err, WG_E_VERIFY, "the age recipient is not canonical: no identity has it");
    return wg_x25519_shared(anyone, recipient->bytes, shared, err) ||
           wg_context(err, "age recipient");
}

bool age_recipient_read(const char *text, struct age_recipient *out, struct wg_error *err)
{
    struct age_recipient recipient;
    if (!age_bech32_read(RECIPIENT_PREFIX, text, recipient.bytes, err))
        return wg_context(err, "age recipient");
    if (!age_recipient_check(&recipient, err)) return false;
    *out = recipient;
    return true;
}

bool age_recipient_write(const struct age_recipient *recipient, char out[AGE_BECH32_TEXT],
                         struct wg_error *err)
{
    return age_bech32_write(RECIPIENT_PREFIX, recipient->bytes, out, err);
}

void age_file_key_clear(struct age_file_key *key)
{
    explicit_bzero(key, sizeof *key);
}
