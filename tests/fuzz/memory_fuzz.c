/* memory_fuzz.c: the agent's memory as it lies on disk. The bytes are tried as the whole file, and
 * as the content that the checksum is over, so that what stands behind the checksum is reached too.
 * What loads is written back as the same, and the agent starts, connects and ticks with it. */
#include "agent/core/memory.h"
#include "common/json.h"
#include "tests/fuzz/keys.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#define WALL ((wg_time)1800000000000)
#define TICKS_MAX 20
#define SEQ_NEAR_END ((int64_t)9007199254740991 - 1000)

static struct core *new_core(void)
{
    struct wg_error err = {0};
    struct core_config config = {.device = "dev-1",
                                 .identity = {.agent = "0.1.0",
                                              .hardware_model = "brake",
                                              .hardware_revision = "C",
                                              .attributes = "{}"},
                                 .director_count = 1,
                                 .soak = 20 * WG_SECOND,
                                 .health_every = 6 * WG_SECOND,
                                 .resend = CORE_RESEND};
    config.directors[0] = fuzz_key(FUZZ_DIRECTOR)->public_key;
    struct core *core = core_new(&config, &err);
    MUST(core, "%s", err.text);
    return core;
}

static void same_release(const struct core_memory *a, const struct core_memory *b)
{
    SAME_TEXT(task_release(a->task)->sha256, task_release(b->task)->sha256);
    SAME_NUMBER(task_order(a->task)->companion_count, task_order(b->task)->companion_count);
    SAME_NUMBER(task_release(a->task)->companion_count, task_order(a->task)->companion_count);
    SAME_NUMBER(task_release(a->task)->companion_count, task_release(b->task)->companion_count);
    for (size_t i = 0; i <= task_release(a->task)->companion_count; i++) {
        struct core_release one, other;
        MUST(task_release(a->task)->sequence[i] <= task_release(a->task)->companion_count,
             "no such member");
        SAME_NUMBER(task_release(a->task)->sequence[i], task_release(b->task)->sequence[i]);
        core_release_member(task_release(a->task), i, &one);
        core_release_member(task_release(b->task), i, &other);
        SAME_TEXT(one.sha256, other.sha256);
        SAME_NUMBER(one.length, other.length);
        SAME_NUMBER(one.form_count, other.form_count);
    }
}

static void same_busy(const struct core_memory *a, const struct core_memory *b)
{
    SAME_TEXT(task_order(a->task)->id, task_order(b->task)->id);
    SAME_TEXT(task_order(a->task)->campaign, task_order(b->task)->campaign);
    SAME_TEXT(task_order(a->task)->sha256, task_order(b->task)->sha256);
    SAME_NUMBER(task_order(a->task)->length, task_order(b->task)->length);
    SAME_NUMBER(task_order(a->task)->url_count, task_order(b->task)->url_count);
    SAME_NUMBER(task_order(a->task)->timeout_probation, task_order(b->task)->timeout_probation);
    same_release(a, b);
    SAME_TEXT(a->home, b->home);
    SAME_NUMBER(a->told, b->told);
    SAME_NUMBER(a->ask, b->ask);
    SAME_NUMBER(task_order(a->task)->windows.count, task_order(b->task)->windows.count);
    SAME_TEXT(task_order(a->task)->windows.zone, task_order(b->task)->windows.zone);
    SAME_NUMBER(a->starts, b->starts);
    SAME_NUMBER(a->cause, b->cause);
    SAME_TEXT(a->text, b->text);
}

static void same(const struct core_memory *a, const struct core_memory *b)
{
    SAME_TEXT(a->journal, b->journal);
    SAME_NUMBER(a->seq, b->seq);
    SAME_NUMBER(a->counter, b->counter);
    SAME_NUMBER(a->phase, b->phase);
    SAME_NUMBER(a->outbox.count, b->outbox.count);
    for (size_t i = 0; i < a->outbox.count; i++)
        SAME_TEXT(a->outbox.items[i]->payload, b->outbox.items[i]->payload);
    SAME_NUMBER(a->last.state, b->last.state);
    if (a->last.state != WG_WAITING) {
        SAME_NUMBER(a->last.cause, b->last.cause);
        SAME_TEXT(a->last.order, b->last.order);
        SAME_NUMBER(a->last.attempt, b->last.attempt);
        SAME_TEXT(a->last.detail, b->last.detail);
    }
    if (a->phase != CORE_IDLE) same_busy(a, b);
}

