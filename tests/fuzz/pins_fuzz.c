/* pins_fuzz.c: lists of pins whose signature holds, for what is in them is read only then. */
#include "common/pins.h"
#include "common/signed.h"
#include "tests/fuzz/keys.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define INPUT_MAX ((size_t)8192)

static void read_pins(const char *text)
{
    struct wg_pins pins;
    struct wg_error err = {0};
    const struct wg_identity_public *key = &fuzz_key(FUZZ_DIRECTOR)->public_key;
    if (!wg_pins_read(text, strlen(text), key, 1, 0, &pins, &err)) {
        target_refused(&err);
        return;
    }
    MUST(wg_pins_check(&pins, &err), "%s", err.text);
    json_t *again = wg_pins_sign(&pins, fuzz_key(FUZZ_DIRECTOR), &err);
    MUST(again, "%s", err.text);
    json_decref(again);
    MUST(!wg_pins_read(text, strlen(text), key, 1, pins.number, &pins, &err), "an old list");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_error err = {0};
    json_t *body = wg_json_parse((const char *)data, size, INPUT_MAX, &err);
    json_t *envelope = body ? wg_signed_make(body, fuzz_key(FUZZ_DIRECTOR), &err) : NULL;
    char *text = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;
    if (text)
        read_pins(text);
    else
        target_refused(&err);
    free(text);
    json_decref(envelope);
    json_decref(body);
    return 0;
}
