/* pins.c: reads, writes and asks a list of pins. */
#include "common/pins.h"

#include "common/signed.h"
#include "common/text.h"

#include <string.h>

#define TYPE "wavegate-pins"

static const char *const uses[WG_PIN_USES] = {
    [WG_PIN_SERVER] = "server", [WG_PIN_DEVICE] = "device"};

const char *wg_pin_use_text(enum wg_pin_use use)
{
    return (unsigned)use < WG_PIN_USES ? uses[use] : "?";
}

bool wg_pin_use_parse(const char *text, enum wg_pin_use *out)
{
    for (int i = 0; i < WG_PIN_USES; i++)
        if (strcmp(text, uses[i]) == 0) {
            *out = (enum wg_pin_use)i;
            return true;
        }
    return false;
}

static size_t count_of(const struct wg_pins *pins, enum wg_pin_use use, bool backup)
{
    size_t count = 0;
    for (size_t i = 0; i < pins->count; i++)
        count += pins->pins[i].use == use && pins->pins[i].backup == backup;
    return count;
}

static bool is_twice(const struct wg_pins *pins, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (pins->pins[i].use == pins->pins[at].use &&
            strcmp(pins->pins[i].sha256, pins->pins[at].sha256) == 0)
            return true;
    return false;
}

bool wg_pins_check(const struct wg_pins *pins, struct wg_error *err)
{
    uint8_t bytes[WG_SHA256_SIZE];
    if (pins->number < 1 || pins->number > WG_PINS_NUMBER_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "number: expected 1 or more");
    if (pins->count == 0 || pins->count > WG_PINS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "pins: expected 2 to %d", WG_PINS_MAX);
    for (size_t i = 0; i < pins->count; i++) {
        if (!wg_unhex(pins->pins[i].sha256, bytes, sizeof bytes))
            return wg_fail(err, WG_E_BAD_INPUT, "pins[%zu]: sha256: expected 64 hex digits", i);
        if (is_twice(pins, i)) return wg_fail(err, WG_E_BAD_INPUT, "pins[%zu]: there twice", i);
    }
    for (int use = 0; use < WG_PIN_USES; use++) {
        size_t present = count_of(pins, (enum wg_pin_use)use, false);
        size_t backup = count_of(pins, (enum wg_pin_use)use, true);
        if ((present > 0) != (backup > 0))
            return wg_fail(err, WG_E_BAD_INPUT, "pins: %s: needs one in force and a backup",
                           uses[use]);
    }
    return true;
}

static bool read_pin(const json_t *json, struct wg_pin *out, struct wg_error *err)
{
    char use[16];
    if (!wg_json_text(json, "use", use, sizeof use, err) ||
        !wg_json_text(json, "sha256", out->sha256, sizeof out->sha256, err) ||
        !wg_json_bool(json, "backup", &out->backup, err))
        return false;
    return wg_pin_use_parse(use, &out->use) ||
           wg_fail(err, WG_E_BAD_INPUT, "use: expected server or device");
}

static bool read_body(const json_t *body, struct wg_pins *out, struct wg_error *err)
{
    char type[24], issued[WG_TIME_TEXT + 16];
    int64_t format = 0;
    json_t *list = NULL;
    if (!wg_json_text(body, "type", type, sizeof type, err) || strcmp(type, TYPE) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "type: expected " TYPE);
    if (!wg_json_int(body, "v", 1, 1, &format, err) ||
        !wg_json_int(body, "number", 1, WG_PINS_NUMBER_MAX, &out->number, err) ||
        !wg_json_text(body, "issued", issued, sizeof issued, err) ||
        !wg_json_array(body, "pins", &list, err))
        return false;
    if (!wg_time_parse(issued, &out->issued))
        return wg_fail(err, WG_E_BAD_INPUT, "issued: expected a time");
    if (json_array_size(list) > WG_PINS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "pins: more than %d", WG_PINS_MAX);
    for (out->count = 0; out->count < json_array_size(list); out->count++)
        if (!read_pin(json_array_get(list, out->count), &out->pins[out->count], err))
            return wg_context(err, "pins[%zu]", out->count);
    return wg_pins_check(out, err);
}

bool wg_pins_read(const char *bytes, size_t len, const struct wg_identity_public *keys,
                  size_t key_count, int64_t last, struct wg_pins *out, struct wg_error *err)
{
    struct wg_pins read = {.number = 0};
    json_t *body = NULL, *envelope = wg_json_parse(bytes, len, WG_PINS_BYTES_MAX, err);
    bool ok = envelope && wg_signed_check(envelope, keys, key_count, &body, err) &&
              read_body(body, &read, err);
    json_decref(envelope);
    if (ok && read.number <= last)
        ok = wg_fail(err, WG_E_CONFLICT, "number %lld is not above %lld: an old list",
                     (long long)read.number, (long long)last);
    if (ok) *out = read;
    return ok || wg_context(err, "pins");
}

bool wg_pins_peek(const char *bytes, size_t len, struct wg_pins *out, struct wg_error *err)
{
    struct wg_pins read = {.number = 0};
    json_t *body = NULL, *envelope = wg_json_parse(bytes, len, WG_PINS_BYTES_MAX, err);
    bool ok =
        envelope && wg_json_object(envelope, "signed", &body, err) && read_body(body, &read, err);
    json_decref(envelope);
    if (ok) *out = read;
    return ok || wg_context(err, "pins");
}

json_t *wg_pins_make(const struct wg_pins *pins, struct wg_error *err)
{
    char issued[WG_TIME_TEXT];
    if (!wg_pins_check(pins, err)) return NULL;
    wg_time_text(pins->issued, issued);
    json_t *list = json_array();
    for (size_t i = 0; i < pins->count; i++)
        (void)json_array_append_new(
            list, json_pack("{s:s,s:s,s:b}", "use", wg_pin_use_text(pins->pins[i].use), "sha256",
                            pins->pins[i].sha256, "backup", (int)pins->pins[i].backup));
    json_t *body = json_pack("{s:s,s:i,s:I,s:s,s:o}", "type", TYPE, "v", 1, "number",
                             (json_int_t)pins->number, "issued", issued, "pins", list);
    if (!body) (void)wg_fail_memory(err, "writing pins");
    return body;
}

json_t *wg_pins_sign(const struct wg_pins *pins, const struct wg_identity_key *key,
                     struct wg_error *err)
{
    json_t *body = wg_pins_make(pins, err);
    json_t *envelope = body ? wg_signed_make(body, key, err) : NULL;
    json_decref(body);
    return envelope;
}

bool wg_pins_name(const struct wg_pins *pins, enum wg_pin_use use)
{
    return count_of(pins, use, false) > 0;
}

bool wg_pins_have(const struct wg_pins *pins, enum wg_pin_use use, const char *sha256)
{
    for (size_t i = 0; i < pins->count; i++)
        if (pins->pins[i].use == use && strcmp(pins->pins[i].sha256, sha256) == 0) return true;
    return false;
}

bool wg_pins_allow(const struct wg_pins *pins, enum wg_pin_use use,
                   const struct wg_identity_public *key)
{
    char hash[WG_SHA256_HEX];
    return wg_identity_id(key, hash, NULL) && wg_pins_have(pins, use, hash);
}
