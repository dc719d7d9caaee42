/* message_hello_test.c: hello and Last Will: the wire form, round trips, everything that is
 * refused. */
#include "common/json.h"
#include "common/message.h"
#include "tests/unit/common/mangle.h"
#include "tests/unit/harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BOOT "0123456789abcdef0123456789abcdef"
#define JOURNAL "00112233445566778899aabbccddeeff"
#define NAME_64 "a123456789b123456789c123456789d123456789e123456789f123456789abcd"

/* Every member that a hello can have. */
#define FULL                                                                                       \
    "{\"v\":1,\"online\":true,\"boot\":\"" BOOT "\",\"journal\":\"" JOURNAL                        \
    "\",\"seq\":12,\"agent\":\"0.1.0\",\"hardware\":{\"model\":\"brake-controller\","              \
    "\"revision\":\"C2\"},\"software\":{\"brake-controller\":\"2.3.7\",\"boot\":\"1.0\"},"         \
    "\"slot\":\"a\",\"zone\":\"Europe/Berlin\",\"region\":\"DE-BY\","                              \
    "\"position\":{\"lat\":48.14,\"lon\":-11.58},"                                                 \
    "\"attributes\":{\"site\":\"plant 4\",\"floor\":-2,\"indoor\":true,\"height\":2.5},"           \
    "\"metrics\":{\"error.rate\":0.015,\"rpm\":-3000.0},\"tampered\":\"case "                      \
    "opened\",\"erase\":\"started\",\"certificate_ends\":\"2026-12-01T00:00:00.000Z\","            \
    "\"oldest\":11,\"counter\":41}"

static struct wg_error err;

static struct wg_hello full_hello(void)
{
    return (struct wg_hello){
        .online = true,
        .boot = BOOT,
        .journal = JOURNAL,
        .seq = 12,
        .oldest = 11,
        .counter = 41,
        .agent = "0.1.0",
        .hardware_model = "brake-controller",
        .hardware_revision = "C2",
        .slot = "a",
        .tampered = "case opened",
        .erase = WG_ERASE_STARTED,
        .certificate_ends = 1796083200000,
        .zone = "Europe/Berlin",
        .region = "DE-BY",
        .has_position = true,
        .lat = 48.14,
        .lon = -11.58,
        .component_count = 2,
        .components = {{"brake-controller", "2.3.7"}, {"boot", "1.0"}},
        .attributes = "{\"site\":\"plant 4\",\"floor\":-2,\"indoor\":true,\"height\":2.5}",
        .metric_count = 2,
        .metrics = {{"error.rate", 0.015}, {"rpm", -3000}},
    };
}

static void assert_encodes(const struct wg_hello *hello, const char *expected)
{
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_hello_encode(hello, &out, &err), &err);
    ASSERT_TEXT(wg_buf_str(&out), expected);
    wg_buf_clear(&out);
}

static void test_full(void)
{
    struct wg_hello hello = full_hello(), back;
    assert_encodes(&hello, FULL);
    ASSERT_OK(wg_hello_decode(FULL, strlen(FULL), &back, &err), &err);
    CU_ASSERT_TRUE(back.online && back.has_position);
    CU_ASSERT_EQUAL(back.seq, 12);
    CU_ASSERT_EQUAL(back.component_count, 2);
    ASSERT_TEXT(back.components[1].version, "1.0");
    ASSERT_TEXT(back.attributes, hello.attributes);
    ASSERT_TEXT(back.tampered, "case opened");
    CU_ASSERT_EQUAL(back.certificate_ends, 1796083200000);
    CU_ASSERT_EQUAL(back.erase, WG_ERASE_STARTED);
    CU_ASSERT_DOUBLE_EQUAL(back.lat, 48.14, 1e-12);
    CU_ASSERT_EQUAL(back.metric_count, 2);
    ASSERT_TEXT(back.metrics[0].name, "error.rate");
    CU_ASSERT_DOUBLE_EQUAL(back.metrics[0].value, 0.015, 1e-15);
    CU_ASSERT_EQUAL(back.metrics[1].value, -3000);
    assert_encodes(&back, FULL);
}

