/* asking.c: asks the device's own programs, and does what they say: go on, give up, or not now.
 *
 * Whether hooks were asked is not kept: after a cut they are asked again. */
#include "agent/core/asking.h"

#include "agent/core/clock.h"
#include "agent/core/ending.h"
#include "agent/core/order_check.h"
#include "agent/core/ready.h"
#include "agent/core/table.h"

#include <string.h>

const char *core_hook_phase_text(enum core_hook_phase phase)
{
    static const char *const texts[CORE_HOOK_PHASES] = {
        [CORE_HOOK_CHECK] = "check",     [CORE_HOOK_DOWNLOAD] = "download",
        [CORE_HOOK_INSTALL] = "install", [CORE_HOOK_REBOOT] = "reboot",
        [CORE_HOOK_HEALTH] = "health",
    };
    return (unsigned)phase < CORE_HOOK_PHASES ? texts[phase] : "";
}

const char *core_hook_moment_text(enum core_hook_moment moment)
{
    static const char *const texts[CORE_HOOK_MOMENTS] = {
        [CORE_HOOK_ENTER] = "enter", [CORE_HOOK_LEAVE] = "leave", [CORE_HOOK_ERROR] = "error"};
    return (unsigned)moment < CORE_HOOK_MOMENTS ? texts[moment] : "";
}

static enum core_hook_phase phase_of(enum core_phase phase)
{
    switch (phase) {
    case CORE_FETCHING:
        return CORE_HOOK_DOWNLOAD;
    case CORE_INSTALLING:
        return CORE_HOOK_INSTALL;
    case CORE_READY:
    case CORE_ACTIVATING:
    case CORE_REBOOTING:
    case CORE_BOOTING:
        return CORE_HOOK_REBOOT;
    case CORE_PROBATION:
    case CORE_COMMITTING:
    case CORE_REVERTING:
        return CORE_HOOK_HEALTH;
    case CORE_IDLE:
    case CORE_CHECKING:
    case CORE_ERASING:
    case CORE_PHASES:
        break;
    }
    return CORE_HOOK_CHECK;
}

static void fill(const struct core_memory *memory, struct core_hook *out)
{
    *out = (struct core_hook){.phase = phase_of(memory->phase)};
    (void)wg_copy(out->order, sizeof out->order, task_order(memory->task)->id);
    (void)wg_copy(out->campaign, sizeof out->campaign, task_order(memory->task)->campaign);
    (void)wg_copy(out->component, sizeof out->component, task_order(memory->task)->component);
    (void)wg_copy(out->version, sizeof out->version, task_order(memory->task)->version);
    (void)wg_copy(out->from, sizeof out->from, memory->from);
}

static bool act_of(struct core_step *step, enum core_action_kind kind, const struct core_hook *hook)
{
    if (!step_do(step, kind)) return false;
    step->out->items[step->out->count - 1].hook = *hook;
    return true;
}

/* The window may have closed while the hooks were asked. */
static bool switch_over(struct core_step *step)
{
    const struct core_memory *memory = step->memory;
    char why[WG_DETAIL_MAX + 1];
    bool again = memory->phase == CORE_ACTIVATING;
    if (!order_is_open(step->config, task_order(memory->task), step->wall, why, sizeof why))
        return again ? ending_put_off(step, why, 0) : ready_put_off(step, why, 0);
    return (again || clock_enter(step, CORE_ACTIVATING)) && step_do(step, CORE_DO_ACTIVATE);
}

/* They have said go, or there are none. */
static bool go_on(struct core_step *step, enum core_hook_moment moment)
{
    bool leave = moment == CORE_HOOK_LEAVE;
    switch (step->memory->phase) {
    case CORE_CHECKING:
        return clock_enter(step, CORE_FETCHING) && step_tell(step, WG_ACCEPTED) &&
               step_tell(step, WG_DOWNLOADING) && asking_begin(step, CORE_HOOK_ENTER);
    case CORE_FETCHING:
        if (!leave) return step_do(step, CORE_DO_FETCH);
        return clock_enter(step, CORE_INSTALLING) &&
               step_tell_how(step, WG_INSTALLING, step->run->came) &&
               asking_begin(step, CORE_HOOK_ENTER);
    case CORE_INSTALLING:
        return leave ? ready_ask(step) : step_do(step, CORE_DO_INSTALL);
    default:
        return switch_over(step);
    }
}

bool asking_begin(struct core_step *step, enum core_hook_moment moment)
{
    struct core_hook hook;
    if (!step->config->hooks) return go_on(step, moment);
    fill(step->memory, &hook);
    hook.moment = moment;
    step->run->asking = true;
    step->run->moment = moment;
    return act_of(step, CORE_DO_HOOKS, &hook);
}

bool asking_check(struct core_step *step, enum core_action_kind kind)
{
    struct core_hook hook;
    fill(step->memory, &hook);
    hook.moment = kind == CORE_DO_BOOT_CHECK ? CORE_HOOK_LEAVE : CORE_HOOK_ENTER;
    return act_of(step, kind, &hook);
}

bool asking_resume(struct core_step *step)
{
    step->memory->put_off = false;
    return clock_enter(step, step->memory->phase) &&
           step_say(step, step->memory->told, WG_CAUSE_NONE, NULL) &&
           asking_begin(step, CORE_HOOK_ENTER);
}

/* What is done stays, and the order in hand with it; its slot in the campaign is given to others
 * meanwhile. */
bool asking_put_off(struct core_step *step, const char *why, wg_duration retry)
{
    enum core_phase phase = step->memory->phase;
    if (phase == CORE_CHECKING || phase == CORE_ACTIVATING) return ending_put_off(step, why, retry);
    if (phase == CORE_READY) return ready_put_off(step, why, retry);
    step->memory->put_off = true;
    return clock_enter(step, phase) && step_put_off(step, why, retry);
}

/* An answer that nothing waits for any more. */
static bool is_asked(const struct core_step *step)
{
    return step->run->asking;
}

bool act_hooks_go(struct core_step *step)
{
    if (!is_asked(step)) return act_ignore(step);
    step->run->asking = false;
    return go_on(step, step->run->moment);
}

static const char *text_or(const struct core_event *event, const char *otherwise)
{
    return event->text && event->text[0] ? event->text : otherwise;
}

bool act_hooks_failed(struct core_step *step)
{
    const char *text = text_or(step->event, "a hook said no");
    enum wg_cause cause = WG_CAUSE_INSTALL;
    if (!is_asked(step)) return act_ignore(step);
    if (step->memory->phase == CORE_CHECKING) cause = WG_CAUSE_REFUSED;
    if (step->memory->phase == CORE_FETCHING) cause = WG_CAUSE_DOWNLOAD;
    return ending_abandon(step, cause, text);
}

bool act_hooks_later(struct core_step *step)
{
    if (!is_asked(step)) return act_ignore(step);
    step->run->asking = false;
    return asking_put_off(step, text_or(step->event, "a hook said: not now"), step->event->delay);
}

void asking_error(const struct core_step *step, const struct core_ending *ending,
                  struct core_hook *out)
{
    fill(step->memory, out);
    if (ending->state == WG_ROLLED_BACK)
        out->phase = ending->cause == WG_CAUSE_BOOT ? CORE_HOOK_REBOOT : CORE_HOOK_HEALTH;
    out->moment = CORE_HOOK_ERROR;
    out->cause = ending->cause;
    (void)wg_copy(out->reason, sizeof out->reason, ending->detail);
}

bool asking_tell(struct core_step *step, const struct core_hook *error)
{
    return !step->config->hooks || act_of(step, CORE_DO_HOOKS, error);
}
