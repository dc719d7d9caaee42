/* message_log_test.c: log excerpts: the wire form, everything refused, and text that is too long.
 */
#include "common/message_log.h"
#include "tests/unit/common/mangle.h"
#include "tests/unit/harness.h"

#include <string.h>

#define BEGIN                                                                                      \
    "{\"v\":1,\"journal\":\"0123456789abcdef0123456789abcdef\",\"seq\":7,"                         \
    "\"order\":\"0b0e7a52-6a5e-4d21-9f7d-0a4a4d1b1c11\",\"campaign\":\"brake-2.4.1\","             \
    "\"attempt\":2,\"boot\":\"fedcba9876543210fedcba9876543210\","
#define AT "\"at\":\"2026-12-01T00:00:00.000Z\","
#define GOOD                                                                                       \
    BEGIN AT "\"source\":\"payload\",\"cut\":true,\"text\":\"no \\\"brake\\\"\\nfound\\n\"}"

static struct wg_error err;
static struct wg_log_message message, again;

static void it_reads_and_writes(void)
{
    struct wg_buf out;
    ASSERT_OK(wg_log_message_decode(GOOD, strlen(GOOD), &message, &err), &err);
    ASSERT_TEXT(message.order, "0b0e7a52-6a5e-4d21-9f7d-0a4a4d1b1c11");
    ASSERT_TEXT(message.campaign, "brake-2.4.1");
    CU_ASSERT_EQUAL(message.seq, 7);
    CU_ASSERT_EQUAL(message.attempt, 2);
    CU_ASSERT_EQUAL(message.source, WG_LOG_OF_PAYLOAD);
    CU_ASSERT_TRUE(message.cut);
    ASSERT_TEXT(message.text, "no \"brake\"\nfound\n");
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_log_message_encode(&message, &out, &err), &err);
    ASSERT_TEXT(wg_buf_str(&out), GOOD);
    wg_buf_clear(&out);
}

static void terminals_are_not_obeyed(void)
{
    static const char wild[] = BEGIN
        "\"source\":\"agent\",\"cut\":false,\"text\":\"a\\u001b[2Jb\\u202ec\\u009bd\\te\\n\"}";
    ASSERT_OK(wg_log_message_decode(wild, strlen(wild), &message, &err), &err);
    ASSERT_TEXT(message.text, "a?[2Jb?"
                              "?"
                              "?c?"
                              "?d\te\n");
    CU_ASSERT_EQUAL(message.at, 0);
}

