/* world_work.c: the core's actions, carried out in order. */
#include "agent/posix/erase.h"
#include "agent/posix/world_part.h"
#include "common/posix/file.h"

#include <string.h>

void world_take_order(struct world *world, const struct wg_order *order,
                      const struct core_release *release)
{
    world->order = *order;
    world->member = 0;
    last_logs_order(&world->logs, order->id);
    members_init(&world->members, order, release);
}

static void cancel(struct world *world)
{
    world_cancel_slots(world);
    runner_stop(&world->runner);
    hooks_stop(&world->hooks);
}

static void erase(struct world *world)
{
    struct wg_error err = {0};
    if (erase_keys(world->settings, &err))
        world_tell_text(world, CORE_EV_ERASED, NULL);
    else
        world_tell_text(world, CORE_EV_ERASE_FAILED, err.text);
}

static void do_action(struct world *world, const struct core_action *action)
{
    switch (action->kind) {
    case CORE_DO_SAVE: /* world_carry_out() has done it */
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
        world_fetch(world, action->order, action->release);
        break;
    case CORE_DO_CANCEL:
        cancel(world);
        break;
    case CORE_DO_INSTALL:
        world_install(world, action->order, action->release);
        break;
    case CORE_DO_ACTIVATE:
        world_slots_do(world, WORKER_ACTIVATE, true);
        break;
    case CORE_DO_REBOOT:
        world_reboot(world);
        break;
    case CORE_DO_BOOT_CHECK:
    case CORE_DO_HEALTH_CHECK:
        world_check(world, action);
        break;
    case CORE_DO_HOOKS:
        world_ask_hooks(world, action);
        break;
    case CORE_DO_COMMIT:
        world_slots_do(world, WORKER_CONFIRM, false);
        break;
    case CORE_DO_ERASE:
        erase(world);
        break;
    case CORE_DO_END:
        world->ended = true;
        break;
    case CORE_DO_DISCARD:
        world_slots_do(world, WORKER_DISCARD, true);
        if (world->fetch) fetch_forget(world->fetch);
        break;
    case CORE_DO_LOG:
        wg_log(WG_LOG_INFO, action->text, "phase", core_phase_text(core_phase(world->core)), NULL);
        break;
    }
}

/* A save comes first: behind one that failed nothing may happen. */
bool world_carry_out(struct world *world, const struct core_actions *actions, struct wg_error *err)
{
    bool saves = actions->count > 0 && actions->items[0].kind == CORE_DO_SAVE;
    if (saves && !storage_save(&world->storage, world->core, wg_monotonic(), err)) return false;
    for (size_t i = 0; i < actions->count && !world->failed; i++)
        do_action(world, &actions->items[i]);
    return true;
}
