/* device.h: a core under test, with short ways to feed it events and to read its actions as text.
 *
 * After each event the memory is dumped and read back into another core: what cannot be read again
 * fails the test that wrote it, whatever that test is about. */
#ifndef WG_TESTS_UNIT_AGENT_DEVICE_H
#define WG_TESTS_UNIT_AGENT_DEVICE_H

#include "agent/core/core_state.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_WALL ((wg_time)1800000000000)
#define ORDER_A "11111111-1111-4111-8111-111111111111"
#define ORDER_B "22222222-2222-4222-8222-222222222222"
#define JOURNAL "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BOOT_1 "00000000000000000000000000000001"
#define BOOT_2 "00000000000000000000000000000002"
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct device {
    struct core *core;
    struct core_config config;
    struct wg_identity_key director;
    struct core_start start;
    struct core_actions actions; /* of the last event */
    char said[4096];             /* the same as text */
    wg_time now, wall;
    bool quick; /* neither said nor the memory is looked at: for walks over thousands of events */
    struct wg_error err;
};

static inline void device_config(struct core_config *config, const struct wg_identity_key *director)
{
    memset(config, 0, sizeof *config);
    (void)wg_copy(config->device, sizeof config->device, "dev-1");
    (void)wg_copy(config->identity.agent, sizeof config->identity.agent, "0.1.0");
    (void)wg_copy(config->identity.hardware_model, WG_NAME_MAX + 1, "brake");
    (void)wg_copy(config->identity.hardware_revision, WG_NAME_MAX + 1, "C");
    config->director_count = 1;
    config->directors[0] = director->public_key;
    config->soak = 20 * WG_SECOND;
    config->health_every = 6 * WG_SECOND;
    config->resend = CORE_RESEND;
}

static inline void device_key(struct wg_identity_key *key, struct wg_error *err)
{
    uint8_t seed[WG_ED25519_SECRET] = {7};
    ASSERT_OK(wg_identity_from_secret(WG_IDENTITY_ED25519, seed, key, err), err);
}

static inline void order_fill(struct wg_order *order, const char *id, int64_t counter,
                              const char *boot)
{
    memset(order, 0, sizeof *order);
    order->kind = WG_ORDER_INSTALL;
    (void)wg_copy(order->id, sizeof order->id, id);
    (void)wg_copy(order->device, sizeof order->device, "dev-1");
    (void)wg_copy(order->campaign, sizeof order->campaign, "brake-2.0");
    (void)wg_copy(order->digest, sizeof order->digest, SHA);
    order->attempt = 1;
    order->counter = counter;
    (void)wg_copy(order->boot, sizeof order->boot, boot);
    order->not_before = DEVICE_WALL - WG_HOUR;
    order->expires = DEVICE_WALL + WG_HOUR;
    (void)wg_copy(order->component, sizeof order->component, "brake");
    (void)wg_copy(order->version, sizeof order->version, "2.0.0");
    (void)wg_copy(order->sha256, sizeof order->sha256, SHA);
    order->length = 1000;
    order->url_count = 1;
    (void)wg_copy(order->urls[0], WG_URL_MAX, "https://example.org/a");
    order->timeout_download = WG_HOUR;
    order->timeout_install = 10 * WG_MINUTE;
    order->timeout_probation = 2 * WG_MINUTE;
}

static inline void start_fill(struct core_start *start, const char *boot, const char *slot,
                              bool trial, const char *version)
{
    memset(start, 0, sizeof *start);
    (void)wg_copy(start->boot, sizeof start->boot, boot);
    (void)wg_copy(start->journal, sizeof start->journal, JOURNAL);
    (void)wg_copy(start->slot, sizeof start->slot, slot);
    start->trial = trial;
    start->component_count = 1;
    (void)wg_copy(start->components[0].name, WG_NAME_MAX + 1, "brake");
    (void)wg_copy(start->components[0].version, WG_VERSION_MAX + 1, version);
}

