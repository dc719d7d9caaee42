/* path.c: escaping. */
#include "orchestrator/remote/path.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(struct remote_path *path, const char *text, size_t len)
{
    if (path->over || len >= sizeof path->text - path->len) {
        path->over = true;
        return;
    }
    memcpy(path->text + path->len, text, len);
    path->len += len;
    path->text[path->len] = '\0';
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

static void add_escaped(struct remote_path *path, const char *text)
{
    char hex[4];
    for (; *text; text++) {
        if (is_plain(*text)) {
            add(path, text, 1);
            continue;
        }
        (void)snprintf(hex, sizeof hex, "%%%02X", (unsigned)(unsigned char)*text);
        add(path, hex, 3);
    }
}

void remote_path(struct remote_path *out, const char *form, ...)
{
    va_list values;
    *out = (struct remote_path){.len = 0};
    va_start(values, form);
    for (const char *hole; (hole = strstr(form, "{}")) != NULL; form = hole + 2) {
        add(out, form, (size_t)(hole - form));
        add_escaped(out, va_arg(values, const char *));
    }
    va_end(values);
    add(out, form, strlen(form));
    out->has_query = strchr(form, '?') != NULL;
}

void remote_query(struct remote_path *path, const char *name, const char *value)
{
    if (!value || !value[0]) return;
    add(path, path->has_query ? "&" : "?", 1);
    path->has_query = true;
    add_escaped(path, name);
    add(path, "=", 1);
    add_escaped(path, value);
}

void remote_query_number(struct remote_path *path, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    remote_query(path, name, text);
}

bool remote_path_check(const struct remote_path *path, struct wg_error *err)
{
    return !path->over || wg_fail(err, WG_E_LIMIT, "what is asked for has more than %d bytes",
                                  REMOTE_PATH_MAX - 1);
}
