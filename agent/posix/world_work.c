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

static void start_fetch(struct world *world, const struct wg_order *order,
                        const struct core_release *release)
{
    struct wg_error err = {0};
    char part[PATH_MAX];
    world->order = *order;
    if (!slots_clear_once(&world->slots, &err) || !slots_open_idle(&world->slots, &err) ||
        !slots_path(&world->slots, world->slots.idle, "payload.part", part, &err) ||
        !fetch_start(world->fetch, order, release, part, &err))
        world_tell_fetch_failed(world, WG_CAUSE_DOWNLOAD, true, err.text);
}

static bool run_payload(struct world *world, const char *slot, const char *verb,
                        wg_duration timeout, struct wg_error *err)
{
    char payload[PATH_MAX], folder[PATH_MAX];
    bool idle = strcmp(slot, world->slots.idle) == 0;
    struct runner_job job = {.program = payload,
                             .verb = verb,
                             .folder = folder,
                             .slot = slot,
                             .component = idle ? world->order.component : world->slots.release.name,
                             .version = idle ? world->order.version : world->slots.release.version,
                             .state = world->settings->state,
                             .timeout = timeout};
    return slots_path(&world->slots, slot, "payload", payload, err) &&
           slots_path(&world->slots, slot, "", folder, err) &&
           runner_start(&world->runner, &job, wg_monotonic(), err);
}

static void start_install(struct world *world, const struct wg_order *order,
                          const struct core_release *release)
{
    struct wg_error err = {0};
    world->order = *order;
    world->release = *release;
    world->running = CORE_DO_INSTALL;
    if (!slots_place_payload(&world->slots, release, &err) ||
        !run_payload(world, world->slots.idle, "install", order->timeout_install, &err))
        world_tell_text(world, CORE_EV_INSTALL_FAILED, err.text);
}

static void start_check(struct world *world, enum core_action_kind kind)
{
    struct wg_error err = {0};
    bool boot = kind == CORE_DO_BOOT_CHECK;
    world->running = kind;
    if (!run_payload(world, world->slots.running, boot ? "boot" : "health", WORLD_CHECK_TIMEOUT,
                     &err))
        world_tell_text(world, boot ? CORE_EV_BOOT_FAILED : CORE_EV_UNHEALTHY, err.text);
}

static void activate(struct world *world)
{
    struct wg_error err = {0};
    if (slots_activate(&world->slots, &err))
        world_tell_text(world, CORE_EV_ACTIVATED, NULL);
    else
        world_tell_text(world, CORE_EV_ACTIVATE_FAILED, err.text);
}

static void commit(struct world *world)
{
    struct wg_error err = {0};
    if (slots_commit(&world->slots, &err))
        world_tell_text(world, CORE_EV_COMMITTED, NULL);
    else
        world_tell_text(world, CORE_EV_COMMIT_FAILED, err.text);
}

static void discard(struct world *world)
{
    struct wg_error err = {0};
    if (!slots_clear_once(&world->slots, &err)) wg_log_error("the boot-once mark stays", &err);
    slots_discard(&world->slots);
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
