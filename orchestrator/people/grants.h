/* grants.h: what one person may, and where: roles, each with a scope. Pure.
 *
 *   [{"role": "support", "scope": {"regions": ["DE"]}}, {"role": "auditor", "scope": {}}] */
#ifndef WG_ORCHESTRATOR_PEOPLE_GRANTS_H
#define WG_ORCHESTRATOR_PEOPLE_GRANTS_H

#include "orchestrator/people/role.h"
#include "orchestrator/people/scope.h"

#define GRANTS_MAX 8

struct grant {
    enum role role;
    permission_set permissions; /* the role's; fewer when a token stands between */
    struct scope scope;
};
/* 55 KB: keep it off small stacks. */
struct grants {
    size_t count;
    struct grant items[GRANTS_MAX];
};

/* Strict; "scope" may be missing. WG_E_BAD_INPUT, WG_E_LIMIT. */
WG_MUST_CHECK bool grants_read(const json_t *list, struct grants *out, struct wg_error *err);
/* The same of its text, as it is stored. */
WG_MUST_CHECK bool grants_parse(const char *text, struct grants *out, struct wg_error *err);
/* New reference; NULL: out of memory. */
json_t *grants_json(const struct grants *grants);
/* One role, everywhere. */
void grants_of_role(enum role role, struct grants *out);

permission_set grants_permissions(const struct grants *grants);
/* Somewhere at least. */
bool grants_may(const struct grants *grants, enum permission permission);
/* On all there is. */
bool grants_may_everywhere(const struct grants *grants, enum permission permission);
bool grants_may_on(const struct grants *grants, enum permission permission,
                   const struct scope_device *device);
/* Within all of the scope, by one grant. */
bool grants_may_within(const struct grants *grants, enum permission permission,
                       const struct scope *scope);

/* The scopes of a permission as SQL takes them (wg_in_scopes(), migration 019): a JSON list, a
 * device is inside when one of them holds it; nothing is appended when that is everything. Give
 * grants_scopes_param() as the parameter. */
WG_MUST_CHECK bool grants_scopes(const struct grants *grants, enum permission permission,
                                 struct wg_buf *out, struct wg_error *err);
const char *grants_scopes_param(const struct wg_buf *scopes); /* NULL: everything */

/* May the giver give that away: has he each of its permissions, within all of its scope? */
bool grants_cover(const struct grants *giver, const struct grant *given);
bool grants_cover_all(const struct grants *giver, const struct grants *given);
/* What a token of the maker may: no more than it says, and no more than the maker may. */
void grants_limit(const struct grants *maker, permission_set permissions, const struct scope *scope,
                  struct grants *out);

#endif
