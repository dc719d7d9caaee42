/* message_test.c: topics and acknowledgements. */
#include "common/message.h"

#include "tests/unit/common/mangle.h"
#include "tests/unit/harness.h"

#include <string.h>

#define JOURNAL "00112233445566778899aabbccddeeff"
#define ORDER "6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab"
#define ACK "{\"v\":1,\"journal\":\"" JOURNAL "\",\"seq\":1"

static struct wg_error err;

static void test_topics(void)
{
    static const char *const texts[WG_TOPICS] = {
        [WG_TOPIC_UP_HELLO] = "wg/v1/d/dev-1/up/hello",
        [WG_TOPIC_UP_REPORT] = "wg/v1/d/dev-1/up/report",
        [WG_TOPIC_UP_LOG] = "wg/v1/d/dev-1/up/log",
        [WG_TOPIC_UP_CSR] = "wg/v1/d/dev-1/up/csr",
        [WG_TOPIC_DOWN_ORDER] = "wg/v1/d/dev-1/down/order",
        [WG_TOPIC_DOWN_ACK] = "wg/v1/d/dev-1/down/ack",
        [WG_TOPIC_DOWN_CERT] = "wg/v1/d/dev-1/down/cert",
    };
    for (unsigned i = 0; i < WG_TOPICS; i++) {
        char out[WG_TOPIC_MAX], device[WG_NAME_MAX + 1];
        enum wg_topic topic = WG_TOPICS;
        CU_ASSERT_TRUE(wg_topic_make((enum wg_topic)i, "dev-1", out));
        ASSERT_TEXT(out, texts[i]);
        CU_ASSERT_TRUE(wg_topic_parse(out, &topic, device));
        CU_ASSERT_EQUAL(topic, i);
        ASSERT_TEXT(device, "dev-1");
    }
}

#define NAME_64 "a123456789b123456789c123456789d123456789e123456789f123456789abcd"

static void test_topics_refused(void)
{
    static const char *const topics[] = {
        "",
        "wg/v1/d/",
        "wg/v1/d/dev-1",
        "wg/v1/d/dev-1/",
        "wg/v1/d//up/hello",
        "wg/v1/d/dev-1/up",
        "wg/v1/d/dev-1/up/",
        "wg/v1/d/dev-1/up/hello/",
        "wg/v1/d/dev-1/up/hello2",
        "wg/v1/d/dev-1/up/order",
        "wg/v1/d/dev-1/down/hello",
        "wg/v2/d/dev-1/up/hello",
        "/wg/v1/d/dev-1/up/hello",
        "WG/v1/d/dev-1/up/hello",
        "wg/v1/d/+/up/hello",
        "wg/v1/d/dev 1/up/hello",
        "wg/v1/d/-dev/up/hello",
        "$share/link/wg/v1/d/dev-1/up/hello",
    };
    char device[WG_NAME_MAX + 1] = "untouched", out[WG_TOPIC_MAX];
    enum wg_topic topic = WG_TOPICS;
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        CU_ASSERT_FALSE(wg_topic_parse(topics[i], &topic, device));
        CU_ASSERT_EQUAL(topic, WG_TOPICS);
        ASSERT_TEXT(device, "untouched");
    }
    CU_ASSERT_FALSE(wg_topic_parse("wg/v1/d/" NAME_64 "e/up/hello", &topic, device));
    CU_ASSERT_FALSE(wg_topic_make(WG_TOPIC_UP_HELLO, "a/b", out));
    ASSERT_TEXT(out, "");
    CU_ASSERT_FALSE(wg_topic_make(WG_TOPIC_UP_HELLO, "+", out));
    CU_ASSERT_FALSE(wg_topic_make(WG_TOPIC_UP_HELLO, "", out));
    CU_ASSERT_FALSE(wg_topic_make(WG_TOPIC_UP_HELLO, NAME_64 "e", out));
    CU_ASSERT_FALSE(wg_topic_make(WG_TOPICS, "dev-1", out));
    CU_ASSERT_TRUE(wg_topic_make(WG_TOPIC_DOWN_ORDER, NAME_64, out));
    CU_ASSERT_TRUE(wg_topic_parse(out, &topic, device));
    ASSERT_TEXT(device, NAME_64);
}