static void test_least(void)
{
    static const char least[] =
        "{\"v\":1,\"online\":true,\"boot\":\"" BOOT "\",\"journal\":\"" JOURNAL
        "\",\"seq\":0,\"agent\":\"1\",\"hardware\":{\"model\":\"m\",\"revision\":\"A\"},"
        "\"software\":{},\"slot\":\"b\"}";
    struct wg_hello back;
    ASSERT_OK(wg_hello_decode(least, strlen(least), &back, &err), &err);
    ASSERT_TEXT(back.zone, "");
    ASSERT_TEXT(back.region, "");
    ASSERT_TEXT(back.attributes, "{}");
    CU_ASSERT_FALSE(back.has_position);
    CU_ASSERT_EQUAL(back.metric_count, 0);
    assert_encodes(&back, least);
}

static void test_last_will(void)
{
    static const char will[] = "{\"v\":1,\"online\":false,\"boot\":\"" BOOT "\"}";
    struct wg_hello hello = {.online = false, .boot = BOOT}, back;
    assert_encodes(&hello, will);
    ASSERT_OK(wg_hello_decode(will, strlen(will), &back, &err), &err);
    CU_ASSERT_FALSE(back.online);
    assert_encodes(&back, will);
}

/* A message with unknown members, and null for optional ones, comes from a newer writer. */
static void test_unknown_members(void)
{
    static const char newer[] =
        "{\"v\":1,\"online\":true,\"boot\":\"" BOOT "\",\"journal\":\"" JOURNAL
        "\",\"seq\":0,\"agent\":\"1\",\"hardware\":{\"model\":\"m\",\"revision\":\"A\",\"bom\":[1]}"
        ","
        "\"software\":{},\"slot\":\"b\",\"zone\":null,\"position\":null,\"attributes\":null,"
        "\"metrics\":null,"
        "\"mood\":{\"x\":[null]}}";
    struct wg_hello back;
    ASSERT_OK(wg_hello_decode(newer, strlen(newer), &back, &err), &err);
}

struct change {
    const char *piece, *by, *says;
};

/* Each row replaces one piece of the full message. */
static void assert_refused(const struct change *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[2048];
        const char *at = strstr(FULL, cases[i].piece);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - FULL), FULL, cases[i].by,
                       at + strlen(cases[i].piece));
        struct wg_hello hello = {.seq = 77};
        wg_error_clear(&err);
        CU_ASSERT_FALSE(wg_hello_decode(text, strlen(text), &hello, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        CU_ASSERT_EQUAL(hello.seq, 77);
        if (!strstr(err.text, cases[i].says)) ASSERT_TEXT(err.text, cases[i].says);
    }
}

