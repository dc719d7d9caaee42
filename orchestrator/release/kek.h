/* kek.h: the key-encryption key: what the file keys of artifacts are wrapped under while they are
 * at rest. 32 random bytes in a file that nobody else may read. */
#ifndef WG_ORCHESTRATOR_RELEASE_KEK_H
#define WG_ORCHESTRATOR_RELEASE_KEK_H

#include "common/error.h"

#include <stdint.h>

#define KEK_SIZE 32
#define KEK_ID 33 /* 16 bytes as hex, with NUL */

struct kek {
    uint8_t bytes[KEK_SIZE];
    char id[KEK_ID]; /* made of the key, so that it tells nothing of it; stands in what it wraps */
};

WG_MUST_CHECK bool kek_from_bytes(const uint8_t bytes[KEK_SIZE], struct kek *out,
                                  struct wg_error *err);
/* Draws a key and writes it, mode 0600, durably. WG_E_CONFLICT if the file is there already. */
WG_MUST_CHECK bool kek_make(const char *path, struct kek *out, struct wg_error *err);
/* WG_E_DENIED when others may read the file, WG_E_BAD_FILE when it is not 32 bytes. */
WG_MUST_CHECK bool kek_load(const char *path, struct kek *out, struct wg_error *err);
void kek_clear(struct kek *kek); /* wipes */

#endif
