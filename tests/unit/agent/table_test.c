/* table_test.c: the table of phases and events against a core: every pair is reached, in every mood
 * that a phase has, and what comes of it over all of them is what its row says, no more and no
 * less. */
#include "agent/core/memory.h"
#include "agent/core/table.h"
#include "agent/core/table_page.h"
#include "common/signed.h"
#include "tests/unit/agent/device.h"

/* How the device has come into the phase. */
enum mood {
    PLAIN,    /* without hooks */
    WORKING,  /* with hooks, which have said go */
    ENTERING, /* hooks are asked before the phase's work */
    LEAVING,  /* and behind it */
    MOODS
};

/* What has happened since. */
enum since {
    NOTHING,
    HEARD,     /* all reports are acknowledged, the hello is answered */
    OFFLINE,   /* the connection was lost */
    WAITING,   /* put off by hooks, or between two tries */
    RESTARTED, /* the agent, where it was */
    WORN,      /* as often as a trial boot may be */
    STRAYED,   /* onto a slot that nobody has ordered */
    ERASED,    /* the keys are gone */
    FULL,      /* of reports that nobody acknowledges */
    SINCES
};

static struct device device;
static struct core_state base; /* of the core that every trial begins with */
static wg_time base_now;
static bool base_vouch;

/* What came of one pair. */
struct seen {
    unsigned next, does;
};

static bool is_asking(enum core_hook_moment moment)
{
    const struct core_run *run = &device.core->state.run;
    return run->asking && run->moment == moment;
}

static bool is_there(enum core_phase phase, enum mood mood)
{
    if (core_phase(device.core) != phase) return false;
    if (mood == ENTERING) return is_asking(CORE_HOOK_ENTER);
    if (mood == LEAVING) return is_asking(CORE_HOOK_LEAVE);
    return !device.core->state.run.asking;
}

static void order_windowed(struct wg_order *order, const char *id, int64_t counter)
{
    order_fill(order, id, counter, device.start.boot);
    order->windows.count = 1;
    order->windows.items[0] = (struct wg_window){.days = 127, .from = 0, .to = 1440};
}

/* One step further on the way of an update. */
static void go_further(void)
{
    struct wg_order order;
    if (device.core->state.run.asking) {
        (void)device_event(&device, CORE_EV_HOOKS_GO);
        return;
    }
    switch (core_phase(device.core)) {
    case CORE_IDLE:
        order_windowed(&order, ORDER_A, 1);
        (void)device_order(&device, &order);
        break;
    case CORE_FETCHING:
        (void)device_event(&device, CORE_EV_FETCHED);
        break;
    case CORE_INSTALLING:
        (void)device_event(&device, CORE_EV_INSTALLED);
        break;
    case CORE_READY:
        (void)device_go(&device);
        break;
    case CORE_ACTIVATING:
        (void)device_event(&device, CORE_EV_ACTIVATED);
        break;
    case CORE_REBOOTING:
        (void)device_start(&device, BOOT_2, "b", true, "2.0.0");
        (void)device_event(&device, CORE_EV_CONNECTED);
        (void)device_ack(&device, JOURNAL, 0);
        break;
    case CORE_BOOTING:
        (void)device_event(&device, CORE_EV_BOOTED);
        break;
    case CORE_PROBATION:
        (void)device_event(&device, CORE_EV_HEALTHY);
        device.now += device.config.soak;
        (void)device_event(&device, CORE_EV_HEALTHY);
        break;
    default:
        CU_FAIL_FATAL("there is nothing behind this phase");
    }
}

static void restart(const char *slot, bool trial, const char *version)
{
    char boot[WG_BOOT_MAX];
    (void)wg_copy(boot, sizeof boot, device.start.boot);
    (void)device_start(&device, boot, slot, trial, version);
    (void)device_event(&device, CORE_EV_CONNECTED);
}

static bool behind_the_boot(enum core_phase phase)
{
    return phase >= CORE_BOOTING && phase != CORE_ERASING;
}

