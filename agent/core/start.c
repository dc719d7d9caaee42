/* start.c: where the core goes on after a restart.
 *
 * The slot that runs is the truth, the memory only says what was meant to happen: whatever the
 * power cut left undone is either done again, or was undone by the boot itself. */
#include "agent/core/asking.h"
#include "agent/core/clock.h"
#include "agent/core/ending.h"
#include "agent/core/erase.h"
#include "agent/core/order_check.h"
#include "agent/core/table.h"

#include <string.h>

/* What runs, seen from the order in hand. */
enum where {
    AT_HOME,      /* the slot that ran when it was accepted */
    ON_TRIAL,     /* the other one, because of the boot-once marker */
    ON_COMMITTED, /* the other one, for good */
    WHERES
};

static enum where where_runs(const struct core_step *step)
{
    const struct core_start *start = &step->run->start;
    if (step->memory->phase == CORE_IDLE) return start->trial ? ON_TRIAL : AT_HOME;
    bool home = strcmp(start->slot, step->memory->home) == 0;
    /* home on trial: somebody else has made the other slot the default */
    if (home && (!start->trial || step->memory->phase > CORE_ACTIVATING)) return AT_HOME;
    return start->trial ? ON_TRIAL : ON_COMMITTED;
}

/* What a hook has put off waits on until it is offered again. */
static bool go_on(struct core_step *step)
{
    return clock_enter(step, step->memory->phase) &&
           (step->memory->put_off || asking_begin(step, CORE_HOOK_ENTER));
}

static bool wait_on(struct core_step *step)
{
    return clock_enter(step, step->memory->phase);
}

/* The word to switch over was given before the cut. What it was given for may have passed since;
 * the boot-once marker may stand already, so then nothing is kept. */
static bool activate_again(struct core_step *step)
{
    const struct core_memory *memory = step->memory;
    char why[WG_DETAIL_MAX + 1];
    if (memory->ask == 0)
        return ending_put_off(step, "the agent was replaced by one that asks before it switches",
                              0);
    if (!order_is_open(step->config, task_order(memory->task), step->wall, why, sizeof why))
        return ending_put_off(step, why, 0);
    return go_on(step);
}

/* Nobody answers for this slot: the next boot takes the committed one. */
static bool leave(struct core_step *step)
{
    step->run->stray = true;
    if (!clock_enter(step, step->memory->phase)) return false;
    step->run->deadline = 0; /* the idle slot is the committed one now: nothing may touch it */
    return step_log(step, "slot %s runs on trial, but no order in hand asked for it: rebooting",
                    step->run->start.slot) &&
           clock_reboot(step);
}

/* Somebody else has changed slots: the idle one is another now, and empty-handed. */
static bool fetch_anew(struct core_step *step)
{
    (void)wg_copy(step->memory->home, sizeof step->memory->home, step->run->start.slot);
    step->memory->ask = 0;
    if (step->memory->phase != CORE_CHECKING) step->memory->phase = CORE_FETCHING;
    return step_log(step, "slot %s runs for good since the order was accepted: fetching again",
                    step->run->start.slot) &&
           go_on(step);
}

static bool try_boot(struct core_step *step)
{
    struct core_memory *memory = step->memory;
    char text[WG_DETAIL_MAX + 1];
    if (++memory->starts <= CORE_STARTS_MAX)
        return clock_enter(step, CORE_BOOTING) && asking_check(step, CORE_DO_BOOT_CHECK);
    (void)wg_format(text, sizeof text,
                    "the agent started %d times in the new slot without a commit", memory->starts);
    memory->starts = CORE_STARTS_MAX;
    return ending_revert(step, WG_CAUSE_BOOT, text);
}

static bool came_back(struct core_step *step)
{
    struct core_memory *memory = step->memory;
    if (memory->phase != CORE_REVERTING)
        return ending_finish(step, WG_ROLLED_BACK, WG_CAUSE_BOOT,
                             "the new slot started and did not confirm");
    char text[WG_DETAIL_MAX + 1];
    (void)wg_copy(text, sizeof text, memory->text);
    return ending_finish(step, WG_ROLLED_BACK,
                         memory->cause == WG_CAUSE_NONE ? WG_CAUSE_BOOT : memory->cause, text);
}

static bool go_back(struct core_step *step)
{
    return clock_enter(step, CORE_REVERTING) && clock_reboot(step);
}

