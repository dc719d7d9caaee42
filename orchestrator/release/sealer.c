/* sealer.c: file keys of the artifacts asked for last are at hand. */
#include "orchestrator/release/sealer.h"

#include "common/crypto.h"
#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/release/file_key_folder.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define AT_HAND 16

struct at_hand {
    char sha256[WG_SHA256_HEX]; /* "": free */
    struct age_file_key key;
    uint64_t used;
};

struct sealer {
    char folder[PATH_MAX];
    struct kek keks[SEALER_KEKS_MAX];
    size_t kek_count;
    uint64_t clock;
    struct at_hand at_hand[AT_HAND];
};

static bool load_keks(struct sealer *sealer, const struct sealer_config *config,
                      struct wg_error *err)
{
    if (config->kek_count < 1 || config->kek_count > SEALER_KEKS_MAX)
        return wg_fail(err, WG_E_USAGE, "expected 1 or %d key-encryption keys", SEALER_KEKS_MAX);
    for (; sealer->kek_count < config->kek_count; sealer->kek_count++)
        if (!kek_load(config->keks[sealer->kek_count], &sealer->keks[sealer->kek_count], err))
            return wg_context(err, "key-encryption key");
    return true;
}

struct sealer *sealer_new(const struct sealer_config *config, struct wg_error *err)
{
    struct sealer *sealer = calloc(1, sizeof *sealer);
    if (!sealer) {
        (void)wg_fail_memory(err, "preparing headers");
        return NULL;
    }
    bool fits = wg_copy(sealer->folder, sizeof sealer->folder, config->folder);
    if (!fits) (void)wg_fail(err, WG_E_LIMIT, "%s: the path is too long", config->folder);
    if (fits && wg_folder_make(sealer->folder, 0700, err) && load_keks(sealer, config, err))
        return sealer;
    sealer_free(sealer);
    return NULL;
}

void sealer_free(struct sealer *sealer)
{
    if (!sealer) return;
    for (size_t i = 0; i < SEALER_KEKS_MAX; i++) kek_clear(&sealer->keks[i]);
    for (size_t i = 0; i < AT_HAND; i++) age_file_key_clear(&sealer->at_hand[i].key);
    free(sealer);
}

static struct kek_ring ring_of(const struct sealer *sealer)
{
    return (struct kek_ring){.keks = sealer->keks, .count = sealer->kek_count};
}

static struct at_hand *key_of(struct sealer *sealer, const char *sha256, struct wg_error *err)
{
    struct at_hand *oldest = &sealer->at_hand[0];
    struct at_hand *found = NULL;
    for (size_t i = 0; i < AT_HAND && !found; i++) {
        struct at_hand *one = &sealer->at_hand[i];
        if (strcmp(one->sha256, sha256) == 0) found = one;
        if (one->used < oldest->used) oldest = one;
    }
    if (!found) {
        oldest->sha256[0] = '\0';
        if (!file_key_load(sealer->folder, ring_of(sealer), sha256, &oldest->key, err)) return NULL;
        (void)wg_copy(oldest->sha256, sizeof oldest->sha256, sha256);
        found = oldest;
    }
    found->used = ++sealer->clock;
    return found;
}

bool sealer_header(struct sealer *sealer, const char *sha256, const char *recipient,
                   char out[AGE_HEADER_SIZE + 1], struct wg_error *err)
{
    struct age_recipient to;
    if (!recipient[0])
        return wg_fail(err, WG_E_DENIED, "the registry has no age key of this device");
    if (!age_recipient_read(recipient, &to, err)) return false;
    const struct at_hand *found = key_of(sealer, sha256, err);
    return found && age_header_make(&found->key, &to, out, err);
}

bool sealer_take(struct sealer *sealer, const char *sha256, const char *header, size_t len,
                 const struct age_identity *identity, struct wg_error *err)
{
    struct age_file_key key;
    if (!age_header_open(header, len, identity, &key, err)) return wg_context(err, "the header");
    bool ok = file_key_save(sealer->folder, &sealer->keks[0], sha256, &key, err);
    age_file_key_clear(&key);
    return ok;
}
