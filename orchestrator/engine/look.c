/* look.c: actions of a look, and sums over its view. */
#include "orchestrator/engine/look.h"

struct engine_action *look_act(struct look *look, enum engine_action_kind kind)
{
    struct engine_action *action = &look->out->items[look->out->count++];
    *action = (struct engine_action){.kind = kind};
    return action;
}

void look_set_wave(struct look *look, size_t wave, enum wave_state state, const char *cause)
{
    struct engine_action *action = look_act(look, ENGINE_SET_WAVE);
    action->wave = wave;
    action->wave_state = state;
    (void)wg_copy(action->cause, sizeof action->cause, cause);
    look->view.waves[wave].state = state;
}

void look_set_campaign(struct look *look, enum campaign_state state, const char *cause)
{
    struct engine_action *action = look_act(look, ENGINE_SET_CAMPAIGN);
    look->view.state = state;
    action->campaign = state;
    action->held = look->view.held;
    action->stop = look->view.stop;
    (void)wg_copy(action->cause, sizeof action->cause, cause);
}

void look_pause(struct look *look, bool held, const char *cause)
{
    look->view.held = held;
    look_set_campaign(look, CAMPAIGN_PAUSED, cause);
}

void look_stop(struct look *look, enum engine_stop stop, const char *cause)
{
    look->view.stop = stop;
    look->view.held = stop != ENGINE_STOP_FINISH_STARTED;
    look_set_campaign(look, CAMPAIGN_STOPPING, cause);
}

void look_wake(struct look *look, wg_time time)
{
    if (time > look->now && (!look->out->wake || time < look->out->wake)) look->out->wake = time;
}

int64_t view_total(const struct engine_view *view, enum wg_state state)
{
    int64_t sum = 0;
    for (size_t i = 0; i < view->wave_count; i++) sum += view->waves[i].count[state];
    return sum;
}

int64_t view_waiting(const struct engine_view *view)
{
    return view_total(view, WG_WAITING) + view_total(view, WG_DEFERRED);
}

int64_t view_in_flight(const struct engine_view *view)
{
    int64_t sum = 0;
    for (int state = 0; state < WG_STATES; state++)
        if (wg_state_is_in_flight((enum wg_state)state))
            sum += view_total(view, (enum wg_state)state);
    return sum;
}

int64_t view_members(const struct engine_view *view)
{
    int64_t sum = 0;
    for (size_t i = 0; i < view->wave_count; i++) sum += view->waves[i].members;
    return sum;
}
