/* plan.c: what of a set is needed. */
#include "agent/posix/slot/plan.h"

#include <string.h>

bool slot_runs(const struct slot_status *status, const struct slot_release *release)
{
    for (size_t i = 0; i < status->component_count; i++)
        if (strcmp(status->components[i].name, release->component) == 0)
            return strcmp(status->components[i].version, release->version) == 0 &&
                   (!status->sha256[i][0] || strcmp(status->sha256[i], release->sha256) == 0);
    return false;
}

void slot_needs(const struct slot_status *status, const struct slot_release *releases, size_t count,
                bool wanted[SLOT_MEMBERS_MAX])
{
    for (size_t i = 0; i < count; i++) wanted[i] = count == 1 || !slot_runs(status, &releases[i]);
}

bool slot_plan(struct slot_backend *backend, struct slot_status *status,
               const struct slot_release *releases, size_t count, bool wanted[SLOT_MEMBERS_MAX],
               struct wg_error *err)
{
    struct slot_release needed[SLOT_MEMBERS_MAX];
    size_t left = 0;
    if (count == 0 || count > SLOT_MEMBERS_MAX)
        return wg_fail(err, WG_E_LIMIT, "%zu releases at once: expected 1 to %d", count,
                       SLOT_MEMBERS_MAX);
    slot_needs(status, releases, count, wanted);
    for (size_t i = 0; i < count; i++)
        if (wanted[i]) needed[left++] = releases[i];
    if (left == 0) return wg_fail(err, WG_E_CONFLICT, "all of it runs already");
    if (backend->ops->plan)
        return backend->ops->plan(backend, needed, left, &status->in_place, err);
    return left == 1 || wg_fail(err, WG_E_CONFLICT,
                                "%s and %s would need the same place: one of them needs its own, "
                                "under \"components\" in agent.json",
                                needed[0].component, needed[1].component);
}
