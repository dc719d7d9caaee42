/* statement.c: a person's statement as JSON, and back. */
#include "common/trust/statement.h"

#include "common/signed.h"

#include <string.h>

#define TYPE "wavegate-statement" /* keeps a signature over something else from passing for one */
#define DEVICES_MAX ((int64_t)1 << 40)

static const char *const kinds[] = {[STATEMENT_APPLY] = "apply",
                                    [STATEMENT_APPROVE] = "approve",
                                    [STATEMENT_RELEASE] = "release",
                                    [STATEMENT_DOWNGRADE] = "downgrade",
                                    [STATEMENT_ERASE] = "erase"};
#define KINDS (sizeof kinds / sizeof kinds[0])

const char *statement_kind_text(enum statement_kind kind)
{
    return (unsigned)kind < KINDS ? kinds[kind] : "";
}

/* {"canary": 12, "rest": null}; a new reference, NULL without waves or memory. */
static json_t *waves_make(const struct statement *statement)
{
    json_t *waves = statement->wave_count > 0 ? json_object() : NULL;
    for (size_t i = 0; waves && i < statement->wave_count; i++) {
        const struct statement_wave *wave = &statement->waves[i];
        json_t *devices = wave->devices < 0 ? json_null() : json_integer(wave->devices);
        if (json_object_set_new(waves, wave->name, devices) == 0) continue;
        json_decref(waves);
        return NULL;
    }
    return waves;
}

static const char *or_none(const char *text)
{
    return text[0] ? text : NULL;
}

static json_t *body_make(const struct statement *statement)
{
    char at[WG_TIME_TEXT];
    wg_time_text(statement->at, at);
    return json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:s*,s:s*,s:s*,s:o*}", "_type", TYPE, "v", 1,
                     "kind", kinds[statement->kind], "campaign", statement->campaign, "digest",
                     statement->digest, "wave", statement->wave, "operator",
                     statement->operator_name, "at", at, "release", or_none(statement->release),
                     "rollback_to", or_none(statement->rollback), "device",
                     or_none(statement->device), "waves", waves_make(statement));
}

json_t *statement_body(const struct statement *statement, struct wg_error *err)
{
    json_t *body = body_make(statement);
    if (body && (statement->wave_count == 0 || json_object_get(body, "waves"))) return body;
    json_decref(body);
    (void)wg_fail_memory(err, "signing a statement");
    return NULL;
}

bool statement_sign(const struct statement *statement, const struct wg_identity_key *key,
                    struct wg_buf *out, struct wg_error *err)
{
    json_t *body = statement_body(statement, err);
    json_t *envelope = body ? wg_signed_make(body, key, err) : NULL;
    bool ok = envelope && wg_json_canonical(envelope, out, err);
    json_decref(envelope);
    json_decref(body);
    return ok;
}

static bool read_kind(const json_t *body, struct statement *out, struct wg_error *err)
{
    char text[16];
    if (!wg_json_text(body, "kind", text, sizeof text, err)) return false;
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(text, kinds[i]) == 0) {
            out->kind = (enum statement_kind)i;
            return true;
        }
    return wg_fail(err, WG_E_BAD_INPUT,
                   "kind: expected apply, approve, release, downgrade or erase, got \"%s\"", text);
}

static bool read_waves(const json_t *body, struct statement *out, struct wg_error *err)
{
    json_t *waves = json_object_get(body, "waves"), *devices;
    const char *name;
    if (!waves) return true;
    if (!json_is_object(waves) || json_object_size(waves) > STATEMENT_WAVES_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "waves: expected an object of at most %d waves",
                       STATEMENT_WAVES_MAX);
    json_object_foreach(waves, name, devices)
    {
        struct statement_wave *wave = &out->waves[out->wave_count++];
        json_int_t number = json_is_null(devices) ? -1 : json_integer_value(devices);
        if (!wg_copy(wave->name, sizeof wave->name, name) ||
            !(json_is_null(devices) || json_is_integer(devices)) || number < -1 ||
            number > DEVICES_MAX || (number == -1 && !json_is_null(devices)))
            return wg_fail(err, WG_E_BAD_INPUT, "waves.%.64s: expected a number of devices", name);
        wave->devices = number;
    }
    return true;
}

bool statement_read(const json_t *body, struct statement *out, struct wg_error *err)
{
    char type[32], at[WG_TIME_TEXT];
    struct statement read = {0};
    if (!wg_json_text(body, "_type", type, sizeof type, err) || !read_kind(body, &read, err) ||
        !wg_json_text(body, "campaign", read.campaign, sizeof read.campaign, err) ||
        !wg_json_text(body, "digest", read.digest, sizeof read.digest, err) ||
        !wg_json_text(body, "wave", read.wave, sizeof read.wave, err) ||
        !wg_json_text(body, "operator", read.operator_name, sizeof read.operator_name, err) ||
        !wg_json_text(body, "at", at, sizeof at, err) ||
        !wg_json_text_opt(body, "release", read.release, sizeof read.release, err) ||
        !wg_json_text_opt(body, "rollback_to", read.rollback, sizeof read.rollback, err) ||
        !wg_json_text_opt(body, "device", read.device, sizeof read.device, err) ||
        !read_waves(body, &read, err))
        return false;
    if (strcmp(type, TYPE) != 0 || !wg_time_parse(at, &read.at))
        return wg_fail(err, WG_E_BAD_INPUT, "this is no statement of an operator");
    *out = read;
    return true;
}

bool statement_open(const char *envelope, size_t len, const struct wg_identity_public *key,
                    struct statement *out, struct wg_error *err)
{
    json_t *body = NULL;
    json_t *json = wg_json_parse(envelope, len, STATEMENT_MAX, err);
    bool ok = json && wg_signed_check(json, key, 1, &body, err) && statement_read(body, out, err);
    json_decref(json);
    return ok;
}
