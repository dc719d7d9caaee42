/* update.c: what the world says of the update in hand, from the first byte to the commit. */
#include "agent/core/asking.h"
#include "agent/core/clock.h"
#include "agent/core/ending.h"
#include "agent/core/ready.h"
#include "agent/core/table.h"

#include <string.h>

/* The cause that the world gives, if it is one that this failure can have. */
static enum wg_cause cause_or(const struct core_event *event, enum wg_cause otherwise)
{
    switch (event->cause) {
    case WG_CAUSE_VERIFY:
    case WG_CAUSE_DOWNLOAD:
    case WG_CAUSE_INSTALL:
    case WG_CAUSE_TIMEOUT:
        return event->cause;
    default:
        return otherwise;
    }
}

static const char *text_or(const struct core_event *event, const char *otherwise)
{
    return event->text && event->text[0] ? event->text : otherwise;
}

/* Hooks are asked, or the update is put off: no work of this phase is going on. */
static bool is_resting(const struct core_step *step)
{
    return step->run->asking || step->memory->put_off;
}

/* Bytes of all artifacts of the order. */
static int64_t length_of(const struct wg_order *order)
{
    int64_t length = order->length;
    for (size_t i = 0; i < order->companion_count; i++) {
        int64_t more = order->companions[i].length;
        length = more < INT64_MAX - length ? length + more : INT64_MAX;
    }
    return length;
}

bool act_progress(struct core_step *step)
{
    struct core_run *run = step->run;
    if (is_resting(step)) return act_ignore(step);
    int64_t length =
        step->event->total > 0 ? step->event->total : length_of(task_order(step->memory->task));
    int64_t done = step->event->done < length ? step->event->done : length;
    if (done < 0) done = 0;
    run->total = length;
    if (done > run->done) {
        wg_backoff_reset(&run->backoff);
        run->stuck[0] = run->asked_anew[0] = '\0';
        run->refusals = 0;
    }
    run->progress_untold = run->progress_untold || done != run->done;
    run->done = done;
    return step_progress(step);
}

bool act_fetched(struct core_step *step)
{
    if (is_resting(step)) return act_ignore(step);
    step_clean(step->run->came, sizeof step->run->came, step->event->text);
    return asking_begin(step, CORE_HOOK_LEAVE);
}

/* The next offer of this order has other URLs, and what came stays: they may have ended while it
 * came. Are the others turned down too, that is for people to see. */
static bool want_other_urls(struct core_step *step, const char *why)
{
    struct core_run *run = step->run;
    const char *id = task_order(step->memory->task)->id;
    char text[WG_DETAIL_MAX + 1];
    if (strcmp(run->asked_anew, id) == 0) return ending_abandon(step, WG_CAUSE_DOWNLOAD, why);
    (void)wg_copy(run->asked_anew, sizeof run->asked_anew, id);
    (void)wg_format(text, sizeof text, "%s: other URLs are wanted", why);
    return asking_put_off(step, text, CORE_REFUSED_WAIT);
}

bool act_fetch_failed(struct core_step *step)
{
    enum wg_cause cause = cause_or(step->event, WG_CAUSE_DOWNLOAD);
    const char *text = text_or(step->event, "the download failed");
    if (is_resting(step)) return act_ignore(step);
    if (cause == WG_CAUSE_VERIFY || step->event->fatal) return ending_abandon(step, cause, text);
    if (!step->event->refused)
        step->run->refusals = 0;
    else if (++step->run->refusals >= CORE_REFUSALS)
        return want_other_urls(step, text);
    else if (step->run->refusals == 1)
        wg_backoff_reset(&step->run->backoff); /* who answers is there */
    char wait[WG_TIME_TEXT];
    step_clean(step->run->stuck, sizeof step->run->stuck, text);
    clock_wait_fetch(step);
    wg_duration_words(step->run->fetch_at - step->now, wait);
    return step_log(step, "download: %s; next try in %s", text, wait);
}

bool act_installed(struct core_step *step)
{
    return is_resting(step) ? act_ignore(step) : asking_begin(step, CORE_HOOK_LEAVE);
}

/* What was right when it came is not any more, or was kept wrong: once, that is no reason to fail.
 */
