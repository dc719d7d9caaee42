/* world.c: one loop over broker, download, payload, signals and time. */
#include "agent/posix/erase.h"
#include "agent/posix/memory_file.h"
#include "agent/posix/world_part.h"
#include "common/p256.h"
#include "common/posix/file.h"
#include "common/posix/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LOCK_TRIES 40
#define LOCK_PAUSE 50        /* milliseconds */
#define NEWS_EVERY WG_MINUTE /* between two looks at metrics and time zone */

void world_tell(struct world *world, const struct core_event *event)
{
    struct wg_error unsaved = {0};
    struct core_actions *actions = calloc(1, sizeof *actions);
    if (world->failed || world->reboot || world->ended) {
        free(actions);
        return;
    }
    if (!actions || !core_handle(world->core, event, wg_monotonic(), wall_now(&world->wall),
                                 actions, &world->err)) {
        if (!actions) (void)wg_fail_memory(&world->err, "the update's next step");
        world->failed = true;
    } else {
        heart_look(&world->heart, core_phase(world->core), wg_monotonic());
        bool saved = world_carry_out(world, actions, &unsaved);
        core_actions_clear(actions);
        if (!saved) world_unsaved(world, event, &unsaved);
    }
    if (event->bytes) {
        wg_p256_rest(); /* signatures may have been checked */
#ifdef __GLIBC__
        (void)malloc_trim(0);
#endif
    }
    free(actions);
}

void world_tell_text(struct world *world, enum core_event_kind kind, const char *text)
{
    struct core_event event = {.kind = kind, .text = text};
    world_tell(world, &event);
}

void world_tell_fetch_failed(struct world *world, enum wg_cause cause, bool fatal, const char *text)
{
    struct core_event event = {
        .kind = CORE_EV_FETCH_FAILED, .cause = cause, .fatal = fatal, .text = text};
    world_tell(world, &event);
}

static void on_fetch(struct world *world)
{
    struct fetch_event event;
    while (fetch_next(world->fetch, &event)) {
        struct core_event told = {
            .kind = CORE_EV_PROGRESS, .done = event.done, .total = event.total};
        if (event.kind != FETCH_PROGRESS) told.text = event.text;
        if (event.kind == FETCH_FAILED) {
            told.kind = CORE_EV_FETCH_FAILED;
            told.cause = event.cause;
            told.fatal = event.fatal;
            told.refused = event.refused;
        }
        if (event.kind == FETCH_LATER) {
            told.kind = CORE_EV_FETCH_LATER;
            told.delay = event.delay;
        }
        if (event.kind == FETCH_DONE) {
            told.kind = CORE_EV_FETCHED;
            world->slot.in_place = event.in_place;
        }
        world_tell(world, &told);
    }
}

static void on_message(struct world *world, const struct session_event *message)
{
    struct core_event event = {.bytes = message->payload, .len = message->len};
    if (message->topic == WG_TOPIC_DOWN_CERT) world_on_cert(world, message->payload, message->len);
    if (message->topic != WG_TOPIC_DOWN_ORDER && message->topic != WG_TOPIC_DOWN_ACK) return;
    event.kind = message->topic == WG_TOPIC_DOWN_ORDER ? CORE_EV_ORDER : CORE_EV_ACK;
    /* before another order comes, whose output takes the place of that of the last one */
    if (event.kind == CORE_EV_ACK)
        last_logs_ack(&world->logs, wg_monotonic(), wall_now(&world->wall));
    world_tell(world, &event);
}

/* Before a hello, so that it says what is so now. */
static void tell_news(struct world *world)
{
    const char *zone = zones_own(world->zones);
    world->news_at = wg_monotonic() + NEWS_EVERY;
    if (strcmp(zone, world->zone) != 0) {
        (void)wg_copy(world->zone, sizeof world->zone, zone);
        world_tell_text(world, CORE_EV_ZONE, world->zone);
    }
    if (tamper_look(&world->tamper)) world_tell_text(world, CORE_EV_TAMPERED, world->tamper.reason);
    if (metrics_look(&world->metrics)) {
        struct core_event event = {.kind = CORE_EV_METRICS,
                                   .metrics = world->metrics.items,
                                   .metric_count = world->metrics.count};
        world_tell(world, &event);
    }
}

static void on_tick(struct world *world)
{
    wg_time now = wg_monotonic(), wake = core_wake(world->core);
    bool due = wake && wake <= now && !world->storage.retry_at;
    if (due || world->news_at <= now) tell_news(world);
    if (due) world_tell_text(world, CORE_EV_TICK, NULL);
}