static void test_ack(void)
{
    struct wg_ack ack = {.journal = JOURNAL, .seq = 9007199254740991}, back = {.seq = 0};
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_ack_encode(&ack, &out, &err), &err);
    ASSERT_TEXT(wg_buf_str(&out), "{\"v\":1,\"journal\":\"" JOURNAL "\",\"seq\":9007199254740991}");
    ASSERT_OK(wg_ack_decode(out.data, out.len, &back, &err), &err);
    CU_ASSERT_EQUAL(back.seq, ack.seq);
    ASSERT_TEXT(back.journal, ack.journal);
    wg_buf_clear(&out);
}

static void assert_wire(const struct wg_ack *ack, const char *text)
{
    struct wg_ack back = {.seq = 77};
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_ack_encode(ack, &out, &err), &err);
    ASSERT_TEXT(wg_buf_str(&out), text);
    ASSERT_OK(wg_ack_decode(text, strlen(text), &back, &err), &err);
    CU_ASSERT_EQUAL(back.seq, ack->seq);
    CU_ASSERT_EQUAL(back.go, ack->go);
    CU_ASSERT_EQUAL(back.link, ack->link);
    ASSERT_TEXT(back.boot, ack->boot);
    ASSERT_TEXT(back.order, ack->order);
    CU_ASSERT_EQUAL(back.answer, ack->answer);
    CU_ASSERT_EQUAL(back.next, ack->next);
    wg_buf_clear(&out);
}

static void test_ack_says_go(void)
{
    struct wg_ack ack = {.journal = JOURNAL, .seq = 1, .order = ORDER};
    assert_wire(&ack, ACK ",\"order\":\"" ORDER "\"}");
    ack.go = true;
    assert_wire(&ack, ACK ",\"order\":\"" ORDER "\",\"go\":true}");
    ack.link = 3;
    (void)wg_copy(ack.boot, sizeof ack.boot, JOURNAL);
    assert_wire(&ack,
                ACK ",\"order\":\"" ORDER "\",\"go\":true,\"boot\":\"" JOURNAL "\",\"link\":3}");
    /* what another writer may say instead of nothing */
    static const char *const same[] = {ACK ",\"order\":null,\"go\":null}", ACK ",\"go\":false}"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        ASSERT_OK(wg_ack_decode(same[i], strlen(same[i]), &ack, &err), &err);
        ASSERT_TEXT(ack.order, "");
        CU_ASSERT_FALSE(ack.go);
    }
}

static void test_ack_answers(void)
{
    struct wg_ack ack = {.journal = JOURNAL,
                         .seq = 1,
                         .link = 3,
                         .boot = JOURNAL,
                         .answer = 7,
                         .next = WG_NEXT_NONE};
#define OF ACK ",\"boot\":\"" JOURNAL "\",\"link\":3"
    assert_wire(&ack, OF ",\"answer\":7,\"next\":\"none\"}");
    ack.next = WG_NEXT_SOON;
    assert_wire(&ack, OF ",\"answer\":7,\"next\":\"soon\"}");
    ack.next = WG_NEXT_LATER;
    assert_wire(&ack, OF ",\"answer\":7,\"next\":\"later\"}");
}

