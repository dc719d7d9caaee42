/* url_keys.h: the secrets under which artifact URLs are signed. A text file of mode 600, a key a
 * line: its name and 32 bytes as hex; '#' begins a comment. The first key signs, all of them are
 * accepted, so a new one is given to every server before it is moved to the front. */
#ifndef WG_ORCHESTRATOR_RELEASE_URL_KEYS_H
#define WG_ORCHESTRATOR_RELEASE_URL_KEYS_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define URL_KEYS_MAX 8
#define URL_KEY_ID_MAX 16 /* letters, digits, '.', '_', '-' */
#define URL_KEY_BYTES 32

struct url_key {
    char id[URL_KEY_ID_MAX + 1];
    uint8_t secret[URL_KEY_BYTES];
};

struct url_keys {
    size_t count; /* 1.. once loaded */
    struct url_key keys[URL_KEYS_MAX];
};

/* WG_E_BAD_FILE with file:line for what is wrong; WG_E_DENIED when others may read the file. */
WG_MUST_CHECK bool url_keys_load(const char *file, struct url_keys *out, struct wg_error *err);
void url_keys_clear(struct url_keys *keys); /* wipes */
/* Puts a new random key behind the others, or into a new file. WG_E_CONFLICT: the name is taken. */
WG_MUST_CHECK bool url_keys_add(const char *file, const char *id, struct wg_error *err);
bool url_key_id_is_valid(const char *id);
/* NULL: there is none of that name. Borrowed. */
const struct url_key *url_keys_find(const struct url_keys *keys, const char *id);

#endif
