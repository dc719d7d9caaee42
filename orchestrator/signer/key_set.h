/* key_set.h: a growing set of 16-byte keys with a count for each. Pure. */
#ifndef WG_ORCHESTRATOR_SIGNER_KEY_SET_H
#define WG_ORCHESTRATOR_SIGNER_KEY_SET_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

struct key_hash {
    uint8_t bytes[16];
};

struct key_slot {
    struct key_hash key;
    int64_t count; /* 0: free */
};

struct key_set {
    struct key_slot *slots;
    size_t size, used;
};

void key_set_clear(struct key_set *set);
/* Of texts that hold no line break: the first half of a SHA-256. */
WG_MUST_CHECK bool key_of(const char *a, const char *b, const char *c, struct key_hash *out,
                          struct wg_error *err);
int64_t key_set_count(const struct key_set *set, const struct key_hash *key);
WG_MUST_CHECK bool key_set_add(struct key_set *set, const struct key_hash *key,
                               struct wg_error *err);

#endif
