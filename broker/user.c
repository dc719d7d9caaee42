/* user.c: role and name to text and back. */
#include "broker/user.h"

#include <string.h>

static const char *const roles[ROLES] = {
    [ROLE_DEVICE] = "device", [ROLE_ORCHESTRATOR] = "orchestrator", [ROLE_ENROLMENT] = "enrolment"};

const char *role_text(enum role role)
{
    return (unsigned)role < ROLES ? roles[role] : "?";
}

void user_text(const struct user *user, char *out)
{
    (void)wg_format(out, USER_MAX, "%s/%s", role_text(user->role), user->name);
}

bool user_parse(const char *text, struct user *out)
{
    for (unsigned role = 0; text && role < ROLES; role++) {
        size_t len = strlen(roles[role]);
        if (strncmp(text, roles[role], len) != 0 || text[len] != '/') continue;
        *out = (struct user){.role = (enum role)role, .name = text + len + 1};
        return wg_name_is_valid(out->name);
    }
    return false;
}
