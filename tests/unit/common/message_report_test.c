/* message_report_test.c: reports: the wire form, round trips of every state and cause, everything
 * that is refused, and what becomes of a detail that no terminal should see. */
#include "common/json.h"
#include "common/message.h"
#include "tests/unit/common/mangle.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define JOURNAL "00112233445566778899aabbccddeeff"
#define ORDER "6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab"
#define FULL                                                                                       \
    "{\"v\":1,\"journal\":\"" JOURNAL "\",\"order\":\"" ORDER                                      \
    "\",\"campaign\":\"brake-2.4.1\",\"attempt\":2,\"state\":\"rolled-back\",\"cause\":"           \
    "\"health\","                                                                                  \
    "\"detail\":\"check.sh: exit "                                                                 \
    "1\",\"at\":\"2026-12-01T02:03:04.567Z\",\"seq\":31,\"retry\":600,"                            \
    "\"progress\":{\"bytes\":10,\"total\":20},\"versions\":{\"brake-controller\":\"2.3.7\"}}"

static struct wg_error err;

static struct wg_report full_report(void)
{
    struct wg_report report = {
        .journal = JOURNAL,
        .seq = 31,
        .order = ORDER,
        .campaign = "brake-2.4.1",
        .attempt = 2,
        .state = WG_ROLLED_BACK,
        .cause = WG_CAUSE_HEALTH,
        .detail = "check.sh: exit 1",
        .retry = 10 * WG_MINUTE,
        .bytes = 10,
        .bytes_total = 20,
        .component_count = 1,
        .components = {{"brake-controller", "2.3.7"}},
    };
    CU_ASSERT_TRUE(wg_time_parse("2026-12-01T02:03:04.567Z", &report.at));
    return report;
}

static void assert_encodes(const struct wg_report *report, const char *expected)
{
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_report_encode(report, &out, &err), &err);
    ASSERT_TEXT(wg_buf_str(&out), expected);
    wg_buf_clear(&out);
}

static void round_trip(const struct wg_report *report, struct wg_report *back)
{
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_report_encode(report, &out, &err), &err);
    ASSERT_OK(wg_report_decode(out.data, out.len, back, &err), &err);
    wg_buf_clear(&out);
}

static void test_full(void)
{
    struct wg_report report = full_report(), back;
    assert_encodes(&report, FULL);
    ASSERT_OK(wg_report_decode(FULL, strlen(FULL), &back, &err), &err);
    assert_encodes(&back, FULL);
    CU_ASSERT_EQUAL(back.at, report.at);
    CU_ASSERT_EQUAL(back.retry, 10 * WG_MINUTE);
    CU_ASSERT_EQUAL(back.state, WG_ROLLED_BACK);
    CU_ASSERT_EQUAL(back.cause, WG_CAUSE_HEALTH);
}

static void test_least(void)
{
    static const char least[] = "{\"v\":1,\"journal\":\"" JOURNAL "\",\"order\":\"" ORDER
                                "\",\"campaign\":\"c\",\"attempt\":1,\"state\":\"accepted\"}";
    struct wg_report back;
    ASSERT_OK(wg_report_decode(least, strlen(least), &back, &err), &err);
    CU_ASSERT_EQUAL(back.seq, 0);
    CU_ASSERT_EQUAL(back.cause, WG_CAUSE_NONE);
    CU_ASSERT_EQUAL(back.at, 0);
    assert_encodes(&back, least);
}

static bool may_be_said(enum wg_state state, enum wg_cause cause)
{
    if (!wg_state_is_reportable(state)) return false;
    if (state == WG_SUCCEEDED || state == WG_SATISFIED) return cause == WG_CAUSE_NONE;
    return cause != WG_CAUSE_NONE || (state != WG_FAILED && state != WG_ROLLED_BACK);
}

static void test_states_and_causes(void)
{
    for (int state = 0; state < WG_STATES; state++)
        for (int cause = 0; cause < WG_CAUSES; cause++) {
            struct wg_report report = full_report(), back = full_report();
            struct wg_buf out;
            wg_buf_init(&out, WG_MESSAGE_MAX);
            report.state = (enum wg_state)state;
            report.cause = (enum wg_cause)cause;
            bool expected = may_be_said(report.state, report.cause);
            CU_ASSERT_EQUAL(wg_report_encode(&report, &out, &err), expected);
            wg_buf_clear(&out);
            if (!expected) continue;
            round_trip(&report, &back);
            CU_ASSERT_EQUAL(back.state, state);
            CU_ASSERT_EQUAL(back.cause, cause);
        }
}

