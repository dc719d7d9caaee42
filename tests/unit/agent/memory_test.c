/* memory_test.c: what survives a power cut reads back, and nothing else does. */
#include "agent/core/memory.h"

#include "common/json.h"
#include "tests/unit/agent/device.h"
#include "tests/unit/common/mangle.h"

static struct wg_error err;

static void fill_text(char *out, size_t size, char c)
{
    memset(out, c, size - 1);
    out[size - 1] = '\0';
}

/* Where it is, and what it is. */
static void add_form(struct core_memory *memory, bool longest)
{
    struct wg_order_form *place = &memory->task->order.forms[memory->task->order.form_count++];
    struct core_form *form = &memory->task->release.forms[memory->task->release.form_count++];
    *form =
        (struct core_form){.length = 77, .is_age = true, .packed_length = 61, .from_length = 900};
    place->length = 77;
    place->url_count = longest ? WG_URLS_MAX : 2;
    (void)wg_copy(place->sha256, sizeof place->sha256, SHA);
    (void)wg_copy(form->sha256, sizeof form->sha256, SHA);
    (void)wg_copy(form->from, sizeof form->from, SHA);
    for (size_t i = 0; i < place->url_count; i++)
        fill_text(place->urls[i], longest ? WG_URL_MAX : 20, '"');
    fill_text(place->age, longest ? WG_AGE_HEADER_MAX : 20, '\\');
}

/* It comes first, and has a form of its own. */
static void add_companion(struct core_memory *memory)
{
    size_t index = memory->task->order.companion_count++;
    struct wg_order_companion *companion = &memory->task->order.companions[index];
    struct core_companion *brings = &memory->task->release.companions[index];
    memory->task->release.companion_count++;
    memory->task->release.sequence[index] = index + 1;
    memory->task->release.sequence[index + 1] = 0;
    (void)snprintf(companion->component, sizeof companion->component, "c%zu", index);
    (void)wg_copy(companion->version, sizeof companion->version, "5.0.1");
    (void)wg_copy(companion->sha256, sizeof companion->sha256, SHA);
    (void)wg_copy(companion->urls[0], WG_URL_MAX, "https://example.org/c");
    companion->length = 2048;
    companion->url_count = 1;
    *brings = (struct core_companion){.sha256 = SHA, .length = 2000, .security = 4};
    if (memory->task->order.form_count == WG_FORMS_MAX) return;
    add_form(memory, false);
    memory->task->order.forms[memory->task->order.form_count - 1].member = index + 1;
    memory->task->release.forms[memory->task->release.form_count - 1].member = index + 1;
}

static void memory_busy(struct core_memory *memory)
{
    memset(memory, 0, sizeof *memory);
    (void)wg_copy(memory->journal, sizeof memory->journal, JOURNAL);
    memory->counter = 9;
    memory->seq = 4;
    memory->ask = 4;
    memory->phase = CORE_REVERTING;
    memory->task = task_new(task_order(NULL), task_release(NULL), &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(memory->task);
    order_fill(&memory->task->order, ORDER_A, 9, BOOT_1);
    memory->task->order.windows = (struct wg_windows){.count = 1, .kind = WG_WINDOW_NAMED};
    (void)wg_copy(memory->task->order.windows.zone, WG_ZONE_MAX + 1, "Europe/Berlin");
    memory->task->order.windows.items[0] = (struct wg_window){3U << 5, 22 * 60, 24 * 60};
    add_form(memory, false);
    add_companion(memory);
    add_companion(memory);
    (void)wg_copy(memory->home, sizeof memory->home, "a");
    memory->told = WG_PROBATION;
    memory->starts = 2;
    (void)wg_copy(memory->from, sizeof memory->from, "1.0.0");
    memory->cause = WG_CAUSE_HEALTH;
    (void)wg_copy(memory->text, sizeof memory->text,
                  "brakes \"too\" warm: 90 \xc2\xb0"
                  "C");
    memory->last = (struct core_ending){.state = WG_FAILED, .cause = WG_CAUSE_VERIFY, .attempt = 3};
    (void)wg_copy(memory->last.order, sizeof memory->last.order, ORDER_B);
    (void)wg_copy(memory->last.campaign, sizeof memory->last.campaign, "brake-1.9");
}

/* Reports as long as they can be. */
static void add_long_reports(struct core_memory *memory, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wg_report report = {.attempt = 1000000, .state = WG_SUCCEEDED, .at = DEVICE_WALL};
        (void)wg_copy(report.journal, sizeof report.journal, JOURNAL);
        (void)wg_copy(report.order, sizeof report.order, ORDER_A);
        fill_text(report.campaign, sizeof report.campaign, 'c');
        fill_text(report.detail, sizeof report.detail, '"');
        report.seq = memory->seq = 9007199254740991 - CORE_PENDING_MAX + (int64_t)i;
        report.component_count = WG_COMPONENTS_MAX;
        for (size_t c = 0; c < WG_COMPONENTS_MAX; c++) {
            fill_text(report.components[c].name, WG_NAME_MAX + 1, (char)('a' + c));
            fill_text(report.components[c].version, WG_VERSION_MAX + 1, '\\');
        }
        ASSERT_OK(outbox_add(&memory->outbox, &report, 0, &err), &err);
    }
}