/* False: that mood is none of the phase's. */
static bool reach(enum core_phase phase, enum mood mood)
{
    if (mood == PLAIN)
        device_init(&device);
    else
        device_init_hooks(&device);
    device.wall = 0; /* every window is open to a device that has no clock */
    if (phase == CORE_ERASING) {
        (void)device_install(&device, ORDER_A, 1);
        (void)device_erase(&device, ORDER_B, 2);
        return mood == PLAIN;
    }
    enum core_phase last = phase == CORE_REVERTING ? CORE_PROBATION : phase;
    for (int i = 0; i < 40 && !is_there(last, mood); i++) {
        if (core_phase(device.core) > last || core_phase(device.core) == CORE_COMMITTING) break;
        go_further();
    }
    /* hooks are asked again by an agent that was restarted */
    if (!is_there(last, mood) && phase == CORE_ACTIVATING && mood == ENTERING) {
        device_clear(&device);
        (void)reach(phase, WORKING);
        restart("a", false, "1.0.0");
    }
    if (!is_there(last, mood)) return false;
    if (phase == CORE_REVERTING)
        (void)device_fails(&device, CORE_EV_UNHEALTHY, WG_CAUSE_HEALTH, false, "too warm");
    return core_phase(device.core) == phase;
}

static void fill_outbox(void)
{
    struct wg_order order;
    for (int64_t i = 0; core_pending(device.core) < CORE_PENDING_MAX - CORE_PENDING_KEPT; i++) {
        char id[WG_ORDER_ID_MAX];
        (void)snprintf(id, sizeof id, "33333333-3333-4333-8333-3333333333%02d", (int)i);
        order_fill(&order, id, 100 + i, device.start.boot);
        (void)wg_copy(order.hardware_model, sizeof order.hardware_model, "another");
        (void)device_order(&device, &order);
        if (i > CORE_PENDING_MAX) CU_FAIL_FATAL("the outbox does not fill");
    }
    device.core->state.memory.counter = 1;
}

/* False: that cannot happen there. */
static bool happen(enum core_phase phase, enum since since)
{
    switch (since) {
    case HEARD:
        (void)device_ack_all(&device);
        break;
    case OFFLINE:
        (void)device_event(&device, CORE_EV_LOST);
        break;
    case WAITING:
        if (device.core->state.run.asking)
            (void)device_event(&device, CORE_EV_HOOKS_LATER);
        else if (phase == CORE_FETCHING)
            (void)device_event(&device, CORE_EV_FETCH_FAILED);
        else if (phase == CORE_ERASING)
            (void)device_event(&device, CORE_EV_ERASE_FAILED);
        else if (phase == CORE_PROBATION)
            (void)device_event(&device, CORE_EV_HEALTH_LATER);
        else
            return false;
        break;
    case RESTARTED:
        restart(behind_the_boot(phase) ? "b" : "a", behind_the_boot(phase),
                phase == CORE_BOOTING    ? "1.9.0"
                : behind_the_boot(phase) ? "2.0.0"
                                         : "1.0.0");
        break;
    case WORN:
        if (phase < CORE_BOOTING || phase >= CORE_REVERTING) return false;
        while (device.core->state.memory.starts < CORE_STARTS_MAX) restart("b", true, "2.0.0");
        while (core_phase(device.core) < phase) go_further();
        break;
    case STRAYED:
        if (phase > CORE_READY) return false;
        restart("b", true, "1.9.0");
        break;
    case ERASED:
        if (phase != CORE_ERASING) return false;
        (void)device_event(&device, CORE_EV_ERASED);
        break;
    case FULL:
        if (phase == CORE_ERASING) return false; /* it takes no orders */
        fill_outbox();
        break;
    default:
        break;
    }
    return core_phase(device.core) == phase;
}

/* A core in the state of base. */
static void take_base(void)
{
    struct core_state *state = &device.core->state;
    memory_clear(&state->memory);
    *state = base;
    memory_share(&state->memory, &base.memory);
    device.now = base_now;
    device.wall = 0;
    device.core->config.vouch = base_vouch;
    device.start = base.run.start;
}

