/* role.c: the table of roles. */
#include "orchestrator/people/role.h"

#include "common/text.h"

#include <string.h>

#define BIT(name) PERMISSION_BIT(MAY_##name)
#define READ (BIT(DEVICE_READ) | BIT(CAMPAIGN_READ) | BIT(RELEASE_READ))

static const struct {
    const char *name;
    permission_set permissions;
    const char *words;
} table[ROLES] = {
    [ROLE_OWNER] = {"owner", PERMISSION_ALL, "may all; people, tokens of others, webhooks"},
    [ROLE_ROLLOUT_ADMIN] =
        {"rollout-admin",
         READ | BIT(CAMPAIGN_PLAN) | BIT(CAMPAIGN_APPLY) | BIT(CAMPAIGN_APPROVE) |
             BIT(CAMPAIGN_STEER) | BIT(DEVICE_RETRY) | BIT(DEVICE_CANCEL),
         "plans, applies, approves and steers campaigns; retries and cancels devices"},
    [ROLE_REPOSITORY_ADMIN] = {"repository-admin",
                               READ | BIT(RELEASE_PUBLISH) | BIT(RELEASE_APPROVE),
                               "publishes, approves and revokes releases"},
    [ROLE_DEPLOYMENT_ADMIN] = {"deployment-admin",
                               READ | BIT(DEVICE_EDIT) | BIT(DEVICE_REVOKE) |
                                   BIT(DEVICE_QUARANTINE) | BIT(DEVICE_ERASE),
                               "registers, groups, tags, revokes, reinstates and quarantines "
                               "devices; asks for erasure"},
    [ROLE_SUPPORT] = {"support",
                      READ | BIT(DEVICE_RETRY) | BIT(DEVICE_CANCEL) | BIT(DEVICE_QUARANTINE),
                      "retries, cancels and quarantines one device"},
    [ROLE_AUDITOR] = {"auditor", READ | BIT(AUDIT_READ) | BIT(PEOPLE_READ) | BIT(METRICS_READ),
                      "reads all, the audit log and people too; changes nothing"},
};

const char *role_name(enum role role)
{
    return table[role].name;
}

bool role_find(const char *name, enum role *out)
{
    for (size_t i = 0; i < ROLES; i++)
        if (strcmp(name, table[i].name) == 0) {
            *out = (enum role)i;
            return true;
        }
    return false;
}

permission_set role_permissions(enum role role)
{
    return table[role].permissions;
}

const char *role_words(enum role role)
{
    return table[role].words;
}

/* The owner, who may all, last. */
void role_names(permission_set any_of, char out[ROLES_TEXT])
{
    size_t len = 0;
    out[0] = '\0';
    for (int i = ROLE_OWNER + 1; i < ROLES; i++) {
        if (!(table[i].permissions & any_of)) continue;
        const char *before = len ? ", " : "";
        size_t more = strlen(before) + strlen(table[i].name);
        if (len + more + sizeof " or owner" > ROLES_TEXT) break;
        (void)wg_format(out + len, ROLES_TEXT - len, "%s%s", before, table[i].name);
        len += more;
    }
    (void)wg_format(out + len, ROLES_TEXT - len, "%sowner", len ? " or " : "the ");
}
