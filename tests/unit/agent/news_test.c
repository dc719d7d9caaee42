/* news_test.c: metrics and the device's zone: said in the hello, and again when they change, not
 * too often. */
#include "tests/unit/agent/device.h"

#include <math.h>

static struct device device;

#define EVENT(kind) device_event(&device, CORE_EV_##kind)

static const char *metric(const char *name, double value)
{
    struct wg_metric one = {.value = value};
    struct core_event event = {.kind = CORE_EV_METRICS, .metrics = &one, .metric_count = 1};
    (void)wg_copy(one.name, sizeof one.name, name);
    return device_do(&device, &event);
}

static const char *zone(const char *name)
{
    struct core_event event = {.kind = CORE_EV_ZONE, .text = name};
    return device_do(&device, &event);
}

/* The newest hello among the actions of the last event. */
static void hello(struct wg_hello *out)
{
    bool found = false;
    for (size_t i = 0; i < device.actions.count; i++) {
        const struct core_action *action = &device.actions.items[i];
        if (action->kind != CORE_DO_PUBLISH || action->topic != WG_TOPIC_UP_HELLO) continue;
        found = wg_hello_decode(action->payload, action->len, out, &device.err);
    }
    CU_ASSERT_TRUE_FATAL(found);
}

static void test_said(void)
{
    struct wg_hello said;
    device_new(&device);
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    SAYS(metric("rpm", 1.5), "");
    SAYS(zone("Europe/Berlin"), "");
    CU_ASSERT_EQUAL(core_wake(device.core), 0); /* offline */
    SAYS(EVENT(CONNECTED), "hello");
    hello(&said);
    CU_ASSERT_EQUAL(said.metric_count, 1);
    ASSERT_TEXT(said.metrics[0].name, "rpm");
    CU_ASSERT_EQUAL(said.metrics[0].value, 1.5);
    ASSERT_TEXT(said.zone, "Europe/Berlin");
    device_clear(&device);
}

/* The first change at once, those behind it a minute after the last hello, all in one. */
static void test_not_too_often(void)
{
    struct wg_hello said;
    device_init(&device);
    device.now += CORE_NEWS_EVERY;
    SAYS(metric("rpm", 1), "hello");
    (void)device_ack(&device, JOURNAL, 0);
    wg_time told = device.now;
    SAYS(metric("rpm", 1), "");
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    device.now += 10 * WG_SECOND;
    SAYS(metric("rpm", 2), "");
    SAYS(zone("Asia/Tokyo"), "");
    SAYS(metric("rpm", 3), "");
    CU_ASSERT_EQUAL(core_wake(device.core), told + CORE_NEWS_EVERY);
    SAYS(EVENT(TICK), "");
    SAYS(device_wake(&device), "hello");
    hello(&said);
    CU_ASSERT_EQUAL(said.metrics[0].value, 3);
    ASSERT_TEXT(said.zone, "Asia/Tokyo");
    (void)device_ack(&device, JOURNAL, 0);
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    device_clear(&device);
}

static void test_while_offline(void)
{
    device_init(&device);
    (void)EVENT(LOST);
    SAYS(metric("rpm", 1), "");
    device.now += WG_HOUR;
    SAYS(EVENT(TICK), "");
    SAYS(EVENT(CONNECTED), "hello"); /* one, not two */
    (void)device_ack(&device, JOURNAL, 0);
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    device_clear(&device);
}

static void test_in_every_phase(void)
{
    for (int phase = 0; phase < CORE_PHASES; phase++) {
        device_in_phase(&device, (enum core_phase)phase);
        (void)device_ack_all(&device);
        device.now += CORE_NEWS_EVERY;
        SAYS(metric("rpm", 1), phase == CORE_ERASING ? "hello:started" : "hello");
        SAYS(zone("UTC"), "");
        assert_phase(&device, (enum core_phase)phase);
        device_clear(&device);
    }
}

/* What no hello can say is not taken, and what was said before stays. */
static void test_bad(void)
{
    struct wg_hello said;
    struct wg_metric many[WG_METRICS_MAX + 1] = {{.value = 0}};
    struct core_event event = {
        .kind = CORE_EV_METRICS, .metrics = many, .metric_count = WG_METRICS_MAX + 1};
    device_init(&device);
    device.now += CORE_NEWS_EVERY;
    SAYS(metric("rpm", 1), "hello");
    SAYS(metric("r p m", 2), "log");
    assert_log(&device, "metrics: expected a name");
    SAYS(metric("rpm", NAN), "log");
    SAYS(metric("rpm", INFINITY), "log");
    SAYS(device_do(&device, &event), "log");
    assert_log(&device, "17 metrics, at most 16");
    SAYS(zone("no zone"), "log");
    SAYS(zone("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"), "log");
    SAYS(EVENT(CONNECTED), "hello");
    hello(&said);
    CU_ASSERT_EQUAL(said.metrics[0].value, 1);
    ASSERT_TEXT(said.zone, "");
    device.now += CORE_NEWS_EVERY;
    event.metric_count = 0;
    SAYS(device_do(&device, &event), "hello");
    hello(&said);
    CU_ASSERT_EQUAL(said.metric_count, 0);
    device_clear(&device);
}

/* The configured zone counts until another is named, and again after a restart. */
static void test_configured_zone(void)
{
    struct wg_hello said;
    device_new(&device);
    core_free(device.core);
    (void)wg_copy(device.config.identity.zone, WG_ZONE_MAX + 1, "Europe/Paris");
    device.core = core_new(&device.config, &device.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(device.core);
    for (int i = 0; i < 2; i++) {
        (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
        SAYS(EVENT(CONNECTED), "hello");
        hello(&said);
        ASSERT_TEXT(said.zone, "Europe/Paris");
        device.now += CORE_NEWS_EVERY;
        SAYS(zone(NULL), "hello");
        hello(&said);
        ASSERT_TEXT(said.zone, "");
    }
    device_clear(&device);
}

WG_SUITE("agent/news", {"said", test_said}, {"not too often", test_not_too_often},
         {"while offline", test_while_offline}, {"in every phase", test_in_every_phase},
         {"bad", test_bad}, {"configured zone", test_configured_zone})
