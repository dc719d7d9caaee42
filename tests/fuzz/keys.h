/* keys.h: the keys that sign what is fuzzed; known to everybody, so good for nothing else. */
#ifndef WG_TESTS_FUZZ_KEYS_H
#define WG_TESTS_FUZZ_KEYS_H

#include "common/crypto.h"

enum fuzz_key { FUZZ_DIRECTOR, FUZZ_STRANGER, FUZZ_KEYS };

/* Made from its number once; lasts as long as the process. */
const struct wg_secret_key *fuzz_key(enum fuzz_key which);

#endif
