/* tick.h: one campaign in the hands of one tick: the engine's actions on the store. Internal to the
 * room. */
#ifndef WG_ORCHESTRATOR_DAEMON_TICK_H
#define WG_ORCHESTRATOR_DAEMON_TICK_H

#include "orchestrator/daemon/ticker.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/store/campaign_row.h"

#define TICK_ACTOR "engine"

struct tick {
    const struct ticker *ticker;
    struct db *db;
    const struct policy *policy;
    struct campaign_row row;
    struct engine_view view;
    struct engine_actions actions;
    wg_time now;
    int64_t token;  /* of the lease */
    int64_t slots;  /* that claims of this look may still take */
    bool orders;    /* some may have become due */
    bool roll_back; /* the campaign that sends devices back is wanted */
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

#endif
