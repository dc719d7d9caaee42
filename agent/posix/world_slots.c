/* world_slots.c: what is done with the slots, one thing after the other: the worker's jobs, the
 * download, the reboot. */
#include "agent/posix/world_part.h"
#include "common/posix/file.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LOOK_EVERY (5 * WG_SECOND) /* at the clock, while the slots are probed */
/* A device that is switched off sooner, some times in a row, is taken for one that is not well. */
#define WELL_AFTER WG_MINUTE

bool world_beat(struct world *world)
{
    wg_time now = wg_monotonic();
    wg_duration limit = world->slots->limit ? world->slots->limit : SLOT_LIMIT;
    heart_busy(&world->heart, worker_since(world->worker), limit, now);
    bool beats = heart_beats(&world->heart, now);
    watchdog_beat(&world->watchdog, beats, now);
    return beats;
}

/* When to look again, in milliseconds. The start may take long here, and is watched like the rest.
 */
static int watch_probe(struct world *world)
{
    if (world_beat(world)) watchdog_extend(&world->watchdog, 6 * LOOK_EVERY);
    wg_time now = wg_monotonic(), wake = now + LOOK_EVERY, feed = watchdog_wake(&world->watchdog);
    if (feed && feed < wake) wake = feed;
    return wake > now ? (int)(wake - now) : 0;
}

static bool await_probe(struct world *world, struct wg_error *err)
{
    struct pollfd set[] = {{.fd = world->signals, .events = POLLIN},
                           {.fd = worker_fd(world->worker), .events = POLLIN}};
    struct signalfd_siginfo info;
    struct worker_end end;
    while (!worker_next(world->worker, &end)) {
        (void)poll(set, sizeof set / sizeof set[0], watch_probe(world));
        if (read(world->signals, &info, sizeof info) != (ssize_t)sizeof info) continue;
        world_on_signal(world, info.ssi_signo);
        if (!world->stop) continue;
        return wg_fail(err, WG_E_INTERRUPTED, "stopped");
    }
    if (end.ok) world->slot = end.status;
    if (!end.ok && err) *err = end.err;
    return end.ok;
}

bool world_open_slots(struct world *world, struct wg_error *err)
{
    const struct settings *settings = world->settings;
    const struct worker_job probe = {.kind = WORKER_PROBE};
    world->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (world->stop_fd < 0) return wg_fail_errno(err, "opening the slots");
    world->slots =
        slot_open(&settings->slots, &settings->places, settings->state, world->stop_fd, err);
    if (!world->slots) return false;
    world->worker = worker_new(world->slots, world->stop_fd, err);
    if (!world->worker || !worker_do(world->worker, &probe, err) || !await_probe(world, err))
        return false;
    world->reboot = world->slot.again;
    return !world->reboot || wg_fail(err, WG_E_INTERRUPTED, "the slots want another boot");
}

/* The worker is idle while a download goes on, so the stop is for that alone. */
static void stop_fetch(struct world *world)
{
    eventfd_t stopped = 0;
    world->fetch_waits = false;
    if (!world->fetch || !fetch_is_on(world->fetch)) return;
    (void)eventfd_write(world->stop_fd, 1);
    fetch_stop(world->fetch);
    (void)eventfd_read(world->stop_fd, &stopped);
}

void world_close_slots(struct world *world)
{
    stop_fetch(world);
    fetch_free(world->fetch);
    worker_free(world->worker);
    if (world->slots) world->slots->ops->free(world->slots);
    if (world->stop_fd >= 0) (void)close(world->stop_fd);
}

void world_cancel_slots(struct world *world)
{
    stop_fetch(world);
    worker_cancel(world->worker);
}

void world_slots_do(struct world *world, enum worker_kind kind, bool idle)
{
    struct worker_job job = {
        .kind = kind, .idle = idle, .release = world->members.releases[world->member]};
    if (kind == WORKER_PROGRAM && !idle)
        (void)wg_copy(job.release.component, sizeof job.release.component,
                      world->slot.components[world->asked_of].name);
    stop_fetch(world); /* none goes on here, unless the core forgot it */
    if (!worker_do(world->worker, &job, &world->err)) world->failed = true;
}

/* What had to wait for the slots. */
static void go_on(struct world *world)
{
    struct wg_error err = {0};
    if (!worker_is_idle(world->worker)) return;
    if (world->reboot_waits) {
        world->reboot = true;
    } else if (world->fetch_waits) {
        world->fetch_waits = false;
        if (!fetch_start(world->fetch, &world->order, &world->offered, &world->slot, &err))
            world_tell_fetch_failed(world, WG_CAUSE_DOWNLOAD, true, err.text);
    }
}

