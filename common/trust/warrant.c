/* warrant.c: counts the statements that count. */
#include "common/trust/warrant.h"

#include "common/trust/envelope.h"

#include <stdlib.h>
#include <string.h>

struct counting {
    const struct trust_policy *policy;
    const struct warrant_claim *claim;
    struct warrant_finding *found;
    const char *role;                                      /* of approvals that count */
    char campaign[WG_NAME_MAX + 1], digest[WG_SHA256_HEX]; /* that all of it is about */
    const struct trust_person *author;
    bool approved[TRUST_PEOPLE_MAX], permitted[TRUST_PEOPLE_MAX];
};

static const struct trust_person *person_of(const struct trust_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->people_count; i++)
        if (strcmp(policy->people[i].name, name) == 0) return &policy->people[i];
    return NULL;
}

const struct trust_person *warrant_open(const json_t *envelope, const struct trust_policy *policy,
                                        struct statement *out, struct wg_error *err)
{
    const json_t *body = json_object_get(envelope, "signed");
    struct wg_error problem = {0};
    if (!statement_read(body, out, &problem)) return NULL;
    const struct trust_person *person = person_of(policy, out->operator_name);
    if (!person || envelope_check(envelope, &person->key, 1, &problem)) return person;
    if (problem.code == WG_E_MEMORY) *err = problem;
    return NULL;
}

/* Is it about what is claimed? */
static bool fits(const struct statement *statement, const struct warrant_claim *claim)
{
    if (claim->rolls_back[0])
        return strcmp(statement->campaign, claim->rolls_back) == 0 &&
               strcmp(statement->rollback, claim->release) == 0;
    return strcmp(statement->campaign, claim->campaign) == 0 &&
           strcmp(statement->digest, claim->digest) == 0 &&
           strcmp(statement->release, claim->release) == 0;
}

static bool is_same(const struct counting *with, const struct statement *statement)
{
    return strcmp(with->campaign, statement->campaign) == 0 &&
           strcmp(with->digest, statement->digest) == 0;
}

static bool take_author(struct counting *with, const struct trust_person *person,
                        const struct statement *statement, struct wg_error *err)
{
    if (with->author)
        return wg_fail(err, WG_E_DENIED, "it names two authors, %s and %s", with->author->name,
                       person->name);
    with->author = person;
    (void)wg_copy(with->found->author, sizeof with->found->author, person->name);
    (void)wg_copy(with->campaign, sizeof with->campaign, statement->campaign);
    (void)wg_copy(with->digest, sizeof with->digest, statement->digest);
    return true;
}

/* The author's statement says what all the others have to be about. */
static bool find_author(struct counting *with, const json_t *statements, struct statement *space,
                        struct wg_error *err)
{
    struct wg_error problem = {0};
    for (size_t i = 0; i < json_array_size(statements); i++) {
        const struct trust_person *person =
            warrant_open(json_array_get(statements, i), with->policy, space, &problem);
        if (!person && problem.code == WG_E_MEMORY) return wg_fail_memory(err, "a warrant");
        if (!person || space->kind != STATEMENT_APPLY || !fits(space, with->claim)) continue;
        if (!take_author(with, person, space, err)) return false;
    }
    return with->author ||
           wg_fail(err, WG_E_DENIED, "nobody who is known here has applied campaign %s with %s",
                   with->claim->campaign, with->claim->release);
}

static void count(struct counting *with, const struct trust_person *person,
                  const struct statement *statement)
{
    size_t index = (size_t)(person - with->policy->people);
    if (person == with->author || !is_same(with, statement) || !fits(statement, with->claim))
        return;
    if (statement->kind == STATEMENT_APPROVE && strcmp(person->role, with->role) == 0 &&
        !with->approved[index]) {
        with->approved[index] = true;
        with->found->approvals++;
    }
    if (statement->kind == STATEMENT_DOWNGRADE && with->policy->has_downgrade &&
        strcmp(person->role, with->policy->downgrade.role) == 0 && !with->permitted[index]) {
        with->permitted[index] = true;
        with->found->permissions++;
    }
}

static bool count_all(struct counting *with, const json_t *statements, struct statement *space,
                      struct wg_error *err)
{
    struct wg_error problem = {0};
    for (size_t i = 0; i < json_array_size(statements); i++) {
        const struct trust_person *person =
            warrant_open(json_array_get(statements, i), with->policy, space, &problem);
        if (!person && problem.code == WG_E_MEMORY) return wg_fail_memory(err, "a warrant");
        if (person) count(with, person, space);
    }
    return true;
}

static bool judge(const struct counting *with, struct wg_error *err)
{
    const struct warrant_finding *found = with->found;
    const struct warrant_claim *claim = with->claim;
    if (found->approvals < found->approvals_needed)
        return wg_fail(err, WG_E_DENIED,
                       "campaign %s has %lld of the %lld approvals by %s that hardware %s needs",
                       claim->campaign, (long long)found->approvals,
                       (long long)found->approvals_needed, with->role, claim->hardware_model);
    if (!claim->downgrade) return true;
    if (!with->policy->has_downgrade)
        return wg_fail(err, WG_E_DENIED,
                       "%s goes back in security, and the policy has nobody permit that",
                       claim->release);
    return found->permissions >= found->permissions_needed ||
           wg_fail(err, WG_E_DENIED,
                   "%s goes back in security: %lld of the %lld permissions by %s are there",
                   claim->release, (long long)found->permissions,
                   (long long)found->permissions_needed, with->policy->downgrade.role);
}

static bool check(struct counting *with, const json_t *statements, struct wg_error *err)
{
    struct statement *space = malloc(sizeof *space);
    if (!space) return wg_fail_memory(err, "checking a warrant");
    bool ok = find_author(with, statements, space, err) &&
              count_all(with, statements, space, err) && judge(with, err);
    free(space);
    return ok;
}

bool warrant_check(const json_t *statements, const struct trust_policy *policy,
                   const struct warrant_claim *claim, struct warrant_finding *out,
                   struct wg_error *err)
{
    struct counting with = {.policy = policy, .claim = claim, .found = out};
    const struct trust_quorum *quorum = trust_policy_quorum(policy, claim->hardware_model);
    *out = (struct warrant_finding){.approvals_needed = quorum ? quorum->count : 0,
                                    .permissions_needed =
                                        claim->downgrade ? policy->downgrade.count : 0};
    if (!json_is_array(statements) || json_array_size(statements) > WARRANT_STATEMENTS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "warrant: expected a list of at most %d statements",
                       WARRANT_STATEMENTS_MAX);
    if (!quorum)
        return wg_fail(err, WG_E_DENIED, "the policy names no class for hardware %s",
                       claim->hardware_model);
    with.role = quorum->role;
    return check(&with, statements, err);
}
