/* keys.c: keys from fixed seeds. */
#include "tests/fuzz/keys.h"

#include "tests/fuzz/target.h"

const struct wg_secret_key *fuzz_key(enum fuzz_key which)
{
    static struct wg_secret_key keys[FUZZ_KEYS];
    struct wg_error err = {0};
    const uint8_t seed[WG_ED25519_SECRET] = {(uint8_t)(which + 1)};
    if (!keys[which].public_key.id[0])
        MUST(wg_secret_key_from_seed(seed, &keys[which], &err), "%s", err.text);
    return &keys[which];
}
