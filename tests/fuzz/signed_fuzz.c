/* signed_fuzz.c: the envelope of everything that is signed. What one key signed holds for that key,
 * for no other, and no more once anything in it has changed. */
#include "common/signed.h"
#include "common/text.h"
#include "tests/fuzz/keys.h"
#include "tests/fuzz/target.h"

#define INPUT_MAX ((size_t)1 << 16)

static void read_envelope(const json_t *envelope)
{
    const struct wg_identity_public keys[] = {fuzz_key(FUZZ_DIRECTOR)->public_key,
                                              fuzz_key(FUZZ_STRANGER)->public_key};
    json_t *body = NULL;
    struct wg_error err = {0};
    if (!wg_signed_check(envelope, keys, sizeof keys / sizeof keys[0], &body, &err)) {
        target_refused(&err);
        MUST(!body, "a body was handed out all the same");
        return;
    }
    MUST(json_is_object(body), "signed, and no object");
    MUST(!wg_signed_check(envelope, keys, 0, &body, &err), "taken without a key");
}

static bool holds(const json_t *envelope, enum fuzz_key key)
{
    json_t *body = NULL;
    struct wg_error err = {0};
    if (wg_signed_check(envelope, &fuzz_key(key)->public_key, 1, &body, &err)) return true;
    target_refused(&err);
    return false;
}

/* One digit of the signature becomes another. */
static void spoil_signature(json_t *envelope)
{
    json_t *entry = json_array_get(json_object_get(envelope, "signatures"), 0);
    const char *sig = json_string_value(json_object_get(entry, "sig"));
    char text[2 * WG_IDENTITY_SIGNATURE_MAX + 1];
    MUST(sig && wg_copy(text, sizeof text, sig), "a signature of another length");
    text[7] = text[7] == 'a' ? 'b' : 'a';
    MUST(json_object_set_new(entry, "sig", json_string(text)) == 0, "out of memory");
}

static void sign(json_t *body, enum fuzz_key key, enum fuzz_key other)
{
    struct wg_error err = {0};
    json_t *envelope = wg_signed_make(body, fuzz_key(key), &err);
    if (!envelope) {
        target_refused(&err);
        return;
    }
    MUST(holds(envelope, key), "a signature just made does not hold");
    MUST(!holds(envelope, other), "another key's signature holds");
    MUST(json_object_set_new(body, "fuzz: added", json_true()) == 0, "out of memory");
    MUST(!holds(envelope, key), "holds with a member added");
    MUST(json_object_del(body, "fuzz: added") == 0, "it was there");
    spoil_signature(envelope);
    MUST(!holds(envelope, key), "holds with a digit changed");
    json_decref(envelope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_error err = {0};
    json_t *value = wg_json_parse((const char *)data, size, INPUT_MAX, &err);
    if (!value) {
        target_refused(&err);
        return 0;
    }
    read_envelope(value);
    sign(value, FUZZ_DIRECTOR, FUZZ_STRANGER);
    sign(value, FUZZ_STRANGER, FUZZ_DIRECTOR);
    json_decref(value);
    return 0;
}