/* "save", "report:failed/verify", "progress:500", "hello", "fetch", ... */
static inline void action_text(const struct core_action *action, char *out, size_t size)
{
    static const char *const words[] = {
        [CORE_DO_SAVE] = "save",       [CORE_DO_PUBLISH] = "",
        [CORE_DO_FETCH] = "fetch",     [CORE_DO_CANCEL] = "cancel",
        [CORE_DO_INSTALL] = "install", [CORE_DO_ACTIVATE] = "activate",
        [CORE_DO_REBOOT] = "reboot",   [CORE_DO_BOOT_CHECK] = "boot-check",
        [CORE_DO_COMMIT] = "commit",   [CORE_DO_HEALTH_CHECK] = "health-check",
        [CORE_DO_DISCARD] = "discard", [CORE_DO_LOG] = "log",
        [CORE_DO_ERASE] = "erase",     [CORE_DO_END] = "end",
        [CORE_DO_VOUCH] = "vouch",     [CORE_DO_HOOKS] = "hooks"};
    struct wg_error err;
    struct wg_report report;
    struct wg_hello hello;
    (void)wg_copy(out, size, words[action->kind]);
    if (action->kind == CORE_DO_HOOKS)
        (void)snprintf(out, size, "hooks:%s-%s", core_hook_phase_text(action->hook.phase),
                       core_hook_moment_text(action->hook.moment));
    if (action->kind != CORE_DO_PUBLISH) return;
    if (action->topic == WG_TOPIC_UP_HELLO) {
        ASSERT_OK(wg_hello_decode(action->payload, action->len, &hello, &err), &err);
        static const char *const hellos[] = {"hello", "hello:started", "hello:done"};
        (void)wg_copy(out, size, hellos[hello.erase]);
        return;
    }
    CU_ASSERT_EQUAL(action->topic, WG_TOPIC_UP_REPORT);
    ASSERT_OK(wg_report_decode(action->payload, action->len, &report, &err), &err);
    if (report.seq == 0)
        (void)snprintf(out, size, "progress:%lld", (long long)report.bytes);
    else
        (void)snprintf(out, size, "report:%s%s%s", wg_state_text(report.state),
                       report.cause ? "/" : "", wg_cause_text(report.cause));
}

static inline void actions_text(const struct core_actions *actions, char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < actions->count; i++) {
        char word[128];
        size_t used = strlen(out);
        action_text(&actions->items[i], word, sizeof word);
        (void)snprintf(out + used, size - used, "%s%s", i > 0 ? " " : "", word);
    }
}

/* The memory reads back as itself. */
static inline void memory_is_sound(const struct core *core, const struct core_config *config)
{
    struct wg_error err = {.code = WG_OK};
    struct wg_buf first, second;
    wg_buf_init(&first, CORE_MEMORY_MAX);
    wg_buf_init(&second, CORE_MEMORY_MAX);
    ASSERT_OK(core_dump(core, &first, &err), &err);
    struct core *other = core_new(config, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(other);
    ASSERT_OK(core_load(other, first.data, first.len, &err), &err);
    ASSERT_OK(core_dump(other, &second, &err), &err);
    ASSERT_TEXT(wg_buf_str(&second), wg_buf_str(&first));
    core_free(other);
    wg_buf_clear(&first);
    wg_buf_clear(&second);
}

static inline const char *device_do(struct device *device, const struct core_event *event)
{
    core_actions_clear(&device->actions);
    ASSERT_OK(
        core_handle(device->core, event, device->now, device->wall, &device->actions, &device->err),
        &device->err);
    if (device->quick) return "";
    actions_text(&device->actions, device->said, sizeof device->said);
    memory_is_sound(device->core, &device->config);
    return device->said;
}

static inline const char *device_event(struct device *device, enum core_event_kind kind)
{
    struct core_event event = {.kind = kind};
    return device_do(device, &event);
}

static inline const char *device_fails(struct device *device, enum core_event_kind kind,
                                       enum wg_cause cause, bool fatal, const char *text)
{
    struct core_event event = {.kind = kind, .cause = cause, .fatal = fatal, .text = text};
    return device_do(device, &event);
}

static inline const char *device_progress(struct device *device, int64_t done)
{
    struct core_event event = {.kind = CORE_EV_PROGRESS, .done = done, .total = 1000};
    return device_do(device, &event);
}

/* Time passes until the core wants to be woken; fails when it does not, or not later than now. */
static inline const char *device_wake(struct device *device)
{
    wg_time wake = core_wake(device->core);
    CU_ASSERT_TRUE_FATAL(wake > 0);
    if (wake > device->now) device->now = wake;
    const char *said = device_event(device, CORE_EV_TICK);
    wg_time next = core_wake(device->core);
    CU_ASSERT_TRUE(next == 0 || next > device->now);
    return said;
}

static inline const char *device_order(struct device *device, const struct wg_order *order)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    ASSERT_OK(wg_order_encode(order, &device->director, &bytes, &device->err), &device->err);
    struct core_event event = {.kind = CORE_EV_ORDER, .bytes = bytes.data, .len = bytes.len};
    const char *said = device_do(device, &event);
    wg_buf_clear(&bytes);
    return said;
}

