/* world_work.c: the core's actions, carried out in order. */
#include "agent/posix/memory_file.h"
#include "agent/posix/world_part.h"
#include "common/posix/file.h"

#include <string.h>

static void save(struct world *world)
{
    struct wg_buf memory;
    wg_buf_init(&memory, CORE_MEMORY_MAX);
    if (!core_dump(world->core, &memory, &world->err) ||
        !memory_file_save(world->settings->state, wg_buf_str(&memory), memory.len, &world->err))
        world->failed = true;
    wg_buf_clear(&memory);
}

static void take_order(struct world *world, const struct wg_order *order,
                       const struct core_release *release)
{
    struct slot_release *brings = &world->release;
    world->order = *order;
    *brings = (struct slot_release){.length = release->length};
    (void)wg_copy(brings->component, sizeof brings->component, order->component);
    (void)wg_copy(brings->version, sizeof brings->version, order->version);
    (void)wg_copy(brings->sha256, sizeof brings->sha256, release->sha256);
}

static void start_fetch(struct world *world, const struct wg_order *order,
                        const struct core_release *release)
{
    struct wg_error err = {0};
    take_order(world, order, release);
    if (!fetch_start(world->fetch, order, &world->release, &err))
        world_tell_fetch_failed(world, WG_CAUSE_DOWNLOAD, true, err.text);
}

static bool run_program(struct world *world, bool idle, const char *verb, wg_duration timeout,
                        struct wg_error *err)
{
    struct slot_program program;
    const struct slot_status *slot = &world->slot;
    struct runner_job job = {.program = program.path,
                             .verb = verb,
                             .folder = program.folder,
                             .slot = idle ? slot->idle : slot->running,
                             .component =
                                 idle ? world->release.component : slot->components[0].name,
                             .version = idle ? world->release.version : slot->components[0].version,
                             .state = world->settings->state,
                             .timeout = timeout};
    return world->slots->ops->program(world->slots, idle, &world->release, &program, err) &&
           runner_start(&world->runner, &job, wg_monotonic(), err);
}

static void start_install(struct world *world, const struct wg_order *order,
                          const struct core_release *release)
{
    struct wg_error err = {0};
    take_order(world, order, release);
    world->running = CORE_DO_INSTALL;
    if (!world->slots->ops->program)
        world_installed(world, true, NULL);
    else if (!run_program(world, true, "install", order->timeout_install, &err))
        world_tell_text(world, CORE_EV_INSTALL_FAILED, err.text);
}

/* Slots without a program of their own: that the ordered version runs is what the core itself looks
 * at when the boot check is said to be good, and there is nothing more to ask. */
static void check_slot(struct world *world, bool boot)
{
    heart_well(&world->heart, wg_monotonic());
    world_tell_text(world, boot ? CORE_EV_BOOTED : CORE_EV_HEALTHY, NULL);
}

static void start_check(struct world *world, enum core_action_kind kind)
{
    struct wg_error err = {0};
    bool boot = kind == CORE_DO_BOOT_CHECK;
    world->running = kind;
    if (!world->slots->ops->program)
        check_slot(world, boot);
    else if (!run_program(world, false, boot ? "boot" : "health", WORLD_CHECK_TIMEOUT, &err))
        world_tell_text(world, boot ? CORE_EV_BOOT_FAILED : CORE_EV_UNHEALTHY, err.text);
}

static void activate(struct world *world)
{
    struct wg_error err = {0};
    if (world->slots->ops->activate(world->slots, &err))
        world_tell_text(world, CORE_EV_ACTIVATED, NULL);
    else
        world_tell_text(world, CORE_EV_ACTIVATE_FAILED, err.text);
}

static void commit(struct world *world)
{
    struct wg_error err = {0};
    if (world->slots->ops->confirm(world->slots, &err))
        world_tell_text(world, CORE_EV_COMMITTED, NULL);
    else
        world_tell_text(world, CORE_EV_COMMIT_FAILED, err.text);
}

static void discard(struct world *world)
{
    struct wg_error err = {0};
    if (!world->slots->ops->revert(world->slots, &err))
        wg_log_error("the boot-once mark stays", &err);
    world->slots->ops->discard(world->slots);
}

static void cancel(struct world *world)
{
    fetch_stop(world->fetch);
    runner_stop(&world->runner);
}

static void do_action(struct world *world, const struct core_action *action)
{
    switch (action->kind) {
    case CORE_DO_SAVE:
        save(world);
        break;
    case CORE_DO_PUBLISH:
        session_publish(world->session, action->topic, action->payload, action->len);
        break;
    case CORE_DO_VOUCH:
        world_vouch(world, action);
        break;
    case CORE_DO_FETCH:
        start_fetch(world, action->order, action->release);
        break;
    case CORE_DO_CANCEL:
        cancel(world);
        break;
    case CORE_DO_INSTALL:
        start_install(world, action->order, action->release);
        break;
    case CORE_DO_ACTIVATE:
        activate(world);
        break;
    case CORE_DO_REBOOT:
        world->reboot = true;
        break;
    case CORE_DO_BOOT_CHECK:
    case CORE_DO_HEALTH_CHECK:
        start_check(world, action->kind);
        break;
    case CORE_DO_COMMIT:
        commit(world);
        break;
    case CORE_DO_DISCARD:
        discard(world);
        break;
    case CORE_DO_LOG:
        wg_log(WG_LOG_INFO, action->text, "phase", core_phase_text(core_phase(world->core)), NULL);
        break;
    }
}

void world_carry_out(struct world *world, const struct core_actions *actions)
{
    for (size_t i = 0; i < actions->count && !world->failed; i++)
        do_action(world, &actions->items[i]);
}