static void look(struct seen *seen, enum core_phase before)
{
    enum core_phase after = core_phase(device.core);
    /* nothing of a step is done before the step itself is durable */
    CU_ASSERT_TRUE(after == before || device.actions.items[0].kind == CORE_DO_SAVE);
    CU_ASSERT_TRUE(device.actions.count < CORE_ACTIONS_MAX);
    seen->next |= after == before ? TABLE_STAYS : TABLE_PHASE(after);
    for (size_t i = 0; i < device.actions.count; i++)
        seen->does |= TABLE_DOES(device.actions.items[i].kind);
}

static void throw_start(int variant)
{
    static const char *const versions[] = {"1.0.0", "1.9.0", "2.0.0"};
    struct core_start start;
    start_fill(&start, BOOT_2, variant & 1 ? "b" : "a", variant & 2, versions[variant / 8 % 3]);
    start.marked = variant & 4;
    start.keyed = variant & 8;
    struct core_event event = {.kind = CORE_EV_START, .start = &start};
    (void)device_do(&device, &event);
}

static void throw_bytes(enum core_event_kind kind, const struct wg_order *order, bool stranger)
{
    struct wg_identity_key key = device.director;
    struct wg_buf bytes;
    uint8_t seed[WG_ED25519_SECRET] = {8};
    if (stranger)
        ASSERT_OK(wg_identity_from_secret(WG_IDENTITY_ED25519, seed, &key, &device.err),
                  &device.err);
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    ASSERT_OK(wg_order_encode(order, &key, &bytes, &device.err), &device.err);
    struct core_event event = {
        .kind = kind, .bytes = bytes.data, .len = bytes.len, .text = "the server is away"};
    (void)device_do(&device, &event);
    wg_buf_clear(&bytes);
}

/* variant: bits of which order, what is asked for, which counter; then the odd ones. */
static void throw_order(enum core_event_kind kind, int variant)
{
    struct wg_order order;
    order_windowed(&order, variant & 1 ? ORDER_B : ORDER_A, variant & 4 ? 1 : 200);
    if (variant & 2) order.kind = WG_ORDER_WITHDRAW;
    if (variant == 8) (void)wg_copy(order.hardware_model, sizeof order.hardware_model, "another");
    if (variant == 9) (void)wg_copy(order.version, sizeof order.version, "1.0.0");
    if (variant == 10) (void)wg_copy(order.boot, sizeof order.boot, JOURNAL);
    if (variant == 11) (void)wg_copy(order.device, sizeof order.device, "dev-2");
    if (variant == 13) erase_fill(&order, ORDER_B, 200, device.start.boot);
    if (variant == 8 || variant == 9) (void)wg_copy(order.id, sizeof order.id, ORDER_B);
    throw_bytes(kind, &order, variant == 12);
}

static void throw_ack(int variant)
{
    int64_t written = device.core->state.memory.seq;
    struct core_event bad = {.kind = CORE_EV_ACK, .bytes = "{", .len = 1};
    if (variant == 0)
        (void)device_do(&device, &bad);
    else
        (void)device_word(&device, variant & 1 ? written : 0, variant & 2 ? ORDER_A : ORDER_B,
                          variant & 4);
}

static void throw_said(enum core_event_kind kind, int variant)
{
    char text[3 * WG_TAMPERED_MAX];
    const struct wg_metric metric = {.name = "load", .value = 1};
    const struct wg_metric wrong = {.name = "\n", .value = 1};
    struct core_event event = {.kind = kind, .text = "", .metrics = &metric};
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    if (variant > 0) event.text = kind == CORE_EV_ZONE ? "Europe/Berlin" : "a strap is cut";
    if (variant > 0) event.metric_count = 1;
    if (variant == 2) event.text = kind == CORE_EV_ZONE ? text : "\xff\n";
    if (variant == 2) event.metrics = &wrong;
    (void)device_do(&device, &event);
}

