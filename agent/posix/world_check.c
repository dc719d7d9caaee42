/* world_check.c: the programs that an update asks: the payload's own, and the device's hooks. */
#include "agent/posix/slot/plan.h"
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
    const struct wg_component *runs = &slot->components[world->asked_of];
    const struct slot_release *coming = &world->members.releases[world->member];
    const char *component = idle ? coming->component : runs->name;
    const char *version = idle ? coming->version : runs->version;
    char state[PATH_MAX + 32], values[3][WG_VERSION_MAX + 64];
    const char *const environment[] = {values[0], values[1], values[2], state, NULL};
    const struct runner_job job = {.program = program->path,
                                   .verb = verb,
                                   .folder = program->folder,
                                   .environment = environment,
                                   .timeout = timeout};
    (void)snprintf(values[0], sizeof values[0], "WAVEGATE_SLOT=%s",
                   idle ? slot->idle : slot->running);
    (void)snprintf(values[1], sizeof values[1], "WAVEGATE_COMPONENT=%s", component);
    (void)snprintf(values[2], sizeof values[2], "WAVEGATE_VERSION=%s", version);
    (void)snprintf(state, sizeof state, "WAVEGATE_STATE=%s", world->settings->state);
    last_logs_begin(&world->logs, verb, component, version, wall_now(&world->wall));
    return runner_start(&world->runner, &job, wg_monotonic(), err);
}

static void tell_check(struct world *world, bool ok, const char *text)
{
    if (world->once && world->once->checking) {
        world_once_checked(world, ok, text);
        return;
    }
    if (ok) heart_well(&world->heart, wg_monotonic());
    if (world->running == CORE_DO_BOOT_CHECK)
        world_tell_text(world, ok ? CORE_EV_BOOTED : CORE_EV_BOOT_FAILED, text);
    else
        world_tell_text(world, ok ? CORE_EV_HEALTHY : CORE_EV_UNHEALTHY, text);
}

/* The member in hand, or the next one that is needed. What came is put into its place, and
 * asked if it is a program that can be. */
static void install_next(struct world *world)
{
    bool wanted[SLOT_MEMBERS_MAX];
    slot_needs(&world->slot, world->members.releases, world->members.count, wanted);
    while (world->member < world->members.count && !wanted[world->member]) world->member++;
    if (world->member == world->members.count)
        world_tell_text(world, CORE_EV_INSTALLED, NULL);
    else
        world_slots_do(world, world->slots->ops->program ? WORKER_PROGRAM : WORKER_FINISH, true);
}

void world_install(struct world *world, const struct wg_order *order,
                   const struct core_release *release)
{
    world_take_order(world, order, release);
    world->running = CORE_DO_INSTALL;
    install_next(world);
}

void world_installed(struct world *world)
{
    world->member++;
    install_next(world);
}

static void install_program(struct world *world, const struct worker_end *end)
{
    struct wg_error err = {0};
    if (!end->ok)
        world_tell_text(world, CORE_EV_INSTALL_FAILED, end->err.text);
    else if (!end->program.path[0] || !payload_answers(world, end->program.path))
        world_slots_do(world, WORKER_FINISH, true); /* what was placed is all there is to it */
    else if (!start_program(world, true, "install", world->order.timeout_install, &end->program,
                            &err))
        world_tell_text(world, CORE_EV_INSTALL_FAILED, err.text);
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

/* Without a program in the slot hooks alone answer; without hooks nobody need. */
static void check_hooks(struct world *world)
{
    if (world->settings->hooks[0])
        ask(world, world->running, &world->check);
    else
        tell_check(world, true, NULL);
}

/* Each component that has a place of its own is asked too, if it is a program. */
static void check_next(struct world *world)
{
    if (world->slots->ops->plan && ++world->asked_of < world->slot.component_count)
        world_slots_do(world, WORKER_PROGRAM, false);
    else
        check_hooks(world);
}

/* The payload first; when it is well, the hooks. */
void world_check(struct world *world, const struct core_action *action)
{
    world->running = action->kind;
    world->check = action->hook;
    world->asked_of = 0;
    if (world->slots->ops->program)
        world_slots_do(world, WORKER_PROGRAM, false);
    else
        check_hooks(world);
}

static void check_program(struct world *world, const struct worker_end *end)
{
    const char *verb = world->running == CORE_DO_BOOT_CHECK ? "boot" : "health";
    const char *path = end->program.path;
    bool first = world->asked_of == 0, none = end->ok && !path[0];
    struct wg_error err = {0};
    if (first) world->answers = none || (end->ok && is_program(path));
    if (!end->ok)
        tell_check(world, false, end->err.text);
    else if (none || !(first ? payload_answers(world, path) : is_program(path)))
        check_next(world);
    else if (!start_program(world, false, verb, WORLD_CHECK_TIMEOUT, &end->program, &err))
        tell_check(world, false, err.text);
}

void world_on_program(struct world *world, const struct worker_end *end)
{
    if (end->idle)
        install_program(world, end);
    else
        check_program(world, end);
}

void world_on_runner(struct world *world)
{
    struct runner_end end;
    if (!runner_look(&world->runner, wg_monotonic(), &end)) return;
    /* before what follows from it: a reset, perhaps */
    if (end.code != 0) trail_sync(&world->logs.trail);
    if (world->running == CORE_DO_INSTALL && end.code == 0)
        world_slots_do(world, WORKER_FINISH, true);
    else if (world->running == CORE_DO_INSTALL)
        world_tell_text(world, CORE_EV_INSTALL_FAILED, end.text);
    else if (end.code == 0)
        check_next(world);
    else
        tell_check(world, false, end.text);
}

/* Somebody has to say it: a payload without a program, and nobody asked, is not well. */
static void on_check(struct world *world, const struct hooks_answer *answer)
{
    bool mute = world->slots->ops->program && !world->answers;
    bool spoken = answer->any || !mute;
    const struct core_event later = {
        .kind = CORE_EV_HEALTH_LATER, .text = answer->text, .delay = answer->delay};
    bool once = world->once && world->once->checking;
    if (answer->verdict == HOOKS_LATER && world->asked == CORE_DO_HEALTH_CHECK && !once)
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
