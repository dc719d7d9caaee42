/* settings.c: reads the agent's configuration. */
#include "agent/posix/settings.h"

#include "agent/posix/device_key.h"
#include "agent/posix/hooks.h"
#include "agent/posix/slot_settings.h"
#include "common/json.h"
#include "common/json_place.h"
#include "common/message_log.h"
#include "common/posix/certificate.h"
#include "common/posix/file.h"
#include "common/posix/place.h"
#include "common/posix/secrets.h"
#include "common/posix/token_turn.h"
#include "common/posix/token_uri.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTINGS_BYTES_MAX 65536
#define LOGS_PER_DAY 20
#define LOGS_PER_DAY_MOST 1000
#define KEEP_ALIVE_MOST (65535 * WG_SECOND) /* of an MQTT connection */

static const char *const keys[] = {"id",         "broker",
                                   "ca",         "certificate",
                                   "key",        "key_secret",
                                   "directors",  "state",
                                   "component",  "hardware",
                                   "region",     "zone",
                                   "position",   "attributes",
                                   "soak",       "health_every",
                                   "resend",     "reconnect",
                                   "keep_alive", "reboot",
                                   "log",        "metrics",
                                   "repository", "age_key",
                                   "watchdog",   "pins",
                                   "pins_key",   "slots",
                                   "hooks",      "hook_timeout",
                                   "tamper",     "logs",
                                   "proxy",      "proxy_credentials",
                                   "no_proxy",   "mirrors",
                                   "download",   "components",
                                   "mqtt",       NULL};

struct reader {
    const json_t *json;
    struct settings *out;
    char folder[PATH_MAX];
    bool unclaimed; /* there is no certificate yet */
    bool check;     /* what the file names is looked at too */
    struct wg_error *err;
};

static const char *const hardware_keys[] = {"model", "revision", NULL};
static const char *const position_keys[] = {"lat", "lon", NULL};
static const char *const repository_keys[] = {"url", "root", NULL};
static const char *const watchdog_keys[] = {"device", "timeout", NULL};
static const char *const logs_keys[] = {"program", "max", "per_day", NULL};
static const char *const reconnect_keys[] = {"first", "most", NULL};

/* *out: NULL when the key is not there. */
static bool read_object(const struct reader *reader, const char *key, const char *const *known,
                        json_t **out)
{
    *out = NULL;
    if (!json_object_get(reader->json, key)) return true;
    return wg_json_object(reader->json, key, out, reader->err) &&
           (wg_json_only_keys(*out, known, reader->err) || wg_context(reader->err, "%s", key));
}

static bool read_path(const struct reader *reader, const json_t *object, const char *key, char *out)
{
    char given[PATH_MAX] = "";
    if (!wg_json_text(object, key, given, sizeof given, reader->err)) return false;
    return wg_place(reader->folder, given, out, reader->err) || wg_context(reader->err, "%s", key);
}

static bool read_duration(const struct reader *reader, const json_t *object, const char *key,
                          wg_duration min, wg_duration *out)
{
    char text[WG_TIME_TEXT] = "";
    if (!wg_json_text_opt(object, key, text, sizeof text, reader->err)) return false;
    if (!text[0]) return true;
    return (wg_duration_parse(text, out) && *out >= min) ||
           wg_fail(reader->err, WG_E_BAD_FILE,
                   "%s: expected a duration like 90s or 10m, got \"%s\"", key, text);
}

/* With a repository, its policy names the directors; those of the file count until it is there. */
static bool read_repository(const struct reader *reader)
{
    struct settings *out = reader->out;
    json_t *repository = NULL;
    if (!read_object(reader, "repository", repository_keys, &repository)) return false;
    if (!repository) return true;
    if (!wg_json_text(repository, "url", out->repository, sizeof out->repository, reader->err) ||
        !read_path(reader, repository, "root", out->root))
        return wg_context(reader->err, "repository");
    size_t len = strlen(out->repository);
    while (len > 0 && out->repository[len - 1] == '/') out->repository[--len] = '\0';
    out->core.vouch = true;
    return strncmp(out->repository, "https://", 8) == 0 ||
           wg_fail(reader->err, WG_E_BAD_FILE, "repository: url: expected https://HOST/PATH");
}

