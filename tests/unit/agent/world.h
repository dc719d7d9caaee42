/* world.h: a simulated device around the core (two slots, a boot-once marker, a disk) and the
 * orchestrator it reports to, with a cut of the power or of the process before any chosen action.
 *
 * It checks as it goes what must never happen: a fetch into the committed slot, an activation of
 * what was not installed, without the orchestrator's word or outside the window, a step that a hook
 * did not let go on in this life of the process, two contents under one report number, a journal
 * that forgets what was published. */
#ifndef WG_TESTS_UNIT_AGENT_WORLD_H
#define WG_TESTS_UNIT_AGENT_WORLD_H

#include "tests/unit/agent/device.h"
#include "tests/unit/agent/zone.h"

#define WORLD_QUEUE_MAX 64
#define WORLD_REPORTS_MAX 32
#define WORLD_HELD 3   /* questions to switch over without an answer, before a hold ends */
#define WORLD_LATERS 2 /* times that a hook says: not now */
#define WORLD_CUTS_MAX 2
#define WORLD_TURNS_MAX 2000 /* events of one run */

enum fate {
    FATE_GOOD,
    FATE_FETCH_STUTTERS, /* two failures, then it comes */
    FATE_FETCH_WRONG,
    FATE_INSTALL_FAILS,
    FATE_BOOT_DIES, /* the watchdog resets the device in the boot check */
    FATE_BOOT_SAYS_NO,
    FATE_UNHEALTHY,
    FATE_COMMIT_FAILS,
    FATE_WITHDRAWN,    /* as soon as the orchestrator hears of the download */
    FATE_HELD,         /* ready, but the campaign is held for a while */
    FATE_ABANDONED,    /* ready, but its slot was given to another */
    FATE_PUT_OFF,      /* told to switch over when its window has just closed; it opens again */
    FATE_HOOKS_GO,     /* it has hooks, and all say go */
    FATE_HEALTH_LATER, /* those of health cannot say it yet */
    FATE_HOOK_FAILS,   /* the hooks of WORLD_POINTS, one after the other */
    FATE_HOOK_LATER = FATE_HOOK_FAILS + 6,
    FATES = FATE_HOOK_LATER + 6
};

/* Where hooks may say no, or not now. */
static const struct world_point {
    enum core_hook_phase phase;
    enum core_hook_moment moment;
} WORLD_POINTS[] = {{CORE_HOOK_CHECK, CORE_HOOK_ENTER},    {CORE_HOOK_DOWNLOAD, CORE_HOOK_ENTER},
                    {CORE_HOOK_DOWNLOAD, CORE_HOOK_LEAVE}, {CORE_HOOK_INSTALL, CORE_HOOK_ENTER},
                    {CORE_HOOK_INSTALL, CORE_HOOK_LEAVE},  {CORE_HOOK_REBOOT, CORE_HOOK_ENTER}};

enum cut_kind { CUT_POWER, CUT_PROCESS };

struct cut {
    size_t before; /* number of the action, from 1; 0: no cut */
    enum cut_kind kind;
};

/* DEVICE_WALL is 08:00 UTC. */
#define WORLD_WINDOW ((struct wg_window){.days = WG_DAYS_ALL, .from = 7 * 60, .to = 9 * 60})
#define WORLD_CLOSED (DEVICE_WALL + 2 * WG_HOUR)

struct queued {
    enum core_event_kind kind;
    enum wg_cause cause;
    bool fatal;
    int64_t done;
    const char *text;
    char *bytes; /* owned */
    size_t len;
};

struct world {
    enum fate fate;
    size_t lossy; /* one of so many publishes is lost; 0: none */
    struct cut cuts[WORLD_CUTS_MAX];
    size_t cut_count;
    size_t actions; /* carried out so far */

    struct core_config config;
    struct wg_identity_key director;
    struct core *core;
    struct core_actions list;
    struct wg_buf disk; /* what the last save made durable */
    struct wg_tz *utc;
    wg_time now, wall;
    struct queued queue[WORLD_QUEUE_MAX];
    size_t queued;

    const char *versions[2]; /* by slot */
    int running, committed;  /* slots 0 and 1 */
    int boots, fetches;
    int laters, errors; /* hooks: times that one said not now; that they were told of an error */
    bool marker;        /* the other slot boots once */
    bool fetched, installed;
    bool gone[CORE_HOOK_PHASES][CORE_HOOK_MOMENTS]; /* what hooks said in this life */
    char boot[WG_BOOT_MAX];

