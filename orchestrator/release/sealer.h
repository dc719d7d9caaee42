/* sealer.h: the headers of encrypted artifacts, one for each device: the artifact's file key, kept
 * wrapped under the key-encryption key, is wrapped anew for the device (common/age/header.h). */
#ifndef WG_ORCHESTRATOR_RELEASE_SEALER_H
#define WG_ORCHESTRATOR_RELEASE_SEALER_H

#include "common/age/header.h"
#include "orchestrator/release/file_key.h"

#define SEALER_KEKS_MAX 2 /* while they change: the new one, and the one before */

struct sealer;

struct sealer_config {
    const char *folder; /* of wrapped file keys (file_key_folder.h) */
    size_t kek_count;
    const char *keks[SEALER_KEKS_MAX];  /* as kek_load() has it; the first wraps what is new */
    struct wg_passphrase_source secret; /* PINs of tokens whose URI names no pin-source */
    /* The process lives on: a token that went away is opened again, though no more often than every
     * five seconds, and never with a PIN that was refused. No other keys of the process may be in
     * the same module: it is started anew. */
    bool lasting;
};

/* WG_E_USAGE also when the keys are one. */
struct sealer *sealer_new(const struct sealer_config *config, struct wg_error *err);
void sealer_free(struct sealer *sealer); /* wipes */

/* Another header each time. WG_E_NOT_FOUND: there is no file key for that artifact; WG_E_VERIFY:
 * the one that is there does not open; WG_E_IO and others of kek_load(): the token is away. File
 * keys that were used lately are at hand without it. */
WG_MUST_CHECK bool sealer_header(struct sealer *sealer, const char *sha256, const char *recipient,
                                 char out[AGE_HEADER_SIZE + 1], struct wg_error *err);
/* Takes over the file key of an artifact from a header that was made for the identity in that
 * file, and keeps it. */
WG_MUST_CHECK bool sealer_take(struct sealer *sealer, const char *sha256, const char *header,
                               size_t len, const struct age_identity *identity,
                               struct wg_error *err);

/* Brings all file keys under the first key-encryption key; see file_key_rewrap_all(). */
WG_MUST_CHECK bool sealer_rewrap(struct sealer *sealer, size_t *changed, struct wg_error *err);
/* The key-encryption keys, the first first; borrowed until the sealer is freed. */
struct kek_ring sealer_ring(const struct sealer *sealer);

#endif
