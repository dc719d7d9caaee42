/* command_who.c: the table of commands and permissions. */
#include "orchestrator/cli/command_who.h"

#include <string.h>

/* verb "*": all of the noun that change something. */
static const struct {
    const char *noun, *verb;
    enum permission permission;
} table[] = {
    {"campaign", "plan", MAY_CAMPAIGN_PLAN},
    {"campaign", "apply", MAY_CAMPAIGN_APPLY},
    {"campaign", "approve", MAY_CAMPAIGN_APPROVE},
    {"campaign", "*", MAY_CAMPAIGN_STEER},
    {"release", "add", MAY_RELEASE_PUBLISH},
    {"release", "add-form", MAY_RELEASE_PUBLISH},
    {"release", "approve", MAY_RELEASE_APPROVE},
    {"release", "refuse", MAY_RELEASE_APPROVE},
    {"device", "retry", MAY_DEVICE_RETRY},
    {"device", "cancel", MAY_DEVICE_CANCEL},
    {"device", "quarantine", MAY_DEVICE_QUARANTINE},
    {"device", "clear", MAY_DEVICE_QUARANTINE},
    {"device", "revoke", MAY_DEVICE_REVOKE},
    {"device", "reinstate", MAY_DEVICE_REVOKE},
    {"device", "erase", MAY_DEVICE_ERASE},
    {"device", "*", MAY_DEVICE_EDIT},
    {"group", "*", MAY_DEVICE_EDIT},
    {"boundary", "*", MAY_DEVICE_EDIT},
    {"audit", "list", MAY_AUDIT_READ},
    {"audit", "export", MAY_AUDIT_READ},
    {"audit", "head", MAY_AUDIT_READ},
    {"people", "list", MAY_PEOPLE_READ},
    {"people", "show", MAY_PEOPLE_READ},
    {"people", "*", MAY_PEOPLE_MANAGE},
    {"webhook", "list", MAY_WEBHOOK_MANAGE},
    {"webhook", "show", MAY_WEBHOOK_MANAGE},
    {"webhook", "dead", MAY_WEBHOOK_MANAGE},
    {"webhook", "*", MAY_WEBHOOK_MANAGE},
};

void command_who(const struct command *command, char out[ROLES_TEXT])
{
    out[0] = '\0';
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bool all = table[i].verb[0] == '*';
        if (strcmp(table[i].noun, command->noun) != 0) continue;
        if (all ? !(command->needs & COMMAND_CHANGES) : strcmp(table[i].verb, command->verb) != 0)
            continue;
        role_names(PERMISSION_BIT(table[i].permission), out);
        return;
    }
}
