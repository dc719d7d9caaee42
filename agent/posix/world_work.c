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

void world_take_order(struct world *world, const struct wg_order *order,
                      const struct core_release *release)
{
    struct slot_release *brings = &world->release;
    world->order = *order;
    last_logs_order(&world->logs, order->id);
    *brings = (struct slot_release){.length = release->length};
    (void)wg_copy(brings->component, sizeof brings->component, order->component);
    (void)wg_copy(brings->version, sizeof brings->version, order->version);
    (void)wg_copy(brings->sha256, sizeof brings->sha256, release->sha256);
}

static void start_fetch(struct world *world, const struct wg_order *order,
                        const struct core_release *release)
{
    struct wg_error err = {0};
    world_take_order(world, order, release);
    if (!fetch_start(world->fetch, order, &world->release, release, &err))
        world_tell_fetch_failed(world, WG_CAUSE_DOWNLOAD, true, err.text);
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
    hooks_stop(&world->hooks);
}

static void do_action(struct world *world, const struct core_action *action)
{
    switch (action->kind) {
    case CORE_DO_SAVE:
        save(world);
        break;
    case CORE_DO_PUBLISH:
        if (action->topic == WG_TOPIC_UP_REPORT)
            last_logs_report(&world->logs, action->payload, action->len);
        (void)session_publish(world->session, action->topic, action->payload, action->len);
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
        world_install(world, action->order, action->release);
        break;
    case CORE_DO_ACTIVATE:
        activate(world);
        break;
    case CORE_DO_REBOOT:
        world->reboot = true;
        break;
    case CORE_DO_BOOT_CHECK:
    case CORE_DO_HEALTH_CHECK:
        world_check(world, action);
        break;
    case CORE_DO_HOOKS:
        world_ask_hooks(world, action);
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
