/* lot.c: reads the list of a lot's devices, writes the statements about them. */
#include "pki/lot.h"

#include "common/buf.h"
#include "common/enrolment.h"
#include "common/posix/file.h"
#include "common/posix/signed_by.h"

#include <stdlib.h>
#include <string.h>

#define LIST_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define LINE_MAX_BYTES ((size_t)65536)

void lot_clear(struct lot *lot)
{
    free(lot->devices);
    lot->devices = NULL;
    lot->count = 0;
}

static bool read_device(const char *line, size_t len, struct lot_device *out, struct wg_error *err)
{
    json_t *json = wg_json_parse(line, len, LINE_MAX_BYTES, err);
    bool ok = json && wg_json_text(json, "id", out->id, sizeof out->id, err) &&
              wg_json_text(json, "hardware_model", out->model, sizeof out->model, err) &&
              wg_json_text_opt(json, "hardware_revision", out->revision, sizeof out->revision, err);
    json_decref(json);
    if (!ok) return false;
    if (!wg_name_is_valid(out->id))
        return wg_fail(err, WG_E_BAD_INPUT, "id: \"%.80s\" is no name", out->id);
    return (wg_name_is_valid(out->model) &&
            (!out->revision[0] || wg_name_is_valid(out->revision))) ||
           wg_fail(err, WG_E_BAD_INPUT, "hardware_model, hardware_revision: expected names");
}

static const struct lot_device *find(const struct lot *lot, const char *id)
{
    for (size_t i = 0; i < lot->count; i++)
        if (strcmp(lot->devices[i].id, id) == 0) return &lot->devices[i];
    return NULL;
}

static bool add_line(struct lot *lot, const char *line, size_t len, struct wg_error *err)
{
    struct lot_device device = {.id = ""};
    if (!read_device(line, len, &device, err)) return false;
    if (find(lot, device.id))
        return wg_fail(err, WG_E_BAD_INPUT, "id: %s is there twice", device.id);
    if (lot->count == LOT_DEVICES_MAX)
        return wg_fail(err, WG_E_LIMIT, "more than %d devices: make several lots", LOT_DEVICES_MAX);
    lot->devices[lot->count++] = device;
    return true;
}

static bool read_lines(struct lot *lot, const struct wg_buf *text, const char *file,
                       struct wg_error *err)
{
    const char *at = wg_buf_str(text), *end = at + text->len;
    for (size_t number = 1; at < end; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        if (len > 0 && !add_line(lot, at, len, err)) {
            if (err && err->code == WG_E_BAD_INPUT) err->code = WG_E_BAD_FILE;
            return wg_context(err, "%s:%zu: error", file, number);
        }
        at += len + 1;
    }
    return lot->count > 0 || wg_fail(err, WG_E_BAD_FILE, "%s: no devices", file);
}

bool lot_read(struct lot *lot, const char *file, struct wg_error *err)
{
    struct wg_buf text;
    lot->devices = calloc(LOT_DEVICES_MAX, sizeof *lot->devices);
    if (!lot->devices) return wg_fail_memory(err, "reading a lot");
    wg_buf_init(&text, LIST_BYTES_MAX);
    bool ok = wg_file_read(file, &text, err) && read_lines(lot, &text, file, err);
    wg_buf_clear(&text);
    return ok;
}

static void record_of(const struct lot *lot, const struct lot_device *device,
                      struct wg_enrolment *out)
{
    *out = (struct wg_enrolment){.identity_key = device->public_key, .enrolled = lot->made};
    (void)wg_copy(out->device, sizeof out->device, device->id);
    (void)wg_copy(out->hardware_model, sizeof out->hardware_model, device->model);
    (void)wg_copy(out->hardware_revision, sizeof out->hardware_revision, device->revision);
    (void)wg_copy(out->age_key, sizeof out->age_key, device->age_key);
    (void)wg_copy(out->lot, sizeof out->lot, lot->name);
}

json_t *lot_enrolment(const struct lot *lot, const struct lot_device *device,
                      struct wg_signing_key *key, struct wg_error *err)
{
    struct wg_enrolment record;
    record_of(lot, device, &record);
    json_t *body = wg_enrolment_make(&record, err);
    json_t *envelope = body ? wg_signed_by(body, key, err) : NULL;
    json_decref(body);
    return envelope;
}

/* The record, and what was made beside it. */
static json_t *describe_made(const struct lot *lot, const struct lot_device *device,
                             struct wg_error *err)
{
    struct wg_enrolment record;
    record_of(lot, device, &record);
    json_t *entry = wg_enrolment_make(&record, err);
    if (entry && json_object_set_new(entry, "serial", json_string(device->serial)) == 0 &&
        json_object_set_new(entry, "certificate_sha256", json_string(device->certificate)) == 0 &&
        json_object_set_new(entry, "bundle_sha256", json_string(device->bundle)) == 0)
        return entry;
    json_decref(entry);
    return NULL;
}

json_t *lot_manifest(const struct lot *lot, struct wg_signing_key *key, struct wg_error *err)
{
    char made[WG_TIME_TEXT];
    json_t *list = json_array();
    wg_time_text(lot->made, made);
    for (size_t i = 0; list && i < lot->count; i++)
        if (json_array_append_new(list, describe_made(lot, &lot->devices[i], err)) != 0) {
            json_decref(list);
            list = NULL;
        }
    json_t *body =
        list ? json_pack("{s:s,s:i,s:s,s:s,s:s,s:o}", "type", "wavegate-lot", "v", 1, "lot",
                         lot->name, "made", made, "station", lot->station, "devices", list)
             : NULL;
    json_t *envelope = body ? wg_signed_by(body, key, err) : NULL;
    if (!body && err && err->code == WG_OK) (void)wg_fail_memory(err, "a lot's manifest");
    json_decref(body);
    return envelope;
}
