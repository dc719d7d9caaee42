/* keys.h: the keys that sign what is fuzzed; known to everybody, so good for nothing else. */
#ifndef WG_TESTS_FUZZ_KEYS_H
#define WG_TESTS_FUZZ_KEYS_H

#include "common/identity_key.h"

/* The director has Ed25519, the stranger P-256. */
enum fuzz_key { FUZZ_DIRECTOR, FUZZ_STRANGER, FUZZ_KEYS };

/* Made from its number once; lasts as long as the process. */
const struct wg_identity_key *fuzz_key(enum fuzz_key which);
const char *fuzz_keyid(enum fuzz_key which); /* in signed envelopes */

#endif
