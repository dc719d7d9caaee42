/* release_with.c: reads what a release comes with, and what it needs. */
#include "orchestrator/cli/release_with.h"

#include "orchestrator/cli/repository.h"

#include "common/message.h"

#include <string.h>

static bool add_companion(json_t *with, const char *text, struct wg_error *err)
{
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    if (!repository_release_name(text, component, version, err)) return wg_context(err, "--with");
    if (json_object_get(with, component))
        return wg_fail(err, WG_E_USAGE, "--with: %s is given twice", component);
    if (json_object_size(with) == WG_COMPANIONS_MAX)
        return wg_fail(err, WG_E_USAGE, "--with: expected at most %d releases", WG_COMPANIONS_MAX);
    return json_object_set_new(with, component, json_string(version)) == 0 ||
           wg_fail_memory(err, "--with");
}

json_t *release_with_read(const struct args *args, struct wg_error *err)
{
    if (!args_has(args, "with")) return NULL;
    json_t *with = json_object();
    bool ok = with || wg_fail_memory(err, "--with");
    for (size_t i = 0; ok && args_value_at(args, "with", i); i++)
        ok = add_companion(with, args_value_at(args, "with", i), err);
    if (ok) return with;
    json_decref(with);
    return NULL;
}

/* "NAME:RANGE" or "NAME". */
static bool add_dependency(void *ctx, const char *part, struct wg_error *err)
{
    char name[WG_NAME_MAX + 1];
    const char *colon = strchr(part, ':');
    const char *range = colon && colon[1] ? colon + 1 : "*";
    return (wg_copy_n(name, sizeof name, part, colon ? (size_t)(colon - part) : strlen(part)) &&
            wg_name_is_valid(name) &&
            json_object_set_new((json_t *)ctx, name, json_string(range)) == 0) ||
           wg_fail(err, WG_E_USAGE,
                   "--depends: \"%.80s\": expected COMPONENT:RANGE, like 'gateway:^5'", part);
}

json_t *release_depends_read(const struct args *args, struct wg_error *err)
{
    if (!args_has(args, "depends")) return NULL;
    json_t *depends = json_object();
    if (!depends) (void)wg_fail_memory(err, "--depends");
    if (depends && repository_parts(args_value(args, "depends"), add_dependency, depends, err))
        return depends;
    json_decref(depends);
    return NULL;
}