static void tell_session(struct world *world, const struct session_event *event)
{
    const struct core_event told = {
        .kind = event->kind == SESSION_UP ? CORE_EV_CONNECTED : CORE_EV_LOST,
        .link = event->link,
        .certificate_ends = renewal_store_ends(&world->identity.store, world->identity.on_next)};
    if (event->kind == SESSION_UP)
        pin_store_up(&world->pins, wg_monotonic());
    else
        pin_store_down(&world->pins);
    last_logs_link(&world->logs, event->kind == SESSION_UP);
    world->online = event->kind == SESSION_UP;
    world->link = event->link;
    world_tell(world, &told);
}

static void on_session(struct world *world)
{
    struct session_event event;
    while (!world->reboot && !world->failed && !world->ended &&
           session_next(world->session, wg_monotonic(), &event)) {
        if (event.kind == SESSION_UP) tell_news(world);
        if (event.kind == SESSION_MESSAGE)
            on_message(world, &event);
        else
            tell_session(world, &event);
        session_event_clear(&event);
    }
}

static int wait_time(struct world *world)
{
    wg_time now = wg_monotonic(), next = world->news_at, wake = core_wake(world->core);
    wg_time connect = session_keep(world->session, now);
    wg_time feed = watchdog_wake(&world->watchdog);
    wg_time renew = identity_wake(&world->identity, wall_now(&world->wall), now);
    if (world->storage.retry_at)
        wake = world->storage.retry_at; /* until then it could do nothing */
    wg_time well = world_well_wake(world);
    if (well && well < next) next = well;
    if (wake && wake < next) next = wake;
    if (connect && connect < next) next = connect;
    if (renew && renew < next) next = renew;
    if (feed && feed < next) next = feed;
    if (world->pins.ask_at && world->pins.ask_at < next) next = world->pins.ask_at;
    if (world->runner.pid && world->runner.deadline < next) next = world->runner.deadline;
    wg_time hooks = hooks_wake(&world->hooks), errors = hooks_wake(&world->errors);
    if (hooks && hooks < next) next = hooks;
    if (errors && errors < next) next = errors;
    if (world->logs.program.pid && world->logs.program.deadline < next)
        next = world->logs.program.deadline;
    if (world->once && world->once->until < next) next = world->once->until;
    return next > now ? (int)(next - now) : 0;
}

static void look(struct world *world)
{
    struct pollfd set[] = {
        {.fd = world->signals, .events = POLLIN},
        {.fd = session_fd(world->session), .events = POLLIN},
        {.fd = fetch_fd(world->fetch), .events = POLLIN},
        {.fd = world->repository ? repository_fd(world->repository) : -1, .events = POLLIN},
        /* -1 where nothing runs; the end of its output does not end a program: the process does */
        {.fd = world->runner.process_fd, .events = POLLIN},
        {.fd = world->runner.output_fd, .events = POLLIN},
        {.fd = world->hooks.runner.process_fd, .events = POLLIN},
        {.fd = world->hooks.runner.output_fd, .events = POLLIN},
        {.fd = world->errors.runner.process_fd, .events = POLLIN},
        {.fd = world->errors.runner.output_fd, .events = POLLIN},
        {.fd = world->logs.program.process_fd, .events = POLLIN},
        {.fd = world->logs.program.output_fd, .events = POLLIN},
        {.fd = worker_fd(world->worker), .events = POLLIN}};
    if (poll(set, sizeof set / sizeof set[0], wait_time(world)) < 0) return;
    struct signalfd_siginfo info;
    if (read(world->signals, &info, sizeof info) == (ssize_t)sizeof info)
        world_on_signal(world, info.ssi_signo);
    if (set[4].revents || set[5].revents || world->runner.deadline <= wg_monotonic())
        world_on_runner(world);
    world_on_hooks(world);
    on_fetch(world);
    world_on_slots(world);
    world_look_well(world);
    world_on_repository(world);
    on_session(world);
    last_logs_look(&world->logs, wg_monotonic());
    if (!world->failed && !world->reboot && core_phase(world->core) != CORE_ERASING)
        world_renew(world);
    world_try_storage(world);
    on_tick(world);
    world_once_look(world);
    (void)world_beat(world);
}

static bool random_id(char out[WG_BOOT_MAX], struct wg_error *err)
{
    unsigned char bytes[16];
    if (!wg_random(bytes, sizeof bytes, err)) return false;
    wg_hex(bytes, sizeof bytes, out);
    return true;
}

/* A child of an agent that was killed may hold it too, until it becomes the program that it is for.
 */
static bool take_lock(int fd)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
        (void)poll(NULL, 0, LOCK_PAUSE);
    }
    return false;
}

static bool lock_state(struct world *world, struct wg_error *err)
{
    char path[PATH_MAX];
    if (!wg_folder_make(world->settings->state, 0700, err) ||
        !wg_path_join(path, sizeof path, world->settings->state, "lock", err))
        return false;
    world->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (world->lock < 0 && errno == EROFS) world->lock = open(path, O_RDONLY | O_CLOEXEC);
    if (world->lock < 0) return wg_fail_errno(err, "%s", path);
    return take_lock(world->lock) ||
           wg_fail(err, WG_E_CONFLICT, "%s is in use by another agent", world->settings->state);
}