/* A list is worth what its key is worth. */
static bool read_pins(const struct reader *reader)
{
    bool list = json_object_get(reader->json, "pins"),
         key = json_object_get(reader->json, "pins_key");
    if (list != key)
        return wg_fail(reader->err, WG_E_BAD_FILE, "pins and pins_key: expected both, or neither");
    return !list || (read_path(reader, reader->json, "pins", reader->out->pins) &&
                     read_path(reader, reader->json, "pins_key", reader->out->pins_key));
}

/* Nobody can be asked for the PIN: the file of key_secret is named where the URI names none. */
static bool add_pin(const struct reader *reader, char uri[PATH_MAX])
{
    char file[PATH_MAX] = "", out[PATH_MAX];
    if (!json_object_get(reader->json, "key_secret")) return true;
    if (strstr(uri, "pin-source="))
        return wg_fail(reader->err, WG_E_BAD_FILE, "key_secret: the URI of key has a pin-source");
    if (!read_path(reader, reader->json, "key_secret", file)) return false;
    if (file[strcspn(file, "%?&#;")])
        return wg_fail(reader->err, WG_E_BAD_FILE, "key_secret: expected a path without %%?&#;");
    if (!wg_format(out, sizeof out, "%s%cpin-source=file:%s", uri, strchr(uri, '?') ? '&' : '?',
                   file))
        return wg_fail(reader->err, WG_E_LIMIT, "key: too long");
    return wg_copy(uri, PATH_MAX, out);
}

static bool read_key(const struct reader *reader)
{
    const char *given = json_string_value(json_object_get(reader->json, "key"));
    char *key = reader->out->key, name[PATH_MAX];
    struct wg_token_uri uri;
    bool in_token = given && wg_token_uri_is(given);
    if (!in_token && json_object_get(reader->json, "key_secret"))
        return wg_fail(reader->err, WG_E_BAD_FILE, "key_secret: the key is in no token");
    if (!in_token) return read_path(reader, reader->json, "key", key);
    if (!wg_copy(key, sizeof reader->out->key, given))
        return wg_fail(reader->err, WG_E_LIMIT, "key: too long");
    if (!token_turn_has(reader->err) || !wg_token_uri_parse(key, &uri, reader->err) ||
        !add_pin(reader, key) || !device_key_numbered(key, 1, name, reader->err))
        return wg_context(reader->err, "key");
    return uri.id_len == 0 ||
           wg_fail(reader->err, WG_E_BAD_FILE, "key: expected a URI with object= and no id=");
}

static bool read_files(const struct reader *reader)
{
    struct settings *out = reader->out;
    json_t *directors = NULL, *entry;
    size_t i;
    if (!read_path(reader, reader->json, "ca", out->ca) ||
        !read_path(reader, reader->json, "certificate", out->certificate) || !read_key(reader) ||
        !read_path(reader, reader->json, "state", out->state) ||
        (json_object_get(reader->json, "metrics") &&
         !read_path(reader, reader->json, "metrics", out->metrics)) ||
        (json_object_get(reader->json, "hooks") &&
         !read_path(reader, reader->json, "hooks", out->hooks)) ||
        (json_object_get(reader->json, "tamper") &&
         !read_path(reader, reader->json, "tamper", out->tamper)) ||
        (json_object_get(reader->json, "age_key") &&
         !read_path(reader, reader->json, "age_key", out->age_key)) ||
        !read_pins(reader) || !read_repository(reader))
        return false;
    if (out->core.vouch && !json_object_get(reader->json, "directors")) return true;
    if (!wg_json_array(reader->json, "directors", &directors, reader->err)) return false;
    size_t count = json_array_size(directors);
    if (count == 0 || count > CORE_DIRECTORS_MAX)
        return wg_fail(reader->err, WG_E_BAD_FILE, "directors: expected 1 to %d key files",
                       CORE_DIRECTORS_MAX);
    json_array_foreach(directors, i, entry)
    {
        char path[PATH_MAX];
        const char *given = json_string_value(entry);
        if (!given) return wg_fail(reader->err, WG_E_BAD_FILE, "directors: expected file names");
        if (!wg_place(reader->folder, given, path, reader->err))
            return wg_context(reader->err, "directors");
        if (!wg_identity_public_load(path, &out->core.directors[i], reader->err)) return false;
    }
    out->core.director_count = count;
    return true;
}

