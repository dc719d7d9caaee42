/* json.c: strict JSON in, canonical JSON out, and getters whose errors a person can act on.
 *
 * jansson reports a place but is generous with depth, and quotes the offending bytes in its error
 * text. So brackets are counted before it sees the text, and what it quotes is made printable:
 * error texts reach logs, terminals and the database. */
#include "common/json.h"

#include "common/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct place {
    size_t line, column;
};

/* Where brackets first nest deeper than allowed; false if they never do. */
static bool too_deep(const char *text, size_t len, struct place *where)
{
    size_t depth = 0, line = 1, line_start = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '\n') {
            line++;
            line_start = i + 1;
        }
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '[' || c == '{') && ++depth > WG_JSON_DEPTH_MAX) {
            *where = (struct place){line, i - line_start + 1};
            return true;
        } else if (!quoted && (c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return false;
}

static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f) *text = '?';
}

json_t *wg_json_parse(const char *text, size_t len, size_t max, struct wg_error *err)
{
    struct place where;
    json_error_t error;
    if (len > max) {
        (void)wg_fail(err, WG_E_BAD_INPUT, "JSON of %zu bytes, at most %zu allowed", len, max);
        return NULL;
    }
    if (too_deep(text, len, &where)) {
        (void)wg_fail(err, WG_E_BAD_INPUT, "line %zu, column %zu: nested deeper than %d levels",
                      where.line, where.column, WG_JSON_DEPTH_MAX);
        return NULL;
    }
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (value) return value;
    if (json_error_code(&error) == json_error_out_of_memory) {
        (void)wg_fail_memory(err, "reading JSON");
        return NULL;
    }
    make_printable(error.text);
    (void)wg_fail(err, WG_E_BAD_INPUT, "line %d, column %d: %s", error.line, error.column,
                  error.text);
    return NULL;
}

static void canonical_text(const char *text, struct wg_buf *out)
{
    wg_buf_char(out, '"');
    while (*text) {
        size_t plain = strcspn(text, "\"\\");
        wg_buf_add(out, text, plain);
        text += plain;
        if (*text) {
            wg_buf_char(out, '\\');
            wg_buf_char(out, *text++);
        }
    }
    wg_buf_char(out, '"');
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys of an object, sorted by bytes; the caller frees. */
static const char **sorted_keys(const json_t *object, size_t count, struct wg_error *err)
{
    const char **keys = calloc(count + 1, sizeof *keys);
    if (!keys) {
        (void)wg_fail_memory(err, "sorting the keys of an object");
        return NULL;
    }
    const char **at = keys;
    const char *key = NULL;
    json_t *member = NULL;
    json_object_foreach((json_t *)object, key, member) *at++ = key;
    qsort(keys, count, sizeof *keys, compare_keys);
    return keys;
}

static bool canonical(const json_t *value, int depth, struct wg_buf *out, struct wg_error *err);

static bool key_context(struct wg_error *err, const char *key)
{
    char shown[WG_NAME_MAX + 1];
    (void)wg_copy(shown, sizeof shown, key);
    make_printable(shown);
    return wg_context(err, "%s", shown);
}

static bool canonical_object(const json_t *object, int depth, struct wg_buf *out,
                             struct wg_error *err)
{
    size_t count = json_object_size(object);
    const char **keys = sorted_keys(object, count, err);
    bool ok = keys != NULL;
    wg_buf_char(out, '{');
    for (size_t i = 0; ok && i < count; i++) {
        if (i > 0) wg_buf_char(out, ',');
        canonical_text(keys[i], out);
        wg_buf_char(out, ':');
        ok = canonical(json_object_get(object, keys[i]), depth + 1, out, err) ||
             key_context(err, keys[i]);
    }
    wg_buf_char(out, '}');
    free(keys);
    return ok;
}

static bool canonical_array(const json_t *array, int depth, struct wg_buf *out,
                            struct wg_error *err)
{
    wg_buf_char(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0) wg_buf_char(out, ',');
        if (!canonical(json_array_get(array, i), depth + 1, out, err)) return false;
    }
    wg_buf_char(out, ']');
    return true;
}

