/* message_part.c: opens, checks and writes the parts that several messages share. */
#include "common/message_part.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FORMAT 1       /* "v" of every message */
#define REAL_DIGITS 15 /* a text of 15 digits reads and writes back as itself */
#define SHOWN_MAX 48   /* bytes of a wrong text that an error quotes */
#define TIME_MAX ((wg_time)253402300799999) /* the last moment of the year 9999 */

json_t *wg_part_open(const char *bytes, size_t len, struct wg_error *err)
{
    json_t *message = wg_json_parse(bytes, len, WG_MESSAGE_MAX, err);
    if (!message || json_is_object(message)) return message;
    json_decref(message);
    (void)wg_fail(err, WG_E_BAD_INPUT, "a message is a JSON object, found an array");
    return NULL;
}

bool wg_part_format(const json_t *message, struct wg_error *err)
{
    int64_t format = 0;
    return wg_json_int(message, "v", FORMAT, FORMAT, &format, err);
}

bool wg_part_has(const json_t *obj, const char *key)
{
    const json_t *value = json_object_get(obj, key);
    return value && !json_is_null(value);
}

bool wg_part_text_opt(const json_t *obj, const char *key, char *out, size_t size,
                      struct wg_error *err)
{
    if (!wg_part_has(obj, key)) return true;
    if (!wg_json_text(obj, key, out, size, err)) return false;
    return out[0] || wg_fail(err, WG_E_BAD_INPUT, "%s: empty; leave it out if there is none", key);
}

static int append(const char *data, size_t len, void *out)
{
    wg_buf_add(out, data, len);
    return ((struct wg_buf *)out)->failed ? -1 : 0;
}

bool wg_part_write(json_t *message, struct wg_buf *out, struct wg_error *err)
{
    if (!message) return wg_fail_memory(err, "writing a message");
    int code =
        json_dump_callback(message, append, out, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
    json_decref(message);
    if (!wg_buf_check(out, err, "message")) return false;
    return code == 0 || wg_fail_memory(err, "writing a message");
}

static size_t utf8_len(unsigned char lead)
{
    if (lead < 0xc0) return 1;
    if (lead < 0xe0) return 2;
    return lead < 0xf0 ? 3 : 4;
}

void wg_part_clean(char *text)
{
    size_t left = strlen(text);
    for (size_t n = 0; left > 0; text += n, left -= n) {
        unsigned char c = (unsigned char)*text;
        n = utf8_len(c);
        if (n > left || !wg_text_is_utf8(text, n)) {
            *text = '?';
            n = 1;
        } else if (c < 0x20 || c == 0x7f) {
            *text = ' ';
        } else if (c == 0xc2 && (unsigned char)text[1] < 0xa0) {
            text[0] = text[1] = ' ';
        }
    }
}

bool wg_part_bad(struct wg_error *err, const char *path, const char *expected, const char *found)
{
    char shown[SHOWN_MAX + 1];
    bool whole = wg_copy(shown, sizeof shown, found);
    for (char *c = shown; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f) *c = '?';
    return wg_fail(err, WG_E_BAD_INPUT, "%s: expected %s, found \"%s\"%s", path, expected, shown,
                   whole ? "" : " and more");
}

static bool is_hex(const char *text, size_t digits)
{
    return strspn(text, "0123456789abcdef") >= digits;
}

bool wg_part_hex(const char *path, const char *text, size_t digits, struct wg_error *err)
{
    if (strlen(text) == digits && is_hex(text, digits)) return true;
    char expected[48];
    (void)snprintf(expected, sizeof expected, "%zu lower-case hex digits", digits);
    return wg_part_bad(err, path, expected, text);
}

bool wg_part_uuid(const char *path, const char *text, struct wg_error *err)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    bool ok = strlen(text) == sizeof form - 1;
    for (size_t i = 0; ok && form[i]; i++)
        ok = form[i] == '-' ? text[i] == '-' : is_hex(text + i, 1);
    return ok || wg_part_bad(err, path, "a UUID in lower case", text);
}

bool wg_part_name(const char *path, const char *text, struct wg_error *err)
{
    return wg_name_is_valid(text) ||
           wg_part_bad(err, path,
                       "a name (letters, digits, '.', '_', '-'; a letter or digit first)", text);
}

bool wg_part_version(const char *path, const char *text, struct wg_error *err)
{
    size_t len = strlen(text);
    bool ok = len > 0 && len <= WG_VERSION_MAX;
    for (size_t i = 0; ok && i < len; i++) ok = text[i] > 0x20 && text[i] < 0x7f;
    return ok || wg_part_bad(err, path, "a version (1 to 64 printable ASCII characters, no spaces)",
                             text);
}

bool wg_part_number(const char *path, int64_t value, int64_t min, int64_t max, struct wg_error *err)
{
    if (value >= min && value <= max) return true;
    return wg_fail(err, WG_E_BAD_INPUT,
                   "%s: must be between %" PRId64 " and %" PRId64 ", found %" PRId64, path, min,
                   max, value);
}

bool wg_part_time(const char *path, wg_time time, struct wg_error *err)
{
    return wg_part_number(path, time, 1, TIME_MAX, err);
}

bool wg_part_time_get(const json_t *obj, const char *key, wg_time *out, struct wg_error *err)
{
    char text[WG_TIME_TEXT + 16]; /* room for more digits of a fraction than we write */
    wg_time time = 0;
    if (!wg_json_text(obj, key, text, sizeof text, err)) return false;
    if (!wg_time_parse(text, &time) || time < 1 || time > TIME_MAX)
        return wg_part_bad(err, key, "a time after 1970, as 2026-12-01T00:00:00Z", text);
    *out = time;
    return true;
}

bool wg_part_components(const char *path, const struct wg_component *components, size_t count,
                        struct wg_error *err)
{
    if (count > WG_COMPONENTS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "%s: %zu components, at most %d allowed", path, count,
                       WG_COMPONENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct wg_component *one = &components[i];
        if (!wg_part_name("component", one->name, err) ||
            !wg_part_version(one->name, one->version, err))
            return wg_context(err, "%s", path);
        for (size_t before = 0; before < i; before++)
            if (strcmp(components[before].name, one->name) == 0)
                return wg_fail(err, WG_E_BAD_INPUT, "%s: %s is there twice", path, one->name);
    }
    return true;
}

bool wg_part_components_get(const json_t *obj, const char *key, struct wg_component *components,
                            size_t *count, struct wg_error *err)
{
    json_t *map = NULL, *version = NULL;
    const char *name = NULL;
    if (!wg_json_object(obj, key, &map, err)) return false;
    if (json_object_size(map) > WG_COMPONENTS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "%s: %zu components, at most %d allowed", key,
                       json_object_size(map), WG_COMPONENTS_MAX);
    size_t n = 0;
    json_object_foreach(map, name, version)
    {
        struct wg_component *one = &components[n++];
        if (!wg_copy(one->name, sizeof one->name, name))
            return wg_part_bad(err, key, "component names of at most 64 bytes", name);
        if (!wg_part_name("component", one->name, err) ||
            !wg_json_text(map, name, one->version, sizeof one->version, err))
            return wg_context(err, "%s", key);
    }
    *count = n;
    return true;
}

json_t *wg_part_components_make(const struct wg_component *components, size_t count)
{
    json_t *map = json_object();
    for (size_t i = 0; i < count; i++)
        if (json_object_set_new(map, components[i].name, json_string(components[i].version)) != 0) {
            json_decref(map);
            return NULL;
        }
    return map;
}