static void assert_words(const json_t *schema, const char *member, const char *const *words,
                         size_t count)
{
    const json_t *list =
        json_object_get(json_object_get(json_object_get(schema, "properties"), member), "enum");
    CU_ASSERT_EQUAL_FATAL(json_array_size(list), count);
    for (size_t i = 0; i < count; i++)
        ASSERT_TEXT(json_string_value(json_array_get(list, i)), words[i]);
}

/* The schema has the words of common/state.c and no others. */
static void test_words_of_the_schema(void)
{
    const char *words[WG_STATES + WG_CAUSES];
    size_t count = 0;
    json_t *schema = json_load_file(WG_SOURCE_DIR "/schemas/message-report.schema.json", 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
    for (int i = 0; i < WG_STATES; i++)
        if (wg_state_is_reportable((enum wg_state)i))
            words[count++] = wg_state_text((enum wg_state)i);
    assert_words(schema, "state", words, count);
    count = 0;
    for (int i = WG_CAUSE_NONE + 1; i < WG_CAUSES; i++)
        words[count++] = wg_cause_text((enum wg_cause)i);
    assert_words(schema, "cause", words, count);
    json_decref(schema);
}

/* Each row replaces one piece of the full message. */
static void test_refused(void)
{
    static const struct {
        const char *piece, *by, *says;
    } cases[] = {
        {"\"v\":1", "\"v\":0", "report: v: must be between 1 and 1, found 0"},
        {"\"journal\":\"0", "\"journal\":\"x", "journal: expected 32 lower-case hex digits"},
        {"\"order\":\"6", "\"order\":\"", "order: expected a UUID"},
        {"\"order\":\"6", "\"order\":\"F", "order: expected a UUID"},
        {"6f1c2d3e-4", "6f1c2d3e04", "order: expected a UUID"},
        {"\"campaign\":\"brake-2.4.1\"", "\"campaign\":\"\"", "campaign: expected a name"},
        {"\"campaign\":\"brake-2.4.1\"", "\"campaign\":\"a b\"", "campaign: expected a name"},
        {"\"attempt\":2", "\"attempt\":0", "attempt: must be between 1"},
        {"\"attempt\":2,", "", "attempt: missing"},
        {"\"state\":\"rolled-back\"", "\"state\":\"rolled back\"",
         "state: expected one of accepted"},
        {"\"state\":\"rolled-back\"", "\"state\":\"waiting\"", "found \"waiting\""},
        {"\"state\":\"rolled-back\"", "\"state\":\"offered\"", "found \"offered\""},
        {"\"state\":\"rolled-back\"", "\"state\":\"silent\"", "found \"silent\""},
        {"\"state\":\"rolled-back\"", "\"state\":\"superseded\"", "found \"superseded\""},
        {"\"state\":\"rolled-back\"", "\"state\":\"\"", "state: expected one of"},
        {"\"state\":\"rolled-back\"", "\"state\":7", "state: expected text"},
        {"\"state\":\"rolled-back\"", "\"state\":\"succeeded\"", "cause: succeeded has none"},
        {"\"cause\":\"health\",", "", "cause: missing; rolled-back needs one"},
        {"\"cause\":\"health\"", "\"cause\":\"\"", "cause: empty; leave it out"},
        {"\"cause\":\"health\"", "\"cause\":\"Health\"", "cause: expected one of verify"},
        {"\"cause\":\"health\"", "\"cause\":null", "cause: missing; rolled-back needs one"},
        {"\"detail\":\"check.sh: exit 1\"", "\"detail\":1", "detail: expected text"},
        {"\"detail\":\"check", "\"detail\":\"\xff", "decode byte 0xff"},
        {"02:03:04.567Z", "02:03:04.567", "at: expected a time"},
        {"2026-12-01T", "1969-12-31T", "at: expected a time after 1970"},
        {"2026-12-01T", "2026-13-01T", "at: expected a time"},
        {"\"seq\":31", "\"seq\":0", "seq: must be between 1"},
        {"\"seq\":31", "\"seq\":\"31\"", "seq: expected an integer"},
        {"\"bytes\":10", "\"bytes\":21", "progress.bytes: must be between 0 and 20, found 21"},
        {"\"bytes\":10", "\"bytes\":-1", "progress: bytes: must be between 0"},
        {"\"retry\":600", "\"retry\":0", "retry: must be between 1"},
        {"\"retry\":600", "\"retry\":86401", "retry: must be between 1"},
        {"\"retry\":600", "\"retry\":\"10m\"", "retry: expected"},
        {"\"total\":20", "\"total\":0", "progress: total: must be between 1"},
        {"{\"bytes\":10,\"total\":20}", "10", "progress: bytes: missing"},
        {"{\"brake-controller\":\"2.3.7\"}", "\"2.3.7\"", "versions: expected an object"},
        {"{\"brake-controller\":\"2.3.7\"}", "{\"brake controller\":\"2.3.7\"}",
         "versions: component: expected a name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[2048];
        const char *at = strstr(FULL, cases[i].piece);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - FULL), FULL, cases[i].by,
                       at + strlen(cases[i].piece));
        struct wg_report report = {.seq = 77};
        wg_error_clear(&err);
        CU_ASSERT_FALSE(wg_report_decode(text, strlen(text), &report, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        CU_ASSERT_EQUAL(report.seq, 77);
        if (!strstr(err.text, cases[i].says)) ASSERT_TEXT(err.text, cases[i].says);
    }
}

static void test_detail(void)
{
    static const struct {
        const char *said, *read;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"\"quoted\" \\ \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
         "\"quoted\" \\ \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\x1b[31mred\x1b[0m\r\n", " [31mred [0m  "},
        {"c1 \xc2\x9b"
         "31m \x7f",
         "c1   31m  "},
        {"cut in a character \xe2\x82", "cut in a character ??"},
        {"\xff\xfe \xc0\x80 \xed\xa0\x80", "?? ?? ???"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wg_report report = full_report(), back;
        (void)wg_copy(report.detail, sizeof report.detail, cases[i].said);
        round_trip(&report, &back);
        ASSERT_TEXT(back.detail, cases[i].read);
    }
    static const char foreign[] = "{\"v\":1,\"journal\":\"" JOURNAL "\",\"order\":\"" ORDER
                                  "\",\"campaign\":\"c\",\"attempt\":1,\"state\":\"accepted\","
                                  "\"detail\":\"a\\u001b[2Jb\\u009bc\"}";
    struct wg_report back;
    ASSERT_OK(wg_report_decode(foreign, strlen(foreign), &back, &err), &err);
    ASSERT_TEXT(back.detail, "a [2Jb  c");
}

static void test_bounds(void)
{
    struct wg_report report = full_report(), back;
    char text[2048], detail[WG_DETAIL_MAX + 1];
    memset(detail, 'd', WG_DETAIL_MAX);
    detail[WG_DETAIL_MAX] = '\0';
    memcpy(report.detail, detail, sizeof detail);
    round_trip(&report, &back);
    ASSERT_TEXT(back.detail, detail);
    (void)snprintf(text, sizeof text,
                   "{\"v\":1,\"journal\":\"" JOURNAL "\",\"order\":\"" ORDER
                   "\",\"campaign\":\"c\",\"attempt\":1,\"state\":\"accepted\",\"detail\":\"%sd\"}",
                   detail);
    CU_ASSERT_FALSE(wg_report_decode(text, strlen(text), &back, &err));
    ASSERT_TEXT(err.text, "report: detail: text of 513 bytes, at most 512 allowed");
    static char huge[WG_MESSAGE_MAX + 2];
    (void)snprintf(huge, sizeof huge, "%-*s", WG_MESSAGE_MAX + 1, FULL);
    ASSERT_OK(wg_report_decode(huge, WG_MESSAGE_MAX, &back, &err), &err);
    CU_ASSERT_FALSE(wg_report_decode(huge, WG_MESSAGE_MAX + 1, &back, &err));
    ASSERT_TEXT(err.text, "report: JSON of 32769 bytes, at most 32768 allowed");
}

static bool decode(const char *bytes, size_t len, struct wg_error *error)
{
    struct wg_report report;
    if (!wg_report_decode(bytes, len, &report, error)) return false;
    struct wg_report back;
    round_trip(&report, &back);
    CU_ASSERT_EQUAL(report.state, back.state);
    ASSERT_TEXT(back.detail, report.detail);
    return true;
}

static void test_mangled(void)
{
    mangle_prefixes(FULL, strlen(FULL), decode);
    size_t taken = mangle_mutations(FULL, strlen(FULL), decode, 10000, 3);
    CU_ASSERT_TRUE(taken > 0 && taken < 10000);
}

WG_SUITE("message_report", {"full", test_full}, {"least", test_least},
         {"states and causes", test_states_and_causes},
         {"words of the schema", test_words_of_the_schema}, {"refused", test_refused},
         {"detail", test_detail}, {"bounds", test_bounds}, {"mangled", test_mangled})