    /* the orchestrator */
    bool order_open, withdrawal_open;
    bool waiting;     /* the order's slot is given back; it is not in hand */
    int64_t asked;    /* number of the report that asks to switch over */
    int unanswered;   /* hellos since then, of a campaign that is held */
    bool gone_before; /* the word was given to this question or an earlier one */
    int64_t counter, highest;
    size_t published;
    struct wg_report reports[WORLD_REPORTS_MAX + 1]; /* by number */
    char *payloads[WORLD_REPORTS_MAX + 1];

    struct wg_error err;
    struct wg_sha256 trace; /* of everything that was done */
};

static inline void world_push(struct world *world, struct queued event)
{
    CU_ASSERT_TRUE_FATAL(world->queued < WORLD_QUEUE_MAX);
    world->queue[world->queued++] = event;
}

static inline void world_forget(struct world *world)
{
    for (size_t i = 0; i < world->queued; i++) free(world->queue[i].bytes);
    world->queued = 0;
}

/* What the world would have said of work that is stopped now. */
static inline void world_cancel(struct world *world)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->queued; i++) {
        enum core_event_kind kind = world->queue[i].kind;
        if (kind == CORE_EV_ORDER || kind == CORE_EV_ACK || kind == CORE_EV_CONNECTED)
            world->queue[kept++] = world->queue[i];
    }
    world->queued = kept;
}

static inline void world_issue(struct world *world, enum wg_order_kind kind)
{
    struct wg_order order;
    struct wg_buf bytes;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    order_fill(&order, ORDER_A, ++world->counter, world->boot);
    order.kind = kind;
    if (world->fate == FATE_PUT_OFF) {
        order.windows = (struct wg_windows){.count = 1, .kind = WG_WINDOW_DEVICE};
        order.windows.items[0] = WORLD_WINDOW;
    }
    ASSERT_OK(wg_order_encode(&order, &world->director, &bytes, &world->err), &world->err);
    struct queued event = {.kind = CORE_EV_ORDER, .len = bytes.len};
    event.bytes = wg_buf_take(&bytes);
    world_push(world, event);
}

static inline bool world_may_go(const struct world *world, int64_t committed)
{
    return world->order_open && !world->withdrawal_open && !world->waiting && world->asked > 0 &&
           world->asked <= committed && world->fate != FATE_ABANDONED &&
           (world->fate != FATE_HELD || world->unanswered >= WORLD_HELD);
}

static inline void world_ack(struct world *world)
{
    struct wg_ack ack = {.journal = JOURNAL};
    struct wg_buf bytes;
    while (ack.seq < WORLD_REPORTS_MAX && world->payloads[ack.seq + 1]) ack.seq++;
    ack.go = world_may_go(world, ack.seq);
    world->gone_before = world->gone_before || ack.go;
    if (world->order_open && !world->waiting) (void)wg_copy(ack.order, sizeof ack.order, ORDER_A);
    if (world->fate == FATE_ABANDONED && world->asked > 0)
        (void)wg_copy(ack.order, sizeof ack.order, ORDER_B);
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    ASSERT_OK(wg_ack_encode(&ack, &bytes, &world->err), &world->err);
    struct queued event = {.kind = CORE_EV_ACK, .len = bytes.len};
    event.bytes = wg_buf_take(&bytes);
    world_push(world, event);
}

static inline void world_hello(struct world *world, const struct core_action *action)
{
    struct wg_hello hello;
    ASSERT_OK(wg_hello_decode(action->payload, action->len, &hello, &world->err), &world->err);
    CU_ASSERT_TRUE(hello.seq >= world->highest);
    ASSERT_TEXT(hello.journal, JOURNAL);
    world->unanswered += world->asked > 0;
    if (world->withdrawal_open)
        world_issue(world, WG_ORDER_WITHDRAW);
    else if (world->order_open && !world->waiting &&
             !(world->fate == FATE_ABANDONED && world->asked > 0))
        world_issue(world, WG_ORDER_INSTALL);
    world_ack(world);
}

/* A report that was not heard before. The window closes on the question to switch over. */
static inline void world_hear(struct world *world, const struct wg_report *report)
{
    if (report->state == WG_REBOOTING && report->seq > world->asked) {
        if (world->asked == 0 && world->fate == FATE_PUT_OFF) world->wall = WORLD_CLOSED;
        world->asked = report->seq;
    }
    if (report->state == WG_DEFERRED && report->seq > world->asked) world->waiting = true;
}

