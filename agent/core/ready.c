/* ready.c: asks to switch over, waits for the word, and switches or lets go. */
#include "agent/core/ready.h"

#include "agent/core/asking.h"
#include "agent/core/clock.h"
#include "agent/core/ending.h"
#include "agent/core/order_check.h"

#include <string.h>

/* What is installed stays. No answer to the question counts any more: the slot of this device is
 * given to others until the order is offered again. */
bool ready_put_off(struct core_step *step, const char *why, wg_duration retry)
{
    step->memory->ask = 0;
    return step_put_off(step, why, retry);
}

bool ready_ask(struct core_step *step)
{
    struct core_memory *memory = step->memory;
    char why[WG_DETAIL_MAX + 1];
    bool asking = step->run->asking && memory->phase == CORE_READY;
    wg_backoff_reset(&step->run->ready_wait);
    if (asking && !step_do(step, CORE_DO_CANCEL)) return false;
    if (!clock_enter(step, CORE_READY)) return false;
    if (!order_is_open(step->config, task_order(memory->task), step->wall, why, sizeof why))
        return ready_put_off(step, why, 0);
    if (!step_say(step, WG_REBOOTING, WG_CAUSE_NONE, NULL)) return false;
    memory->told = WG_REBOOTING;
    memory->ask = memory->seq;
    return true;
}

/* The hooks that are asked already have not answered yet. */
static bool switch_over(struct core_step *step)
{
    char why[WG_DETAIL_MAX + 1];
    if (!order_is_open(step->config, task_order(step->memory->task), step->wall, why, sizeof why))
        return ready_put_off(step, why, 0);
    return step->run->asking || asking_begin(step, CORE_HOOK_ENTER);
}

bool ready_answer(struct core_step *step, const struct wg_ack *ack)
{
    const struct core_memory *memory = step->memory;
    struct core_run *run = step->run;
    if (run->stray || memory->ask == 0) return true;
    bool answered = ack->seq >= memory->ask;
    if (answered && strcmp(ack->order, task_order(memory->task)->id) != 0)
        return ending_withdraw(step, "its slot was given to another");
    if (answered && ack->go) return switch_over(step);
    run->hello_at = step->now + wg_backoff_next(&run->ready_wait, step_random(step));
    return true;
}
