/* params.c: text forms of numbers and arrays for PostgreSQL. */
#include "orchestrator/store/params.h"

#include <stdio.h>
#include <string.h>

#define ARRAY_MAX ((size_t)64 * 1024 * 1024)

const char *param_number(char out[PARAM_NUMBER], int64_t number)
{
    (void)snprintf(out, PARAM_NUMBER, "%lld", (long long)number);
    return out;
}

void param_array_init(struct param_array *array)
{
    wg_buf_init(&array->text, ARRAY_MAX);
    wg_buf_char(&array->text, '{');
}

void param_array_add(struct param_array *array, const char *text)
{
    struct wg_buf *out = &array->text;
    if (out->len > 1) wg_buf_char(out, ',');
    if (!text) {
        wg_buf_text(out, "null");
        return;
    }
    wg_buf_char(out, '"');
    for (;;) {
        size_t plain = strcspn(text, "\"\\");
        wg_buf_add(out, text, plain);
        text += plain;
        if (!*text) break;
        wg_buf_char(out, '\\');
        wg_buf_char(out, *text++);
    }
    wg_buf_char(out, '"');
}

void param_array_number(struct param_array *array, int64_t number)
{
    char text[PARAM_NUMBER];
    if (array->text.len > 1) wg_buf_char(&array->text, ',');
    wg_buf_text(&array->text, param_number(text, number));
}

const char *param_array_text(struct param_array *array)
{
    wg_buf_char(&array->text, '}');
    return wg_buf_str(&array->text);
}

bool param_array_check(const struct param_array *array, struct wg_error *err)
{
    return wg_buf_check(&array->text, err, "parameters");
}

void param_array_clear(struct param_array *array)
{
    wg_buf_clear(&array->text);
}