static bool fetch_again(struct core_step *step, const char *text)
{
    (void)wg_copy(step->run->fetched_again, sizeof step->run->fetched_again,
                  task_order(step->memory->task)->id);
    return clock_enter(step, CORE_FETCHING) && step_log(step, "fetching again: %s", text) &&
           step_do(step, CORE_DO_DISCARD) && asking_begin(step, CORE_HOOK_ENTER);
}

bool act_install_failed(struct core_step *step)
{
    enum wg_cause cause = cause_or(step->event, WG_CAUSE_INSTALL);
    const char *text = text_or(step->event, "the install step failed");
    if (is_resting(step)) return act_ignore(step);
    if (cause == WG_CAUSE_VERIFY &&
        strcmp(step->run->fetched_again, task_order(step->memory->task)->id) != 0)
        return fetch_again(step, text);
    return ending_abandon(step, cause, text);
}

bool act_activated(struct core_step *step)
{
    if (is_resting(step)) return act_ignore(step);
    return clock_enter(step, CORE_REBOOTING) && clock_reboot(step);
}

bool act_activate_failed(struct core_step *step)
{
    if (is_resting(step)) return act_ignore(step);
    return ending_abandon(step, cause_or(step->event, WG_CAUSE_INSTALL),
                          text_or(step->event, "the new slot could not be set to boot"));
}

/* What came stays, and the limit of the download is of no use while nobody can download. */
bool act_fetch_later(struct core_step *step)
{
    if (is_resting(step)) return act_ignore(step);
    return asking_put_off(step, text_or(step->event, "the download cannot go on now"),
                          step->event->delay);
}

/* An installer could not work now: it may find a better time. */
bool act_slots_later(struct core_step *step)
{
    if (is_resting(step)) return act_ignore(step);
    return asking_put_off(step, text_or(step->event, "the installer said: not now"),
                          step->event->delay);
}

bool act_booted(struct core_step *step)
{
    char text[WG_DETAIL_MAX + 1], lacks[ENDING_LACKS];
    if (ending_lacks(step, task_order(step->memory->task), lacks, sizeof lacks)) {
        (void)wg_format(text, sizeof text, "slot %s started but does not hold %s",
                        step->run->start.slot, lacks);
        return ending_revert(step, WG_CAUSE_BOOT, text);
    }
    return clock_enter(step, CORE_PROBATION) && step_tell(step, WG_PROBATION) &&
           asking_check(step, CORE_DO_HEALTH_CHECK);
}

bool act_boot_failed(struct core_step *step)
{
    return ending_revert(step, WG_CAUSE_BOOT, text_or(step->event, "the boot check failed"));
}

/* Health must hold for the whole soak time, so the last check falls on its end. */
bool act_healthy(struct core_step *step)
{
    struct core_run *run = step->run;
    if (!run->healthy) {
        run->healthy = true;
        run->healthy_since = step->now;
    }
    wg_time soaked = run->healthy_since + step->config->soak;
    if (step->now >= soaked)
        return clock_enter(step, CORE_COMMITTING) && step_do(step, CORE_DO_COMMIT);
    wg_time next = step->now + step->config->health_every;
    run->health_at = next < soaked ? next : soaked;
    return true;
}

/* Health that cannot be said is not held against the device until its time for it is over; nor does
 * it count as soaked. */
bool act_health_later(struct core_step *step)
{
    struct core_run *run = step->run;
    wg_duration wait = step->config->health_every;
    if (step->event->delay > wait) wait = step->event->delay;
    run->healthy = false;
    run->health_at = step->now + (wait < WG_DAY ? wait : WG_DAY);
    return step_log(step, "health: %s", text_or(step->event, "a hook said: not now"));
}

bool act_unhealthy(struct core_step *step)
{
    return ending_revert(step, WG_CAUSE_HEALTH, text_or(step->event, "the health check failed"));
}

bool act_committed(struct core_step *step)
{
    step->run->start.trial = false;
    step->run->news = true;
    return ending_finish(step, WG_SUCCEEDED, WG_CAUSE_NONE, NULL);
}

bool act_commit_failed(struct core_step *step)
{
    return ending_revert(step, WG_CAUSE_BOOT,
                         text_or(step->event, "the new slot could not be made the default"));
}
