/* target.c: one pass over the bytes; what was decoded never grows. */
#include "orchestrator/http/target.h"

#include "common/text.h"

#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Decodes up to one of the ends, or the text's. *given and *out are left behind it; out gets a NUL.
 */
static bool decode(const char **given, const char *ends, bool path, char **out,
                   struct wg_error *err)
{
    const char *begin = *out;
    for (; **given && !strchr(ends, **given); (*given)++) {
        char c = **given;
        if (c == '+' && !path) c = ' ';
        if (c == '%') {
            int high = digit((*given)[1]), low = high < 0 ? -1 : digit((*given)[2]);
            if (low < 0)
                return wg_fail(err, WG_E_BAD_INPUT, "expected two hexadecimal digits behind '%%'");
            c = (char)(high * 16 + low);
            if (c == '\0' || (path && c == '/'))
                return wg_fail(err, WG_E_BAD_INPUT, "%%%02X is not taken here", (unsigned)c);
            *given += 2;
        }
        *(*out)++ = c;
    }
    if (!wg_text_is_utf8(begin, (size_t)(*out - begin)))
        return wg_fail(err, WG_E_BAD_INPUT, "expected UTF-8");
    *(*out)++ = '\0';
    return true;
}

/* An error goes to logs and terminals. */
static bool fail_at(struct wg_error *err, const char *name, const char *why)
{
    char shown[WG_SHOWN];
    wg_text_shown(shown, name);
    return wg_fail(err, WG_E_BAD_INPUT, "parameter %.40s: %s", shown, why);
}

static bool add_parameter(struct http_target *out, const char **given, char **at,
                          struct wg_error *err)
{
    if (out->count == HTTP_PARAMETERS_MAX)
        return wg_fail(err, WG_E_LIMIT, "at most %d parameters", HTTP_PARAMETERS_MAX);
    const char *name = *at;
    if (!decode(given, "=&", false, at, err)) return false;
    if (**given == '=') (*given)++;
    const char *value = *at;
    struct wg_error why = {0};
    if (!decode(given, "&", false, at, &why)) return fail_at(err, name, why.text);
    if (http_target_parameter(out, name)) return fail_at(err, name, "it is there twice");
    out->parameters[out->count++] = (struct http_parameter){name, value};
    return true;
}

bool http_target_parse(const char *given, struct http_target *out, struct wg_error *err)
{
    if (strlen(given) >= HTTP_TARGET_MAX)
        return wg_fail(err, WG_E_LIMIT, "the address is longer than %d bytes", HTTP_TARGET_MAX);
    if (given[0] != '/') return wg_fail(err, WG_E_BAD_INPUT, "expected a path: /...");
    char *at = out->text;
    out->count = 0;
    out->path = at;
    if (!decode(&given, "?", true, &at, err)) return wg_context(err, "path");
    while (*given) {
        given++; /* the '?' or '&' */
        if (*given && *given != '&' && !add_parameter(out, &given, &at, err)) return false;
    }
    return true;
}

const char *http_target_parameter(const struct http_target *target, const char *name)
{
    for (size_t i = 0; i < target->count; i++)
        if (strcmp(target->parameters[i].name, name) == 0) return target->parameters[i].value;
    return NULL;
}