static inline void world_report(struct world *world, const struct core_action *action)
{
    struct wg_report report;
    ASSERT_OK(wg_report_decode(action->payload, action->len, &report, &world->err), &world->err);
    if (report.seq == 0) return;
    CU_ASSERT_TRUE_FATAL(report.seq <= WORLD_REPORTS_MAX);
    char **payload = &world->payloads[report.seq];
    if (*payload) {
        ASSERT_TEXT(action->payload, *payload);
    } else {
        *payload = strdup(action->payload);
        world->reports[report.seq] = report;
        world_hear(world, &report);
    }
    if (report.seq > world->highest) world->highest = report.seq;
    if (wg_state_is_final(report.state)) world->order_open = world->withdrawal_open = false;
    world_ack(world);
    if (world->fate == FATE_WITHDRAWN && report.state == WG_DOWNLOADING && world->order_open &&
        !world->withdrawal_open) {
        world->withdrawal_open = true;
        world_issue(world, WG_ORDER_WITHDRAW);
    }
}

static inline void world_publish(struct world *world, const struct core_action *action)
{
    world->published++;
    /* scattered: a loss in step with the resending would hit the same report for ever */
    size_t dice = world->published * 2654435761U >> 7;
    if (world->lossy > 0 && dice % world->lossy == 0) return;
    if (action->topic == WG_TOPIC_UP_HELLO)
        world_hello(world, action);
    else
        world_report(world, action);
}

static inline bool world_is_trial(const struct world *world)
{
    return world->running != world->committed;
}

/* Hooks, if there are any, have let the step go on. */
static inline bool world_is_let(const struct world *world, enum core_hook_phase phase)
{
    return world->fate < FATE_HOOKS_GO || world->gone[phase][CORE_HOOK_ENTER];
}

static inline void world_hooks(struct world *world, const struct core_hook *hook)
{
    struct queued event = {.kind = CORE_EV_HOOKS_GO};
    ASSERT_TEXT(hook->order, ORDER_A);
    ASSERT_TEXT(hook->from, "1.0.0");
    if (hook->moment == CORE_HOOK_ERROR) {
        world->errors++;
        return;
    }
    for (int i = 0; i < FATES - FATE_HOOK_LATER; i++) {
        if (hook->phase != WORLD_POINTS[i].phase || hook->moment != WORLD_POINTS[i].moment)
            continue;
        if ((int)world->fate == FATE_HOOK_FAILS + i) event.kind = CORE_EV_HOOKS_FAILED;
        if ((int)world->fate == FATE_HOOK_LATER + i && world->laters < WORLD_LATERS) {
            world->laters++;
            event.kind = CORE_EV_HOOKS_LATER;
        }
    }
    world->gone[hook->phase][hook->moment] = event.kind == CORE_EV_HOOKS_GO;
    world_push(world, event);
}

static inline void world_fetch(struct world *world)
{
    CU_ASSERT_TRUE(world_is_let(world, CORE_HOOK_DOWNLOAD));
    CU_ASSERT_FALSE(world_is_trial(world));
    world->marker = world->fetched = world->installed = false;
    world->versions[!world->running] = "";
    world->fetches++;
    struct queued failed = {
        .kind = CORE_EV_FETCH_FAILED, .cause = WG_CAUSE_DOWNLOAD, .text = "cut"};
    if (world->fate == FATE_FETCH_WRONG) failed.cause = WG_CAUSE_VERIFY;
    world_push(world, (struct queued){.kind = CORE_EV_PROGRESS, .done = 500});
    if (world->fate == FATE_FETCH_WRONG ||
        (world->fate == FATE_FETCH_STUTTERS && world->fetches <= 2)) {
        world_push(world, failed);
        return;
    }
    world->fetched = true;
    world_push(world, (struct queued){.kind = CORE_EV_FETCHED});
}

static inline void world_install(struct world *world)
{
    CU_ASSERT_FALSE(world_is_trial(world));
    CU_ASSERT_TRUE(world->fetched && world_is_let(world, CORE_HOOK_INSTALL));
    bool fails = world->fate == FATE_INSTALL_FAILS;
    world->installed = !fails;
    world->versions[!world->running] = fails ? "" : "2.0.0";
    world_push(world, (struct queued){.kind = fails ? CORE_EV_INSTALL_FAILED : CORE_EV_INSTALLED});
}

