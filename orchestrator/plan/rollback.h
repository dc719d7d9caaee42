/* rollback.h: campaigns that follow from another one: back to rollback_to for those that were
 * updated, once more for those that failed. */
#ifndef WG_ORCHESTRATOR_PLAN_ROLLBACK_H
#define WG_ORCHESTRATOR_PLAN_ROLLBACK_H

#include "orchestrator/plan/plan.h"

/* Appends the file of the campaign that sends the devices of a campaign back: its name with
 * "-rollback", its own two waves, its pace, window, retries and time-outs, continuous while the
 * other one may still leave updated devices. WG_E_CONFLICT when it names no rollback_to. */
WG_MUST_CHECK bool rollback_text(const struct campaign *source, struct wg_buf *out,
                                 struct wg_error *err);
/* Appends the file of a campaign of exactly the devices that failed, or of the one device that is
 * named (NULL: of all of them): its name with "-retry" and the first number from 1 that is told. */
WG_MUST_CHECK bool retry_text(const struct campaign *source, const char *device, int number,
                              struct wg_buf *out, struct wg_error *err);

/* Makes the rollback campaign unless it is there, on the word of the author of the one that is
 * rolled back: whoever signed that signed its rollback_to too. When its name is another campaign's
 * it is NAME-rollback-2 and so on. Own transaction. */
WG_MUST_CHECK bool rollback_make(struct db *db, const char *name, wg_time now,
                                 struct wg_error *err);

#endif
