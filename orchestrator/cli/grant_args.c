/* grant_args.c: flags to grants, grants to words. */
#include "orchestrator/cli/grant_args.h"

#include "common/posix/file.h"
#include "orchestrator/cli/list.h"

#include <string.h>

#define GRANTS_MAX ((size_t)256 * 1024)

json_t *grant_args_list(const char *text)
{
    json_t *list = json_array();
    while (text && *text) {
        size_t len = strcspn(text, ",");
        (void)json_array_append_new(list, json_stringn(text, len));
        text += len + (text[len] == ',');
    }
    return list;
}

json_t *grant_args_scope(const struct args *args)
{
    static const char *const keys[] = {"regions", "groups", "models"};
    json_t *scope = json_object();
    for (size_t i = 0; scope && i < sizeof keys / sizeof keys[0]; i++)
        if (args_has(args, keys[i]))
            (void)json_object_set_new(scope, keys[i], grant_args_list(args_value(args, keys[i])));
    return scope;
}

static bool read_file(const char *file, json_t **out, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, GRANTS_MAX);
    *out = wg_file_read(file, &text, err)
               ? wg_json_parse(wg_buf_str(&text), text.len, GRANTS_MAX, err)
               : NULL;
    wg_buf_clear(&text);
    if (!*out) return wg_context(err, "--grants %s", file);
    if (json_is_array(*out)) return true;
    json_decref(*out);
    *out = NULL;
    return wg_fail(err, WG_E_BAD_FILE, "%s: expected a list: [{\"role\": ..., \"scope\": ...}]",
                   file);
}

static bool from_roles(const struct args *args, json_t **out, struct wg_error *err)
{
    size_t i;
    json_t *role, *scope = grant_args_scope(args),
                  *roles = grant_args_list(args_value(args, "role"));
    *out = json_array();
    json_array_foreach(roles, i, role)(void)
        json_array_append_new(*out, json_pack("{s:O,s:O}", "role", role, "scope", scope));
    json_decref(roles);
    json_decref(scope);
    return *out || wg_fail_memory(err, "--role");
}

bool grant_args_read(const struct args *args, json_t **out, struct wg_error *err)
{
    bool roles = args_has(args, "role"), file = args_has(args, "grants");
    bool scope = args_has(args, "regions") || args_has(args, "groups") || args_has(args, "models");
    *out = NULL;
    if (file && (roles || scope))
        return wg_fail(err, WG_E_USAGE, "--grants and --role: expected one of them");
    if (file) return read_file(args_value(args, "grants"), out, err);
    if (scope && !roles)
        return wg_fail(err, WG_E_USAGE, "--regions, --groups and --models go with --role LIST");
    return !roles || from_roles(args, out, err);
}

static void add_names(const json_t *scope, const char *key, const char *what, struct wg_buf *out)
{
    const json_t *names = json_object_get(scope, key);
    if (json_array_size(names) == 0) return;
    wg_buf_printf(out, " %s ", what);
    list_join(names, out);
}

void grant_args_scope_words(const json_t *scope, struct wg_buf *out)
{
    add_names(scope, "regions", "in", out);
    add_names(scope, "groups", "of group", out);
    add_names(scope, "models", "on", out);
}

void grant_args_words(const json_t *grants, struct wg_buf *out)
{
    size_t i;
    json_t *grant;
    json_array_foreach(grants, i, grant)
    {
        wg_buf_printf(out, "%s%s", i ? "; " : "", list_text(grant, "role"));
        grant_args_scope_words(json_object_get(grant, "scope"), out);
    }
}