void world_fetch(struct world *world, const struct wg_order *order,
                 const struct core_release *release)
{
    stop_fetch(world);
    world_take_order(world, order, release);
    world->offered = *release;
    world->fetch_waits = true;
    go_on(world);
}

void world_reboot(struct world *world)
{
    if (!world->reboot_waits && world->slot.trial) world_slots_do(world, WORKER_REVERT, false);
    world->reboot_waits = true;
    go_on(world);
}

void world_expect_well(struct world *world)
{
    wg_duration soak = world->settings->core.soak;
    world->well_at = wg_monotonic() + (soak < WELL_AFTER ? soak : WELL_AFTER);
}

wg_time world_well_wake(const struct world *world)
{
    return world->slot.trial || world->reboot_waits ? 0 : world->well_at;
}

void world_look_well(struct world *world)
{
    const struct worker_job job = {.kind = WORKER_WELL};
    wg_time due = world_well_wake(world);
    if (!due || due > wg_monotonic() || world->failed || world->reboot) return;
    world->well_at = 0;
    if (!worker_do(world->worker, &job, &world->err)) world->failed = true;
}

static void on_well(struct world *world, const struct worker_end *end)
{
    if (end->ok) {
        wg_log(WG_LOG_INFO, "well", "slot", world->slot.running, NULL);
        return;
    }
    wg_log_error("the boot loader was not told that this system is well", &end->err);
    world->well_at = wg_monotonic() + WELL_AFTER;
}

void world_add_fallback(const struct world *world, struct wg_hello *hello)
{
    static const char *const words[] = {
        [SLOT_FOR_ONE_NOT_LOADED] = "not-loaded", [SLOT_FOR_ONE_NOT_WELL] = "not-well"};
    const char *word = words[world->slot.fallback];
    size_t len = strlen(hello->attributes);
    char member[64];
    if (!word || len < 2) return;
    (void)wg_format(member, sizeof member, "%s\"wavegate.fallback\":\"%s\"}", len > 2 ? "," : "",
                    word);
    if (len - 1 + strlen(member) < sizeof hello->attributes)
        (void)wg_copy(hello->attributes + len - 1, sizeof hello->attributes - len + 1, member);
}

/* Where a boot loader chooses, the reboot takes the old one back all the same; elsewhere it would
 * start the same again: the core asks for it once more later. */
static void on_reverted(struct world *world, const struct worker_end *end)
{
    if (end->ok) return;
    wg_log_error("what runs on trial was not reverted", &end->err);
    if (world->slot.in_place) world->reboot_waits = false;
}

/* Where nothing boots, the new may run now: another probe says what does. */
static void on_discarded(struct world *world, const struct worker_end *end)
{
    if (end->ok) return;
    wg_log_error("the boot-once mark stays", &end->err);
    if (world->slot.in_place) world->reboot_waits = true;
}

/* 65 and 75 of an installer (docs/installers.md), and its limit. */
static void tell_failed(struct world *world, enum core_event_kind kind,
                        const struct worker_end *end)
{
    struct core_event event = {.kind = kind, .cause = WG_CAUSE_INSTALL, .text = end->err.text};
    if (end->err.code == WG_E_CONFLICT) event.kind = CORE_EV_SLOTS_LATER;
    if (end->err.code == WG_E_VERIFY) event.cause = WG_CAUSE_VERIFY;
    if (end->err.code == WG_E_TIMEOUT) event.cause = WG_CAUSE_TIMEOUT;
    world_tell(world, &event);
}

static void on_end(struct world *world, const struct worker_end *end)
{
    switch (end->kind) {
    case WORKER_PROGRAM:
        world_on_program(world, end);
        break;
    case WORKER_FINISH:
        if (end->ok)
            world_installed(world);
        else
            tell_failed(world, CORE_EV_INSTALL_FAILED, end);
        break;
    case WORKER_ACTIVATE:
        if (end->ok)
            world_tell_text(world, CORE_EV_ACTIVATED, NULL);
        else
            tell_failed(world, CORE_EV_ACTIVATE_FAILED, end);
        break;
    case WORKER_CONFIRM:
        if (end->ok) world->slot.trial = false;
        world_tell_text(world, end->ok ? CORE_EV_COMMITTED : CORE_EV_COMMIT_FAILED,
                        end->ok ? NULL : end->err.text);
        break;
    case WORKER_WELL:
        on_well(world, end);
        break;
    case WORKER_REVERT:
        on_reverted(world, end);
        break;
    case WORKER_DISCARD:
        on_discarded(world, end);
        break;
    case WORKER_PROBE: /* awaited where it is asked for */
        break;
    }
}

void world_on_slots(struct world *world)
{
    struct worker_end end;
    while (!world->failed && !world->reboot && worker_next(world->worker, &end))
        on_end(world, &end);
    if (!world->failed && !world->reboot) go_on(world);
}