static void test_refused(void)
{
    static const struct change cases[] = {
        {"\"v\":1", "\"v\":\"1\"", "hello: v: expected an integer"},
        {"\"v\":1", "\"v\":2", "v: must be between 1 and 1"},
        {"\"online\":true", "\"online\":1", "online: expected true or false"},
        {"\"online\":true,", "", "online: missing"},
        {"\"boot\":\"0", "\"boot\":\"", "boot: expected 32 lower-case hex digits"},
        {"\"boot\":\"0", "\"boot\":\"g", "boot: expected 32 lower-case hex digits"},
        {"\"boot\":\"0", "\"boot\":\"00", "boot: text of 33 bytes"},
        {"\"journal\":\"0", "\"journal\":\"F", "journal: expected 32 lower-case hex digits"},
        {"\"seq\":12", "\"seq\":-1", "seq: must be between 0"},
        {"\"seq\":12", "\"seq\":12.5", "seq: expected an integer"},
        {"\"agent\":\"0.1.0\"", "\"agent\":\"\"", "agent: expected a version"},
        {"\"agent\":\"0.1.0\"", "\"agent\":\"0 1\"", "agent: expected a version"},
        {"\"agent\":\"0.1.0\"", "\"agent\":\"0.\\u00e4\"", "agent: expected a version"},
        {"\"agent\":\"0.1.0\"", "\"agent\":\"" NAME_64 "e\"", "agent: text of 65 bytes"},
        {"\"hardware\":{\"model\":\"brake-controller\",\"revision\":\"C2\"}", "\"hardware\":\"x\"",
         "hardware: expected an object"},
        {"\"revision\":\"C2\"", "\"rev\":\"C2\"", "hardware: revision: missing"},
        {"\"model\":\"brake", "\"model\":\"/brake", "hardware.model: expected a name"},
        {"\"revision\":\"C2\"", "\"revision\":\"C 2\"", "hardware.revision: expected a name"},
        {"\"software\":{", "\"hard\":{", "software: missing"},
        {"\"boot\":\"1.0\"", "\"boot\":1", "software: boot: expected text"},
        {"\"boot\":\"1.0\"", "\"boot\":\"\"", "software: boot: expected a version"},
        {"\"boot\":\"1.0\"", "\"\\u001b[31m\":\"1.0\"",
         "software: component: expected a name (letters, digits, '.', '_', '-'; a letter or digit "
         "first), found \"?[31m\""},
        {"\"boot\":\"1.0\"", "\"" NAME_64 "e\":\"1\"", "software: expected component names"},
        {"\"boot\":\"1.0\"", "\"brake-controller\":\"1.0\"", "duplicate object key"},
        {"\"slot\":\"a\"", "\"slot\":\"\"", "slot: expected a name"},
        {"\"zone\":\"Europe/Berlin\"", "\"zone\":\"Europe Berlin\"", "zone: expected an IANA"},
        {"\"case opened\"", "\"\"", "tampered: empty; leave it out"},
        {"\"2026-12-01T00:00:00.000Z\"", "\"soon\"",
         "certificate_ends: expected a time after 1970, as 2026-12-01T00:00:00Z, found \"soon\""},
        {"\"2026-12-01T00:00:00.000Z\"", "7", "certificate_ends: expected text"},
        {"\"started\"", "\"never\"", "erase: expected started or done, found \"never\""},
        {"\"case opened\"", "true", "tampered: expected text"},
        {"\"case opened\"", "\"" NAME_64 NAME_64 "1\"", "tampered: "},
        {"\"zone\":\"Europe/Berlin\"", "\"zone\":\"\"", "zone: empty; leave it out"},
        {"\"zone\":\"Europe/Berlin\"", "\"zone\":3", "zone: expected text"},
        {"\"region\":\"DE-BY\"", "\"region\":\"\"", "region: empty; leave it out"},
        {"\"region\":\"DE-BY\"", "\"region\":\"de\"", "region: expected an ISO 3166"},
        {"\"region\":\"DE-BY\"", "\"region\":\"DEU\"", "region: expected an ISO 3166"},
        {"\"region\":\"DE-BY\"", "\"region\":\"DE-\"", "region: expected an ISO 3166"},
        {"\"region\":\"DE-BY\"", "\"region\":\"DE-BAYE\"", "region: expected an ISO 3166"},
        {"\"region\":\"DE-BY\"", "\"region\":\"DE_BY\"", "region: expected an ISO 3166"},
        {"\"lat\":48.14", "\"lat\":90.5", "position: lat: must be between -90 and 90"},
        {"\"lat\":48.14", "\"lat\":\"48\"", "position: expected an object with the numbers"},
        {"\"lon\":-11.58", "\"lon\":-181", "position: lon: must be between -180 and 180"},
        {",\"lon\":-11.58", "", "position: expected an object with the numbers"},
        {"{\"lat\":48.14,\"lon\":-11.58}", "[1,2]", "position: expected an object"},
        {"\"floor\":-2", "\"floor\":[]", "attributes: expected text, a number within bounds"},
        {"\"floor\":-2", "\"floor\":null", "attributes: expected text"},
        {"\"floor\":-2", "\"floor\":{}", "attributes: expected text"},
        {"\"floor\":-2", "\"floor\":9007199254740992", "attributes: expected text"},
        {"\"floor\":-2", "\"floor\":1e301", "attributes: expected text"},
        {"\"floor\":-2", "\"\":1", "attributes: expected keys of 1 to 64 bytes"},
        {"\"floor\":-2", "\"" NAME_64 "e\":1", "attributes: expected keys of 1 to 64 bytes"},
        {"\"attributes\":{", "\"attributes\":\"x\",\"more\":{", "attributes: expected an object"},
    };
    assert_refused(cases, sizeof cases / sizeof cases[0]);
}

static void test_metrics_refused(void)
{
    static const struct change cases[] = {
        {"\"metrics\":{", "\"metrics\":[],\"more\":{", "metrics: expected an object"},
        {"\"rpm\":-3000.0", "\"rpm\":\"-3000\"", "metrics: expected a number for every name"},
        {"\"rpm\":-3000.0", "\"rpm\":null", "metrics: expected a number for every name"},
        {"\"rpm\":-3000.0", "\"rpm\":1e301", "metrics: rpm: must be between -1e+300 and 1e+300"},
        {"\"rpm\"", "\"\"", "metrics: expected a name"},
        {"\"rpm\"", "\"r p m\"", "metrics: expected a name"},
        {"\"rpm\"", "\"" NAME_64 "e\"", "metrics: expected names of at most 64 bytes"},
        {"\"rpm\"", "\"error.rate\"", "duplicate object key"},
    };
    assert_refused(cases, sizeof cases / sizeof cases[0]);
}

