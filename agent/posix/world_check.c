/* world_check.c: the programs that an update asks: the payload's own, and the device's hooks. */
#include "agent/posix/world_part.h"
#include "common/posix/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Is there something that can be started? A payload that is none is an image, or data. */
static bool is_program(const char *path)
{
    static const char elf[] = {0x7f, 'E', 'L', 'F'};
    char head[sizeof elf] = "";
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, head, sizeof head) : -1;
    if (fd >= 0) (void)close(fd);
    return (got >= 2 && memcmp(head, "#!", 2) == 0) ||
           (got == (ssize_t)sizeof elf && memcmp(head, elf, sizeof elf) == 0);
}

/* Who answers for the slot: its payload, if it has a program of its own; else the device's hooks
 * alone. Without hooks a payload has to answer. Where slots never hold one it is enough that the
 * ordered version runs, which the core looks at itself. */
static bool payload_answers(const struct world *world, const char *payload)
{
    return !world->settings->hooks[0] || is_program(payload);
}

static bool start_program(struct world *world, bool idle, const char *verb, wg_duration timeout,
                          const struct slot_program *program, struct wg_error *err)
{
    const struct slot_status *slot = &world->slot;
    char state[PATH_MAX + 32], values[3][WG_VERSION_MAX + 64];
    const char *const environment[] = {values[0], values[1], values[2], state, NULL};
    const struct runner_job job = {.program = program->path,
                                   .verb = verb,
                                   .folder = program->folder,
                                   .environment = environment,
                                   .timeout = timeout};
    (void)snprintf(values[0], sizeof values[0], "WAVEGATE_SLOT=%s",
                   idle ? slot->idle : slot->running);
    (void)snprintf(values[1], sizeof values[1], "WAVEGATE_COMPONENT=%s",
                   idle ? world->release.component : slot->components[0].name);
    (void)snprintf(values[2], sizeof values[2], "WAVEGATE_VERSION=%s",
                   idle ? world->release.version : slot->components[0].version);
    (void)snprintf(state, sizeof state, "WAVEGATE_STATE=%s", world->settings->state);
    last_logs_begin(&world->logs, verb, idle ? world->release.component : slot->components[0].name,
                    idle ? world->release.version : slot->components[0].version,
                    wall_now(&world->wall));
    return runner_start(&world->runner, &job, wg_monotonic(), err);
}

/* *runs: false when the slot has no program, or hooks answer for it. */
static bool run_payload(struct world *world, bool idle, const char *verb, wg_duration timeout,
                        bool *runs, struct wg_error *err)
{
    struct slot_program program;
    *runs = world->slots->ops->program != NULL;
    if (!*runs) return true;
    if (!world->slots->ops->program(world->slots, idle, &world->release, &program, err))
        return false;
    *runs = payload_answers(world, program.path);
    return !*runs || start_program(world, idle, verb, timeout, &program, err);
}

/* Has the slot nobody but hooks to ask, although its kind could hold a program? */
static bool is_mute(struct world *world)
{
    struct slot_program program;
    struct wg_error ignored = {0};
    return world->slots->ops->program &&
           !(world->slots->ops->program(world->slots, false, &world->release, &program, &ignored) &&
             is_program(program.path));
}

static void installed(struct world *world, bool ok, const char *text)
{
    struct wg_error err = {0};
    if (!ok)
        world_tell_text(world, CORE_EV_INSTALL_FAILED, text);
    else if (!world->slots->ops->finish(world->slots, &world->release, &err))
        world_tell_text(world, CORE_EV_INSTALL_FAILED, err.text);
    else
        world_tell_text(world, CORE_EV_INSTALLED, NULL);
}

void world_install(struct world *world, const struct wg_order *order,
                   const struct core_release *release)
{
    struct wg_error err = {0};
    bool runs = true;
    world_take_order(world, order, release);
    world->running = CORE_DO_INSTALL;
    if (!run_payload(world, true, "install", order->timeout_install, &runs, &err))
        world_tell_text(world, CORE_EV_INSTALL_FAILED, err.text);
    else if (!runs)
        installed(world, true, NULL); /* what was placed is all there is to it */
}