/* Who checks by hand has no credentials of systemd. */
static bool check_key(const struct reader *reader)
{
    const char *key = reader->out->key;
    if (reader->check && strncmp(key, WG_PLACE_CREDENTIAL, strlen(WG_PLACE_CREDENTIAL)) == 0)
        return true;
    return wg_token_uri_is(key) || wg_secret_path_check(key, reader->err);
}

/* Who the device is, is what its certificate says. */
static bool read_identity(const struct reader *reader)
{
    struct settings *out = reader->out;
    struct certificate certificate;
    struct wg_buf pem;
    if (reader->unclaimed)
        return wg_json_text_opt(reader->json, "id", out->core.device, sizeof out->core.device,
                                reader->err);
    if (!check_key(reader)) return wg_context(reader->err, "key");
    wg_buf_init(&pem, CERTIFICATE_PEM_MAX);
    bool ok = wg_file_read(out->certificate, &pem, reader->err) &&
              certificate_read(wg_buf_str(&pem), &certificate, reader->err);
    wg_buf_clear(&pem);
    if (!ok) return wg_context(reader->err, "certificate");
    (void)wg_copy(out->core.device, sizeof out->core.device, certificate.name);
    if (!wg_json_text_opt(reader->json, "id", out->core.device, sizeof out->core.device,
                          reader->err))
        return false;
    if (strcmp(out->core.device, certificate.name) != 0)
        return wg_fail(reader->err, WG_E_BAD_FILE,
                       "id: the file says \"%s\", the certificate \"%s\": leave it out",
                       out->core.device, certificate.name);
    return wg_name_is_valid(out->core.device) ||
           wg_fail(reader->err, WG_E_BAD_FILE, "the certificate's name is no device id");
}

static bool read_attributes(const struct reader *reader)
{
    struct wg_hello *hello = &reader->out->core.identity;
    json_t *attributes = json_object_get(reader->json, "attributes");
    (void)wg_copy(hello->attributes, sizeof hello->attributes, "{}");
    if (!attributes) return true;
    char *text = json_is_object(attributes) ? json_dumps(attributes, JSON_COMPACT) : NULL;
    bool ok = text && wg_copy(hello->attributes, sizeof hello->attributes, text);
    free(text);
    return ok ||
           wg_fail(reader->err, WG_E_BAD_FILE, "attributes: expected an object of at most %d bytes",
                   WG_ATTRIBUTES_MAX - 1);
}

static bool read_position(const struct reader *reader)
{
    struct wg_hello *hello = &reader->out->core.identity;
    json_t *position = NULL;
    if (!read_object(reader, "position", position_keys, &position)) return false;
    if (!position) return true;
    const json_t *lat = json_object_get(position, "lat"), *lon = json_object_get(position, "lon");
    hello->has_position = true;
    hello->lat = json_number_value(lat);
    hello->lon = json_number_value(lon);
    return (json_is_number(lat) && json_is_number(lon) && fabs(hello->lat) <= 90 &&
            fabs(hello->lon) <= 180) ||
           wg_fail(reader->err, WG_E_BAD_FILE,
                   "position: expected {\"lat\": -90 to 90, \"lon\": -180 to 180}");
}

static bool read_inventory(const struct reader *reader)
{
    struct wg_hello *hello = &reader->out->core.identity;
    json_t *hardware = NULL;
    (void)wg_copy(hello->agent, sizeof hello->agent, WG_VERSION);
    return wg_json_object(reader->json, "hardware", &hardware, reader->err) &&
           read_object(reader, "hardware", hardware_keys, &hardware) &&
           wg_json_text(hardware, "model", hello->hardware_model, sizeof hello->hardware_model,
                        reader->err) &&
           wg_json_text(hardware, "revision", hello->hardware_revision,
                        sizeof hello->hardware_revision, reader->err) &&
           wg_json_text_opt(reader->json, "region", hello->region, sizeof hello->region,
                            reader->err) &&
           wg_json_text_opt(reader->json, "zone", hello->zone, sizeof hello->zone, reader->err) &&
           read_position(reader) && read_attributes(reader);
}

/* What every broker speaks is enough; MQTT 5 says more of what it refuses. */
static bool read_version(const struct reader *reader)
{
    char text[8] = "5";
    if (!wg_json_text_opt(reader->json, "mqtt", text, sizeof text, reader->err)) return false;
    reader->out->mqtt_version = strcmp(text, "3.1.1") == 0 ? 311 : 5;
    return reader->out->mqtt_version == 311 || strcmp(text, "5") == 0 ||
           wg_fail(reader->err, WG_E_BAD_FILE, "mqtt: expected \"5\" or \"3.1.1\", got \"%s\"",
                   text);
}