static void reads_back(const struct core_memory *memory)
{
    struct core_memory again;
    struct wg_error err = {0};
    struct wg_buf first, second;
    wg_buf_init(&first, CORE_MEMORY_MAX);
    wg_buf_init(&second, CORE_MEMORY_MAX);
    MUST(memory_dump(memory, &first, &err), "%s", err.text);
    MUST(memory_load(first.data, first.len, &again, &err), "%s: %s", err.text, first.data);
    same(memory, &again);
    MUST(memory_dump(&again, &second, &err), "%s", err.text);
    target_same(&second, &first, "memory");
    memory_clear(&again);
    wg_buf_clear(&first);
    wg_buf_clear(&second);
}

static void handle(struct core *core, const struct core_event *event, wg_time now)
{
    struct wg_error err = {0};
    struct core_actions actions;
    MUST(core_handle(core, event, now, WALL, &actions, &err), "event %d: %s", (int)event->kind,
         err.text);
    core_actions_clear(&actions);
}

/* All is committed, and the order in hand may switch over. */
static void answer(struct core *core, wg_time now)
{
    const struct core_memory *memory = &core->state.memory;
    struct wg_error err = {0};
    struct wg_buf bytes;
    struct wg_ack ack = {.seq = memory->seq, .go = memory->phase != CORE_IDLE};
    (void)wg_copy(ack.journal, sizeof ack.journal, memory->journal);
    if (ack.go) (void)wg_copy(ack.order, sizeof ack.order, task_order(memory->task)->id);
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    MUST(wg_ack_encode(&ack, &bytes, &err), "%s", err.text);
    struct core_event event = {.kind = CORE_EV_ACK, .bytes = bytes.data, .len = bytes.len};
    handle(core, &event, now);
    wg_buf_clear(&bytes);
}

static void run(struct core *core, const char *slot, bool trial)
{
    const struct core_start start = {.boot = "00000000000000000000000000000001",
                                     .journal = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                     .trial = trial,
                                     .component_count = 1,
                                     .components = {{"brake", "1.0.0"}}};
    struct core_start in_slot = start;
    (void)wg_copy(in_slot.slot, sizeof in_slot.slot, slot);
    wg_time now = WG_SECOND;
    handle(core, &(struct core_event){.kind = CORE_EV_START, .start = &in_slot}, now);
    reads_back(&core->state.memory);
    handle(core, &(struct core_event){.kind = CORE_EV_CONNECTED}, now);
    answer(core, now);
    reads_back(&core->state.memory);
    for (int i = 0; i < TICKS_MAX && core_wake(core) != 0; i++) {
        if (core_wake(core) > now) now = core_wake(core);
        handle(core, &(struct core_event){.kind = CORE_EV_TICK}, now);
    }
    reads_back(&core->state.memory);
}

/* No device lives to write 2^53 reports; a memory that claims so has none left to tell anything. */
static bool has_reports_left(const struct core *core)
{
    return core->state.memory.seq < SEQ_NEAR_END;
}

static void load(const char *bytes, size_t len)
{
    static const struct {
        const char *slot;
        bool trial;
    } starts[] = {{"a", false}, {"b", false}, {"b", true}};
    bool loaded = true;
    for (size_t i = 0; loaded && i < sizeof starts / sizeof starts[0]; i++) {
        struct wg_error err = {0};
        struct core *core = new_core();
        loaded = core_load(core, bytes, len, &err);
        if (!loaded) target_refused(&err);
        if (loaded) reads_back(&core->state.memory);
        if (loaded && has_reports_left(core)) run(core, starts[i].slot, starts[i].trial);
        core_free(core);
    }
}

static json_t *with_checksum(json_t *body)
{
    struct wg_error err = {0};
    struct wg_buf canonical;
    char hex[WG_SHA256_HEX];
    wg_buf_init(&canonical, CORE_MEMORY_MAX);
    bool ok = wg_json_canonical(body, &canonical, &err) &&
              wg_sha256_of(canonical.data, canonical.len, hex, &err);
    wg_buf_clear(&canonical);
    return ok ? json_pack("{s:i, s:s, s:O}", "v", 1, "sha256", hex, "memory", body) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_error err = {0};
    load((const char *)data, size);
    json_t *body = wg_json_parse((const char *)data, size, CORE_MEMORY_MAX, &err);
    json_t *file = body ? with_checksum(body) : NULL;
    char *text = file ? json_dumps(file, JSON_COMPACT) : NULL;
    if (text) load(text, strlen(text));
    free(text);
    json_decref(file);
    json_decref(body);
    return 0;
}
