/* world_storage.c: an agent whose disk does not take what it has to keep: it says so, and tries
 * again. */
#include "agent/posix/world_part.h"
#include "common/posix/file.h"

/* A slot on trial that can keep nothing can neither be committed nor given up in good order: the
 * next boot takes the committed one. */
#define TRIAL_PATIENCE (5 * WG_MINUTE)

void world_unsaved(struct world *world, const struct core_event *event, const struct wg_error *why)
{
    if (why->code == WG_E_MEMORY) {
        world->err = *why;
        world->failed = true;
        return;
    }
    core_take_back(world->core);
    storage_failed(&world->storage, event, why, wg_monotonic());
    world_tell_text(world, CORE_EV_STORAGE, storage_word(&world->storage));
}

/* What the core has forgotten with a start. */
static void tell_again(struct world *world)
{
    struct core_event policy = {.kind = CORE_EV_POLICY, .policy = world->policy};
    struct core_event metrics = {.kind = CORE_EV_METRICS,
                                 .metrics = world->metrics.items,
                                 .metric_count = world->metrics.count};
    struct core_event online = {
        .kind = CORE_EV_CONNECTED,
        .link = world->link,
        .certificate_ends = renewal_store_ends(&world->identity.store, world->identity.on_next)};
    if (world->policy) world_tell(world, &policy);
    world_tell_text(world, CORE_EV_ZONE, world->zone);
    world_tell_text(world, CORE_EV_TAMPERED, world->tamper.reason);
    world_tell(world, &metrics);
    if (world->online) world_tell(world, &online);
}

static void works_again(struct world *world)
{
    struct storage *storage = &world->storage;
    struct core_event late;
    char text[WG_DETAIL_MAX + 1];
    if (storage_late(storage, &late, text)) {
        if (late.kind == CORE_EV_START) late.start = &world->start;
        world_tell(world, &late);
        if (storage->retry_at) return;
        if (late.kind == CORE_EV_START) tell_again(world);
    }
    if (storage->retry_at) return;
    storage_works(storage);
    world_tell_text(world, CORE_EV_STORAGE, "");
}

void world_try_storage(struct world *world)
{
    struct storage *storage = &world->storage;
    struct wg_error why = {0};
    wg_time now = wg_monotonic();
    if (!storage->retry_at || storage->retry_at > now || world->failed || world->reboot) return;
    if (storage_save(storage, world->core, now, &why)) {
        works_again(world);
        return;
    }
    storage_failed(storage, NULL, &why, now);
    world_tell_text(world, CORE_EV_STORAGE, storage_word(storage));
    world_tell_text(world, CORE_EV_TICK, NULL); /* hello is said again all the same */
    if (world->slot.trial && now - storage->since > TRIAL_PATIENCE) {
        wg_log(WG_LOG_WARN, "nothing can be kept in this slot: back to the committed one", NULL);
        world_reboot(world);
    }
}
