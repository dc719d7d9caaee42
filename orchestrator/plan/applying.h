/* applying.h: a plan becomes a campaign, or the next revision of one: checked, then stored with its
 * author's statement. */
#ifndef WG_ORCHESTRATOR_PLAN_APPLYING_H
#define WG_ORCHESTRATOR_PLAN_APPLYING_H

#include "orchestrator/plan/plan.h"

struct applying {
    struct plan plan;   /* made with hold, so that its transaction is open */
    struct wg_buf text; /* the file as written */
    const char *author, *statement, *author_chain; /* borrowed */
    bool draft;         /* a new campaign that waits to be started by hand */
    int64_t rolls_back; /* id of the campaign whose devices it sends back; 0: none */
    /* filled by applying_store: */
    struct wg_buf canonical, changes; /* what a revision changed, a line each */
    char *after, *supersedes;         /* array text */
};

void applying_init(struct applying *applying);
void applying_clear(struct applying *applying); /* the plan too */

/* What no campaign may start with: no devices, a way back that is not sure, other campaigns that
 * are not there. WG_E_CONFLICT or WG_E_NOT_FOUND. */
WG_MUST_CHECK bool applying_check(struct applying *applying, struct db *db, struct wg_error *err);
/* Stores and commits. */
WG_MUST_CHECK bool applying_store(struct applying *applying, struct db *db, wg_time now,
                                  struct wg_error *err);

/* The state that a new campaign begins with. */
const char *applying_state(const struct applying *applying);

#endif
