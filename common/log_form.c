/* log_form.c: a pair goes in whole or not at all. */
#include "common/log_form.h"

#include "common/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TAIL 20 /* bytes that are kept for the end of a line */

struct form {
    char *text;
    size_t len, size;
};

static bool put(struct form *form, const char *text, size_t len)
{
    if (len > form->size - TAIL - form->len) return false;
    memcpy(form->text + form->len, text, len);
    form->len += len;
    return true;
}

static bool put_text(struct form *form, const char *text)
{
    return put(form, text, strlen(text));
}

/* Bytes that are no UTF-8 are told as \xNN. */
static bool put_json_byte(struct form *form, char c, bool utf8)
{
    unsigned char byte = (unsigned char)c;
    char code[8];
    if (c == '"' || c == '\\') return put(form, "\\", 1) && put(form, &c, 1);
    if (byte >= ' ' && byte != 0x7f && (byte < 0x80 || utf8)) return put(form, &c, 1);
    (void)snprintf(code, sizeof code, byte < 0x80 ? "\\u%04x" : "\\\\x%02x", byte);
    return put_text(form, code);
}

/* U+0080 to U+009F, two bytes: terminals obey them. */
static bool is_control(const char *text)
{
    return (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0;
}

static bool put_control(struct form *form, char last)
{
    char code[8];
    (void)snprintf(code, sizeof code, "\\u%04x", (unsigned char)last);
    return put_text(form, code);
}

static bool put_json(struct form *form, const char *value)
{
    char text[LOG_VALUE_MAX + 1];
    bool whole = wg_copy(text, sizeof text, value);
    bool utf8 = wg_text_is_utf8(text, strlen(text)), ok = put_text(form, "\"");
    for (const char *c = text; ok && *c; c++)
        ok = utf8 && is_control(c) ? put_control(form, *++c) : put_json_byte(form, *c, utf8);
    return ok && put_text(form, whole ? "\"" : "...\"");
}

size_t log_form_json(const struct log_pair *pairs, size_t count, char out[LOG_FORM_BYTES])
{
    struct form form = {.text = out, .size = LOG_FORM_BYTES};
    bool whole = true;
    for (size_t i = 0; whole && i < count; i++) {
        size_t before = form.len;
        whole = put_text(&form, i ? "," : "{") && put_json(&form, pairs[i].key) &&
                put_text(&form, ":") && put_json(&form, pairs[i].value);
        if (!whole) form.len = before;
    }
    const char *end = whole ? "}\n" : ",\"cut\":\"true\"}\n";
    memcpy(out + form.len, end, strlen(end) + 1);
    return form.len + strlen(end);
}

/* A field of one line: a line feed within would begin another. */
static bool put_field(struct form *form, const char *name, const char *value)
{
    size_t before = form->len;
    bool ok = put_text(form, name) && put_text(form, "=");
    for (size_t i = 0; ok && value[i]; i++)
        ok = value[i] == '\n' ? put_text(form, "\\n") : put(form, &value[i], 1);
    ok = ok && put_text(form, "\n");
    if (!ok) form->len = before;
    return ok;
}

/* Capitals, digits and underscores are all that a name may have. */
static bool put_own(struct form *form, const struct log_pair *pair)
{
    char name[64], value[LOG_VALUE_MAX + sizeof "..."];
    (void)wg_format(name, sizeof name, "WAVEGATE_%s", pair->key);
    for (char *c = name; *c; c++) {
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
        if (!((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9'))) *c = '_';
    }
    if (!wg_copy(value, LOG_VALUE_MAX + 1, pair->value)) memcpy(value + strlen(value), "...", 4);
    return put_field(form, name, value);
}

size_t log_form_journal(const struct log_pair *pairs, size_t count, int priority,
                        const char *message, char out[LOG_RECORD_BYTES])
{
    struct form form = {.text = out, .size = LOG_RECORD_BYTES};
    char number[12];
    (void)snprintf(number, sizeof number, "%d", priority);
    bool whole = put_field(&form, "PRIORITY", number) &&
                 (count < 3 || put_field(&form, "SYSLOG_IDENTIFIER", pairs[2].value));
    if (whole && !put_field(&form, "MESSAGE", message) && count > 3)
        whole = put_field(&form, "MESSAGE", pairs[3].value);
    for (size_t i = 4; whole && i < count; i++) whole = put_own(&form, &pairs[i]);
    out[form.len] = '\0';
    return form.len;
}
