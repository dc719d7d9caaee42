/* sealer.c: file keys of the artifacts asked for last are at hand. */
#include "orchestrator/release/sealer.h"

#include "common/crypto.h"
#include "common/posix/file.h"
#include "common/posix/token_uri.h"
#include "common/text.h"
#include "orchestrator/release/file_key_folder.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define AT_HAND 16
#define AGAIN (5 * WG_SECOND) /* between attempts to open a token */

struct at_hand {
    char sha256[WG_SHA256_HEX]; /* "": free */
    struct age_file_key key;
    uint64_t used;
};

struct sealer {
    char folder[PATH_MAX];
    char places[SEALER_KEKS_MAX][PATH_MAX];
    struct kek keks[SEALER_KEKS_MAX]; /* without an id: not open */
    size_t kek_count;
    struct wg_passphrase_source secret;
    bool lasting;
    struct wg_error away[SEALER_KEKS_MAX]; /* why it is not open; WG_OK: it is */
    wg_time tried;                         /* when they were opened anew, monotonic; 0: never */
    uint64_t clock;
    struct at_hand at_hand[AT_HAND];
};

static bool open_kek(struct sealer *sealer, size_t at, struct wg_error *err)
{
    struct kek *kek = &sealer->keks[at];
    if (!kek_load(sealer->places[at], &sealer->secret, kek, err))
        return wg_context(err, "key-encryption key");
    for (size_t i = 0; i < sealer->kek_count; i++) {
        if (i == at || strcmp(sealer->keks[i].id, kek->id) != 0) continue;
        kek_clear(kek);
        return wg_fail(err, WG_E_USAGE, "%s and %s are the same key-encryption key",
                       sealer->places[i], sealer->places[at]);
    }
    return true;
}

static bool copy_places(struct sealer *sealer, const struct sealer_config *config,
                        struct wg_error *err)
{
    if (config->kek_count < 1 || config->kek_count > SEALER_KEKS_MAX)
        return wg_fail(err, WG_E_USAGE, "expected 1 or %d key-encryption keys", SEALER_KEKS_MAX);
    bool fits = wg_copy(sealer->folder, sizeof sealer->folder, config->folder);
    for (; fits && sealer->kek_count < config->kek_count; sealer->kek_count++)
        fits =
            wg_copy(sealer->places[sealer->kek_count], PATH_MAX, config->keks[sealer->kek_count]);
    return fits || wg_fail(err, WG_E_LIMIT, "%s: the path is too long", config->folder);
}

static bool open_keks(struct sealer *sealer, struct wg_error *err)
{
    for (size_t i = 0; i < sealer->kek_count; i++)
        if (!open_kek(sealer, i, err)) return false;
    return true;
}

/* A token locks after a few wrong PINs, and nobody is there to see it: refused once is enough. */
static void reopen_kek(struct sealer *sealer, size_t at)
{
    struct wg_error *away = &sealer->away[at], problem = {0};
    if (away->code == WG_E_DENIED) return;
    wg_error_clear(away);
    if (open_kek(sealer, at, &problem)) return;
    (void)wg_fail(away, problem.code, "%s%s", problem.text,
                  problem.code == WG_E_DENIED ? "; not tried again until wavegated is restarted"
                                              : "");
}

/* All that are in tokens, since a module that is started anew forgets every session. One that
 * cannot be opened does not keep the other from its work. */
static void reopen_keks(struct sealer *sealer)
{
    if (sealer->tried && wg_monotonic() - sealer->tried < AGAIN) return;
    for (size_t i = 0; i < sealer->kek_count; i++)
        if (wg_token_uri_is(sealer->places[i])) kek_clear(&sealer->keks[i]);
    for (size_t i = 0; i < sealer->kek_count; i++)
        if (wg_token_uri_is(sealer->places[i])) wg_token_cipher_restart(sealer->places[i]);
    for (size_t i = 0; i < sealer->kek_count; i++)
        if (wg_token_uri_is(sealer->places[i])) reopen_kek(sealer, i);
    sealer->tried = wg_monotonic();
}

/* Of the first that is not open; NULL: all are. */
static const struct wg_error *away(const struct sealer *sealer)
{
    for (size_t i = 0; i < sealer->kek_count; i++)
        if (sealer->away[i].code != WG_OK) return &sealer->away[i];
    return NULL;
}

struct sealer *sealer_new(const struct sealer_config *config, struct wg_error *err)
{
    struct sealer *sealer = calloc(1, sizeof *sealer);
    if (!sealer) {
        (void)wg_fail_memory(err, "preparing headers");
        return NULL;
    }
    sealer->secret = config->secret;
    sealer->lasting = config->lasting;
    if (copy_places(sealer, config, err) && wg_folder_make(sealer->folder, 0700, err) &&
        open_keks(sealer, err))
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

struct kek_ring sealer_ring(const struct sealer *sealer)
{
    return (struct kek_ring){.keks = sealer->keks, .count = sealer->kek_count};
}

static bool load_key(struct sealer *sealer, const char *sha256, struct age_file_key *out,
                     struct wg_error *err)
{
    struct wg_error problem = {0};
    if (file_key_load(sealer->folder, sealer_ring(sealer), sha256, out, &problem)) return true;
    if (sealer->lasting && (problem.code == WG_E_IO || away(sealer))) {
        reopen_keks(sealer);
        if (file_key_load(sealer->folder, sealer_ring(sealer), sha256, out, &problem)) return true;
    }
    const struct wg_error *why = away(sealer);
    return why ? wg_fail(err, problem.code, "%s (%s)", problem.text, why->text)
               : wg_fail(err, problem.code, "%s", problem.text);
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
        if (!load_key(sealer, sha256, &oldest->key, err)) return NULL;
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

bool sealer_rewrap(struct sealer *sealer, size_t *changed, struct wg_error *err)
{
    return file_key_rewrap_all(sealer->folder, sealer_ring(sealer), &sealer->keks[0], changed, err);
}