static bool read_connection(const struct reader *reader)
{
    struct settings *out = reader->out;
    json_t *reconnect = NULL;
    if (!wg_json_text(reader->json, "broker", out->broker, sizeof out->broker, reader->err) ||
        !read_duration(reader, reader->json, "keep_alive", WG_SECOND, &out->keep_alive) ||
        !read_version(reader) || !read_object(reader, "reconnect", reconnect_keys, &reconnect))
        return false;
    if (out->keep_alive > KEEP_ALIVE_MOST)
        return wg_fail(reader->err, WG_E_BAD_FILE, "keep_alive: expected 65535s at most");
    if (reconnect && (!read_duration(reader, reconnect, "first", 10, &out->reconnect_first) ||
                      !read_duration(reader, reconnect, "most", 10, &out->reconnect_most)))
        return wg_context(reader->err, "reconnect");
    return out->reconnect_first <= out->reconnect_most ||
           wg_fail(reader->err, WG_E_BAD_FILE, "reconnect: \"first\" is longer than \"most\"");
}

static bool read_watchdog(const struct reader *reader)
{
    struct watchdog_settings *out = &reader->out->watchdog;
    json_t *watchdog = NULL;
    if (!read_object(reader, "watchdog", watchdog_keys, &watchdog)) return false;
    if (!watchdog) return true;
    return (read_path(reader, watchdog, "device", out->device) &&
            read_duration(reader, watchdog, "timeout", 3 * WG_SECOND, &out->timeout)) ||
           wg_context(reader->err, "watchdog");
}

/* "16KiB" */
static bool read_kibibytes(const struct reader *reader, const json_t *object, const char *key,
                           size_t *out)
{
    char text[16] = "", *end = text;
    if (!wg_json_text_opt(object, key, text, sizeof text, reader->err)) return false;
    if (!text[0]) return true;
    long number = strtol(text, &end, 10);
    *out = (size_t)number << 10;
    return (strcmp(end, "KiB") == 0 && text[0] != '+' && number >= 1 &&
            number <= WG_LOG_TEXT_MAX >> 10) ||
           wg_fail(reader->err, WG_E_BAD_FILE, "%s: expected 1KiB to %dKiB, got \"%s\"", key,
                   WG_LOG_TEXT_MAX >> 10, text);
}

static bool read_logs(const struct reader *reader)
{
    struct last_logs_settings *out = &reader->out->logs;
    json_t *logs = NULL;
    if (!read_object(reader, "logs", logs_keys, &logs)) return false;
    if (!logs) return true;
    return ((!json_object_get(logs, "program") ||
             read_path(reader, logs, "program", out->program)) &&
            read_kibibytes(reader, logs, "max", &out->max) &&
            wg_json_int_opt(logs, "per_day", 0, LOGS_PER_DAY_MOST, &out->per_day, reader->err)) ||
           wg_context(reader->err, "logs");
}

static bool read_rest(const struct reader *reader)
{
    struct settings *out = reader->out;
    char level[16] = "info";
    if (!wg_json_text(reader->json, "component", out->component, sizeof out->component,
                      reader->err) ||
        !wg_json_text_opt(reader->json, "reboot", out->reboot, sizeof out->reboot, reader->err) ||
        !wg_json_text_opt(reader->json, "log", level, sizeof level, reader->err) ||
        !read_duration(reader, reader->json, "soak", 0, &out->core.soak) ||
        !read_duration(reader, reader->json, "health_every", 100, &out->core.health_every) ||
        !read_duration(reader, reader->json, "hook_timeout", WG_SECOND, &out->hook_timeout) ||
        !read_duration(reader, reader->json, "resend", WG_SECOND, &out->core.resend))
        return false;
    if (!read_watchdog(reader) || !read_logs(reader)) return false;
    if (!wg_log_level_parse(level, &out->log))
        return wg_fail(reader->err, WG_E_BAD_FILE,
                       "log: expected error, warn, info or debug, and json or journal");
    return wg_name_is_valid(out->component) ||
           wg_fail(reader->err, WG_E_BAD_FILE, "component: \"%s\" is no name", out->component);
}