/* A new process, in whatever slot runs. */
static inline void world_start(struct world *world)
{
    struct core_start start;
    world_forget(world);
    core_actions_clear(&world->list);
    core_free(world->core);
    world->core = core_new(&world->config, &world->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(world->core);
    if (world->disk.len > 0)
        ASSERT_OK(core_load(world->core, world->disk.data, world->disk.len, &world->err),
                  &world->err);
    memset(world->gone, 0, sizeof world->gone);
    world->now = 5000; /* monotonic time begins again */
    (void)snprintf(world->boot, sizeof world->boot, "%032x", (unsigned)++world->boots);
    start_fill(&start, world->boot, world->running ? "b" : "a", world_is_trial(world),
               world->versions[world->running]);
    struct core_event event = {.kind = CORE_EV_START, .start = &start};
    ASSERT_OK(core_handle(world->core, &event, world->now, world->wall, &world->list, &world->err),
              &world->err);
    world_push(world, (struct queued){.kind = CORE_EV_CONNECTED});
}

/* The boot loader's part. */
static inline void world_boot(struct world *world)
{
    world->running = world->marker ? !world->committed : world->committed;
    world->marker = false;
    world_start(world);
}

static inline void world_check(struct world *world, enum core_action_kind kind)
{
    CU_ASSERT_TRUE(world_is_trial(world));
    if (kind == CORE_DO_BOOT_CHECK)
        world_push(world,
                   (struct queued){.kind = world->fate == FATE_BOOT_SAYS_NO ? CORE_EV_BOOT_FAILED
                                                                            : CORE_EV_BOOTED});
    else if (world->fate == FATE_HEALTH_LATER && world->laters++ < WORLD_LATERS)
        world_push(world, (struct queued){.kind = CORE_EV_HEALTH_LATER});
    else
        world_push(world, (struct queued){.kind = world->fate == FATE_UNHEALTHY ? CORE_EV_UNHEALTHY
                                                                                : CORE_EV_HEALTHY,
                                          .text = "brakes too warm"});
}

static inline void world_commit(struct world *world)
{
    CU_ASSERT_TRUE(world_is_trial(world));
    bool fails = world->fate == FATE_COMMIT_FAILS;
    if (!fails) world->committed = world->running;
    world_push(world, (struct queued){.kind = fails ? CORE_EV_COMMIT_FAILED : CORE_EV_COMMITTED});
}

static inline void world_save(struct world *world)
{
    wg_buf_clear(&world->disk);
    wg_buf_init(&world->disk, CORE_MEMORY_MAX);
    ASSERT_OK(core_dump(world->core, &world->disk, &world->err), &world->err);
}

static inline void world_trace(struct world *world, const struct core_action *action)
{
    const char *payload = action->payload ? action->payload : action->text;
    ASSERT_OK(wg_sha256_add(&world->trace, &action->kind, sizeof action->kind, &world->err),
              &world->err);
    ASSERT_OK(wg_sha256_add(&world->trace, payload, strlen(payload), &world->err), &world->err);
}

/* False when the process that asked for it is no more. */
static inline bool world_act(struct world *world, const struct core_action *action)
{
    world_trace(world, action);
    switch (action->kind) {
    case CORE_DO_SAVE:
        world_save(world);
        break;
    case CORE_DO_PUBLISH:
        world_publish(world, action);
        break;
    case CORE_DO_VOUCH: /* none is set up */
        CU_FAIL("asks to be vouched for");
        break;
    case CORE_DO_FETCH:
        ASSERT_TEXT(action->order->id, ORDER_A);
        world_fetch(world);
        break;
    case CORE_DO_CANCEL:
        world_cancel(world);
        break;
    case CORE_DO_INSTALL:
        ASSERT_TEXT(action->order->id, ORDER_A);
        world_install(world);
        break;
    case CORE_DO_ACTIVATE:
        CU_ASSERT_TRUE(world->installed && !world_is_trial(world));
        CU_ASSERT_TRUE(world->gone_before && world->wall == DEVICE_WALL);
        CU_ASSERT_TRUE(world_is_let(world, CORE_HOOK_REBOOT));
        world->marker = true;
        world_push(world, (struct queued){.kind = CORE_EV_ACTIVATED});
        break;
    case CORE_DO_HOOKS:
        world_hooks(world, &action->hook);
        break;
    case CORE_DO_BOOT_CHECK:
        if (world->fate == FATE_BOOT_DIES) break;
        world_check(world, action->kind);
        return true;
    case CORE_DO_HEALTH_CHECK:
        world_check(world, action->kind);
        break;
    case CORE_DO_COMMIT:
        world_commit(world);
        break;
    case CORE_DO_DISCARD:
        CU_ASSERT_FALSE(world_is_trial(world));
        world->fetched = world->installed = world->marker = false;
        break;
    case CORE_DO_ERASE: /* erase_test.c */
    case CORE_DO_END:
        CU_FAIL("erases its keys");
        break;
    case CORE_DO_REBOOT:
    case CORE_DO_LOG:
        break;
    }
    bool dies = action->kind == CORE_DO_REBOOT || action->kind == CORE_DO_BOOT_CHECK;
    if (dies) world_boot(world);
    return !dies;
}

/* Carries out the list, or what of it comes before the cut. */
static inline void world_carry_out(struct world *world)
{
    for (size_t i = 0; i < world->list.count; i++) {
        const struct cut *cut = &world->cuts[world->cut_count];
        if (world->cut_count < WORLD_CUTS_MAX && cut->before == world->actions + 1) {
            world->cut_count++;
            if (cut->kind == CUT_POWER)
                world_boot(world);
            else
                world_start(world);
            i = (size_t)-1; /* its own list now */
            continue;
        }
        world->actions++;
        if (!world_act(world, &world->list.items[i])) i = (size_t)-1;
    }
}

static inline bool world_next(struct world *world, struct core_event *event, char **bytes)
{
    *bytes = NULL;
    if (world->queued > 0) {
        struct queued next = world->queue[0];
        memmove(world->queue, world->queue + 1, --world->queued * sizeof next);
        *event = (struct core_event){.kind = next.kind,
                                     .cause = next.cause,
                                     .fatal = next.fatal,
                                     .text = next.text,
                                     .done = next.done,
                                     .total = 1000,
                                     .bytes = next.bytes,
                                     .len = next.len};
        *bytes = next.bytes;
        return true;
    }
    wg_time wake = core_wake(world->core);
    if (wake == 0 && world->waiting) {
        world->waiting = false;
        world->wall = DEVICE_WALL;
        world_issue(world, WG_ORDER_INSTALL);
        return world_next(world, event, bytes);
    }
    if (wake == 0) return false;
    if (wake > world->now) world->now = wake;
    *event = (struct core_event){.kind = CORE_EV_TICK};
    return true;
}

/* Until nothing happens any more. */
static inline void world_run(struct world *world)
{
    struct core_event event;
    char *bytes = NULL;
    int turns = 0;
    world_carry_out(world);
    while (world_next(world, &event, &bytes)) {
        CU_ASSERT_TRUE_FATAL(++turns < WORLD_TURNS_MAX);
        core_actions_clear(&world->list);
        ASSERT_OK(
            core_handle(world->core, &event, world->now, world->wall, &world->list, &world->err),
            &world->err);
        free(bytes);
        world_carry_out(world);
    }
}

static inline void world_init(struct world *world, enum fate fate, size_t lossy)
{
    memset(world, 0, sizeof *world);
    device_key(&world->director, &world->err);
    device_config(&world->config, &world->director);
    world->utc = zone_make("UTC0");
    world->config.tz = zone_of;
    world->config.tz_ctx = world->utc;
    world->wall = DEVICE_WALL;
    wg_buf_init(&world->disk, CORE_MEMORY_MAX);
    ASSERT_OK(wg_sha256_init(&world->trace, &world->err), &world->err);
    world->fate = fate;
    world->config.hooks = fate >= FATE_HOOKS_GO;
    world->lossy = lossy;
    world->order_open = true;
    world->versions[0] = "1.0.0";
    world->versions[1] = "0.9.0";
}

static inline void world_clear(struct world *world)
{
    world_forget(world);
    core_actions_clear(&world->list);
    core_free(world->core);
    wg_buf_clear(&world->disk);
    wg_sha256_clear(&world->trace);
    wg_tz_free(world->utc);
    for (size_t i = 0; i <= WORLD_REPORTS_MAX; i++) free(world->payloads[i]);
}

#endif
