/* erasure.c: counts the people who want one device's keys erased. */
#include "common/trust/erasure.h"

#include "common/trust/warrant.h"

#include <stdlib.h>
#include <string.h>

static bool counts(const struct statement *statement, const struct erasure_claim *claim)
{
    return statement->kind == STATEMENT_ERASE && statement->at > claim->after &&
           strcmp(statement->device, claim->device) == 0;
}

static bool count(const json_t *statements, const struct trust_policy *policy,
                  const struct erasure_claim *claim, struct statement *space,
                  struct erasure_finding *out, struct wg_error *err)
{
    bool counted[TRUST_PEOPLE_MAX] = {false};
    struct wg_error problem = {0};
    for (size_t i = 0; i < json_array_size(statements); i++) {
        const struct trust_person *person =
            warrant_open(json_array_get(statements, i), policy, space, &problem);
        if (!person && problem.code == WG_E_MEMORY) return wg_fail_memory(err, "an erasure");
        if (!person || !counts(space, claim) || strcmp(person->role, policy->erase.role) != 0)
            continue;
        if (space->at > out->latest) out->latest = space->at;
        size_t index = (size_t)(person - policy->people);
        if (!counted[index]) out->given++;
        counted[index] = true;
    }
    return true;
}

bool erasure_check(const json_t *statements, const struct trust_policy *policy,
                   const struct erasure_claim *claim, struct erasure_finding *out,
                   struct wg_error *err)
{
    *out = (struct erasure_finding){.needed = policy->erase.count};
    if (!policy->has_erase)
        return wg_fail(err, WG_E_DENIED, "the policy has nobody say that keys are erased");
    if (!json_is_array(statements) || json_array_size(statements) > WARRANT_STATEMENTS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "warrant: expected a list of at most %d statements",
                       WARRANT_STATEMENTS_MAX);
    struct statement *space = malloc(sizeof *space);
    if (!space) return wg_fail_memory(err, "judging an erasure");
    bool ok = count(statements, policy, claim, space, out, err);
    free(space);
    if (!ok) return false;
    return out->given >= out->needed ||
           wg_fail(err, WG_E_DENIED, "%lld of the %lld %s who must want the keys of %s erased do",
                   (long long)out->given, (long long)out->needed, policy->erase.role,
                   claim->device);
}
