/* settings.c: reads the configuration, strictly. */
#include "pki/enrol/settings.h"

#include "common/json.h"
#include "common/json_place.h"
#include "common/posix/file.h"
#include "common/posix/place.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define SETTINGS_BYTES_MAX 65536
#define DAYS_MAX 3650
#define RENEWALS_MAX 1000

static const char *const keys[] = {
    "brokers",  "ca",      "certificate", "key", "pki",  "days",  "renewals", "window",
    "crl_file", "control", "broker_pid",  "log", "pins", "claim", "mqtt",     NULL};

static bool read_path(const json_t *json, const char *folder, const char *key, char *out,
                      bool needed, struct wg_error *err)
{
    char given[PATH_MAX] = "";
    if (needed ? !wg_json_text(json, key, given, sizeof given, err)
               : !wg_json_text_opt(json, key, given, sizeof given, err))
        return false;
    if (!given[0] && needed) return wg_fail(err, WG_E_BAD_FILE, "%s: empty", key);
    return !given[0] || wg_place(folder, given, out, err) || wg_context(err, "%s", key);
}

static bool read_mqtt(const json_t *json, struct enrol_settings *out, struct wg_error *err)
{
    char text[8] = "5";
    if (!wg_json_text_opt(json, "mqtt", text, sizeof text, err)) return false;
    out->mqtt_version = strcmp(text, "3.1.1") == 0 ? 311 : 5;
    return out->mqtt_version == 311 || strcmp(text, "5") == 0 ||
           wg_fail(err, WG_E_BAD_FILE, "mqtt: expected \"5\" or \"3.1.1\", got \"%s\"", text);
}

static bool read_brokers(const json_t *json, struct enrol_settings *out, struct wg_error *err)
{
    json_t *list = NULL;
    if (!wg_json_array(json, "brokers", &list, err)) return false;
    size_t count = json_array_size(list);
    if (count == 0 || count > ENROL_BROKERS_MAX)
        return wg_fail(err, WG_E_BAD_FILE, "brokers: expected 1 to %d", ENROL_BROKERS_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *url = json_string_value(json_array_get(list, i));
        if (!url || strncmp(url, "ssl://", 6) != 0 || !wg_copy(out->brokers[i], ENROL_URL_MAX, url))
            return wg_fail(err, WG_E_BAD_FILE, "brokers: expected ssl://HOST:PORT");
    }
    out->broker_count = count;
    return read_mqtt(json, out, err);
}

static bool read_rules(const json_t *json, struct enrol_settings *out, struct wg_error *err)
{
    char window[WG_TIME_TEXT] = "24h", level[16] = "info";
    if (!wg_json_int_opt(json, "days", 1, DAYS_MAX, &out->days, err) ||
        !wg_json_int_opt(json, "renewals", 1, RENEWALS_MAX, &out->renewals, err) ||
        !wg_json_text_opt(json, "window", window, sizeof window, err) ||
        !wg_json_text_opt(json, "log", level, sizeof level, err) ||
        (json_object_get(json, "control") && !wg_json_bool(json, "control", &out->control, err)))
        return false;
    if (!wg_duration_parse(window, &out->window) || out->window < WG_SECOND)
        return wg_fail(err, WG_E_BAD_FILE, "window: expected a duration like 24h");
    return wg_log_level_parse(level, &out->log) ||
           wg_fail(err, WG_E_BAD_FILE,
                   "log: expected error, warn, info or debug, and json or journal");
}

static bool read_all(const json_t *json, const char *folder, struct enrol_settings *out,
                     struct wg_error *err)
{
    return wg_json_only_keys(json, keys, err) && read_brokers(json, out, err) &&
           read_path(json, folder, "ca", out->ca, true, err) &&
           read_path(json, folder, "pins", out->pins, false, err) &&
           read_path(json, folder, "certificate", out->certificate, true, err) &&
           read_path(json, folder, "key", out->key, true, err) &&
           read_path(json, folder, "pki", out->pki, true, err) &&
           read_path(json, folder, "crl_file", out->crl_file, false, err) &&
           read_path(json, folder, "broker_pid", out->broker_pid, false, err) &&
           read_rules(json, out, err) &&
           claim_settings_read(json, folder, out->pki, &out->claim, err);
}

static bool check_file(const char *key, const char *path, enum wg_place_kind kind, bool starting,
                       struct wg_error *err)
{
    return wg_place_check(path, kind, starting, err) || wg_context(err, "%s", key);
}

/* What it writes it makes itself. */
static bool check_files(const struct enrol_settings *settings, bool starting, struct wg_error *err)
{
    const struct claim_settings *claim = &settings->claim;
    return check_file("ca", settings->ca, WG_PLACE_PEM, starting, err) &&
           check_file("certificate", settings->certificate, WG_PLACE_PEM, starting, err) &&
           check_file("key", settings->key, WG_PLACE_SECRET, starting, err) &&
           check_file("pki", settings->pki, WG_PLACE_FOLDER, starting, err) &&
           ((check_file("certificate", claim->certificate, WG_PLACE_PEM, starting, err) &&
             check_file("key", claim->key, WG_PLACE_SECRET, starting, err)) ||
            wg_context(err, "claim"));
}

bool enrol_path_read(const json_t *json, const char *folder, const char *key, char *out,
                     bool needed, struct wg_error *err)
{
    return read_path(json, folder, key, out, needed, err);
}

static bool load_for(struct enrol_settings *out, const char *file, bool check, bool starting,
                     struct wg_error *err)
{
    char real[PATH_MAX];
    struct wg_buf bytes;
    *out = (struct enrol_settings){.renewals = 4};
    if (!realpath(file, real)) return wg_fail_errno(err, "configuration file %s", file);
    wg_buf_init(&bytes, SETTINGS_BYTES_MAX);
    json_t *json = wg_file_read(real, &bytes, err)
                       ? wg_json_parse(wg_buf_str(&bytes), bytes.len, SETTINGS_BYTES_MAX, err)
                       : NULL;
    char *slash = strrchr(real, '/');
    if (slash) *slash = '\0';
    bool ok = json && read_all(json, real, out, err) && (!check || check_files(out, starting, err));
    if (!ok) (void)wg_json_fail_at(file, wg_buf_str(&bytes), bytes.len, err);
    json_decref(json);
    wg_buf_clear(&bytes);
    return ok;
}

bool enrol_settings_load(struct enrol_settings *out, const char *file, struct wg_error *err)
{
    return load_for(out, file, false, false, err);
}

bool enrol_settings_check(struct enrol_settings *out, const char *file, bool starting,
                          struct wg_error *err)
{
    return load_for(out, file, true, starting, err);
}