static inline const char *device_install(struct device *device, const char *id, int64_t counter)
{
    struct wg_order order;
    order_fill(&order, id, counter, device->start.boot);
    return device_order(device, &order);
}

static inline const char *device_withdraw(struct device *device, const char *id, int64_t counter)
{
    struct wg_order order;
    order_fill(&order, id, counter, device->start.boot);
    order.kind = WG_ORDER_WITHDRAW;
    return device_order(device, &order);
}

static inline void erase_fill(struct wg_order *order, const char *id, int64_t counter,
                              const char *boot)
{
    order_fill(order, id, counter, boot);
    order->kind = WG_ORDER_ERASE;
    order->campaign[0] = order->digest[0] = '\0';
}

static inline const char *device_erase(struct device *device, const char *id, int64_t counter)
{
    struct wg_order order;
    erase_fill(&order, id, counter, device->start.boot);
    return device_order(device, &order);
}

static inline const char *device_answer(struct device *device, const struct wg_ack *ack)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    ASSERT_OK(wg_ack_encode(ack, &bytes, &device->err), &device->err);
    struct core_event event = {.kind = CORE_EV_ACK, .bytes = bytes.data, .len = bytes.len};
    const char *said = device_do(device, &event);
    wg_buf_clear(&bytes);
    return said;
}

/* An ack that names no order. */
static inline const char *device_ack(struct device *device, const char *journal, int64_t seq)
{
    struct wg_ack ack = {.seq = seq};
    (void)wg_copy(ack.journal, sizeof ack.journal, journal);
    return device_answer(device, &ack);
}

/* An ack of the first seq reports that says what the orchestrator holds as in hand. */
static inline const char *device_word(struct device *device, int64_t seq, const char *order,
                                      bool go)
{
    struct wg_ack ack = {.journal = JOURNAL, .seq = seq, .go = go};
    (void)wg_copy(ack.order, sizeof ack.order, order);
    return device_answer(device, &ack);
}

/* All that was written is committed; of a device with order A in hand, which it may not switch. */
static inline const char *device_ack_all(struct device *device)
{
    return device_word(device, device->core->state.memory.seq, ORDER_A, false);
}

/* All that was written is committed, and the device may switch over to order A. */
static inline const char *device_go(struct device *device)
{
    return device_word(device, device->core->state.memory.seq, ORDER_A, true);
}

static inline const char *device_start(struct device *device, const char *boot, const char *slot,
                                       bool trial, const char *version)
{
    start_fill(&device->start, boot, slot, trial, version);
    struct core_event event = {.kind = CORE_EV_START, .start = &device->start};
    return device_do(device, &event);
}

