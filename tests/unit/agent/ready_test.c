/* ready_test.c: a device that has installed asks to switch over, and does so only with the word for
 * that very question. */
#include "tests/unit/agent/device.h"
#include "tests/unit/agent/zone.h"

static struct device device;

#define EVENT(kind) device_event(&device, CORE_EV_##kind)
#define MEMORY (device.core->state.memory)
#define DISMISSED "save report:withdrawn/withdrawn cancel discard"
#define OPEN DEVICE_WALL /* Friday, 15 January 2027, 08:00 UTC: 09:00 in Berlin */
#define CLOSED (DEVICE_WALL + 2 * WG_HOUR)

/* From 08:30 to 09:30 in the zone of that name; "": the device's own. */
static void order_with_window(struct wg_order *order, const char *id, int64_t counter,
                              const char *zone)
{
    order_fill(order, id, counter, device.start.boot);
    order->windows.count = 1;
    order->windows.items[0] = (struct wg_window){WG_DAYS_ALL, 8 * 60 + 30, 9 * 60 + 30};
    order->windows.kind = zone[0] ? WG_WINDOW_NAMED : WG_WINDOW_DEVICE;
    (void)wg_copy(order->windows.zone, sizeof order->windows.zone, zone);
}

/* A connected device in Berlin, as device_init(). */
static struct wg_tz *init_in_berlin(void)
{
    struct wg_tz *berlin = zone_make("CET-1CEST,M3.5.0,M10.5.0/3");
    device_init(&device);
    core_free(device.core);
    device.config.tz = zone_of;
    device.config.tz_ctx = berlin;
    device.core = core_new(&device.config, &device.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(device.core);
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    (void)EVENT(CONNECTED);
    (void)device_ack(&device, JOURNAL, 0);
    return berlin;
}

static void close_berlin(struct wg_tz *berlin)
{
    device_clear(&device);
    wg_tz_free(berlin);
}

/* Ready, with order A, in its window, which then closes. */
static struct wg_tz *ready_and_closed(void)
{
    struct wg_order order;
    struct wg_tz *berlin = init_in_berlin();
    order_with_window(&order, ORDER_A, 1, "");
    SAYS(device_order(&device, &order), "save report:accepted report:downloading fetch");
    (void)EVENT(FETCHED);
    SAYS(EVENT(INSTALLED), "save report:rebooting");
    device.wall = CLOSED;
    return berlin;
}

static void test_asks(void)
{
    struct wg_report report;
    device_in_phase(&device, CORE_INSTALLING);
    SAYS(EVENT(INSTALLED), "save report:rebooting");
    last_report(&device, &report);
    CU_ASSERT_EQUAL(report.seq, 4);
    CU_ASSERT_EQUAL(MEMORY.ask, 4);
    assert_phase(&device, CORE_READY);
    SAYS(device_word(&device, 4, ORDER_A, true), "save activate");
    CU_ASSERT_EQUAL(core_pending(device.core), 0);
    SAYS(EVENT(ACTIVATED), "save reboot"); /* said already */
    device_clear(&device);
}

/* What was said before the question was heard is no answer to it, whatever it says. */
static void test_earlier_words(void)
{
    device_in_phase(&device, CORE_READY);
    SAYS(device_word(&device, 3, ORDER_A, true), "save");
    SAYS(device_word(&device, 3, ORDER_B, true), "");
    SAYS(device_ack(&device, JOURNAL, 3), "");
    assert_phase(&device, CORE_READY);
    SAYS(device_word(&device, 5, ORDER_A, true), "log"); /* not written yet */
    struct wg_ack other = {.journal = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", .seq = 4, .go = true};
    (void)wg_copy(other.order, sizeof other.order, ORDER_A);
    SAYS(device_answer(&device, &other), "log");
    assert_phase(&device, CORE_READY);
    device_clear(&device);
}

static void test_let_go(void)
{
    for (int i = 0; i < 3; i++) {
        device_in_phase(&device, CORE_READY);
        SAYS(device_word(&device, 4, i > 0 ? ORDER_B : "", i > 1), DISMISSED);
        assert_detail(&device, "its slot was given to another");
        assert_phase(&device, CORE_IDLE);
        CU_ASSERT_EQUAL(MEMORY.ask, 0);
        SAYS(device_go(&device), "save"); /* too late */
        SAYS(device_install(&device, ORDER_A, 1), "");
        /* the same order is offered again */
        SAYS(device_install(&device, ORDER_A, 2), "save report:accepted report:downloading fetch");
        device_clear(&device);
    }
}

/* Held: it waits for ever, and says hello ever less often, because a hello is answered. */
static void test_held(void)
{
    wg_duration waited[8];
    device_in_phase(&device, CORE_READY);
    SAYS(device_ack_all(&device), "save");
    for (int i = 0; i < 8; i++) {
        waited[i] = core_wake(device.core) - device.now;
        SAYS(device_wake(&device), "hello");
        SAYS(device_ack_all(&device), "");
    }
    CU_ASSERT_TRUE(waited[0] >= WG_MINUTE && waited[0] <= 2 * WG_MINUTE);
    CU_ASSERT_TRUE(waited[1] >= 2 * WG_MINUTE && waited[1] <= 4 * WG_MINUTE);
    CU_ASSERT_TRUE(waited[7] >= WG_HOUR / 2 && waited[7] <= WG_HOUR);
    SAYS(EVENT(LOST), "");
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    device.now += 30 * WG_DAY;
    SAYS(EVENT(TICK), "");
    SAYS(EVENT(CONNECTED), "hello");
    SAYS(device_ack_all(&device), "");
    CU_ASSERT_TRUE(core_wake(device.core) - device.now <= 2 * WG_MINUTE);
    SAYS(device_go(&device), "save activate");
    device_clear(&device);
}

/* A question that was not heard is asked again, and so is a hello. */
static void test_unheard(void)
{
    device_in_phase(&device, CORE_READY);
    SAYS(device_word(&device, 3, ORDER_A, false), "save");
    SAYS(device_wake(&device), "report:rebooting");
    SAYS(device_wake(&device), "report:rebooting");
    SAYS(EVENT(CONNECTED), "hello report:rebooting");
    device_clear(&device);
}

static void test_restart(void)
{
    device_in_phase(&device, CORE_READY);
    SAYS(device_start(&device, BOOT_2, "a", false, "1.0.0"), "save");
    assert_phase(&device, CORE_READY);
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    SAYS(EVENT(CONNECTED),
         "hello report:accepted report:downloading report:installing report:rebooting");
    SAYS(device_go(&device), "save activate");
    /* the word outlasts a cut */
    SAYS(device_start(&device, BOOT_1, "a", false, "1.0.0"), "save activate");
    assert_phase(&device, CORE_ACTIVATING);
    device_clear(&device);
}

/* The order in hand is offered again: only the word for the new question counts. */
static void test_asks_again(void)
{
    device_in_phase(&device, CORE_READY);
    SAYS(device_install(&device, ORDER_A, 1), "report:rebooting"); /* the same message */
    CU_ASSERT_EQUAL(MEMORY.ask, 4);
    SAYS(device_install(&device, ORDER_A, 2), "save report:rebooting");
    CU_ASSERT_EQUAL(MEMORY.ask, 5);
    CU_ASSERT_EQUAL(MEMORY.counter, 2);
    SAYS(device_word(&device, 4, ORDER_A, true), "save");
    SAYS(device_word(&device, 4, "", false), "");
    assert_phase(&device, CORE_READY);
    SAYS(device_word(&device, 5, ORDER_A, true), "save activate");
    SAYS(device_install(&device, ORDER_A, 3), "save report:rebooting"); /* that far it is */
    assert_phase(&device, CORE_ACTIVATING);
    device_clear(&device);
}

/* Windows and addresses are those of the last offer. */
static void test_new_offer_counts(void)
{
    struct wg_order order;
    struct wg_tz *berlin = ready_and_closed();
    order_fill(&order, ORDER_A, 2, BOOT_1);
    order.expires = CLOSED + WG_HOUR;
    (void)wg_copy(order.urls[0], WG_URL_MAX, "https://example.org/b");
    SAYS(device_order(&device, &order), "save report:rebooting");
    ASSERT_TEXT(task_order(MEMORY.task)->urls[0], "https://example.org/b");
    SAYS(device_go(&device), "save activate");
    device_clear(&device);
    device_in_phase(&device, CORE_READY);
    order.counter = 2;
    order.sha256[0] = 'f'; /* not what was installed */
    SAYS(device_order(&device, &order), "save report:rebooting");
    ASSERT_TEXT(task_order(MEMORY.task)->urls[0], "https://example.org/a");
    close_berlin(berlin);
}

static void test_outside_at_receipt(void)
{
    struct wg_order order;
    struct wg_tz *berlin = init_in_berlin();
    device.wall = CLOSED;
    order_with_window(&order, ORDER_A, 1, "");
    order.expires = CLOSED + WG_HOUR;
    SAYS(device_order(&device, &order), "save report:deferred/deferred");
    assert_detail(&device, "outside its window, opens Sat 2027-01-16 08:30 +01:00 (device time)");
    CU_ASSERT_EQUAL(MEMORY.counter, 0);
    assert_phase(&device, CORE_IDLE);
    SAYS(device_order(&device, &order), "report:deferred/deferred");
    (void)device_ack_all(&device);
    device.wall = OPEN;
    SAYS(device_order(&device, &order), "save report:accepted report:downloading fetch");
    /* what is in hand is not replaced by what may not begin */
    device.wall = CLOSED;
    (void)wg_copy(order.id, sizeof order.id, ORDER_B);
    order.counter = 2;
    SAYS(device_order(&device, &order), "save report:deferred/deferred");
    assert_phase(&device, CORE_FETCHING);
    close_berlin(berlin);
}

static void test_zones(void)
{
    static const struct {
        const char *zone;
        wg_time wall;
        const char *detail; /* "": it begins */
    } rows[] = {
        {"", OPEN, ""},
        {"UTC", OPEN, ""}, /* zone_of() gives Berlin's */
        {"Asia/Tokyo", OPEN, "its window cannot be judged: time zone Asia/Tokyo is not known here"},
        {"Asia/Tokyo", 0, ""}, /* without a clock: trusts the orchestrator */
        {"", 0, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_order order;
        struct wg_tz *berlin = init_in_berlin();
        device.wall = rows[i].wall;
        order_with_window(&order, ORDER_A, 1, rows[i].zone);
        (void)device_order(&device, &order);
        if (rows[i].detail[0])
            assert_detail(&device, rows[i].detail);
        else
            assert_phase(&device, CORE_FETCHING);
        close_berlin(berlin);
    }
    struct wg_order order;
    device_init(&device);
    order_with_window(&order, ORDER_A, 1, "");
    SAYS(device_order(&device, &order), "save report:deferred/deferred");
    assert_detail(&device,
                  "its window cannot be judged: the device's own time zone is not known here");
    device_clear(&device);
}

/* Who runs the version already is not touched by saying so. */
static void test_satisfied_outside(void)
{
    struct wg_order order;
    struct wg_tz *berlin = init_in_berlin();
    device.wall = CLOSED;
    order_with_window(&order, ORDER_A, 1, "");
    (void)wg_copy(order.version, sizeof order.version, "1.0.0");
    order.expires = CLOSED + WG_HOUR;
    SAYS(device_order(&device, &order), "save report:satisfied");
    close_berlin(berlin);
}

/* The window has closed over the installation: it does not even ask. */
static void test_outside_when_installed(void)
{
    struct wg_order order;
    struct wg_tz *berlin = init_in_berlin();
    order_with_window(&order, ORDER_A, 1, "");
    (void)device_order(&device, &order);
    (void)EVENT(FETCHED);
    device.wall = CLOSED;
    SAYS(EVENT(INSTALLED), "save report:deferred/deferred");
    assert_phase(&device, CORE_READY);
    CU_ASSERT_EQUAL(MEMORY.ask, 0);
    CU_ASSERT_EQUAL(MEMORY.told, WG_INSTALLING);
    SAYS(device_go(&device), "save");
    device.wall = OPEN;
    order.counter = 2;
    SAYS(device_order(&device, &order), "save report:rebooting");
    SAYS(device_go(&device), "save activate");
    close_berlin(berlin);
}

/* The word comes when the window has closed: nothing is lost, and no word counts until the order is
 * offered again. */
static void test_outside_at_go(void)
{
    struct wg_order order;
    struct wg_tz *berlin = ready_and_closed();
    SAYS(device_go(&device), "save report:deferred/deferred");
    assert_detail(&device, "outside its window, opens Sat 2027-01-16 08:30 +01:00 (device time)");
    assert_phase(&device, CORE_READY);
    CU_ASSERT_EQUAL(MEMORY.ask, 0);
    device.wall = OPEN;
    SAYS(device_word(&device, 4, ORDER_A, true), "");
    SAYS(device_go(&device), "save");
    SAYS(device_ack(&device, JOURNAL, 5), ""); /* its slot is given back, that is understood */
    CU_ASSERT_EQUAL(core_wake(device.core), 0);
    SAYS(device_start(&device, BOOT_2, "a", false, "1.0.0"), "save");
    (void)EVENT(CONNECTED);
    (void)device_ack(&device, JOURNAL, 5);
    assert_phase(&device, CORE_READY);
    order_with_window(&order, ORDER_A, 2, "");
    SAYS(device_order(&device, &order), "save report:rebooting");
    SAYS(device_word(&device, 5, ORDER_A, true), "");
    SAYS(device_word(&device, 6, ORDER_A, true), "save activate");
    close_berlin(berlin);
}

static void test_offered_again_outside(void)
{
    struct wg_order order;
    struct wg_tz *berlin = ready_and_closed();
    order_with_window(&order, ORDER_A, 2, "");
    SAYS(device_order(&device, &order), "save report:deferred/deferred");
    CU_ASSERT_EQUAL(MEMORY.counter, 2);
    SAYS(device_go(&device), "save");
    assert_phase(&device, CORE_READY);
    device.wall = OPEN;
    SAYS(device_withdraw(&device, ORDER_A, 3), DISMISSED);
    close_berlin(berlin);
}

/* A cut between the word and the mark, and a start when the window has closed. The mark may stand,
 * so it goes, and with it what was installed. */
static void test_start_outside(void)
{
    struct wg_order order;
    struct wg_tz *berlin = ready_and_closed();
    device.wall = OPEN;
    SAYS(device_go(&device), "save activate");
    device.wall = CLOSED;
    SAYS(device_start(&device, BOOT_2, "a", false, "1.0.0"), "save cancel discard");
    assert_phase(&device, CORE_IDLE);
    SAYS(EVENT(CONNECTED), "hello report:deferred/deferred");
    (void)device_ack_all(&device);
    device.wall = OPEN;
    order_with_window(&order, ORDER_A, 2, "");
    SAYS(device_order(&device, &order), "save report:accepted report:downloading fetch");
    close_berlin(berlin);
}

/* Random events from a seed, without hooks and with them. What the device was told is kept apart
 * from what it remembers. */

struct witness {
    uint64_t seed;
    int64_t counter;
    int64_t question;            /* number of the newest report that asks or puts off */
    bool asks;                   /* it asks */
    char order[WG_ORDER_ID_MAX]; /* of that report */
    bool word;                   /* was given to it */
    bool let;                    /* the hooks that were asked have just said go */
    size_t activations;
};

static uint32_t draw(struct witness *witness, uint32_t sides)
{
    witness->seed = witness->seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(witness->seed >> 33) % sides;
}

static void look_at_reports(struct witness *witness)
{
    const struct outbox *outbox = &MEMORY.outbox;
    for (size_t i = 0; i < outbox->count; i++) {
        const struct outbox_item *item = outbox->items[i];
        bool of_it = item->state == WG_REBOOTING || strcmp(item->order, witness->order) == 0;
        if (item->seq <= witness->question || !of_it) continue;
        if (item->state != WG_REBOOTING && item->state != WG_DEFERRED) continue;
        witness->question = item->seq;
        witness->asks = item->state == WG_REBOOTING;
        witness->word = witness->word && item->state == WG_REBOOTING &&
                        MEMORY.phase >= CORE_ACTIVATING; /* it says again how far it is */
        (void)wg_copy(witness->order, sizeof witness->order, item->order);
    }
}

static const char *random_order(struct witness *witness)
{
    static const char *const ids[] = {"", ORDER_A, ORDER_B};
    return draw(witness, 4) ? task_order(MEMORY.task)->id : ids[draw(witness, 3)];
}

static void throw_word(struct witness *witness)
{
    const char *order = random_order(witness);
    int64_t seq = MEMORY.seq - (draw(witness, 3) ? 0 : 1 + (int64_t)draw(witness, 2));
    bool go = order[0] && draw(witness, 3);
    if (seq < 0) seq = 0;
    if (go && witness->asks && seq >= witness->question && strcmp(order, witness->order) == 0)
        witness->word = true;
    (void)device_word(&device, seq, order, go);
}

static void throw_offer(struct witness *witness)
{
    const char *id = draw(witness, 4) ? ORDER_A : ORDER_B;
    struct wg_order order;
    order_with_window(&order, id, witness->counter += draw(witness, 3) > 0, "");
    order.kind = draw(witness, 8) ? WG_ORDER_INSTALL : WG_ORDER_WITHDRAW;
    order.expires = DEVICE_WALL + WG_DAY;
    if (witness->counter > 0) (void)device_order(&device, &order);
}

static void throw_start(struct witness *witness)
{
    static const char *const boots[] = {BOOT_1, BOOT_2};
    bool other = draw(witness, 4) == 0;
    bool trial = other && draw(witness, 2);
    (void)device_start(&device, boots[draw(witness, 2)], other ? "b" : "a", trial,
                       draw(witness, 3) ? "1.0.0" : "2.0.0");
}

/* What moves the phase on, so that a life has more than its beginning. */
static enum core_event_kind next_event(void)
{
    static const enum core_event_kind next[CORE_PHASES] = {
        [CORE_IDLE] = CORE_EV_CONNECTED,    [CORE_FETCHING] = CORE_EV_FETCHED,
        [CORE_CHECKING] = CORE_EV_TICK,     [CORE_INSTALLING] = CORE_EV_INSTALLED,
        [CORE_READY] = CORE_EV_TICK,        [CORE_ACTIVATING] = CORE_EV_ACTIVATED,
        [CORE_REBOOTING] = CORE_EV_TICK,    [CORE_BOOTING] = CORE_EV_BOOTED,
        [CORE_PROBATION] = CORE_EV_HEALTHY, [CORE_COMMITTING] = CORE_EV_COMMITTED,
        [CORE_REVERTING] = CORE_EV_TICK,
    };
    return next[core_phase(device.core)];
}

/* Mostly go: then a life comes to the moments that matter. */
static void throw_answer(struct witness *witness)
{
    static const enum core_event_kind others[] = {CORE_EV_HOOKS_LATER, CORE_EV_HOOKS_FAILED};
    witness->let = draw(witness, 5) > 0;
    (void)device_event(&device, witness->let ? CORE_EV_HOOKS_GO : others[draw(witness, 2)]);
}

static void throw_any(struct witness *witness)
{
    static const enum core_event_kind kinds[] = {CORE_EV_CONNECTED, CORE_EV_LOST, CORE_EV_UNHEALTHY,
                                                 CORE_EV_ACTIVATE_FAILED, CORE_EV_TICK};
    device.now += draw(witness, 2) ? 0 : (wg_time)draw(witness, 300) * WG_SECOND;
    device.wall = draw(witness, 3) ? OPEN : CLOSED;
    uint32_t what = draw(witness, 20);
    witness->let = !device.config.hooks;
    if (what < 5)
        throw_word(witness);
    else if (what < 8)
        throw_offer(witness);
    else if (what < 10)
        throw_start(witness);
    else if (what < 17 && device.core->state.run.asking)
        throw_answer(witness);
    else if (what < 17)
        (void)device_event(&device, next_event());
    else
        (void)device_event(&device, kinds[draw(witness, sizeof kinds / sizeof kinds[0])]);
}

static bool activates(void)
{
    for (size_t i = 0; i < device.actions.count; i++)
        if (device.actions.items[i].kind == CORE_DO_ACTIVATE) return true;
    return false;
}

static size_t random_life(uint64_t seed, bool hooks)
{
    struct witness witness = {.seed = seed};
    struct wg_tz *berlin = init_in_berlin();
    device.config.hooks = device.core->config.hooks = hooks;
    for (int i = 0; i < 150; i++) {
        throw_any(&witness);
        look_at_reports(&witness);
        if (!activates()) continue;
        witness.activations++;
        CU_ASSERT_TRUE(witness.word && device.wall == OPEN && !device.start.trial);
        CU_ASSERT_TRUE(witness.let);
        ASSERT_TEXT(task_order(MEMORY.task)->id, witness.order);
        if (!witness.word) printf("\n    seed %llu, event %d", (unsigned long long)seed, i);
    }
    close_berlin(berlin);
    return witness.activations;
}

static void test_never_without_the_word(void)
{
    size_t activations = 0, let = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) activations += random_life(seed, false);
    for (uint64_t seed = 1; seed <= 240; seed++) let += random_life(seed, true);
    CU_ASSERT_TRUE(activations > 25 && let > 10); /* it does happen */
}

WG_SUITE("agent/ready", {"asks, and goes with the word", test_asks},
         {"earlier words say nothing", test_earlier_words},
         {"its slot was given to another", test_let_go}, {"held", test_held},
         {"not heard", test_unheard}, {"restart", test_restart},
         {"offered again: asks again", test_asks_again},
         {"the new offer counts", test_new_offer_counts},
         {"outside its window when it comes", test_outside_at_receipt},
         {"zones and clocks", test_zones}, {"satisfied outside its window", test_satisfied_outside},
         {"outside its window when installed", test_outside_when_installed},
         {"outside its window at the word", test_outside_at_go},
         {"offered again outside its window", test_offered_again_outside},
         {"started again outside its window", test_start_outside},
         {"never without the word", test_never_without_the_word})