static void test_encoder_refuses(void)
{
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    static const char *const attributes[] = {"[]", "{", "{\"a\":[]}", "x"};
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        struct wg_hello hello = full_hello();
        (void)wg_copy(hello.attributes, sizeof hello.attributes, attributes[i]);
        CU_ASSERT_FALSE(wg_hello_encode(&hello, &out, &err));
        if (!strstr(err.text, "attributes")) ASSERT_TEXT(err.text, "attributes");
    }
    struct wg_hello hello = full_hello();
    hello.lat = NAN;
    CU_ASSERT_FALSE(wg_hello_encode(&hello, &out, &err));
    hello = full_hello();
    hello.component_count = WG_COMPONENTS_MAX + 1;
    CU_ASSERT_FALSE(wg_hello_encode(&hello, &out, &err));
    hello = full_hello();
    hello.components[1] = hello.components[0];
    CU_ASSERT_FALSE(wg_hello_encode(&hello, &out, &err));
    ASSERT_TEXT(err.text, "hello: software: brake-controller is there twice");
    static const double values[] = {NAN, INFINITY, -INFINITY, 1.0000001e300};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        hello = full_hello();
        hello.metrics[1].value = values[i];
        CU_ASSERT_FALSE(wg_hello_encode(&hello, &out, &err));
        if (!strstr(err.text, "metrics: rpm: must be")) ASSERT_TEXT(err.text, "metrics: rpm");
    }
    hello = full_hello();
    hello.metrics[1] = hello.metrics[0];
    CU_ASSERT_FALSE(wg_hello_encode(&hello, &out, &err));
    ASSERT_TEXT(err.text, "hello: metrics: error.rate is there twice");
    hello = full_hello();
    hello.metric_count = WG_METRICS_MAX + 1;
    CU_ASSERT_FALSE(wg_hello_encode(&hello, &out, &err));
    CU_ASSERT_EQUAL(out.len, 0);
    wg_buf_clear(&out);
}

/* As many components as there may be, and one more; attributes up to their bound, and one byte
 * more. */
static void test_bounds(void)
{
    struct wg_hello hello = full_hello(), back;
    struct wg_buf out;
    size_t room = WG_ATTRIBUTES_MAX - 1 - strlen("{\"a\":\"\"}");
    hello.metric_count = 0; /* the attributes come last */
    hello.tampered[0] = '\0';
    hello.erase = WG_ERASE_NONE;
    hello.certificate_ends = 0;
    hello.oldest = hello.counter = 0; /* attributes come last then */
    hello.component_count = WG_COMPONENTS_MAX;
    for (size_t i = 0; i < WG_COMPONENTS_MAX; i++) {
        (void)wg_copy(hello.components[i].name, sizeof hello.components[i].name, NAME_64);
        hello.components[i].name[0] = (char)('a' + i);
        (void)wg_copy(hello.components[i].version, sizeof hello.components[i].version, NAME_64);
    }
    memset(hello.attributes, 'x', sizeof hello.attributes);
    memcpy(hello.attributes, "{\"a\":\"", 6);
    memcpy(hello.attributes + 6 + room, "\"}", 3);
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_hello_encode(&hello, &out, &err), &err);
    ASSERT_OK(wg_hello_decode(out.data, out.len, &back, &err), &err);
    ASSERT_TEXT(back.attributes, hello.attributes);
    CU_ASSERT_EQUAL(back.component_count, WG_COMPONENTS_MAX);

    char *longer = malloc(out.len + 64);
    CU_ASSERT_PTR_NOT_NULL_FATAL(longer);
    (void)snprintf(longer, out.len + 64, "%.*sx\"}}", (int)(out.len - 3), out.data);
    CU_ASSERT_FALSE(wg_hello_decode(longer, strlen(longer), &back, &err));
    if (!strstr(err.text, "attributes")) ASSERT_TEXT(err.text, "attributes");
    free(longer);
    wg_buf_clear(&out);
}

