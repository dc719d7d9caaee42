/* tick.h: one campaign in the hands of one tick: the engine's actions on the store. Internal to the
 * room. */
#ifndef WG_ORCHESTRATOR_DAEMON_TICK_H
#define WG_ORCHESTRATOR_DAEMON_TICK_H

#include "orchestrator/daemon/ticker.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/question_row.h"

#define TICK_ACTOR "engine"

struct tick_questions;

struct tick {
    const struct ticker *ticker;
    struct db *db;
    const struct policy *policy;
    struct campaign_row row;
    struct engine_view view;
    struct engine_actions actions;
    wg_time now;
    int64_t token;                    /* of the lease */
    int64_t slots;                    /* that claims of this look may still take */
    bool orders;                      /* some may have become due */
    bool overtaken;                   /* another one took devices that it was about to take */
    bool roll_back;                   /* the campaign that sends devices back is wanted */
    struct tick_questions *questions; /* owned; NULL: nobody asks */
    struct ticker_result *result;
};

/* In the transaction that holds the campaign. */
WG_MUST_CHECK bool tick_carry_out(struct tick *tick, const struct engine_action *action,
                                  struct wg_error *err);
/* Finds out where the window is open now, once a minute, and tells campaigns of lower priority. */
WG_MUST_CHECK bool tick_zones(struct tick *tick, const char **zones, struct wg_error *err);
/* The claims of one wave, within windows, caps and slots. */
WG_MUST_CHECK bool tick_claim(struct tick *tick, const struct engine_action *action,
                              struct wg_error *err);
/* The gate's hook. */
void tick_hook_key(const struct tick *tick, size_t wave, char out[TICKER_KEY_MAX]);
WG_MUST_CHECK bool tick_ask_hook(struct tick *tick, size_t wave, struct wg_error *err);
/* Devices that ask what there is for them, and whom this campaign has not looked at since. */
WG_MUST_CHECK bool tick_hear(struct tick *tick, struct wg_error *err);
bool tick_is_asked(const struct tick *tick);
/* Those who match get places in this wave, and are seen by this look. */
WG_MUST_CHECK bool tick_join_asking(struct tick *tick, const struct plan_query *query, size_t wave,
                                    struct wg_error *err);
/* Whom of them it takes once it can. */
WG_MUST_CHECK bool tick_judge_later(struct tick *tick, const struct plan_query *query,
                                    struct wg_error *err);
/* They have been looked at. */
WG_MUST_CHECK bool tick_answer(struct tick *tick, struct wg_error *err);

#endif
