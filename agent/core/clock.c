/* clock.c: timers of the phases, and what a tick does when one of them is over. */
#include "agent/core/clock.h"

#include "agent/core/asking.h"
#include "agent/core/ending.h"
#include "agent/core/table.h"

static wg_duration phase_limit(const struct core_memory *memory)
{
    switch (memory->phase) {
    case CORE_FETCHING:
        return task_order(memory->task)->timeout_download;
    case CORE_INSTALLING:
    case CORE_ACTIVATING:
        return task_order(memory->task)->timeout_install;
    case CORE_BOOTING:
    case CORE_PROBATION:
    case CORE_COMMITTING:
        return task_order(memory->task)->timeout_probation;
    case CORE_IDLE:
    case CORE_CHECKING:
    case CORE_READY:
    case CORE_REBOOTING:
    case CORE_REVERTING:
    case CORE_ERASING:
    case CORE_PHASES:
        break;
    }
    return 0;
}

bool clock_enter(struct core_step *step, enum core_phase phase)
{
    struct core_run *run = step->run;
    /* boot check and probation share one limit, counted from the boot */
    bool goes_on = phase == CORE_PROBATION && run->deadline > 0;
    step->memory->phase = phase;
    wg_duration limit = phase_limit(step->memory);
    if (step->memory->put_off) limit = 0;
    if (!goes_on) run->deadline = limit > 0 ? step->now + limit : 0;
    run->fetch_at = run->reboot_at = run->health_at = run->erase_at = 0;
    run->progress_untold = run->healthy = run->asking = false;
    run->stuck[0] = '\0';
    run->refusals = 0;
    return step_save(step);
}

void clock_wait_fetch(struct core_step *step)
{
    struct core_run *run = step->run;
    run->fetch_at = step->now + wg_backoff_next(&run->backoff, step_random(step));
}

bool clock_reboot(struct core_step *step)
{
    step->run->reboot_at = step->now + CORE_REBOOT_AGAIN;
    return step_do(step, CORE_DO_REBOOT);
}

static void earliest(wg_time *wake, wg_time due)
{
    if (due > 0 && (*wake == 0 || due < *wake)) *wake = due;
}

wg_time clock_wake(const struct core_config *config, const struct core_state *state)
{
    const struct core_run *run = &state->run;
    wg_time wake = 0;
    earliest(&wake, run->deadline);
    earliest(&wake, run->reboot_at);
    earliest(&wake, run->erase_at);
    earliest(&wake, run->fetch_at);
    earliest(&wake, run->health_at);
    if (run->online) earliest(&wake, run->hello_at);
    if (run->online && run->news) earliest(&wake, run->news_from);
    if (run->online) earliest(&wake, outbox_due(&state->memory.outbox, config->resend));
    if (run->online && run->progress_untold) earliest(&wake, run->progress_from);
    return wake;
}

static bool is_over(const struct core_step *step, wg_time due)
{
    return due > 0 && due <= step->now;
}

static bool limit_log(struct core_step *step, const char *what)
{
    char limit[WG_TIME_TEXT];
    wg_duration_words(phase_limit(step->memory), limit);
    return step_log(step, "%s did not end within %s", what, limit);
}

bool act_tick_idle(struct core_step *step)
{
    if (is_over(step, step->run->reboot_at) && !clock_reboot(step)) return false;
    return step_repeat(step);
}

static bool give_up_fetching(struct core_step *step)
{
    char text[WG_DETAIL_MAX + 1];
    const char *stuck = step->run->stuck;
    (void)wg_format(text, sizeof text, "the download did not end in time%s%s", *stuck ? ": " : "",
                    stuck);
    return limit_log(step, "the download") && ending_abandon(step, WG_CAUSE_TIMEOUT, text);
}

bool act_tick_fetching(struct core_step *step)
{
    struct core_run *run = step->run;
    if (!step_repeat(step)) return false;
    if (is_over(step, run->reboot_at) && !clock_reboot(step)) return false;
    if (is_over(step, run->deadline)) return give_up_fetching(step);
    if (is_over(step, run->fetch_at)) {
        run->fetch_at = 0;
        if (!step_do(step, CORE_DO_FETCH)) return false;
    }
    return step_progress(step);
}

bool act_tick_installing(struct core_step *step)
{
    if (!step_repeat(step)) return false;
    if (is_over(step, step->run->reboot_at) && !clock_reboot(step)) return false;
    if (!is_over(step, step->run->deadline)) return true;
    return limit_log(step, "the installation") &&
           ending_abandon(step, WG_CAUSE_TIMEOUT, "the installation did not end in time");
}

bool act_tick_rebooting(struct core_step *step)
{
    return step_repeat(step) && (!is_over(step, step->run->reboot_at) || clock_reboot(step));
}

bool act_tick_trial(struct core_step *step)
{
    struct core_run *run = step->run;
    if (!step_repeat(step)) return false;
    if (is_over(step, run->deadline))
        return limit_log(step, "probation") && step_do(step, CORE_DO_CANCEL) &&
               ending_revert(step, WG_CAUSE_TIMEOUT, "probation did not end in time");
    if (!is_over(step, run->health_at)) return true;
    run->health_at = 0;
    return asking_check(step, CORE_DO_HEALTH_CHECK);
}
