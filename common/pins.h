/* pins.h: which issuing authorities a device believes, beside what their roots say: a signed list
 * of key hashes. Of each use there is one in force and at least one kept back, whose key is
 * offline, so that an authority can be replaced without visiting the devices.
 *
 *   {"signed": {...}, "signatures": [...]} as common/signed.h has it; "signed" is
 *   {"type": "wavegate-pins", "v": 1, "number": 3, "issued": "2026-12-01T00:00:00Z",
 *    "pins": [{"use": "server", "sha256": "<hex>", "backup": false}, ...]}
 *
 * A hash is SHA-256 of the SubjectPublicKeyInfo. The list is signed by a key of its own that stays
 * offline; a device takes a list only with a greater number than its last. Pure. */
#ifndef WG_COMMON_PINS_H
#define WG_COMMON_PINS_H

#include "common/identity_key.h"
#include "common/json.h"
#include "common/time.h"

#define WG_PINS_MAX 16
#define WG_PINS_BYTES_MAX 16384
#define WG_PINS_NUMBER_MAX ((int64_t)9007199254740991) /* 2^53 - 1: exact in every JSON reader */

/* server: who issues what brokers and web servers show; device: who issues devices' certificates.
 */
enum wg_pin_use { WG_PIN_SERVER, WG_PIN_DEVICE, WG_PIN_USES };

struct wg_pin {
    enum wg_pin_use use;
    bool backup;
    char sha256[WG_SHA256_HEX];
};

struct wg_pins {
    int64_t number; /* from 1; greater with each list */
    wg_time issued;
    size_t count;
    struct wg_pin pins[WG_PINS_MAX];
};

const char *wg_pin_use_text(enum wg_pin_use use);
bool wg_pin_use_parse(const char *text, enum wg_pin_use *out);

/* Each use that is named has one pin at least that is in force and one that is kept back; none is
 * there twice. */
WG_MUST_CHECK bool wg_pins_check(const struct wg_pins *pins, struct wg_error *err);
/* WG_E_VERIFY when none of keys has signed it; WG_E_BAD_INPUT; WG_E_CONFLICT when its number is not
 * greater than last (0: this is the first). Fills the whole of out or nothing. */
WG_MUST_CHECK bool wg_pins_read(const char *bytes, size_t len,
                                const struct wg_identity_public *keys, size_t key_count,
                                int64_t last, struct wg_pins *out, struct wg_error *err);
/* The same without asking who signed it, for who hands it on and need not be trusted. */
WG_MUST_CHECK bool wg_pins_peek(const char *bytes, size_t len, struct wg_pins *out,
                                struct wg_error *err);
/* New reference to the list without a signature; NULL on failure. */
json_t *wg_pins_make(const struct wg_pins *pins, struct wg_error *err);
/* New reference to the signed list; NULL on failure. */
json_t *wg_pins_sign(const struct wg_pins *pins, const struct wg_identity_key *key,
                     struct wg_error *err);
/* Has the list a pin of that use? */
bool wg_pins_name(const struct wg_pins *pins, enum wg_pin_use use);
/* Is that key pinned for the use, in force or kept back? A use without pins allows none. */
bool wg_pins_have(const struct wg_pins *pins, enum wg_pin_use use, const char *sha256);
bool wg_pins_allow(const struct wg_pins *pins, enum wg_pin_use use,
                   const struct wg_identity_public *key);

#endif