static void dump(const struct core_memory *memory, struct wg_buf *out)
{
    wg_buf_init(out, CORE_MEMORY_MAX);
    ASSERT_OK(memory_dump(memory, out, &err), &err);
}

/* For structs that were zeroed before they were filled. */
static bool same_bytes(const void *a, const void *b, size_t len)
{
    return memcmp(a, b, len) == 0;
}

static void test_reads_back(void)
{
    struct core_memory memory, again;
    struct wg_buf first, second;
    memory_busy(&memory);
    add_long_reports(&memory, 3);
    dump(&memory, &first);
    ASSERT_OK(memory_load(first.data, first.len, &again, &err), &err);
    CU_ASSERT_EQUAL(again.phase, CORE_REVERTING);
    CU_ASSERT_EQUAL(again.counter, 9);
    CU_ASSERT_EQUAL(again.seq, memory.seq);
    CU_ASSERT_EQUAL(again.starts, 2);
    CU_ASSERT_EQUAL(again.ask, 4);
    CU_ASSERT_EQUAL(again.cause, WG_CAUSE_HEALTH);
    CU_ASSERT_EQUAL(again.told, WG_PROBATION);
    ASSERT_TEXT(again.text, memory.text);
    ASSERT_TEXT(again.home, "a");
    CU_ASSERT_TRUE(same_bytes(&again.task->order, &memory.task->order, sizeof again.task->order));
    CU_ASSERT_EQUAL(again.task->release.form_count, 3);
    CU_ASSERT_EQUAL(again.task->release.companion_count, 2);
    ASSERT_TEXT(again.task->release.forms[0].from, SHA);
    CU_ASSERT_TRUE(again.task->release.forms[0].member == 0 &&
                   again.task->release.forms[2].member == 2);
    CU_ASSERT_TRUE(again.task->release.forms[2].is_age &&
                   again.task->release.forms[2].packed_length == 61);
    ASSERT_TEXT(again.task->release.companions[1].sha256, SHA);
    CU_ASSERT_TRUE(again.task->release.companions[1].length == 2000 &&
                   again.task->release.companions[1].security == 4);
    CU_ASSERT_TRUE(same_bytes(again.task->release.sequence, memory.task->release.sequence,
                              sizeof again.task->release.sequence));
    CU_ASSERT_TRUE(same_bytes(&again.last, &memory.last, sizeof again.last));
    CU_ASSERT_EQUAL_FATAL(again.outbox.count, 3);
    ASSERT_TEXT(again.outbox.items[2]->payload, memory.outbox.items[2]->payload);
    dump(&again, &second);
    ASSERT_TEXT(second.data, first.data);
    wg_buf_clear(&first);
    wg_buf_clear(&second);
    memory_clear(&memory);
    memory_clear(&again);
}

