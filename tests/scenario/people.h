/* people.h: operators with certificates of an authority of their own, so that the orchestrator
 * judges real signatures: alice, bob, carol and dora are rollout-admins, sam is a support-agent,
 * rita a repository-admin. */
#ifndef WG_TESTS_SCENARIO_PEOPLE_H
#define WG_TESTS_SCENARIO_PEOPLE_H

#include "common/identity_key.h"
#include "orchestrator/campaign/approval.h"

struct people;

struct person {
    char name[WG_NAME_MAX + 1], role[WG_NAME_MAX + 1];
    char chain[OPERATOR_CHAIN_MAX]; /* "" not made yet */
    struct wg_identity_key key;
};

struct people *people_new(struct wg_error *err);
void people_free(struct people *people);
const char *people_root(const struct people *people); /* file of the authority's certificate */
/* NULL: nobody of that name. */
const struct person *people_get(struct people *people, const char *name, struct wg_error *err);

#endif