static bool open_signals(struct world *world, struct wg_error *err)
{
    (void)signal(SIGCHLD, SIG_DFL); /* ignored, it would take a payload's exit code from us */
    return wg_signals_open(&world->signals, err);
}

static void start_core(struct world *world, const char *journal)
{
    const struct slot_status *slot = &world->slot;
    struct core_start *start = &world->start;
    struct core_event event = {.kind = CORE_EV_START, .start = start};
    *start = (struct core_start){.trial = slot->trial,
                                 .marked = slot->marked,
                                 .keyed = core_phase(world->core) == CORE_ERASING &&
                                          erase_has_keys(world->settings),
                                 .component_count = slot->component_count};
    (void)wg_copy(start->boot, sizeof start->boot, world->boot);
    (void)wg_copy(start->journal, sizeof start->journal, journal);
    (void)wg_copy(start->slot, sizeof start->slot, slot->running);
    memcpy(start->components, slot->components, sizeof start->components);
    wg_log(WG_LOG_INFO, "started", "device", world->settings->core.device, "slot", slot->running,
           "version", slot->component_count ? slot->components[0].version : "none", "trial",
           slot->trial ? "yes" : "no", NULL);
    world_tell(world, &event);
    tell_news(world);
}

static bool open_fetch(struct world *world, struct wg_error *err)
{
    const struct settings *settings = world->settings;
    char nonce_file[PATH_MAX], mark_file[PATH_MAX], stamps_file[PATH_MAX];
    if (!wg_path_join(nonce_file, sizeof nonce_file, settings->state, "part.nonce", err) ||
        !wg_path_join(mark_file, sizeof mark_file, settings->state, "part.mark", err) ||
        !wg_path_join(stamps_file, sizeof stamps_file, settings->state, "part.stamps", err))
        return false;
    const struct fetch_config config = {.ca_file = settings->ca,
                                        .cert_file = settings->certificate,
                                        .key_file = settings->key,
                                        .identity_file =
                                            settings->age_key[0] ? settings->age_key : NULL,
                                        .slots = world->slots,
                                        .pins = world->pins.tls,
                                        .download = &settings->download,
                                        .device = settings->core.device,
                                        .stamps_file = stamps_file,
                                        .nonce_file = nonce_file,
                                        .mark_file = mark_file};
    world->fetch = fetch_new(&config, err);
    return world->fetch != NULL;
}

static bool open_zones(struct world *world, struct wg_error *err)
{
    const struct zones_sources sources = {.configured = world->settings->core.identity.zone,
                                          .environment = getenv("TZ"),
                                          .localtime = "/etc/localtime",
                                          .timezone = "/etc/timezone"};
    world->zones = zones_new(&sources, err);
    return world->zones != NULL;
}

static bool open_core(struct world *world, struct wg_error *err)
{
    struct core_config config = world->settings->core;
    if (!open_zones(world, err)) return false;
    (void)wg_copy(world->zone, sizeof world->zone, zones_own(world->zones));
    (void)wg_copy(config.identity.zone, sizeof config.identity.zone, world->zone);
    world_add_fallback(world, &config.identity);
    config.tz = zones_get;
    config.tz_ctx = world->zones;
    world->core = core_new(&config, err);
    return world->core && memory_file_load(world->settings->state, world->core, err);
}

static bool publish_log(void *ctx, const char *payload, size_t len)
{
    struct world *world = ctx;
    return session_publish(world->session, WG_TOPIC_UP_LOG, payload, len);
}

static bool open_logs(struct world *world, struct wg_error *err)
{
    const struct last_logs_config config = {.settings = &world->settings->logs,
                                            .state = world->settings->state,
                                            .boot = world->boot,
                                            .publish = publish_log,
                                            .ctx = world};
    world->logs_open = last_logs_open(&world->logs, &config, err);
    struct runner *const runners[] = {&world->runner, &world->hooks.runner, &world->errors.runner};
    for (size_t i = 0; i < sizeof runners / sizeof runners[0]; i++) {
        runners[i]->heard = last_logs_heard;
        runners[i]->ctx = &world->logs;
    }
    return world->logs_open;
}

/* What is left of an erasure is done without a connection: there may be no keys for one. */
static bool needs_no_keys(const struct world *world)
{
    return core_phase(world->core) == CORE_ERASING &&
           !(core_is_erased(world->core) && erase_has_keys(world->settings));
}

static bool finish_erasing(struct world *world, const char *journal, struct wg_error *err)
{
    start_core(world, journal);
    return world->ended || world->failed ||
           wg_fail(err, WG_E_IO, "the keys are not all erased: it is tried again");
}