static void test_new(void)
{
    struct core_memory memory = {.phase = CORE_IDLE}, again;
    struct wg_buf bytes;
    dump(&memory, &bytes);
    ASSERT_OK(memory_load(bytes.data, bytes.len, &again, &err), &err);
    CU_ASSERT_EQUAL(again.phase, CORE_IDLE);
    ASSERT_TEXT(again.journal, "");
    wg_buf_clear(&bytes);
}

/* The longest memory there can be is within its bound. */
static void test_longest(void)
{
    struct core_memory memory, again;
    struct wg_buf bytes;
    memory_busy(&memory);
    add_long_reports(&memory, CORE_PENDING_MAX - 1);
    memory.task->order.url_count = WG_URLS_MAX;
    for (size_t i = 0; i < WG_URLS_MAX; i++) fill_text(memory.task->order.urls[i], WG_URL_MAX, '"');
    memory.task->order.form_count = memory.task->release.form_count = 0;
    memory.task->order.companion_count = memory.task->release.companion_count = 0;
    while (memory.task->order.form_count < WG_FORMS_MAX) add_form(&memory, true);
    while (memory.task->order.companion_count < WG_COMPANIONS_MAX) add_companion(&memory);
    for (size_t i = 0; i < WG_COMPANIONS_MAX; i++) {
        struct wg_order_companion *companion = &memory.task->order.companions[i];
        companion->url_count = WG_URLS_MAX;
        fill_text(companion->age, WG_AGE_HEADER_MAX, '\\');
        for (size_t j = 0; j < WG_URLS_MAX; j++) fill_text(companion->urls[j], WG_URL_MAX, '"');
    }
    memory.task->order.windows.count = WG_WINDOWS_MAX;
    for (size_t i = 0; i < WG_WINDOWS_MAX; i++)
        memory.task->order.windows.items[i] = (struct wg_window){WG_DAYS_ALL, 1, 2};
    fill_text(memory.task->order.windows.zone, WG_ZONE_MAX + 1, 'z');
    fill_text(memory.text, sizeof memory.text, '\\');
    fill_text(memory.last.detail, sizeof memory.last.detail, '"');
    dump(&memory, &bytes);
    CU_ASSERT_TRUE(bytes.len > CORE_MEMORY_MAX / 2 && bytes.len < CORE_MEMORY_MAX);
    ASSERT_OK(memory_load(bytes.data, bytes.len, &again, &err), &err);
    memory_clear(&again);
    memory_clear(&memory);
    wg_buf_clear(&bytes);
}

static bool load_only(const char *bytes, size_t len, struct wg_error *why)
{
    struct core_memory memory;
    bool ok = memory_load(bytes, len, &memory, why);
    if (ok) memory_clear(&memory);
    return ok;
}

static void test_damaged(void)
{
    struct core_memory memory;
    struct wg_buf bytes;
    memory_busy(&memory);
    add_long_reports(&memory, 1);
    dump(&memory, &bytes);
    mangle_prefixes(bytes.data, bytes.len, load_only);
    (void)mangle_mutations(bytes.data, bytes.len, load_only, 3000, 1);
    /* each byte changed into another letter or digit: the checksum sees it */
    for (size_t i = 0; i < bytes.len; i++) {
        char kept = bytes.data[i];
        bytes.data[i] = kept == '7' ? '8' : '7';
        CU_ASSERT_FALSE(load_only(bytes.data, bytes.len, &err));
        bytes.data[i] = kept;
    }
    CU_ASSERT_TRUE(load_only(bytes.data, bytes.len, &err));
    memory_clear(&memory);
    wg_buf_clear(&bytes);
}

/* Packs a body with a checksum that is right. */
static bool load_body(json_t *body, struct wg_error *why)
{
    struct wg_buf canonical;
    char hex[WG_SHA256_HEX];
    wg_buf_init(&canonical, CORE_MEMORY_MAX);
    ASSERT_OK(wg_json_canonical(body, &canonical, &err), &err);
    ASSERT_OK(wg_sha256_of(canonical.data, canonical.len, hex, &err), &err);
    wg_buf_clear(&canonical);
    json_t *file = json_pack("{s:i, s:s, s:O}", "v", 1, "sha256", hex, "memory", body);
    char *text = json_dumps(file, JSON_COMPACT);
    bool ok = load_only(text, strlen(text), why);
    free(text);
    json_decref(file);
    return ok;
}

