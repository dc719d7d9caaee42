/* permission.c: the table of permissions. */
#include "orchestrator/people/permission.h"

#include "orchestrator/people/shown.h"

#include <string.h>

static const char *const names[PERMISSIONS] = {
    [MAY_DEVICE_READ] = "device.read",           [MAY_DEVICE_RETRY] = "device.retry",
    [MAY_DEVICE_CANCEL] = "device.cancel",       [MAY_DEVICE_QUARANTINE] = "device.quarantine",
    [MAY_DEVICE_EDIT] = "device.edit",           [MAY_DEVICE_REVOKE] = "device.revoke",
    [MAY_DEVICE_ERASE] = "device.erase",         [MAY_CAMPAIGN_READ] = "campaign.read",
    [MAY_CAMPAIGN_PLAN] = "campaign.plan",       [MAY_CAMPAIGN_APPLY] = "campaign.apply",
    [MAY_CAMPAIGN_APPROVE] = "campaign.approve", [MAY_CAMPAIGN_STEER] = "campaign.steer",
    [MAY_RELEASE_READ] = "release.read",         [MAY_RELEASE_PUBLISH] = "release.publish",
    [MAY_RELEASE_APPROVE] = "release.approve",   [MAY_AUDIT_READ] = "audit.read",
    [MAY_PEOPLE_READ] = "people.read",           [MAY_PEOPLE_MANAGE] = "people.manage",
    [MAY_WEBHOOK_MANAGE] = "webhook.manage",     [MAY_METRICS_READ] = "metrics.read",
};
_Static_assert(PERMISSIONS < 64, "a bit for each");

const char *permission_name(enum permission permission)
{
    return names[permission];
}

bool permission_find(const char *name, enum permission *out)
{
    for (size_t i = 0; i < PERMISSIONS; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum permission)i;
            return true;
        }
    return false;
}

static bool read_one(const json_t *word, permission_set *set, struct wg_error *err)
{
    char shown[SHOWN];
    enum permission permission;
    if (!json_is_string(word))
        return wg_fail(err, WG_E_BAD_INPUT, "permissions: expected words like \"device.read\"");
    people_shown(json_string_value(word), shown);
    if (!permission_find(json_string_value(word), &permission))
        return wg_fail(err, WG_E_BAD_INPUT, "permissions: there is no \"%s\"", shown);
    if (permission_in(*set, permission))
        return wg_fail(err, WG_E_BAD_INPUT, "permissions: \"%s\" stands there twice", shown);
    *set |= PERMISSION_BIT(permission);
    return true;
}

bool permission_set_read(const json_t *list, permission_set *out, struct wg_error *err)
{
    permission_set set = 0;
    if (!json_is_array(list) || json_array_size(list) == 0)
        return wg_fail(err, WG_E_BAD_INPUT,
                       "permissions: expected a list of words like [\"device.read\"]");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!read_one(json_array_get(list, i), &set, err)) return false;
    *out = set;
    return true;
}

json_t *permission_set_json(permission_set set)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < PERMISSIONS; i++) {
        if (!permission_in(set, (enum permission)i)) continue;
        if (json_array_append_new(list, json_string(names[i])) == 0) continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}
