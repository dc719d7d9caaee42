/* ending.c: final reports, and what the device remembers of an order that has ended. */
#include "agent/core/ending.h"

#include "agent/core/asking.h"
#include "agent/core/clock.h"
#include "agent/core/vouch.h"

#include <string.h>

static void ending_fill(struct core_ending *ending, const struct wg_order *order,
                        enum wg_state state, enum wg_cause cause, const char *detail)
{
    memset(ending, 0, sizeof *ending);
    ending->state = state;
    ending->cause = cause;
    ending->attempt = order->attempt;
    (void)wg_copy(ending->order, sizeof ending->order, order->id);
    (void)wg_copy(ending->campaign, sizeof ending->campaign, order->campaign);
    step_clean(ending->detail, sizeof ending->detail, detail);
}

static bool forget(struct core_step *step)
{
    struct core_memory *memory = step->memory;
    task_drop(memory->task);
    memory->task = NULL;
    memset(memory->home, 0, sizeof memory->home);
    memset(memory->from, 0, sizeof memory->from);
    memset(memory->text, 0, sizeof memory->text);
    memory->told = WG_WAITING;
    memory->cause = WG_CAUSE_NONE;
    memory->starts = 0;
    memory->put_off = false;
    memory->ask = 0;
    return clock_enter(step, CORE_IDLE);
}

bool ending_finish(struct core_step *step, enum wg_state state, enum wg_cause cause,
                   const char *detail)
{
    struct core_memory *memory = step->memory;
    struct core_hook error;
    ending_fill(&memory->last, task_order(memory->task), state, cause, detail);
    asking_error(step, &memory->last, &error);
    if (state == WG_SUCCEEDED) vouch_committed(memory);
    return forget(step) && step_report(step, &memory->last) &&
           ((state != WG_FAILED && state != WG_ROLLED_BACK) || asking_tell(step, &error));
}

bool ending_abandon(struct core_step *step, enum wg_cause cause, const char *detail)
{
    return ending_finish(step, WG_FAILED, cause, detail) && step_do(step, CORE_DO_CANCEL) &&
           step_do(step, CORE_DO_DISCARD);
}

bool ending_withdraw(struct core_step *step, const char *detail)
{
    return ending_finish(step, WG_WITHDRAWN, WG_CAUSE_WITHDRAWN, detail) &&
           step_do(step, CORE_DO_CANCEL) && step_do(step, CORE_DO_DISCARD);
}

bool ending_revert(struct core_step *step, enum wg_cause cause, const char *detail)
{
    step->memory->cause = cause;
    step_clean(step->memory->text, sizeof step->memory->text, detail);
    return clock_enter(step, CORE_REVERTING) && clock_reboot(step);
}

bool ending_put_off(struct core_step *step, const char *detail, wg_duration retry)
{
    struct core_ending ending;
    ending_fill(&ending, task_order(step->memory->task), WG_DEFERRED, WG_CAUSE_DEFERRED, detail);
    ending.retry = retry;
    return forget(step) && step_report(step, &ending) && step_do(step, CORE_DO_CANCEL) &&
           step_do(step, CORE_DO_DISCARD);
}

/* Only the unacknowledged copy is sent again when there is one. */
static bool answer(struct core_step *step, const struct core_ending *ending)
{
    size_t index = outbox_find(&step->memory->outbox, ending->order, ending->state);
    if (index < CORE_PENDING_MAX) return step_send(step, index);
    return step_report(step, ending);
}

bool ending_answer(struct core_step *step, const struct wg_order *order, enum wg_state state,
                   enum wg_cause cause, const char *detail)
{
    struct core_ending ending;
    ending_fill(&ending, order, state, cause, detail);
    if (wg_state_is_final(state)) step->memory->last = ending;
    return answer(step, &ending);
}

bool ending_repeat(struct core_step *step)
{
    return answer(step, &step->memory->last);
}

const char *ending_running(const struct core_step *step, const char *component)
{
    const struct core_start *start = &step->run->start;
    for (size_t i = 0; i < start->component_count; i++)
        if (strcmp(start->components[i].name, component) == 0) return start->components[i].version;
    return "";
}

/* Does that component run in that version? lacks, if any, names it when it does not. */
static bool runs(const struct core_step *step, const char *component, const char *version,
                 char *lacks, size_t size)
{
    if (strcmp(ending_running(step, component), version) == 0) return true;
    if (lacks) (void)wg_format(lacks, size, "%s %s", component, version);
    return false;
}

static bool has_all(const struct core_step *step, const struct wg_order *order, char *lacks,
                    size_t size)
{
    if (!runs(step, order->component, order->version, lacks, size)) return false;
    for (size_t i = 0; i < order->companion_count; i++) {
        const struct wg_order_companion *companion = &order->companions[i];
        if (!runs(step, companion->component, companion->version, lacks, size)) return false;
    }
    return true;
}

bool ending_is_running(const struct core_step *step, const struct wg_order *order)
{
    return has_all(step, order, NULL, 0);
}

bool ending_lacks(const struct core_step *step, const struct wg_order *order, char *out,
                  size_t size)
{
    return !has_all(step, order, out, size);
}
