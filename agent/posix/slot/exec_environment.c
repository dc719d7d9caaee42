/* exec_environment.c: "NAME=value", one after the other. */
#include "agent/posix/slot/exec_environment.h"

#include "agent/posix/slot/exec_answer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 32

static bool keep(struct exec_environment *environment, const char *name, const char *value,
                 struct wg_error *err)
{
    size_t size = strlen(name) + 1 + strlen(value) + 1;
    char *entry = malloc(size);
    if (!entry) return wg_fail_memory(err, "an installer's environment");
    (void)wg_format(entry, size, "%s=%s", name, value);
    environment->entries[environment->count++] = entry;
    environment->kept = environment->count;
    return true;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text)) return true;
    return false;
}

/* "image_name" becomes WAVEGATE_SET_IMAGE_NAME. */
static bool make_name(const char *key, char *out, size_t size, struct wg_error *err)
{
    bool ok = islower((unsigned char)key[0]) && strlen(key) <= KEY_MAX;
    for (const char *c = key; ok && *c; c++)
        ok = islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_';
    if (!ok)
        return wg_fail(err, WG_E_BAD_FILE,
                       "settings: \"%.80s\": expected a name of 1 to %d small letters, digits, '_'",
                       key, KEY_MAX);
    (void)wg_format(out, size, "WAVEGATE_SET_%s", key);
    for (char *c = out; *c; c++) *c = (char)toupper((unsigned char)*c);
    return true;
}

static bool make_value(const char *key, const json_t *value, char *out, size_t size,
                       struct wg_error *err)
{
    bool fits = true;
    if (json_is_string(value))
        fits = strlen(json_string_value(value)) == json_string_length(value) &&
               wg_copy(out, size, json_string_value(value));
    else if (json_is_integer(value))
        fits = wg_format(out, size, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        fits = wg_copy(out, size, json_is_true(value) ? "yes" : "no");
    else
        return wg_fail(err, WG_E_BAD_FILE,
                       "settings: %s: expected text, a whole number, true or false", key);
    if (!fits)
        return wg_fail(err, WG_E_BAD_FILE, "settings: %s: more than %d bytes", key,
                       SLOT_EXEC_VALUE_MAX);
    return !has_control(out) ||
           wg_fail(err, WG_E_BAD_FILE, "settings: %s: line breaks and the like cannot be handed on",
                   key);
}

static bool keep_settings(struct exec_environment *environment, const json_t *settings,
                          struct wg_error *err)
{
    char name[KEY_MAX + 32], text[SLOT_EXEC_VALUE_MAX + 1];
    const char *key = NULL;
    const json_t *value = NULL;
    if (json_object_size(settings) > SLOT_EXEC_SETTINGS_MAX)
        return wg_fail(err, WG_E_BAD_FILE, "settings: %zu members, at most %d allowed",
                       json_object_size(settings), SLOT_EXEC_SETTINGS_MAX);
    for (void *at = json_object_iter((json_t *)(uintptr_t)settings); at;
         at = json_object_iter_next((json_t *)(uintptr_t)settings, at)) {
        key = json_object_iter_key(at);
        value = json_object_iter_value(at);
        if (!make_name(key, name, sizeof name, err) ||
            !make_value(key, value, text, sizeof text, err) || !keep(environment, name, text, err))
            return false;
    }
    return true;
}

bool exec_environment_init(struct exec_environment *environment, const char *folder,
                           const json_t *settings, struct wg_error *err)
{
    char protocol[16];
    *environment = (struct exec_environment){0};
    (void)wg_format(protocol, sizeof protocol, "%d", EXEC_PROTOCOL);
    if (settings && !json_is_object(settings))
        return wg_fail(err, WG_E_BAD_FILE, "settings: expected an object");
    return keep(environment, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                err) &&
           keep(environment, "LC_ALL", "C.UTF-8", err) &&
           keep(environment, "WAVEGATE_PROTOCOL", protocol, err) &&
           keep(environment, "WAVEGATE_STATE", folder, err) &&
           keep_settings(environment, settings, err);
}

void exec_environment_clear(struct exec_environment *environment)
{
    for (size_t i = 0; i < environment->kept; i++) free(environment->entries[i]);
    *environment = (struct exec_environment){0};
}

void exec_environment_reset(struct exec_environment *environment)
{
    environment->count = environment->kept;
    environment->entries[environment->count] = NULL;
}

static void add(struct exec_environment *environment, const char *name, const char *value)
{
    size_t n = environment->count - environment->kept;
    if (n >= EXEC_ENVIRONMENT_RELEASE) return;
    (void)wg_format(environment->release[n], EXEC_PAIR_MAX, "%s=%s", name, value);
    environment->entries[environment->count++] = environment->release[n];
    environment->entries[environment->count] = NULL;
}

void exec_environment_release(struct exec_environment *environment,
                              const struct slot_release *release)
{
    add(environment, "WAVEGATE_COMPONENT", release->component);
    add(environment, "WAVEGATE_VERSION", release->version);
    add(environment, "WAVEGATE_SHA256", release->sha256);
    exec_environment_number(environment, "WAVEGATE_LENGTH", release->length);
}

void exec_environment_number(struct exec_environment *environment, const char *name, int64_t value)
{
    char text[24];
    (void)wg_format(text, sizeof text, "%lld", (long long)value);
    add(environment, name, text);
}
