/* key_set.c: open addressing; keys are hashes already. */
#include "orchestrator/signer/key_set.h"

#include "common/crypto.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_FIRST 64

void key_set_clear(struct key_set *set)
{
    free(set->slots);
    *set = (struct key_set){0};
}

bool key_of(const char *a, const char *b, const char *c, struct key_hash *out, struct wg_error *err)
{
    const char *const parts[] = {a, b, c};
    uint8_t digest[WG_SHA256_SIZE];
    struct wg_sha256 sha;
    if (!wg_sha256_init(&sha, err)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < 3; i++)
        ok = wg_sha256_add(&sha, parts[i], strlen(parts[i]), err) &&
             wg_sha256_add(&sha, "\n", 1, err);
    ok = ok && wg_sha256_end(&sha, digest, err);
    wg_sha256_clear(&sha);
    if (ok) memcpy(out->bytes, digest, sizeof out->bytes);
    return ok;
}

static struct key_slot *slot_of(const struct key_set *set, const struct key_hash *key)
{
    size_t at;
    memcpy(&at, key->bytes, sizeof at);
    for (at %= set->size;; at = (at + 1) % set->size) {
        struct key_slot *slot = &set->slots[at];
        if (slot->count == 0 || memcmp(&slot->key, key, sizeof *key) == 0) return slot;
    }
}

int64_t key_set_count(const struct key_set *set, const struct key_hash *key)
{
    return set->size > 0 ? slot_of(set, key)->count : 0;
}

static bool grow(struct key_set *set, struct wg_error *err)
{
    struct key_set bigger = {.size = set->size > 0 ? 2 * set->size : SIZE_FIRST, .used = set->used};
    bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
    if (!bigger.slots) return wg_fail_memory(err, "the books");
    for (size_t i = 0; i < set->size; i++)
        if (set->slots[i].count > 0) *slot_of(&bigger, &set->slots[i].key) = set->slots[i];
    free(set->slots);
    *set = bigger;
    return true;
}

bool key_set_add(struct key_set *set, const struct key_hash *key, struct wg_error *err)
{
    if (2 * set->used >= set->size && !grow(set, err)) return false;
    struct key_slot *slot = slot_of(set, key);
    set->used += slot->count == 0;
    slot->key = *key;
    slot->count++;
    return true;
}
