/* keys.c: keys from fixed seeds. */
#include "tests/fuzz/keys.h"

#include "tests/fuzz/target.h"

const struct wg_identity_key *fuzz_key(enum fuzz_key which)
{
    static struct wg_identity_key keys[FUZZ_KEYS];
    struct wg_error err = {0};
    const uint8_t seed[WG_ED25519_SECRET] = {(uint8_t)(which + 1)};
    enum wg_identity_kind kind = which == FUZZ_STRANGER ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519;
    if (keys[which].public_key.len == 0)
        MUST(wg_identity_from_secret(kind, seed, &keys[which], &err), "%s", err.text);
    return &keys[which];
}

const char *fuzz_keyid(enum fuzz_key which)
{
    static char ids[FUZZ_KEYS][WG_SHA256_HEX];
    struct wg_error err = {0};
    MUST(wg_identity_keyid(&fuzz_key(which)->public_key, ids[which], &err), "%s", err.text);
    return ids[which];
}
