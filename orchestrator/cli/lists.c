/* lists.c: every command that shows rows, for --csv, --quiet and help. */
#include "orchestrator/cli/list.h"

#include <string.h>

extern const struct list audit_list, boundary_list, campaign_failures, campaign_list, fleet_health,
    context_list, device_alarms, device_list, group_list, group_members, plan_devices, release_list,
    people_list, token_list, webhook_list, webhook_dead;

const struct list *const lists[] = {&campaign_list,
                                    &campaign_failures,
                                    &fleet_health,
                                    &plan_devices,
                                    &release_list,
                                    &device_list,
                                    &device_alarms,
                                    &group_list,
                                    &group_members,
                                    &boundary_list,
                                    &audit_list,
                                    &context_list,
                                    &people_list,
                                    &token_list,
                                    &webhook_list,
                                    &webhook_dead,
                                    NULL};

const struct list *list_of(const char *noun, const char *verb)
{
    for (size_t i = 0; lists[i]; i++)
        if (strcmp(lists[i]->noun, noun) == 0 && strcmp(lists[i]->verb, verb) == 0) return lists[i];
    return NULL;
}
