/* look.h: what the parts of one look at a campaign share. Internal to this room.
 *
 * State changes are made on a copy of the view as they are decided, so that what comes later in a
 * look sees them, and a second look over its result finds nothing more to change. */
#ifndef WG_ORCHESTRATOR_ENGINE_LOOK_H
#define WG_ORCHESTRATOR_ENGINE_LOOK_H

#include "orchestrator/engine/engine.h"
#include "orchestrator/engine/gate.h"

struct look {
    const struct policy *policy;
    struct engine_view view; /* as it will be */
    wg_time now;
    struct engine_actions *out;
};

struct engine_action *look_act(struct look *look, enum engine_action_kind kind);
void look_set_wave(struct look *look, size_t wave, enum wave_state state, const char *cause);
void look_set_campaign(struct look *look, enum campaign_state state, const char *cause);
void look_pause(struct look *look, bool held, const char *cause);
/* From then on nobody switches over, unless what was started is to finish. */
void look_stop(struct look *look, enum engine_stop stop, const char *cause);
void look_wake(struct look *look, wg_time time); /* what is not in the future is no reason to */

/* Sums over all waves. */
int64_t view_total(const struct engine_view *view, enum wg_state state);
int64_t view_waiting(const struct engine_view *view); /* deferred devices too */
int64_t view_in_flight(const struct engine_view *view);
int64_t view_members(const struct engine_view *view);

/* ---- the parts of a look, in their order ---- */

void look_begin(struct look *look); /* before the campaign runs */
void look_end(struct look *look);   /* of its schedule, or of the emergency */
void look_give_back(struct look *look);
void look_expire(struct look *look);
void look_budget(struct look *look);
void look_waves(struct look *look);
void look_claim(struct look *look);
void look_stopping(struct look *look);

/* ---- what the words ask too ---- */

/* words may be NULL: "failure budget exceeded: 2 of 11 devices failed, 1 tolerated". */
bool budget_is_exceeded(const struct policy *policy, const struct engine_view *view,
                        char words[ENGINE_CAUSE_MAX]);
/* How a campaign that breaks its own rules is stopped: where its devices go. */
enum engine_stop budget_stop(const struct policy *policy);
bool schedule_is_over(const struct policy *policy, wg_time now);
/* The wave that this one waits for before it opens; false: it may open. */
bool wave_waits_for(const struct policy *policy, const struct engine_view *view, size_t wave,
                    size_t *other);
/* It takes who comes to match later, and has no gate while it does. */
bool wave_stays_open(const struct policy *policy, const struct engine_view *view, size_t wave);
void wave_question(const struct policy *policy, const struct engine_view *view, size_t wave,
                   wg_time now, struct gate_question *out);

#endif
