/* settings.c: a table of options, and what reads each kind. */
#include "broker/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PENALTY_MIN WG_SECOND
#define PENALTY_MAX WG_DAY

static const struct number {
    const char *key;
    size_t offset;
    int64_t min, max, usual;
} numbers[] = {
    {"clients", offsetof(struct settings, clients), 1, 1000000, 25000},
    {"connects_per_second", offsetof(struct settings, connects), 1, 100000, 1000},
    {"device_connects_per_minute", offsetof(struct settings, device_connects), 1, 6000, 12},
    {"device_connect_burst", offsetof(struct settings, connect_burst), 1, 1000, 12},
    {"device_messages_per_second", offsetof(struct settings, messages), 1, 100000, 20},
    {"device_message_burst", offsetof(struct settings, message_burst), 1, 100000, 300},
    {"device_bytes_per_second", offsetof(struct settings, bytes), 1024, 1000000000, 65536},
    {"device_byte_burst", offsetof(struct settings, byte_burst), 32768, 1000000000, 1048576},
    {"device_subscribes_per_minute", offsetof(struct settings, subscribes), 1, 6000, 30},
    {"device_subscribe_burst", offsetof(struct settings, subscribe_burst), 1, 1000, 30},
    {"device_drops", offsetof(struct settings, drops), 1, 100000, 100},
};
#define NUMBERS (sizeof numbers / sizeof numbers[0])

void settings_init(struct settings *settings)
{
    *settings = (struct settings){.penalty = WG_MINUTE};
    settings->orchestrators = (struct service_names){.count = 1, .items = {"wavegated"}};
    settings->enrolment = (struct service_names){.count = 1, .items = {"wavegate-enrol"}};
    for (size_t i = 0; i < NUMBERS; i++)
        *(int64_t *)(void *)((char *)settings + numbers[i].offset) = numbers[i].usual;
}

static bool take_number(struct settings *settings, const struct number *number, const char *value,
                        struct wg_error *err)
{
    char *end = NULL;
    errno = 0;
    long long read = strtoll(value, &end, 10);
    if (end == value || *end || errno || read < number->min || read > number->max)
        return wg_fail(err, WG_E_BAD_FILE, "plugin_opt_%s: expected %lld to %lld, got \"%.40s\"",
                       number->key, (long long)number->min, (long long)number->max, value);
    *(int64_t *)(void *)((char *)settings + number->offset) = read;
    return true;
}

static bool take_path(char out[SETTINGS_PATH_MAX], const char *key, const char *value,
                      struct wg_error *err)
{
    if (value[0] != '/')
        return wg_fail(err, WG_E_BAD_FILE, "plugin_opt_%s: expected a path from /, got \"%.80s\"",
                       key, value);
    return wg_copy(out, SETTINGS_PATH_MAX, value) ||
           wg_fail(err, WG_E_LIMIT, "plugin_opt_%s: the path is longer than %d bytes", key,
                   SETTINGS_PATH_MAX - 1);
}

static bool take_names(struct service_names *out, const char *key, const char *value,
                       struct wg_error *err)
{
    out->count = 0;
    for (const char *at = value; *at;) {
        size_t len = strcspn(at, ",");
        if (out->count == SETTINGS_SERVICES_MAX)
            return wg_fail(err, WG_E_LIMIT, "plugin_opt_%s: more than %d names", key,
                           SETTINGS_SERVICES_MAX);
        char *name = out->items[out->count++];
        if (!wg_copy_n(name, WG_NAME_MAX + 1, at, len) || !wg_name_is_valid(name))
            return wg_fail(err, WG_E_BAD_FILE,
                           "plugin_opt_%s: expected names of services with commas between them, "
                           "got \"%.80s\"",
                           key, value);
        at += len + (at[len] == ',' && at[len + 1]);
    }
    return true;
}

static bool take_penalty(struct settings *settings, const char *value, struct wg_error *err)
{
    return (wg_duration_parse(value, &settings->penalty) && settings->penalty >= PENALTY_MIN &&
            settings->penalty <= PENALTY_MAX) ||
           wg_fail(err, WG_E_BAD_FILE,
                   "plugin_opt_device_penalty: expected a duration from 1s to 1d, got \"%.40s\"",
                   value);
}

bool settings_take(struct settings *settings, const char *key, const char *value,
                   struct wg_error *err)
{
    for (size_t i = 0; i < NUMBERS; i++)
        if (strcmp(key, numbers[i].key) == 0) return take_number(settings, &numbers[i], value, err);
    if (strcmp(key, "device_authority") == 0)
        return take_path(settings->device_authority, key, value, err);
    if (strcmp(key, "service_authority") == 0)
        return take_path(settings->service_authority, key, value, err);
    if (strcmp(key, "crl") == 0) return take_path(settings->crl, key, value, err);
    if (strcmp(key, "orchestrators") == 0)
        return take_names(&settings->orchestrators, key, value, err);
    if (strcmp(key, "enrolment") == 0) return take_names(&settings->enrolment, key, value, err);
    if (strcmp(key, "device_penalty") == 0) return take_penalty(settings, value, err);
    return wg_fail(err, WG_E_BAD_FILE, "plugin_opt_%.80s: there is no such option", key);
}

static bool needed(const char *value, const char *key, struct wg_error *err)
{
    return *value || wg_fail(err, WG_E_BAD_FILE, "plugin_opt_%s is missing", key);
}

bool settings_check(const struct settings *settings, struct wg_error *err)
{
    if (!needed(settings->device_authority, "device_authority", err) ||
        !needed(settings->service_authority, "service_authority", err) ||
        !needed(settings->crl, "crl", err))
        return false;
    for (size_t i = 0; i < settings->enrolment.count; i++)
        if (service_names_have(&settings->orchestrators, settings->enrolment.items[i]))
            return wg_fail(err, WG_E_BAD_FILE,
                           "\"%s\" stands in plugin_opt_orchestrators and plugin_opt_enrolment: "
                           "a service has one role",
                           settings->enrolment.items[i]);
    return true;
}

bool service_names_have(const struct service_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0) return true;
    return false;
}