static bool stays(struct core_step *step)
{
    char text[WG_DETAIL_MAX + 1], lacks[ENDING_LACKS];
    if (!ending_lacks(step, task_order(step->memory->task), lacks, sizeof lacks))
        return ending_finish(step, WG_SUCCEEDED, WG_CAUSE_NONE, NULL);
    (void)wg_format(text, sizeof text, "slot %s was committed but does not hold %s",
                    step->run->start.slot, lacks);
    return ending_finish(step, WG_FAILED, WG_CAUSE_BOOT, text);
}

/* The agent died between the marker and the reboot: the next boot, whenever it comes, is the trial.
 * Who was on the way there goes on; for all others the marker must not outlive what it was for. */
static bool on_the_way(struct core_step *step)
{
    /* a fetch takes the marker away by itself, but not before it begins */
    bool waits = step->config->hooks || step->memory->put_off;
    switch (step->memory->phase) {
    case CORE_IDLE:
        return wait_on(step) && step_do(step, CORE_DO_DISCARD);
    case CORE_CHECKING:
        return step_do(step, CORE_DO_DISCARD) && go_on(step);
    case CORE_FETCHING:
        return (!waits || step_do(step, CORE_DO_DISCARD)) && go_on(step);
    case CORE_INSTALLING:
    case CORE_READY:
        return (!waits || step_do(step, CORE_DO_DISCARD)) && fetch_anew(step);
    case CORE_ACTIVATING:
        return activate_again(step);
    case CORE_REBOOTING:
        return clock_enter(step, CORE_REBOOTING) && clock_reboot(step);
    default:
        return came_back(step) && step_do(step, CORE_DO_DISCARD);
    }
}

static const core_act ways[CORE_PHASES][WHERES] = {
    /* AT_HOME, ON_TRIAL, ON_COMMITTED */
    [CORE_IDLE] = {wait_on, leave, wait_on},
    [CORE_CHECKING] = {go_on, leave, fetch_anew},
    [CORE_FETCHING] = {go_on, leave, fetch_anew},
    [CORE_INSTALLING] = {go_on, leave, fetch_anew},
    [CORE_READY] = {wait_on, leave, fetch_anew},
    [CORE_ACTIVATING] = {activate_again, try_boot, stays},
    [CORE_REBOOTING] = {came_back, try_boot, stays},
    [CORE_BOOTING] = {came_back, try_boot, stays},
    [CORE_PROBATION] = {came_back, try_boot, stays},
    [CORE_COMMITTING] = {came_back, try_boot, stays},
    [CORE_REVERTING] = {came_back, go_back, stays},
};

/* FNV-1a. */
static uint64_t seed_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
    return hash;
}

static bool start_check(const struct core_step *step, const struct core_run *run)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    bool ok = step_hello_encode(step->config, run, run->start.journal, NULL, &bytes, step->err);
    wg_buf_clear(&bytes);
    return ok || wg_context(step->err, "start");
}

static void run_init(struct core_run *run, const struct core_config *config,
                     const struct core_start *start)
{
    *run = (struct core_run){.started = true, .start = *start};
    run->random = seed_of(start->boot);
    (void)wg_copy(run->zone, sizeof run->zone, config->identity.zone);
    wg_backoff_init(&run->backoff, CORE_FETCH_WAIT_FIRST, CORE_FETCH_WAIT_MOST);
    wg_backoff_init(&run->hello_wait, 2 * config->resend, CORE_HELLO_WAIT_MOST);
    wg_backoff_init(&run->ready_wait, CORE_READY_WAIT_FIRST, CORE_HELLO_WAIT_MOST);
}

bool act_start(struct core_step *step)
{
    const struct core_start *start = step->event->start;
    struct core_memory *memory = step->memory;
    if (!start) return wg_fail(step->err, WG_E_BAD_INPUT, "start: nothing is said about it");
    run_init(step->run, step->config, start);
    if (!start_check(step, step->run)) return false;
    if (memory->journal[0] == '\0')
        (void)wg_copy(memory->journal, sizeof memory->journal, start->journal);
    if (memory->phase == CORE_ERASING) return erase_start(step);
    enum where where = where_runs(step);
    return start->marked && where == AT_HOME ? on_the_way(step) : ways[memory->phase][where](step);
}
