/* steer.h: a person's hand on a campaign: who it is, and the campaign as it stands, held against
 * the engine until the change is made. */
#ifndef WG_ORCHESTRATOR_STEERING_STEER_H
#define WG_ORCHESTRATOR_STEERING_STEER_H

#include "orchestrator/show/recall.h"
#include "orchestrator/status/standing.h"

#define STEER_REASON_MAX 160 /* bytes */

struct steer {
    struct db *db;
    wg_time now;
    char actor[WG_NAME_MAX + 1];
    struct campaign_row row;
    enum campaign_state state;
    struct campaign *campaign;
    struct engine_view view;
    char cause[CAMPAIGN_CAUSE_MAX]; /* "by anna: reason", "by anna" */
};

/* Plain text on one line, of at most STEER_REASON_MAX bytes: it is shown to others, on their
 * terminals. */
bool steer_reason_is_fine(const char *reason);

/* Begins a transaction that holds the campaign. reason: "" none. NULL on failure; steer_free() it.
 */
struct steer *steer_new(struct db *db, const char *actor, const char *reason, const char *campaign,
                        wg_time now, struct wg_error *err);
void steer_free(struct steer *steer); /* what was not committed is undone */

/* To the state that the command leads to, in the words "DONE by anna: reason"; not committed. */
WG_MUST_CHECK bool steer_move(struct steer *steer, enum campaign_state next, const char *done,
                              bool held, enum engine_stop stop, struct wg_error *err);

#endif
