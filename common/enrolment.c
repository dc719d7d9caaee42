/* enrolment.c: reads and writes enrolment records. */
#include "common/enrolment.h"

#include "common/signed.h"

#include <string.h>

#define TYPE "wavegate-enrolment"
#define AGE_PREFIX "age1"

static bool is_recipient(const char *text)
{
    static const char bech32[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    return strlen(text) == WG_AGE_RECIPIENT_TEXT - 1 &&
           strncmp(text, AGE_PREFIX, strlen(AGE_PREFIX)) == 0 &&
           strspn(text + strlen(AGE_PREFIX), bech32) ==
               WG_AGE_RECIPIENT_TEXT - 1 - strlen(AGE_PREFIX);
}

static bool check(const struct wg_enrolment *record, struct wg_error *err)
{
    if (!wg_name_is_valid(record->device))
        return wg_fail(err, WG_E_BAD_INPUT, "device: expected a name");
    if (!wg_name_is_valid(record->hardware_model) ||
        (record->hardware_revision[0] && !wg_name_is_valid(record->hardware_revision)))
        return wg_fail(err, WG_E_BAD_INPUT, "hardware: expected names");
    if (!is_recipient(record->age_key))
        return wg_fail(err, WG_E_BAD_INPUT, "age_key: expected age1 and 58 characters");
    return wg_name_is_valid(record->lot) || wg_fail(err, WG_E_BAD_INPUT, "lot: expected a name");
}

static bool read_key(const json_t *body, struct wg_identity_public *out, struct wg_error *err)
{
    char hex[2 * WG_SPKI_MAX + 1];
    uint8_t der[WG_SPKI_MAX];
    if (!wg_json_text(body, "identity_key", hex, sizeof hex, err)) return false;
    size_t len = strlen(hex) / 2;
    if (strlen(hex) % 2 != 0 || !wg_unhex(hex, der, len))
        return wg_fail(err, WG_E_BAD_INPUT, "identity_key: expected hex digits");
    return wg_identity_from_spki(der, len, out, err) || wg_context(err, "identity_key");
}

static bool read_body(const json_t *body, struct wg_enrolment *out, struct wg_error *err)
{
    char type[24], enrolled[WG_TIME_TEXT + 16];
    int64_t format = 0;
    json_t *hardware = NULL;
    if (!wg_json_text(body, "type", type, sizeof type, err) || strcmp(type, TYPE) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "type: expected " TYPE);
    if (!wg_json_int(body, "v", 1, 1, &format, err) ||
        !wg_json_text(body, "device", out->device, sizeof out->device, err) ||
        !wg_json_object(body, "hardware", &hardware, err) ||
        !wg_json_text(hardware, "model", out->hardware_model, sizeof out->hardware_model, err) ||
        !wg_json_text_opt(hardware, "revision", out->hardware_revision,
                          sizeof out->hardware_revision, err) ||
        !read_key(body, &out->identity_key, err) ||
        !wg_json_text(body, "age_key", out->age_key, sizeof out->age_key, err) ||
        !wg_json_text(body, "lot", out->lot, sizeof out->lot, err) ||
        !wg_json_text(body, "enrolled", enrolled, sizeof enrolled, err))
        return false;
    return (wg_time_parse(enrolled, &out->enrolled) ||
            wg_fail(err, WG_E_BAD_INPUT, "enrolled: expected a time")) &&
           check(out, err);
}

bool wg_enrolment_read(const char *bytes, size_t len, const struct wg_identity_public *keys,
                       size_t key_count, struct wg_enrolment *out, struct wg_error *err)
{
    struct wg_enrolment read = {.device = ""};
    json_t *body = NULL, *envelope = wg_json_parse(bytes, len, WG_ENROLMENT_BYTES_MAX, err);
    bool ok = envelope && wg_signed_check(envelope, keys, key_count, &body, err) &&
              read_body(body, &read, err);
    json_decref(envelope);
    if (ok) *out = read;
    return ok || wg_context(err, "enrolment record");
}

json_t *wg_enrolment_make(const struct wg_enrolment *record, struct wg_error *err)
{
    char hex[2 * WG_SPKI_MAX + 1], enrolled[WG_TIME_TEXT];
    struct wg_buf der;
    if (!check(record, err)) return NULL;
    wg_buf_init(&der, WG_SPKI_MAX);
    wg_identity_spki(&record->identity_key, &der);
    wg_hex(wg_buf_str(&der), der.len, hex);
    wg_buf_clear(&der);
    wg_time_text(record->enrolled, enrolled);
    json_t *body =
        json_pack("{s:s,s:i,s:s,s:{s:s,s:s*},s:s,s:s,s:s,s:s}", "type", TYPE, "v", 1, "device",
                  record->device, "hardware", "model", record->hardware_model, "revision",
                  record->hardware_revision[0] ? record->hardware_revision : NULL, "identity_key",
                  hex, "age_key", record->age_key, "lot", record->lot, "enrolled", enrolled);
    if (!body) (void)wg_fail_memory(err, "an enrolment record");
    return body;
}

json_t *wg_enrolment_sign(const struct wg_enrolment *record, const struct wg_identity_key *key,
                          struct wg_error *err)
{
    json_t *body = wg_enrolment_make(record, err);
    json_t *envelope = body ? wg_signed_make(body, key, err) : NULL;
    json_decref(body);
    return envelope;
}