static void test_ack_refused(void)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"[]", "ack: a message is a JSON object"},
        {"{}", "ack: v: missing"},
        {"{\"v\":2,\"journal\":\"" JOURNAL "\",\"seq\":1}", "v: must be between 1 and 1, found 2"},
        {"{\"v\":1,\"seq\":1}", "journal: missing"},
        {ACK ",\"link\":3}", "boot: missing"},
        {OF ",\"answer\":7}", "next: missing"},
        {OF ",\"answer\":0,\"next\":\"none\"}", "answer: must be between 1"},
        {OF ",\"answer\":7,\"next\":\"perhaps\"}", "next: expected none, soon or later"},
        {OF ",\"answer\":7,\"next\":\"\"}", "next: expected none, soon or later"},
        {ACK ",\"answer\":7,\"next\":\"none\"}", "answer: link and boot are missing"},
        {ACK ",\"link\":3,\"boot\":\"3\"}", "boot: expected 32 lower-case hex digits"},
        {ACK ",\"link\":0,\"boot\":\"" JOURNAL "\"}", "link: must be between 1"},
        {"{\"v\":1,\"journal\":\"0011\",\"seq\":1}", "journal: expected 32 lower-case hex digits"},
        {"{\"v\":1,\"journal\":\"00112233445566778899AABBCCDDEEFF\",\"seq\":1}",
         "journal: expected 32 lower-case hex digits"},
        {"{\"v\":1,\"journal\":\"" JOURNAL "0\",\"seq\":1}", "journal: text of 33 bytes"},
        {"{\"v\":1,\"journal\":\"" JOURNAL "\"}", "seq: missing"},
        {"{\"v\":1,\"journal\":\"" JOURNAL "\",\"seq\":-1}", "seq: must be between 0"},
        {"{\"v\":1,\"journal\":\"" JOURNAL "\",\"seq\":1.0}", "seq: expected an integer"},
        {"{\"v\":1,\"journal\":\"" JOURNAL "\",\"seq\":9007199254740992}", "seq: must be between"},
        {ACK ",\"order\":\"\"}", "order: empty; leave it out"},
        {ACK ",\"order\":\"" ORDER "0\"}", "order: text of 37 bytes"},
        {ACK ",\"order\":\"6F1c2d3e-4a5b-4c6d-8e7f-0123456789ab\"}", "order: expected a UUID"},
        {ACK ",\"order\":7}", "order: expected text"},
        {ACK ",\"order\":\"" ORDER "\",\"go\":1}", "go: expected true or false"},
        {ACK ",\"go\":true}", "order: missing; go true is said of an order"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wg_ack ack = {.seq = 77};
        wg_error_clear(&err);
        CU_ASSERT_FALSE(wg_ack_decode(cases[i].text, strlen(cases[i].text), &ack, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        CU_ASSERT_EQUAL(ack.seq, 77);
        if (!strstr(err.text, cases[i].says)) ASSERT_TEXT(err.text, cases[i].says);
    }
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    CU_ASSERT_FALSE(wg_ack_encode(&(struct wg_ack){.journal = "short", .seq = 1}, &out, &err));
    CU_ASSERT_FALSE(wg_ack_encode(&(struct wg_ack){.journal = JOURNAL, .seq = -1}, &out, &err));
    CU_ASSERT_FALSE(wg_ack_encode(&(struct wg_ack){.journal = JOURNAL, .go = true}, &out, &err));
    CU_ASSERT_FALSE(wg_ack_encode(&(struct wg_ack){.journal = JOURNAL, .order = "7"}, &out, &err));
    CU_ASSERT_EQUAL(out.len, 0);
    wg_buf_clear(&out);
}

static bool decode(const char *bytes, size_t len, struct wg_error *error)
{
    struct wg_ack ack;
    return wg_ack_decode(bytes, len, &ack, error);
}

static void test_ack_mangled(void)
{
    static const char text[] = ACK ",\"order\":\"" ORDER "\",\"go\":true}";
    mangle_prefixes(text, sizeof text - 1, decode);
    CU_ASSERT_TRUE(mangle_mutations(text, sizeof text - 1, decode, 5000, 4) < 5000);
}

WG_SUITE("message", {"topics", test_topics}, {"topics refused", test_topics_refused},
         {"ack", test_ack}, {"ack says go", test_ack_says_go}, {"ack answers", test_ack_answers},
         {"ack refused", test_ack_refused}, {"ack mangled", test_ack_mangled})