static bool check_file(const struct reader *reader, const char *key, const char *path,
                       enum wg_place_kind kind)
{
    return !reader->check || wg_place_check(path, kind, false, reader->err) ||
           wg_context(reader->err, "%s", key);
}

/* Those that are not read here. The state folder it makes itself. */
static bool check_files(const struct reader *reader)
{
    const struct settings *out = reader->out;
    return check_file(reader, "ca", out->ca, WG_PLACE_PEM) &&
           check_file(reader, "age_key", out->age_key, WG_PLACE_SECRET) &&
           check_file(reader, "pins", out->pins, WG_PLACE_FILE) &&
           check_file(reader, "pins_key", out->pins_key, WG_PLACE_PEM) &&
           check_file(reader, "hooks", out->hooks, WG_PLACE_FOLDER) &&
           (check_file(reader, "root", out->root, WG_PLACE_FILE) ||
            wg_context(reader->err, "repository"));
}

static bool read_all(const struct reader *reader)
{
    return wg_json_only_keys(reader->json, keys, reader->err) && read_connection(reader) &&
           read_rest(reader) &&
           slot_settings_read(reader->json, reader->folder, &reader->out->slots, reader->err) &&
           slot_places_read(reader->json, reader->folder, &reader->out->places, reader->err) &&
           slot_places_check(&reader->out->slots, &reader->out->places, reader->out->component,
                             reader->err) &&
           read_files(reader) && read_identity(reader) && read_inventory(reader) &&
           download_settings_read(reader->json, reader->folder, &reader->out->download,
                                  reader->err) &&
           check_files(reader);
}

bool settings_set_state(struct settings *settings, const char *folder, struct wg_error *err)
{
    char here[PATH_MAX];
    if (folder[0] == '/')
        return wg_copy(settings->state, sizeof settings->state, folder) ||
               wg_fail(err, WG_E_USAGE, "state folder: the path is too long");
    if (!getcwd(here, sizeof here)) return wg_fail_errno(err, "the working folder");
    return wg_path_join(settings->state, sizeof settings->state, here, folder, err);
}

static bool load(struct settings *out, const char *file, bool unclaimed, bool check,
                 struct wg_error *err)
{
    struct reader reader = {.out = out, .unclaimed = unclaimed, .check = check, .err = err};
    char real[PATH_MAX];
    struct wg_buf bytes;
    wg_zero(out, sizeof *out);
    out->core.soak = 60 * WG_SECOND;
    out->core.health_every = 5 * WG_SECOND;
    out->core.resend = CORE_RESEND;
    out->hook_timeout = HOOKS_TIMEOUT;
    out->reconnect_first = WG_SECOND;
    out->reconnect_most = 5 * WG_MINUTE;
    out->keep_alive = WG_MINUTE;
    out->watchdog.timeout = WG_MINUTE;
    out->logs.max = WG_LOG_TEXT_MAX;
    out->logs.per_day = LOGS_PER_DAY;
    if (!realpath(file, real)) return wg_fail_errno(err, "configuration file %s", file);
    (void)wg_copy(out->file, sizeof out->file, file); /* which may lead elsewhere later */
    (void)wg_copy(reader.folder, sizeof reader.folder, real);
    char *slash = strrchr(reader.folder, '/');
    if (slash) *slash = '\0';
    wg_buf_init(&bytes, SETTINGS_BYTES_MAX);
    json_t *json = wg_file_read(real, &bytes, err)
                       ? wg_json_parse(wg_buf_str(&bytes), bytes.len, SETTINGS_BYTES_MAX, err)
                       : NULL;
    reader.json = json;
    bool ok = json && read_all(&reader);
    out->core.hooks = out->hooks[0] != '\0';
    if (!ok) (void)wg_json_fail_at(file, wg_buf_str(&bytes), bytes.len, err);
    json_decref(json);
    wg_buf_clear(&bytes);
    return ok;
}

bool settings_load(struct settings *out, const char *file, struct wg_error *err)
{
    return load(out, file, false, false, err);
}

bool settings_load_unclaimed(struct settings *out, const char *file, struct wg_error *err)
{
    return load(out, file, true, false, err);
}

bool settings_check(struct settings *out, const char *file, struct wg_error *err)
{
    return load(out, file, false, true, err);
}