static bool canonical(const json_t *value, int depth, struct wg_buf *out, struct wg_error *err)
{
    if (depth > WG_JSON_DEPTH_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "nested deeper than %d levels", WG_JSON_DEPTH_MAX);
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return canonical_object(value, depth, out, err);
    case JSON_ARRAY:
        return canonical_array(value, depth, out, err);
    case JSON_STRING:
        canonical_text(json_string_value(value), out);
        return true;
    case JSON_INTEGER:
        wg_buf_printf(out, "%" PRId64, (int64_t)json_integer_value(value));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        wg_buf_text(out, json_is_true(value) ? "true" : "false");
        return true;
    case JSON_NULL:
        wg_buf_text(out, "null");
        return true;
    case JSON_REAL:
        break;
    }
    return wg_fail(err, WG_E_BAD_INPUT,
                   "%.17g has a fraction or an exponent; what is signed has integers only",
                   json_real_value(value));
}

bool wg_json_canonical(const json_t *value, struct wg_buf *out, struct wg_error *err)
{
    return canonical(value, 1, out, err) && wg_buf_check(out, err, "canonical JSON");
}

static const char *type_text(const json_t *value)
{
    static const char *const words[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",  [JSON_STRING] = "text",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a fraction", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return value ? words[json_typeof(value)] : "nothing";
}

static bool wrong_type(const char *key, const char *expected, const json_t *found,
                       struct wg_error *err)
{
    if (!found) return wg_fail(err, WG_E_BAD_INPUT, "%s: missing, expected %s", key, expected);
    return wg_fail(err, WG_E_BAD_INPUT, "%s: expected %s, found %s", key, expected,
                   type_text(found));
}

static bool is_absent(const json_t *obj, const char *key)
{
    const json_t *value = json_object_get(obj, key);
    return !value || json_is_null(value);
}

bool wg_json_text(const json_t *obj, const char *key, char *out, size_t size, struct wg_error *err)
{
    const json_t *value = json_object_get(obj, key);
    if (!json_is_string(value)) return wrong_type(key, "text", value, err);
    size_t len = json_string_length(value);
    if (len >= size)
        return wg_fail(err, WG_E_BAD_INPUT, "%s: text of %zu bytes, at most %zu allowed", key, len,
                       size - 1);
    memcpy(out, json_string_value(value), len);
    out[len] = '\0';
    return true;
}

bool wg_json_text_opt(const json_t *obj, const char *key, char *out, size_t size,
                      struct wg_error *err)
{
    return is_absent(obj, key) || wg_json_text(obj, key, out, size, err);
}

bool wg_json_int(const json_t *obj, const char *key, int64_t min, int64_t max, int64_t *out,
                 struct wg_error *err)
{
    const json_t *value = json_object_get(obj, key);
    if (!json_is_integer(value)) return wrong_type(key, "an integer", value, err);
    int64_t number = json_integer_value(value);
    if (number < min || number > max)
        return wg_fail(err, WG_E_BAD_INPUT,
                       "%s: must be between %" PRId64 " and %" PRId64 ", found %" PRId64, key, min,
                       max, number);
    *out = number;
    return true;
}

bool wg_json_int_opt(const json_t *obj, const char *key, int64_t min, int64_t max, int64_t *out,
                     struct wg_error *err)
{
    return is_absent(obj, key) || wg_json_int(obj, key, min, max, out, err);
}

bool wg_json_bool(const json_t *obj, const char *key, bool *out, struct wg_error *err)
{
    const json_t *value = json_object_get(obj, key);
    if (!json_is_boolean(value)) return wrong_type(key, "true or false", value, err);
    *out = json_is_true(value);
    return true;
}

bool wg_json_object(const json_t *obj, const char *key, json_t **out, struct wg_error *err)
{
    json_t *value = json_object_get(obj, key);
    if (!json_is_object(value)) return wrong_type(key, "an object", value, err);
    *out = value;
    return true;
}

bool wg_json_array(const json_t *obj, const char *key, json_t **out, struct wg_error *err)
{
    json_t *value = json_object_get(obj, key);
    if (!json_is_array(value)) return wrong_type(key, "an array", value, err);
    *out = value;
    return true;
}

bool wg_json_only_keys(const json_t *obj, const char *const *keys, struct wg_error *err)
{
    const char *found = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)obj, found, value)
    {
        const char *const *known = keys;
        while (*known && strcmp(*known, found) != 0) known++;
        if (*known) continue;
        struct wg_buf list;
        wg_buf_init(&list, WG_ERROR_TEXT_MAX / 2);
        for (known = keys; *known; known++)
            wg_buf_printf(&list, "%s%s", known == keys ? "" : ", ", *known);
        char shown[WG_NAME_MAX + 1];
        (void)wg_copy(shown, sizeof shown, found);
        make_printable(shown);
        (void)wg_fail(err, WG_E_BAD_INPUT, "%s: unknown key; known are: %s", shown,
                      wg_buf_str(&list));
        wg_buf_clear(&list);
        return false;
    }
    return true;
}