static void tell_check(struct world *world, bool ok, const char *text)
{
    if (ok) heart_well(&world->heart, wg_monotonic());
    if (world->running == CORE_DO_BOOT_CHECK)
        world_tell_text(world, ok ? CORE_EV_BOOTED : CORE_EV_BOOT_FAILED, text);
    else
        world_tell_text(world, ok ? CORE_EV_HEALTHY : CORE_EV_UNHEALTHY, text);
}

static void ask(struct world *world, enum core_action_kind kind, const struct core_hook *hook)
{
    world->asked = kind;
    hooks_ask(&world->hooks, hook, world->slot.running, wg_monotonic());
}

void world_ask_hooks(struct world *world, const struct core_action *action)
{
    if (action->hook.moment == CORE_HOOK_ERROR)
        hooks_ask(&world->errors, &action->hook, world->slot.running, wg_monotonic());
    else
        ask(world, action->kind, &action->hook);
}

/* The payload first; when it is well, the hooks. */
void world_check(struct world *world, const struct core_action *action)
{
    const char *verb = action->kind == CORE_DO_BOOT_CHECK ? "boot" : "health";
    struct wg_error err = {0};
    bool runs = true;
    world->running = action->kind;
    world->check = action->hook;
    if (!run_payload(world, false, verb, WORLD_CHECK_TIMEOUT, &runs, &err))
        tell_check(world, false, err.text);
    else if (!runs && !world->settings->hooks[0])
        tell_check(world, true, NULL);
    else if (!runs)
        ask(world, action->kind, &world->check);
}

void world_on_runner(struct world *world)
{
    struct runner_end end;
    if (!runner_look(&world->runner, wg_monotonic(), &end)) return;
    /* before what follows from it: a reset, perhaps */
    if (end.code != 0) trail_sync(&world->logs.trail);
    if (world->running == CORE_DO_INSTALL)
        installed(world, end.code == 0, end.text);
    else if (end.code == 0 && world->settings->hooks[0])
        ask(world, world->running, &world->check);
    else
        tell_check(world, end.code == 0, end.text);
}

/* Somebody has to say it: a payload without a program, and nobody asked, is not well. */
static void on_check(struct world *world, const struct hooks_answer *answer)
{
    bool spoken = answer->any || !is_mute(world);
    const struct core_event later = {
        .kind = CORE_EV_HEALTH_LATER, .text = answer->text, .delay = answer->delay};
    if (answer->verdict == HOOKS_LATER && world->asked == CORE_DO_HEALTH_CHECK)
        world_tell(world, &later);
    else if (answer->verdict != HOOKS_GO)
        tell_check(world, false, answer->text);
    else
        tell_check(world, spoken, "the payload is no program, and no hook answers for it");
}

static void on_asked(struct world *world, const struct hooks_answer *answer)
{
    static const enum core_event_kind kinds[] = {[HOOKS_GO] = CORE_EV_HOOKS_GO,
                                                 [HOOKS_NO] = CORE_EV_HOOKS_FAILED,
                                                 [HOOKS_LATER] = CORE_EV_HOOKS_LATER};
    const struct core_event event = {
        .kind = kinds[answer->verdict], .text = answer->text, .delay = answer->delay};
    if (world->asked == CORE_DO_HOOKS)
        world_tell(world, &event);
    else
        on_check(world, answer);
}

void world_on_hooks(struct world *world)
{
    struct hooks_answer answer;
    if (hooks_look(&world->hooks, wg_monotonic(), &answer)) on_asked(world, &answer);
    if (hooks_look(&world->errors, wg_monotonic(), &answer) && answer.verdict != HOOKS_GO)
        wg_log(WG_LOG_WARN, answer.text, NULL);
}