static void test_too_many_components(void)
{
    static const size_t counts[] = {WG_COMPONENTS_MAX + 1, 500};
    const char *at = strstr(FULL, "\"boot\":\"1.0\"");
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct wg_hello hello;
        struct wg_buf text;
        char expected[96];
        wg_buf_init(&text, WG_MESSAGE_MAX);
        wg_buf_add(&text, FULL, (size_t)(at - FULL));
        for (size_t n = 2; n < counts[i]; n++) wg_buf_printf(&text, "\"c%zu\":\"%zu\",", n, n);
        wg_buf_text(&text, at);
        CU_ASSERT_FALSE(wg_hello_decode(text.data, text.len, &hello, &err));
        (void)snprintf(expected, sizeof expected,
                       "hello: software: %zu components, at most 16 allowed", counts[i]);
        ASSERT_TEXT(err.text, expected);
        wg_buf_clear(&text);
    }
}

static void test_many_metrics(void)
{
    const char *at = strstr(FULL, "\"rpm\"");
    for (size_t count = WG_METRICS_MAX; count <= WG_METRICS_MAX + 1; count++) {
        struct wg_hello hello;
        struct wg_buf text;
        wg_buf_init(&text, WG_MESSAGE_MAX);
        wg_buf_add(&text, FULL, (size_t)(at - FULL));
        for (size_t n = 2; n < count; n++) wg_buf_printf(&text, "\"m%zu\":%zu,", n, n);
        wg_buf_text(&text, at);
        bool ok = wg_hello_decode(text.data, text.len, &hello, &err);
        CU_ASSERT_EQUAL(ok, count == WG_METRICS_MAX);
        if (!ok) ASSERT_TEXT(err.text, "hello: metrics: count: must be between 0 and 16, found 17");
        wg_buf_clear(&text);
    }
}

static bool decode(const char *bytes, size_t len, struct wg_error *error)
{
    struct wg_hello hello;
    if (!wg_hello_decode(bytes, len, &hello, error)) return false;
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_hello_encode(&hello, &out, error), error); /* what is read can be written */
    wg_buf_clear(&out);
    return true;
}

static void test_mangled(void)
{
    mangle_prefixes(FULL, strlen(FULL), decode);
    size_t taken = mangle_mutations(FULL, strlen(FULL), decode, 10000, 2);
    CU_ASSERT_TRUE(taken > 0 && taken < 10000);
}

static void the_connection_is_counted(void)
{
    struct wg_hello will = {.online = false, .boot = "b0000000000000000000000000000001", .link = 7};
    struct wg_hello back;
    struct wg_buf text;
    wg_buf_init(&text, WG_MESSAGE_MAX);
    ASSERT_OK(wg_hello_encode(&will, &text, &err), &err);
    ASSERT_OK(wg_hello_decode(wg_buf_str(&text), text.len, &back, &err), &err);
    CU_ASSERT_EQUAL(back.link, 7);
    static const char bad[] =
        "{\"v\":1,\"online\":false,\"boot\":\"b0000000000000000000000000000001\",\"link\":0}";
    CU_ASSERT_FALSE(wg_hello_decode(bad, sizeof bad - 1, &back, &err));
    wg_buf_clear(&text);
}

static void a_trial_is_told(void)
{
    struct wg_hello hello = full_hello(), back;
    struct wg_buf text;
    wg_buf_init(&text, WG_MESSAGE_MAX);
    hello.trial = true;
    ASSERT_OK(wg_hello_encode(&hello, &text, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&text), "\"trial\":true"));
    ASSERT_OK(wg_hello_decode(wg_buf_str(&text), text.len, &back, &err), &err);
    CU_ASSERT_TRUE(back.trial);
    ASSERT_OK(wg_hello_decode(FULL, strlen(FULL), &back, &err), &err);
    CU_ASSERT_FALSE(back.trial);
    wg_buf_clear(&text);
}

WG_SUITE("message_hello", {"full", test_full}, {"least", test_least}, {"last will", test_last_will},
         {"unknown members", test_unknown_members}, {"refused", test_refused},
         {"metrics refused", test_metrics_refused}, {"encoder refuses", test_encoder_refuses},
         {"bounds", test_bounds}, {"too many components", test_too_many_components},
         {"many metrics", test_many_metrics}, {"mangled", test_mangled},
         {"the connection is counted", the_connection_is_counted},
         {"a trial is told", a_trial_is_told})