static inline void device_new(struct device *device)
{
    memset(device, 0, sizeof *device);
    device->now = 1000;
    device->wall = DEVICE_WALL;
    device_key(&device->director, &device->err);
    device_config(&device->config, &device->director);
    device->core = core_new(&device->config, &device->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(device->core);
}

/* Says go for as long as hooks are asked. */
static inline const char *device_hooks_go(struct device *device)
{
    while (device->core->state.run.asking) (void)device_event(device, CORE_EV_HOOKS_GO);
    return device->said;
}

static inline void device_greet(struct device *device)
{
    ASSERT_TEXT(device_start(device, BOOT_1, "a", false, "1.0.0"), "save");
    ASSERT_TEXT(device_event(device, CORE_EV_CONNECTED), "hello");
    ASSERT_TEXT(device_ack(device, JOURNAL, 0), "");
}

/* A device of version 1.0.0 in slot a, started and connected. */
static inline void device_init(struct device *device)
{
    device_new(device);
    device_greet(device);
}

/* The same, with hooks. */
static inline void device_init_hooks(struct device *device)
{
    device_new(device);
    core_free(device->core);
    device->config.hooks = true;
    device->core = core_new(&device->config, &device->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(device->core);
    device_greet(device);
}

static inline void device_clear(struct device *device)
{
    core_actions_clear(&device->actions);
    core_free(device->core);
    device->core = NULL;
}

/* A started device with order A in hand, in the given phase; connected. */
static inline void device_in_phase(struct device *device, enum core_phase phase)
{
    if (phase == CORE_CHECKING)
        device_init_hooks(device);
    else
        device_init(device);
    if (phase == CORE_IDLE) return;
    if (phase == CORE_ERASING) {
        (void)device_erase(device, ORDER_A, 1);
        return;
    }
    (void)device_install(device, ORDER_A, 1);
    if (core_phase(device->core) != phase) (void)device_event(device, CORE_EV_FETCHED);
    if (core_phase(device->core) != phase) (void)device_event(device, CORE_EV_INSTALLED);
    if (core_phase(device->core) != phase) (void)device_go(device);
    if (core_phase(device->core) != phase) (void)device_event(device, CORE_EV_ACTIVATED);
    if (core_phase(device->core) != phase) {
        (void)device_start(device, BOOT_2, "b", true, "2.0.0");
        (void)device_event(device, CORE_EV_CONNECTED);
        (void)device_ack(device, JOURNAL, 0);
    }
    if (core_phase(device->core) != phase) (void)device_event(device, CORE_EV_BOOTED);
    if (phase == CORE_COMMITTING) {
        (void)device_event(device, CORE_EV_HEALTHY);
        device->now += device->config.soak;
        (void)device_event(device, CORE_EV_HEALTHY);
    }
    if (phase == CORE_REVERTING)
        (void)device_fails(device, CORE_EV_UNHEALTHY, WG_CAUSE_HEALTH, false, "brakes too warm");
    CU_ASSERT_EQUAL_FATAL(core_phase(device->core), phase);
}

#define SAYS(call, expected) ASSERT_TEXT(call, expected)

static inline void assert_phase(const struct device *device, enum core_phase phase)
{
    ASSERT_TEXT(core_phase_text(core_phase(device->core)), core_phase_text(phase));
}

/* The newest report among the actions of the last event. */
static inline void last_report(const struct device *device, struct wg_report *report)
{
    struct wg_error err;
    bool found = false;
    for (size_t i = 0; i < device->actions.count; i++) {
        const struct core_action *action = &device->actions.items[i];
        if (action->kind != CORE_DO_PUBLISH || action->topic != WG_TOPIC_UP_REPORT) continue;
        found = wg_report_decode(action->payload, action->len, report, &err);
    }
    CU_ASSERT_TRUE_FATAL(found);
}

static inline void assert_detail(const struct device *device, const char *expected)
{
    struct wg_report report = {.seq = 0};
    last_report(device, &report);
    ASSERT_TEXT(report.detail, expected);
}

static inline void assert_log(const struct device *device, const char *expected)
{
    for (size_t i = 0; i < device->actions.count; i++)
        if (device->actions.items[i].kind == CORE_DO_LOG &&
            strstr(device->actions.items[i].text, expected))
            return;
    ASSERT_TEXT(device->said, expected);
}

#endif
