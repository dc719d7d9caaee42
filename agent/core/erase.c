/* erase.c: destroys the device's keys when enough people have said so. */
#include "agent/core/erase.h"

#include "agent/core/clock.h"
#include "agent/core/ending.h"
#include "agent/core/table.h"
#include "agent/core/vouch.h"
#include "common/trust/erasure.h"

static bool use_counter(struct core_step *step, const struct wg_order *order)
{
    step->memory->counter = order->counter;
    return step_save(step);
}

static bool let_go(struct core_step *step)
{
    return step->memory->phase == CORE_IDLE ||
           ending_withdraw(step, "the keys of this device are erased");
}

static bool begin(struct core_step *step, const struct wg_order *order, wg_time latest)
{
    struct core_erasure *erasure = &step->memory->erasure;
    if (!use_counter(step, order) || !let_go(step)) return false;
    *erasure = (struct core_erasure){.at = latest > erasure->at ? latest : erasure->at};
    (void)wg_copy(erasure->order, sizeof erasure->order, order->id);
    step->run->erasing = true;
    step->run->erased = false;
    return clock_enter(step, CORE_ERASING) && step_hello(step) &&
           step_log(step, "order %s: erasing the keys of this device", order->id) &&
           step_do(step, CORE_DO_ERASE);
}

/* Of people, by the newest policy that there is: whoever has stolen the director's key, or has kept
 * an order of before, has not their word. */
static bool begin_vouched(struct core_step *step, const struct wg_order *order,
                          const json_t *envelope)
{
    struct erasure_finding found;
    struct wg_error why = {.code = WG_OK};
    const struct erasure_claim claim = {.device = step->config->device,
                                        .after = step->memory->erasure.at};
    if (!step->run->policy)
        (void)wg_fail(&why, WG_E_DENIED, "the repository has no policy that says who may erase");
    else if (erasure_check(wg_order_warrant(envelope), step->run->policy, &claim, &found, &why))
        return begin(step, order, found.latest);
    if (why.code == WG_E_MEMORY) return wg_fail_memory(step->err, "judging an erasure");
    return use_counter(step, order) &&
           step_log(step, "order %s: keys are not erased: %s", order->id, why.text);
}

bool erase_obey(struct core_step *step, const struct wg_order *order, const json_t *envelope,
                const struct order_judgement *judgement)
{
    if (judgement->verdict != ORDER_FITS)
        return use_counter(step, order) &&
               step_log(step, "order %s: keys are not erased: %s", order->id, judgement->text);
    if (step->memory->phase >= CORE_ACTIVATING)
        return step_log(step, "order %s: keys are erased when the update in hand has ended",
                        order->id);
    if (!step->config->vouch) return begin(step, order, 0);
    if (step->event->kind != CORE_EV_VOUCHED) return vouch_ask(step, envelope);
    return begin_vouched(step, order, envelope);
}

bool erase_start(struct core_step *step)
{
    const struct core_erasure *erasure = &step->memory->erasure;
    if (erasure->done && step->run->start.keyed)
        return clock_enter(step, CORE_IDLE) &&
               step_log(step, "this device has new keys since the last ones were erased");
    step->run->erasing = true;
    step->run->erased = erasure->done;
    return step_do(step, erasure->done ? CORE_DO_END : CORE_DO_ERASE);
}

bool act_erased(struct core_step *step)
{
    step->memory->erasure.done = true;
    step->run->erased = true;
    step->run->erase_at = 0;
    if (!step_save(step)) return false;
    if (!step->run->online) return step_do(step, CORE_DO_END);
    step->run->deadline = step->now + CORE_ERASE_LINGER;
    return step_hello(step);
}

bool act_erase_failed(struct core_step *step)
{
    char text[WG_DETAIL_MAX + 1];
    step_clean(text, sizeof text, step->event->text);
    step->run->erase_at = step->now + CORE_ERASE_AGAIN;
    return step_log(step, "not all keys are erased yet: %s", text);
}

bool act_lost_erasing(struct core_step *step)
{
    return act_lost(step) && (!step->run->erased || step_do(step, CORE_DO_END));
}

/* hello_at: the last hello was not answered yet. */
bool act_ack_erasing(struct core_step *step)
{
    return act_ack(step) &&
           (!step->run->erased || step->run->hello_at > 0 || step_do(step, CORE_DO_END));
}

bool act_tick_erasing(struct core_step *step)
{
    struct core_run *run = step->run;
    if (run->deadline > 0 && run->deadline <= step->now) return step_do(step, CORE_DO_END);
    if (run->erase_at > 0 && run->erase_at <= step->now) {
        run->erase_at = 0;
        if (!step_do(step, CORE_DO_ERASE)) return false;
    }
    return step_repeat(step);
}
