/* question_row.h: devices that have asked what there is for them. An answer is definite: every
 * campaign under way has looked at the device since it asked, whichever orchestrator ticks it. */
#ifndef WG_ORCHESTRATOR_STORE_QUESTION_ROW_H
#define WG_ORCHESTRATOR_STORE_QUESTION_ROW_H

#include "orchestrator/store/intake.h"

#define QUESTIONS_MAX 200 /* that one look at a campaign takes up */

struct question_row {
    char device[WG_NAME_MAX + 1];
    int64_t instance; /* of the question: a device that asks again has another */
};

WG_MUST_CHECK bool question_row_any(struct db *db, bool *any, struct wg_error *err);
/* Questions that the campaign has not looked at; out holds QUESTIONS_MAX. */
WG_MUST_CHECK bool question_row_open(struct db *db, int64_t campaign, struct question_row *out,
                                     size_t *count, struct wg_error *err);
/* Their devices, as PostgreSQL array text; the caller frees it. */
char *question_row_devices(const struct question_row *rows, size_t count, struct wg_error *err);
/* The campaign has looked at them, in the caller's transaction, which holds it. later[i]: it takes
 * the device once it can, although it has given it no place yet. */
WG_MUST_CHECK bool question_row_seen(struct db *db, int64_t campaign,
                                     const struct question_row *rows, const bool *later,
                                     size_t count, struct wg_error *err);
/* The campaign cannot be looked at: its devices hear "later", and nobody waits for it. */
WG_MUST_CHECK bool question_row_pass(struct db *db, int64_t campaign, struct wg_error *err);
/* Takes those away that can be answered. Each is answered once, by whoever takes it. */
WG_MUST_CHECK bool question_row_answer(struct db *db, wg_time now, struct intake_result *out,
                                       struct wg_error *err);

#endif