static void what_is_wrong_is_refused(void)
{
    static const char *const rows[][2] = {
        {"[1]", "log: "},
        {"{\"v\":2}", "v: "},
        {BEGIN AT "\"source\":\"kernel\",\"cut\":true,\"text\":\"x\"}", "source: "},
        {BEGIN AT "\"source\":\"agent\",\"cut\":1,\"text\":\"x\"}", "cut: "},
        {BEGIN AT "\"source\":\"agent\",\"cut\":true,\"text\":\"\"}", "text: empty"},
        {BEGIN AT "\"source\":\"agent\",\"cut\":true}", "text: "},
        {BEGIN AT "\"source\":\"agent\",\"cut\":true,\"text\":\"a\\u0000b\"}", "u0000"},
        {BEGIN "\"at\":\"now\",\"source\":\"agent\",\"cut\":true,\"text\":\"x\"}", "at: "},
        {BEGIN AT "\"source\":\"agent\",\"cut\":true,\"text\":\"\xff\"}", "log: "},
        {"{\"v\":1,\"journal\":\"x\",\"seq\":0}", "seq: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        message.seq = 77;
        wg_error_clear(&err);
        CU_ASSERT_FALSE(wg_log_message_decode(rows[i][0], strlen(rows[i][0]), &message, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        if (!strstr(err.text, rows[i][1])) ASSERT_TEXT(err.text, rows[i][1]);
        CU_ASSERT_EQUAL(message.seq, 77);
    }
}

static void a_text_that_is_too_long_is_refused(void)
{
    static char bytes[WG_MESSAGE_MAX];
    size_t head = (size_t)snprintf(bytes, sizeof bytes, "%s",
                                   BEGIN AT "\"source\":\"agent\",\"cut\":true,\"text\":\"");
    memset(bytes + head, 'x', WG_LOG_TEXT_MAX + 1);
    memcpy(bytes + head + WG_LOG_TEXT_MAX, "\"}", 3);
    ASSERT_OK(wg_log_message_decode(bytes, head + WG_LOG_TEXT_MAX + 2, &message, &err), &err);
    CU_ASSERT_EQUAL(strlen(message.text), WG_LOG_TEXT_MAX);
    memcpy(bytes + head + WG_LOG_TEXT_MAX, "x\"}", 4);
    CU_ASSERT_FALSE(wg_log_message_decode(bytes, head + WG_LOG_TEXT_MAX + 3, &message, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "text"));
}

static void filled(const char *text, size_t len, bool cut)
{
    struct wg_buf out;
    CU_ASSERT_TRUE(wg_log_message_fill(&message, text, len, WG_LOG_TEXT_MAX));
    CU_ASSERT_EQUAL(message.cut, cut);
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_log_message_encode(&message, &out, &err), &err);
    ASSERT_OK(wg_log_message_decode(out.data, out.len, &again, &err), &err);
    ASSERT_TEXT(again.text, message.text);
    wg_buf_clear(&out);
}

/* However much the text grows as JSON. */
static void the_end_is_what_is_kept(void)
{
    static char text[40000];
    static const char *const fills[] = {
        "x", "\"", "\\\n", "0123456789\n", "\xe2\x82\xac", "\x01\n", "\xe2\x80\xae"};
    ASSERT_OK(wg_log_message_decode(GOOD, strlen(GOOD), &message, &err), &err);
    for (size_t i = 0; i < sizeof fills / sizeof fills[0]; i++) {
        size_t piece = strlen(fills[i]), len = 0;
        while (len + piece < sizeof text - 4) {
            memcpy(text + len, fills[i], piece);
            len += piece;
        }
        memcpy(text + len, "end", 4);
        message.cut = false;
        filled(text, len + 3, true);
        CU_ASSERT_TRUE(strlen(message.text) > WG_LOG_TEXT_MAX - 1200);
        ASSERT_TEXT(message.text + strlen(message.text) - 3, "end");
        CU_ASSERT_TRUE(wg_text_is_utf8(message.text, strlen(message.text)));
    }
    CU_ASSERT_TRUE(wg_log_message_fill(&message, text, 30000, 99));
    CU_ASSERT_TRUE(strlen(message.text) <= 99);
    message.cut = false;
    filled("short\n", 6, false);
    CU_ASSERT_FALSE(wg_log_message_fill(&message, "", 0, 99));
}

static void a_cut_is_at_the_end_of_a_line(void)
{
    static char text[20000];
    ASSERT_OK(wg_log_message_decode(GOOD, strlen(GOOD), &message, &err), &err);
    for (size_t i = 0; i < sizeof text; i++) text[i] = (i + 1) % 100 == 0 ? '\n' : 'a';
    filled(text, sizeof text, true);
    CU_ASSERT_EQUAL(strlen(message.text) % 100, 0);
}

static bool decode(const char *bytes, size_t len, struct wg_error *why)
{
    return wg_log_message_decode(bytes, len, &again, why);
}

static void bytes_that_are_cut_or_changed(void)
{
    mangle_prefixes(GOOD, strlen(GOOD), decode);
    (void)mangle_mutations(GOOD, strlen(GOOD), decode, 5000, 17);
}

WG_SUITE("message_log", {"it reads and writes", it_reads_and_writes},
         {"terminals are not obeyed", terminals_are_not_obeyed},
         {"what is wrong is refused", what_is_wrong_is_refused},
         {"a text that is too long is refused", a_text_that_is_too_long_is_refused},
         {"the end is what is kept", the_end_is_what_is_kept},
         {"a cut is at the end of a line", a_cut_is_at_the_end_of_a_line},
         {"bytes that are cut or changed", bytes_that_are_cut_or_changed})
