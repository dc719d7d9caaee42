/* permission.h: what a person may do, one word each, and sets of them. The words stand in the API's
 * routes, in tokens and in docs/roles.md. Pure. */
#ifndef WG_ORCHESTRATOR_PEOPLE_PERMISSION_H
#define WG_ORCHESTRATOR_PEOPLE_PERMISSION_H

#include "common/json.h"

#include <stdint.h>

enum permission {
    MAY_DEVICE_READ, /* "device.read" */
    MAY_DEVICE_RETRY,
    MAY_DEVICE_CANCEL,
    MAY_DEVICE_QUARANTINE,
    MAY_DEVICE_EDIT,
    MAY_DEVICE_REVOKE,
    MAY_DEVICE_ERASE,
    MAY_CAMPAIGN_READ,
    MAY_CAMPAIGN_PLAN,
    MAY_CAMPAIGN_APPLY,
    MAY_CAMPAIGN_APPROVE,
    MAY_CAMPAIGN_STEER,
    MAY_RELEASE_READ,
    MAY_RELEASE_PUBLISH,
    MAY_RELEASE_APPROVE,
    MAY_AUDIT_READ,
    MAY_PEOPLE_READ,
    MAY_PEOPLE_MANAGE,
    MAY_WEBHOOK_MANAGE,
    MAY_METRICS_READ,
    PERMISSIONS
};

/* A bit for each. */
typedef uint64_t permission_set;
#define PERMISSION_BIT(permission) ((permission_set)1 << (permission))
#define PERMISSION_ALL (PERMISSION_BIT(PERMISSIONS) - 1)

const char *permission_name(enum permission permission); /* "campaign.steer" */
/* False: there is no such word. */
bool permission_find(const char *name, enum permission *out);

static inline bool permission_in(permission_set set, enum permission permission)
{
    return (set & PERMISSION_BIT(permission)) != 0;
}

/* A list of words: read strictly (known ones, each once, at least one; WG_E_BAD_INPUT), written in
 * the order of the table. New reference, NULL: out of memory. */
WG_MUST_CHECK bool permission_set_read(const json_t *list, permission_set *out,
                                       struct wg_error *err);
json_t *permission_set_json(permission_set set);

#endif
