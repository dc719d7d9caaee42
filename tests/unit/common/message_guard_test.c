/* message_guard_test.c: what the broker's guard tells: the wire form, and everything refused. */
#include "common/message_guard.h"
#include "tests/unit/common/mangle.h"
#include "tests/unit/harness.h"

#include <string.h>

#define STORM                                                                                      \
    "{\"v\":1,\"device\":\"dev-000017\",\"kind\":\"takeover-storm\",\"count\":12,\"lost\":3,"      \
    "\"at\":\"2026-12-01T00:00:00.000Z\"}"
#define STORM_AT ((wg_time)1796083200000)

static struct wg_error err;

static void it_reads_and_writes(void)
{
    struct wg_guard_event event;
    struct wg_buf out;
    ASSERT_OK(wg_guard_event_decode(STORM, strlen(STORM), &event, &err), &err);
    ASSERT_TEXT(event.device, "dev-000017");
    CU_ASSERT_EQUAL(event.kind, WG_GUARD_TAKEOVER_STORM);
    CU_ASSERT_EQUAL(event.count, 12);
    CU_ASSERT_EQUAL(event.lost, 3);
    CU_ASSERT_EQUAL(event.at, STORM_AT);
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_guard_event_encode(&event, &out, &err), &err);
    ASSERT_TEXT(wg_buf_str(&out), STORM);
    wg_buf_clear(&out);
}

static void every_kind_has_its_word(void)
{
    for (unsigned kind = 0; kind < WG_GUARD_KINDS; kind++) {
        struct wg_guard_event event = {.device = "d", .kind = kind, .count = 1, .at = STORM_AT};
        struct wg_guard_event back;
        struct wg_buf out;
        wg_buf_init(&out, WG_MESSAGE_MAX);
        ASSERT_OK(wg_guard_event_encode(&event, &out, &err), &err);
        ASSERT_OK(wg_guard_event_decode(out.data, out.len, &back, &err), &err);
        CU_ASSERT_EQUAL(back.kind, kind);
        CU_ASSERT_EQUAL(back.lost, 0);
        wg_buf_clear(&out);
    }
    ASSERT_TEXT(wg_guard_kind_text(WG_GUARD_KINDS), "");
}

static void what_is_wrong_is_refused(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"[1]", "guard: "},
        {"{\"v\":2}", "v: "},
        {"{\"v\":1,\"device\":\"a/b\",\"kind\":\"flood\",\"count\":1,"
         "\"at\":\"2026-12-01T00:00:00Z\"}",
         "device: "},
        {"{\"v\":1,\"device\":\"d\",\"kind\":\"cloned\",\"count\":1,"
         "\"at\":\"2026-12-01T00:00:00Z\"}",
         "kind: "},
        {"{\"v\":1,\"device\":\"d\",\"kind\":\"flood\",\"count\":0,"
         "\"at\":\"2026-12-01T00:00:00Z\"}",
         "count: "},
        {"{\"v\":1,\"device\":\"d\",\"kind\":\"flood\",\"count\":4294967296,"
         "\"at\":\"2026-12-01T00:00:00Z\"}",
         "count: "},
        {"{\"v\":1,\"device\":\"d\",\"kind\":\"flood\",\"count\":1,\"lost\":-1,"
         "\"at\":\"2026-12-01T00:00:00Z\"}",
         "lost: "},
        {"{\"v\":1,\"device\":\"d\",\"kind\":\"flood\",\"count\":1,\"at\":\"yesterday\"}", "at: "},
        {"{\"v\":1,\"device\":\"d\",\"kind\":\"flood\",\"count\":1}", "at: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_guard_event event = {.count = 77};
        wg_error_clear(&err);
        CU_ASSERT_FALSE(wg_guard_event_decode(rows[i].text, strlen(rows[i].text), &event, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        if (!strstr(err.text, rows[i].says)) ASSERT_TEXT(err.text, rows[i].says);
        CU_ASSERT_EQUAL(event.count, 77);
    }
}

static void the_schema_has_the_same_words(void)
{
    json_t *schema = json_load_file(WG_SOURCE_DIR "/schemas/message-guard.schema.json", 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
    const json_t *words =
        json_object_get(json_object_get(json_object_get(schema, "properties"), "kind"), "enum");
    CU_ASSERT_EQUAL_FATAL(json_array_size(words), WG_GUARD_KINDS);
    for (unsigned kind = 0; kind < WG_GUARD_KINDS; kind++)
        ASSERT_TEXT(json_string_value(json_array_get(words, kind)), wg_guard_kind_text(kind));
    json_decref(schema);
}

static bool decode(const char *bytes, size_t len, struct wg_error *problem)
{
    struct wg_guard_event event;
    return wg_guard_event_decode(bytes, len, &event, problem);
}

static void mangled_ones_do_no_harm(void)
{
    mangle_prefixes(STORM, strlen(STORM), decode);
    (void)mangle_mutations(STORM, strlen(STORM), decode, 5000, 17);
}

WG_SUITE("message_guard", {"it reads and writes", it_reads_and_writes},
         {"every kind has its word", every_kind_has_its_word},
         {"the schema has the same words", the_schema_has_the_same_words},
         {"what is wrong is refused", what_is_wrong_is_refused},
         {"mangled ones do no harm", mangled_ones_do_no_harm})
