/* role.h: the six roles and what each may. A role's name is that in operators' certificates (the
 * organisational unit) and in statements. Pure. */
#ifndef WG_ORCHESTRATOR_PEOPLE_ROLE_H
#define WG_ORCHESTRATOR_PEOPLE_ROLE_H

#include "orchestrator/people/permission.h"

enum role {
    ROLE_OWNER,
    ROLE_ROLLOUT_ADMIN,
    ROLE_REPOSITORY_ADMIN,
    ROLE_DEPLOYMENT_ADMIN,
    ROLE_SUPPORT,
    ROLE_AUDITOR,
    ROLES
};

const char *role_name(enum role role); /* "rollout-admin" */
bool role_find(const char *name, enum role *out);
permission_set role_permissions(enum role role);
/* One line for people: "plans, applies, approves and steers campaigns". */
const char *role_words(enum role role);
/* "rollout-admin, support or owner": who has one of the permissions. */
#define ROLES_TEXT 160
void role_names(permission_set any_of, char out[ROLES_TEXT]);

#endif
