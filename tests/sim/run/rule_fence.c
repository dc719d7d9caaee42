/* rule_fence.c: rule 7: one orchestrator at a time ticks a campaign, and what another one says in
 * its name does not count. */
#include "tests/sim/run/rule.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rules_fenced(struct sim *sim, const char *who, int64_t campaign, int64_t token)
{
    char id[24];
    const char *const params[] = {id};
    (void)snprintf(id, sizeof id, "%lld", (long long)campaign);
    PGresult *result =
        watch_ask(sim->ground->watch, "select token from lease where campaign_id = $1::bigint",
                  params, 1, &sim->err);
    if (!result) {
        sim_fail(sim, "looking for a lease");
        return;
    }
    long long now = PQntuples(result) == 1 ? strtoll(PQgetvalue(result, 0, 0), NULL, 10) : 0;
    PQclear(result);
    if (now != token)
        rule_broken(sim, 7, who, NULL, "the answer that it got by token %lld counts, %lld is valid",
                    (long long)token, now);
}

/* Renewals alone are not looked at: the end of the old lease may be later than it seems here, never
 * earlier. */
void rules_lease(struct sim *sim, size_t campaign, const char *holder, wg_time until)
{
    struct rule_lease *lease = &sim->rules.leases[campaign];
    const struct settings *settings = &sim->servers[0].settings;
    wg_duration length = 3 * settings->tick > TICKER_LEASE ? 3 * settings->tick : TICKER_LEASE;
    bool other = lease->holder[0] && strcmp(lease->holder, holder) != 0;
    if (other && until - length < lease->until)
        rule_broken(sim, 7, sim->mirror.campaigns[campaign].name, NULL,
                    "%s ticks it, and the lease of %s has not ended", holder, lease->holder);
    (void)wg_copy(lease->holder, sizeof lease->holder, holder);
    lease->until = until;
}