static bool open_world(struct world *world, struct wg_error *err)
{
    const struct settings *settings = world->settings;
    char journal[WG_JOURNAL_MAX];
    runner_init(&world->runner);
    hooks_init(&world->hooks, settings->hooks, settings->hook_timeout);
    hooks_init(&world->errors, settings->hooks, settings->hook_timeout);
    tamper_init(&world->tamper, settings->tamper);
    metrics_init(&world->metrics, settings->metrics);
    heart_init(&world->heart, WORLD_CHECK_TIMEOUT, settings->core.health_every, wg_monotonic());
    if (!open_signals(world, err) || !lock_state(world, err) || !open_logs(world, err) ||
        !watchdog_open(&world->watchdog, &settings->watchdog, err) ||
        !storage_open(&world->storage, settings->state, err) ||
        !wall_open(&world->wall, settings->state, err) || !world_open_slots(world, err) ||
        !random_id(world->boot, err) || !random_id(journal, err) || !open_core(world, err))
        return false;
    if (needs_no_keys(world)) return finish_erasing(world, journal, err);
    if (!world_open_pins(world, err) || !open_fetch(world, err) ||
        !world_open_repository(world, err) || !world_open_identity(world, err) ||
        !(world->session =
              session_new(settings, world->boot, &world->identity, world->pins.tls, err)))
        return false;
    start_core(world, journal);
    world_expect_well(world);
    watchdog_ready(&world->watchdog);
    return true;
}

static void close_world(struct world *world)
{
    runner_stop(&world->runner);
    hooks_stop(&world->hooks);
    hooks_stop(&world->errors);
    if (world->logs_open) last_logs_close(&world->logs);
    world_close_slots(world);
    session_free(world->session);
    repository_free(world->repository);
    pin_store_clear(&world->pins);
    core_free(world->core);
    free(world->policy);
    zones_free(world->zones);
    wg_p256_rest(); /* keys were read, also where nothing else was done */
    if (world->signals >= 0) (void)close(world->signals);
    if (world->lock >= 0) (void)close(world->lock);
}

static void run_world(struct world *world)
{
    while (!world->stop && !world->failed && !world->reboot && !world->ended) look(world);
    if (world->session) session_leave(world->session);
    if (world->once) world_once_close(world);
}

/* How it ended, where that went well. */
struct ended {
    bool again;    /* to be rebooted */
    bool in_place; /* for that it is enough that the agent begins anew */
    bool erased;   /* its keys are */
};

static bool run(const struct settings *settings, char *const argv[], struct world_once *once,
                struct ended *ended, struct wg_error *err)
{
    struct world *world = calloc(1, sizeof *world);
    if (!world) return wg_fail_memory(err, "starting");
    world->settings = settings;
    world->argv = argv;
    world->once = once;
    world->signals = world->lock = world->stop_fd = world->watchdog.fd = -1;
    bool opened = open_world(world, err), ok = opened || world->stop || world->reboot;
    if (opened) run_world(world);
    if (opened && world->failed) {
        *err = world->err;
        ok = false;
    }
    *ended = (struct ended){.again = ok && world->reboot && !world->stop,
                            .in_place = world->slot.in_place,
                            .erased = ok && world->ended};
    if (ended->again && ended->in_place)
        watchdog_pass(&world->watchdog);
    else
        watchdog_close(&world->watchdog, opened && ok && !ended->again && !world->slot.trial);
    close_world(world);
    free(world);
    return ok;
}

bool world_is_erasing(const struct settings *settings)
{
    struct wg_error ignored = {0};
    struct core *core = core_new(&settings->core, &ignored);
    bool erasing = core && memory_file_load(settings->state, core, &ignored) &&
                   core_phase(core) == CORE_ERASING;
    core_free(core);
    return erasing;
}

bool world_run(const struct settings *settings, char *const argv[], bool *erased,
               struct wg_error *err)
{
    struct ended ended = {.again = false};
    if (!run(settings, argv, NULL, &ended, err)) return false;
    *erased = ended.erased;
    if (ended.erased)
        return wg_fail(err, WG_E_DENIED,
                       "the keys of this device were erased, as it was told: claim it anew");
    if (!ended.again) return true;
    wg_log(WG_LOG_INFO, ended.in_place ? "starting anew" : "rebooting", NULL);
    return world_restart(ended.in_place ? "" : settings->reboot, argv, err);
}

bool world_run_once(const struct settings *settings, char *const argv[], struct world_once *once,
                    struct wg_error *err)
{
    struct ended ended = {.again = false};
    once->line.result = ONCE_INTERRUPTED;
    if (!run(settings, argv, once, &ended, err)) return false;
    if (ended.erased) return wg_fail(err, WG_E_DENIED, "the keys of this device were erased");
    once->again = ended.again && (ended.in_place || !settings->reboot[0]);
    return true;
}
