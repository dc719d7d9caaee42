/* request_fuzz.c: what anybody may ask wavegate-api for: each line is a request's target. What was
 * taken is decoded once and for all: written with every byte escaped it reads the same; a route
 * gets values that fit. */
#include "common/text.h"
#include "orchestrator/api/routes.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

static void escape(const char *text, bool path, struct wg_buf *out)
{
    for (; *text; text++)
        if (path && *text == '/')
            wg_buf_char(out, '/');
        else
            wg_buf_printf(out, "%%%02x", (unsigned)(unsigned char)*text);
}

static void check_text(const char *text)
{
    MUST(wg_text_is_utf8(text, strlen(text)), "no UTF-8: %s", text);
}

static void check_parameters(const struct http_target *target)
{
    MUST(target->count <= HTTP_PARAMETERS_MAX, "%zu parameters", target->count);
    for (size_t i = 0; i < target->count; i++) {
        check_text(target->parameters[i].name);
        check_text(target->parameters[i].value);
        MUST(http_target_parameter(target, target->parameters[i].name) ==
                 target->parameters[i].value,
             "two of %s", target->parameters[i].name);
    }
}

/* Longer than it came: perhaps longer than is taken. */
static void read_again(const struct http_target *target)
{
    struct wg_buf text;
    struct wg_error err = {0};
    struct http_target *again = malloc(sizeof *again);
    MUST(again, "out of memory");
    wg_buf_init(&text, (size_t)1 << 20);
    escape(target->path, true, &text);
    for (size_t i = 0; i < target->count; i++) {
        wg_buf_char(&text, i ? '&' : '?');
        escape(target->parameters[i].name, false, &text);
        wg_buf_char(&text, '=');
        escape(target->parameters[i].value, false, &text);
    }
    if (text.len < HTTP_TARGET_MAX) {
        MUST(http_target_parse(wg_buf_str(&text), again, &err), "%s: %s", err.text,
             wg_buf_str(&text));
        SAME_TEXT(again->path, target->path);
        SAME_NUMBER(again->count, target->count);
        for (size_t i = 0; i < target->count; i++) {
            SAME_TEXT(again->parameters[i].name, target->parameters[i].name);
            SAME_TEXT(again->parameters[i].value, target->parameters[i].value);
        }
    }
    wg_buf_clear(&text);
    free(again);
}

static void find_route(const char *path)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "BREW"};
    char allowed[API_ALLOWED_TEXT];
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        char values[API_VALUES_MAX][WG_VERSION_MAX + 1] = {""};
        const struct api_route *route = api_route_find(methods[i], path, values, allowed);
        MUST(strnlen(allowed, sizeof allowed) < sizeof allowed, "the methods of %s", path);
        for (size_t k = 0; route && k < API_VALUES_MAX; k++)
            MUST(strnlen(values[k], sizeof values[k]) < sizeof values[k] && !strchr(values[k], '/'),
                 "a value of %s", path);
        MUST(!route || strchr(route->path, '{') ||
                 strcmp(path + strlen(path) - strlen(route->path), route->path) == 0,
             "%s for %s", route ? route->path : "", path);
    }
}

/* A '/' that was hidden would be another path to whoever reads it next. */
static void check_slashes(const char *line, const char *path)
{
    size_t given = 0, taken = 0;
    for (; *line && *line != '?'; line++) given += *line == '/';
    for (; *path; path++) taken += *path == '/';
    MUST(given == taken, "%zu '/' of %zu", taken, given);
}

static void read_target(const char *line)
{
    struct wg_error err = {0};
    struct http_target *target = malloc(sizeof *target);
    MUST(target, "out of memory");
    if (http_target_parse(line, target, &err)) {
        MUST(target->path[0] == '/', "%s", target->path);
        check_text(target->path);
        check_slashes(line, target->path);
        check_parameters(target);
        read_again(target);
        find_route(target->path);
    } else {
        target_refused(&err);
    }
    free(target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line;
    while ((line = target_line(&data, &size)) != NULL) {
        read_target(line);
        free(line);
    }
    return 0;
}