struct wrong {
    const char *path[3];
    const char *value; /* JSON; NULL: the member goes */
    const char *says;
};

static const struct wrong wrongs[] = {
    {{"journal"}, "\"abc\"", "journal: expected 32 hex digits"},
    {{"journal"}, "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"", "pending[0]: journal: not this memory's"},
    {{"seq"}, "-1", "seq: must be between"},
    {{"seq"}, "4", "pending[0]: seq: out of sequence"},
    {{"counter"}, "\"9\"", "counter: expected an integer"},
    {{"phase"}, "\"flying\"", "phase: no such phase"},
    {{"phase"}, "\"idle\"", "busy: not expected in phase idle"},
    {{"more"}, "1", "more: unknown key"},
    {{"busy"}, NULL, "busy: missing"},
    {{"busy", "starts"}, "7", "busy: starts: must be between"},
    {{"busy", "told"}, "\"flying\"", "busy: told: no such state"},
    {{"busy", "told"}, "\"installing\"", "busy: ask: not expected before rebooting was told"},
    {{"busy", "ask"}, "0", "busy: ask: must be between 1"},
    {{"busy", "ask"}, "9007199254740991", "busy: ask: must be between 1"}, /* not written yet */
    {{"busy", "ask"}, "\"4\"", "busy: ask: expected an integer"},
    {{"phase"}, "\"installing\"", "busy: ask: not expected in phase installing"},
    {{"busy", "order", "window"}, "{}", "busy: windows: in: missing"},
    {{"busy", "order", "window"}, "null", "busy: windows: expected an object"},
    {{"busy", "put_off"}, "true", "busy: put_off: not expected in phase"},
    {{"busy", "put_off"}, "1", "busy: put_off: expected true or false"},
    {{"busy", "from"}, "5", "busy: from: expected text"},
    {{"busy", "cause"}, "\"boredom\"", "busy: cause: no such cause"},
    {{"busy", "order", "id"}, "\"1\"", "busy: report: order: expected a UUID"},
    {{"busy", "order", "campaign"}, "\"\"", "busy: report: campaign: expected a name"},
    {{"busy", "order", "length"}, "0", "busy: length: must be between"},
    {{"busy", "order", "urls"}, "[]", "busy: urls: count: must be between 1 and 4, found 0"},
    {{"busy", "order", "urls"}, "[5]", "busy: urls[0]: expected text"},
    {{"busy", "order", "timeout_install"}, "0", "busy: timeout_install: must be between"},
    {{"busy", "order", "with"}, "[]", "release: companions: expected the 0 of the order"},
    {{"busy", "order", "with"}, "[{}]", "with[0]: component: missing"},
    {{"busy", "release", "companions"}, NULL, "release: companions: missing"},
    {{"busy", "release", "companions"}, "[{},{}]", "release: companions[0]: sha256: missing"},
    {{"busy", "release", "sequence"}, "[0,1]", "release: sequence: expected 3 members"},
    {{"busy", "release", "sequence"}, "[0,1,1]", "release: sequence: expected each member once"},
    {{"busy", "release", "sequence"}, "[0,1,3]", "release: sequence: expected each member once"},
    {{"busy", "release", "forms"}, "[{\"member\":3}]", "forms[0]: member: must be between 0 and 2"},
    {{"last", "state"}, "\"probation\"", "last: state: expected one that ends an order"},
    {{"last", "cause"}, "\"\"", "last: report: cause: missing"},
    {{"pending"}, "{}", "pending: expected an array"},
    {{"pending"}, "[7]", "pending[0]: "},
};

static void set_wrong(json_t *body, const struct wrong *wrong)
{
    size_t depth = 0;
    while (depth < 2 && wrong->path[depth + 1]) body = json_object_get(body, wrong->path[depth++]);
    if (wrong->value)
        json_object_set_new(body, wrong->path[depth],
                            json_loads(wrong->value, JSON_DECODE_ANY, NULL));
    else
        json_object_del(body, wrong->path[depth]);
}

static void test_wrong_content(void)
{
    struct core_memory memory;
    struct wg_buf bytes;
    memory_busy(&memory);
    add_long_reports(&memory, 1);
    dump(&memory, &bytes);
    json_t *file = json_loadb(bytes.data, bytes.len, 0, NULL);
    CU_ASSERT_TRUE(load_body(json_object_get(file, "memory"), &err));
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        json_t *body = json_deep_copy(json_object_get(file, "memory"));
        set_wrong(body, &wrongs[i]);
        CU_ASSERT_FALSE(load_body(body, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        if (!strstr(err.text, wrongs[i].says)) ASSERT_TEXT(err.text, wrongs[i].says);
        json_decref(body);
    }
    json_decref(file);
    memory_clear(&memory);
    wg_buf_clear(&bytes);
}

/* The order in hand must be able to report its end. */
static void test_no_room(void)
{
    struct core_memory memory;
    struct wg_buf bytes;
    memory_busy(&memory);
    add_long_reports(&memory, CORE_PENDING_MAX);
    dump(&memory, &bytes);
    CU_ASSERT_FALSE(load_only(bytes.data, bytes.len, &err));
    CU_ASSERT_TRUE(strstr(err.text, "no room for the order in hand") != NULL);
    memory_clear(&memory);
    wg_buf_clear(&bytes);
}

static void test_other_format(void)
{
    static const char *const files[] = {
        "", "null", "[]", "{}", "{\"v\":2}", "{\"v\":1,\"sha256\":\"\",\"memory\":{}}"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        CU_ASSERT_FALSE(load_only(files[i], strlen(files[i]), &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
}

/* Of an agent that switched over without asking: it loads, and the update is put off before the
 * mark, and goes on behind it. */
static void test_older_agent(void)
{
    static const struct {
        enum core_phase phase;
        const char *says;
    } rows[] = {
        {CORE_INSTALLING, "save install"},
        {CORE_ACTIVATING, "save cancel discard"},
        {CORE_REBOOTING, "save"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct device device;
        struct core_memory memory;
        struct wg_buf bytes;
        memory_busy(&memory);
        memory.phase = rows[i].phase;
        memory.ask = 0;
        memory.told = rows[i].phase == CORE_REBOOTING ? WG_REBOOTING : WG_INSTALLING;
        dump(&memory, &bytes);
        CU_ASSERT_PTR_NULL(strstr(bytes.data, "\"ask\""));
        device_new(&device);
        ASSERT_OK(core_load(device.core, bytes.data, bytes.len, &err), &err);
        SAYS(device_start(&device, BOOT_1, "a", false, "1.0.0"), rows[i].says);
        (void)device_event(&device, CORE_EV_CONNECTED);
        if (rows[i].phase == CORE_ACTIVATING)
            assert_detail(&device, "the agent was replaced by one that asks before it switches");
        device_clear(&device);
        memory_clear(&memory);
        wg_buf_clear(&bytes);
    }
}

/* A core that was given wrong bytes is as it was before. */
static void test_core_load(void)
{
    struct device device;
    device_in_phase(&device, CORE_INSTALLING);
    CU_ASSERT_FALSE(core_load(device.core, "{}", 2, &err));
    CU_ASSERT_EQUAL(core_phase(device.core), CORE_INSTALLING);
    CU_ASSERT_EQUAL(core_pending(device.core), 3);
    device_clear(&device);
}

WG_SUITE("agent/memory", {"reads back", test_reads_back}, {"new", test_new},
         {"the longest", test_longest}, {"damaged", test_damaged},
         {"wrong content, right checksum", test_wrong_content}, {"no room", test_no_room},
         {"other formats", test_other_format}, {"of an older agent", test_older_agent},
         {"core_load: all or nothing", test_core_load})
