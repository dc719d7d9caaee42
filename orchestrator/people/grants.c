/* grants.c: grants in, out, and what follows from them. */
#include "orchestrator/people/grants.h"

#include "orchestrator/people/shown.h"

#include <string.h>

#define TEXT_MAX ((size_t)256 * 1024) /* more than all lists full of the longest names */

static bool read_role(const json_t *value, enum role *out, struct wg_error *err)
{
    char name[SHOWN], shown[SHOWN];
    if (!wg_json_text(value, "role", name, sizeof name, err)) return false;
    people_shown(name, shown);
    return role_find(name, out) ||
           wg_fail(err, WG_E_BAD_INPUT,
                   "role: there is no \"%s\"; expected owner, rollout-admin, repository-admin, "
                   "deployment-admin, support or auditor",
                   shown);
}

static bool read_one(const json_t *value, struct grant *out, struct wg_error *err)
{
    static const char *const known[] = {"role", "scope", NULL};
    if (!json_is_object(value))
        return wg_fail(err, WG_E_BAD_INPUT, "expected an object with role and scope");
    if (!wg_json_only_keys(value, known, err) || !read_role(value, &out->role, err) ||
        !scope_read(json_object_get(value, "scope"), &out->scope, err))
        return false;
    out->permissions = role_permissions(out->role);
    return true;
}

bool grants_read(const json_t *list, struct grants *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    if (!json_is_array(list))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "grants: expected a list like [{\"role\": \"support\", "
                       "\"scope\": {\"regions\": [\"DE\"]}}]");
    if (json_array_size(list) > GRANTS_MAX)
        return wg_fail(err, WG_E_LIMIT, "grants: %zu of them, at most %d allowed",
                       json_array_size(list), GRANTS_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!read_one(json_array_get(list, i), &out->items[i], err)) {
            memset(out, 0, sizeof *out);
            return wg_context(err, "grants, %zu", i + 1);
        }
        out->count++;
    }
    return true;
}

bool grants_parse(const char *text, struct grants *out, struct wg_error *err)
{
    json_t *list = wg_json_parse(text, strlen(text), TEXT_MAX, err);
    bool ok = list && grants_read(list, out, err);
    json_decref(list);
    return ok;
}

json_t *grants_json(const struct grants *grants)
{
    json_t *list = json_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < grants->count; i++) {
        const struct grant *grant = &grants->items[i];
        json_t *scope = scope_json(&grant->scope);
        ok = scope &&
             json_array_append_new(
                 list, json_pack("{s:s,s:o}", "role", role_name(grant->role), "scope", scope)) == 0;
    }
    if (ok) return list;
    json_decref(list);
    return NULL;
}

void grants_of_role(enum role role, struct grants *out)
{
    memset(out, 0, sizeof *out);
    out->count = 1;
    out->items[0].role = role;
    out->items[0].permissions = role_permissions(role);
}

permission_set grants_permissions(const struct grants *grants)
{
    permission_set set = 0;
    for (size_t i = 0; i < grants->count; i++) set |= grants->items[i].permissions;
    return set;
}

bool grants_may(const struct grants *grants, enum permission permission)
{
    return permission_in(grants_permissions(grants), permission);
}

bool grants_may_within(const struct grants *grants, enum permission permission,
                       const struct scope *scope)
{
    for (size_t i = 0; i < grants->count; i++)
        if (permission_in(grants->items[i].permissions, permission) &&
            scope_contains(&grants->items[i].scope, scope))
            return true;
    return false;
}

bool grants_may_everywhere(const struct grants *grants, enum permission permission)
{
    for (size_t i = 0; i < grants->count; i++)
        if (permission_in(grants->items[i].permissions, permission) &&
            scope_is_everything(&grants->items[i].scope))
            return true;
    return false;
}

bool grants_may_on(const struct grants *grants, enum permission permission,
                   const struct scope_device *device)
{
    for (size_t i = 0; i < grants->count; i++)
        if (permission_in(grants->items[i].permissions, permission) &&
            scope_holds(&grants->items[i].scope, device))
            return true;
    return false;
}

static bool add_scope(const struct scope *scope, bool first, struct wg_buf *out,
                      struct wg_error *err)
{
    json_t *value = scope_json(scope);
    if (!value) return wg_fail_memory(err, "writing scopes");
    if (!first) wg_buf_char(out, ',');
    bool ok = wg_json_canonical(value, out, err);
    json_decref(value);
    return ok;
}

bool grants_scopes(const struct grants *grants, enum permission permission, struct wg_buf *out,
                   struct wg_error *err)
{
    bool first = true;
    if (grants_may_everywhere(grants, permission)) return true;
    wg_buf_char(out, '[');
    for (size_t i = 0; i < grants->count; i++) {
        if (!permission_in(grants->items[i].permissions, permission)) continue;
        if (!add_scope(&grants->items[i].scope, first, out, err)) return false;
        first = false;
    }
    wg_buf_char(out, ']');
    return wg_buf_check(out, err, "scopes");
}

const char *grants_scopes_param(const struct wg_buf *scopes)
{
    return scopes->len > 0 ? wg_buf_str(scopes) : NULL;
}

bool grants_cover(const struct grants *giver, const struct grant *given)
{
    for (size_t i = 0; i < PERMISSIONS; i++)
        if (permission_in(given->permissions, (enum permission)i) &&
            !grants_may_within(giver, (enum permission)i, &given->scope))
            return false;
    return true;
}

bool grants_cover_all(const struct grants *giver, const struct grants *given)
{
    for (size_t i = 0; i < given->count; i++)
        if (!grants_cover(giver, &given->items[i])) return false;
    return true;
}

void grants_limit(const struct grants *maker, permission_set permissions, const struct scope *scope,
                  struct grants *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < maker->count; i++) {
        struct grant *grant = &out->items[out->count];
        grant->role = maker->items[i].role;
        grant->permissions = maker->items[i].permissions & permissions;
        if (grant->permissions && scope_intersect(&maker->items[i].scope, scope, &grant->scope))
            out->count++;
        else
            memset(grant, 0, sizeof *grant);
    }
}