static void throw_plain(enum core_event_kind kind, int variant)
{
    struct core_event event = {
        .kind = kind, .done = variant < 1 ? 400 : 800, .total = 1000, .fatal = variant == 1};
    event.cause = variant == 2 ? WG_CAUSE_VERIFY : WG_CAUSE_NONE;
    event.text = variant == 2 ? "a\xff\n\"text\"" : NULL;
    if (variant == 2 && kind == CORE_EV_HEALTHY) { /* the soak time is over */
        (void)device_do(&device, &event);
        device.now += device.config.soak;
    }
    (void)device_do(&device, &event);
}

/* How many variants throw_event knows of that kind. */
static int variants_of(enum core_event_kind kind)
{
    switch (kind) {
    case CORE_EV_START:
        return 24;
    case CORE_EV_ORDER:
    case CORE_EV_VOUCHED:
    case CORE_EV_UNVOUCHED:
        return 14;
    case CORE_EV_ACK:
        return 8;
    default:
        return 3;
    }
}

static void throw_event(enum core_event_kind kind, int variant)
{
    switch (kind) {
    case CORE_EV_START:
        throw_start(variant);
        break;
    case CORE_EV_ORDER:
    case CORE_EV_VOUCHED:
    case CORE_EV_UNVOUCHED:
        throw_order(kind, variant);
        break;
    case CORE_EV_ACK:
        throw_ack(variant);
        break;
    case CORE_EV_TAMPERED:
    case CORE_EV_METRICS:
    case CORE_EV_ZONE:
    case CORE_EV_STORAGE:
        throw_said(kind, variant);
        break;
    default:
        throw_plain(kind, variant);
    }
}

static bool is_order(enum core_event_kind kind)
{
    return kind == CORE_EV_ORDER || kind == CORE_EV_VOUCHED || kind == CORE_EV_UNVOUCHED;
}

/* One event in all its variants; sooner and later, inside the order's window and outside. */
static void walk_event(enum core_event_kind kind, struct seen *seen)
{
    bool full = base.memory.outbox.count > CORE_PENDING_MAX / 2;
    static const wg_duration waits[] = {0, WG_SECOND * 10, CORE_REBOOT_AGAIN + WG_SECOND, WG_DAY};
    size_t trials = is_order(kind) ? 2 : 2 * sizeof waits / sizeof waits[0];
    enum core_phase before = base.memory.phase;
    for (int variant = 0; variant < variants_of(kind); variant++)
        for (size_t i = 0; i < trials; i++) {
            take_base();
            device.quick = i > 0 || full;
            device.now += waits[i / 2];
            if (i % 2) device.wall = DEVICE_WALL; /* nothing is known of zones: windows are shut */
            throw_event(kind, variant);
            look(seen, before);
        }
}

static void walk_mood(struct seen seen[TABLE_EVENTS])
{
    base_now = device.now;
    base = device.core->state;
    memory_share(&base.memory, &device.core->state.memory);
    for (int vouch = 0; vouch < 2; vouch++) {
        base_vouch = vouch;
        for (int kind = 0; kind < TABLE_EVENTS; kind++)
            walk_event((enum core_event_kind)kind, &seen[kind]);
    }
    base_vouch = false;
    device.core->config.hooks = false; /* the agent comes back without them */
    walk_event(CORE_EV_START, &seen[CORE_EV_START]);
    memory_clear(&base.memory);
}

static void words_of(unsigned bits, bool actions, char *out, size_t size)
{
    out[0] = '\0';
    for (unsigned i = 0; i < (actions ? TABLE_ACTIONS : CORE_PHASES + 1U); i++) {
        size_t used = strlen(out);
        const char *word = actions           ? table_action_text((enum core_action_kind)i)
                           : i < CORE_PHASES ? core_phase_text((enum core_phase)i)
                                             : "stays";
        if (bits & (1U << i)) (void)snprintf(out + used, size - used, " %s", word);
    }
}

