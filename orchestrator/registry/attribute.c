/* attribute.c: values of attributes between JSON and CSV. */
#include "orchestrator/registry/attribute.h"

#include "orchestrator/registry/device_record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTEGER_MAX 9007199254740991.0 /* 2^53 - 1 */
#define REAL_MAX 1e300                 /* stays finite when written with fewer digits */
#define VALUE_MAX 64                   /* bytes of a number, true, false or null */

bool attribute_check(const char *name, const json_t *value, struct wg_error *err)
{
    char path[WG_NAME_MAX + 16], shown[WG_NAME_MAX + 1];
    size_t len = strlen(name);
    if (len < 1 || len > WG_NAME_MAX)
        return record_bad(err, "attributes", "names of 1 to 64 bytes", name);
    if (json_is_string(value)) return true;
    (void)record_shown(name, shown, sizeof shown);
    (void)snprintf(path, sizeof path, "attribute.%s", shown);
    if (json_is_object(value) || json_is_array(value)) {
        return record_bad(err, path, "text, a number, true, false or null",
                          json_is_array(value) ? "a list" : "an object");
    }
    double number = json_number_value(value);
    bool ok = isfinite(number) && fabs(number) <= (json_is_integer(value) ? INTEGER_MAX : REAL_MAX);
    if (ok) return true;
    return wg_fail(err, WG_E_BAD_INPUT, "%s: a number out of bounds; give it as text", path);
}

static int append(const char *data, size_t len, void *out)
{
    wg_buf_add(out, data, len);
    return 0;
}

static bool is_whole(double number)
{
    return fabs(number) <= INTEGER_MAX && trunc(number) == number;
}

/* What is whole once it has 15 digits is written as a whole number: it will be read as one. */
static void write_number(const json_t *value, struct wg_buf *out)
{
    double number = json_number_value(value);
    char digits[32];
    if (json_is_integer(value) && is_whole(number)) {
        (void)snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        wg_buf_text(out, digits);
        return;
    }
    (void)snprintf(digits, sizeof digits, "%.15g", number);
    if (!is_whole(number)) number = strtod(digits, NULL);
    if (is_whole(number))
        wg_buf_printf(out, "%.0f", number == 0 ? 0.0 : number);
    else
        wg_buf_text(out, digits);
}

/* Most texts have nothing to escape. */
void attribute_write_text(const char *text, size_t len, struct wg_buf *out)
{
    size_t plain = 0;
    while (plain < len && (unsigned char)text[plain] >= 0x20 && text[plain] != '"' &&
           text[plain] != '\\')
        plain++;
    if (plain == len) {
        wg_buf_char(out, '"');
        wg_buf_add(out, text, len);
        wg_buf_char(out, '"');
        return;
    }
    json_t *value = json_stringn(text, len);
    if (!value || json_dump_callback(value, append, out, JSON_ENCODE_ANY | JSON_COMPACT) != 0)
        out->failed = true;
    json_decref(value);
}

void attribute_write(const json_t *value, struct wg_buf *out)
{
    if (json_is_number(value))
        write_number(value, out);
    else if (json_is_string(value))
        attribute_write_text(json_string_value(value), json_string_length(value), out);
    else if (json_dump_callback(value, append, out, JSON_ENCODE_ANY | JSON_COMPACT) != 0)
        out->failed = true;
}

/* A whole number that has its plain form and is within bounds; what is not may be so, too. */
static bool is_count(const char *cell, size_t len)
{
    return len <= 15 && cell[0] >= '1' && cell[0] <= '9' && strspn(cell, "0123456789") == len;
}

/* A number, true, false or null in the one form that is written; NULL otherwise. */
static json_t *plain_value(const char *cell)
{
    struct wg_buf again;
    size_t len = strnlen(cell, VALUE_MAX);
    if (is_count(cell, len)) return json_integer(strtoll(cell, NULL, 10));
    if (len == 0 || len == VALUE_MAX || !strchr("-0123456789tfn", cell[0])) return NULL;
    json_t *value = json_loads(cell, JSON_DECODE_ANY, NULL);
    bool plain = value && !json_is_string(value) && !json_is_object(value) && !json_is_array(value);
    if (plain) {
        wg_buf_init(&again, VALUE_MAX);
        attribute_write(value, &again);
        plain = !again.failed && strcmp(wg_buf_str(&again), cell) == 0 &&
                attribute_check("x", value, NULL);
        wg_buf_clear(&again);
    }
    if (plain) return value;
    json_decref(value);
    return NULL;
}

static json_t *quoted_text(const char *cell)
{
    size_t len = strlen(cell);
    if (len < 2 || cell[0] != '"' || cell[len - 1] != '"') return NULL;
    json_t *value = json_loads(cell, JSON_DECODE_ANY, NULL);
    if (json_is_string(value)) return value;
    json_decref(value);
    return NULL;
}

json_t *attribute_from_cell(const char *cell)
{
    json_t *value = quoted_text(cell);
    if (!value) value = plain_value(cell);
    return value ? value : json_string(cell);
}

void attribute_to_cell(const json_t *value, struct wg_buf *out)
{
    if (!json_is_string(value)) {
        attribute_write(value, out);
        return;
    }
    const char *text = json_string_value(value);
    json_t *read = *text ? attribute_from_cell(text) : NULL;
    bool same = read && json_equal(read, value);
    json_decref(read);
    if (same)
        wg_buf_text(out, text);
    else
        attribute_write(value, out);
}