static void compare(enum core_phase phase, enum core_event_kind kind, const struct seen *seen)
{
    const struct table_row *row = table_find(phase, kind);
    char stated[1024], found[1024], words[512];
    CU_ASSERT_PTR_NOT_NULL_FATAL(row);
    /* a row of several phases names the next one by its name, also where it is the same */
    unsigned next = row ? row->next : 0;
    if (next & TABLE_PHASE(phase)) next = (next & ~TABLE_PHASE(phase)) | TABLE_STAYS;
    words_of(next, false, words, sizeof words);
    (void)snprintf(stated, sizeof stated, "%s, %s: leads to%s;", core_phase_text(phase),
                   table_event_text(kind), words);
    words_of(row ? row->does : 0, true, words, sizeof words);
    (void)strncat(stated, words, sizeof stated - strlen(stated) - 1);
    words_of(seen->next, false, words, sizeof words);
    (void)snprintf(found, sizeof found, "%s, %s: leads to%s;", core_phase_text(phase),
                   table_event_text(kind), words);
    words_of(seen->does, true, words, sizeof words);
    (void)strncat(found, words, sizeof found - strlen(found) - 1);
    if (getenv("WALK")) (void)printf("%s\n", found);
    ASSERT_TEXT(found, stated);
}

static void test_every_pair(void)
{
    for (int phase = 0; phase < CORE_PHASES; phase++) {
        struct seen seen[TABLE_EVENTS] = {{0}};
        int moods = 0;
        for (int mood = 0; mood < MOODS; mood++)
            for (int since = 0; since < SINCES; since++) {
                if (reach((enum core_phase)phase, (enum mood)mood) &&
                    happen((enum core_phase)phase, (enum since)since)) {
                    walk_mood(seen);
                    moods++;
                }
                device_clear(&device);
            }
        CU_ASSERT_TRUE(moods >= 5);
        for (int kind = 0; kind < TABLE_EVENTS; kind++)
            compare((enum core_phase)phase, (enum core_event_kind)kind, &seen[kind]);
    }
}

static void test_every_pair_stands_once(void)
{
    for (int phase = 0; phase < CORE_PHASES; phase++)
        for (int event = 0; event < TABLE_EVENTS; event++) {
            int rows = 0;
            for (size_t i = 0; i < table_row_count; i++)
                rows += table_rows[i].event == (enum core_event_kind)event &&
                        (table_rows[i].phases & TABLE_PHASE(phase));
            if (rows != 1) {
                ASSERT_TEXT(core_phase_text((enum core_phase)phase),
                            table_event_text((enum core_event_kind)event));
            }
        }
    for (size_t i = 0; i < table_row_count; i++) {
        CU_ASSERT_TRUE(table_rows[i].words && table_rows[i].words[0]);
        CU_ASSERT_TRUE(table_rows[i].phases != 0 && table_rows[i].act != NULL);
        CU_ASSERT_TRUE(table_rows[i].next != 0);
    }
    CU_ASSERT_PTR_NULL(table_find(CORE_PHASES, CORE_EV_TICK));
    CU_ASSERT_PTR_NULL(table_find(CORE_IDLE, (enum core_event_kind)TABLE_EVENTS));
}

/* docs/agent-states.md is what the table prints: make docs. */
static void test_page(void)
{
    struct wg_error err;
    struct wg_buf page;
    static char kept[1 << 18];
    FILE *file = fopen(WG_SOURCE_DIR "/docs/agent-states.md", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t len = fread(kept, 1, sizeof kept - 1, file);
    (void)fclose(file);
    kept[len] = '\0';
    wg_buf_init(&page, sizeof kept);
    ASSERT_OK(table_page(&page, &err), &err);
    ASSERT_TEXT(kept, wg_buf_str(&page));
    wg_buf_clear(&page);
}

WG_SUITE("agent/core/table", {"every pair stands once", test_every_pair_stands_once},
         {"every pair leads where it says, and does what it says", test_every_pair},
         {"the page in docs is what the table prints", test_page})
