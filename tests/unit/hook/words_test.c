/* words_test.c: the line that is found, however the bytes come, and what is cleaned out of it. */
#include "orchestrator/hook/words.h"

#include "common/text.h"
#include "tests/unit/harness.h"

#include <string.h>

static void expect(const char *bytes, size_t len, size_t piece, const char *expected)
{
    struct words words = {0};
    char out[WORDS_MAX + 1];
    for (size_t at = 0; at < len; at += piece)
        words_add(&words, bytes + at, len - at < piece ? len - at : piece);
    words_text(&words, out);
    ASSERT_TEXT(out, expected);
}

static void test_first_line(void)
{
    static const struct {
        const char *bytes, *words;
    } rows[] = {
        {"", ""},
        {"\n\n", ""},
        {"one", "one"},
        {"one\ntwo\n", "one"},
        {"\n \n\t\r\n  one \r\ntwo", "one"},
        {"one two\tthree\n", "one two three"},
        {"\033[31mred\033[0m\a\n", "[31mred[0m"},
        {"a\001b\177c\n", "abc"},
        {"Gr\303\274\303\237e \342\202\254 \360\237\232\227\n",
         "Gr\303\274\303\237e \342\202\254 \360\237\232\227"},
        {"bad \303( \377 \355\240\200 \300\257", "bad ?( ? ??? ??"},
        {"cut \342\202", "cut ??"},
        {"c1 \302\205\302\233x \302\240y", "c1 x \302\240y"},
        {"turn \342\200\256x\342\201\246 \342\200\250y \342\200\223 z", "turn x y \342\200\223 z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = strlen(rows[i].bytes);
        expect(rows[i].bytes, len, len ? len : 1, rows[i].words);
        expect(rows[i].bytes, len, 1, rows[i].words);
    }
    expect("a\0b\n", 4, 4, "ab");
}

static void test_cut(void)
{
    char line[4 * WORDS_RAW_MAX], expected[WORDS_MAX + 1];
    struct words words = {0};
    char out[WORDS_MAX + 1];
    memset(line, 'x', sizeof line);
    memset(expected, 'x', WORDS_MAX);
    expected[WORDS_MAX] = '\0';
    expect(line, sizeof line, 100, expected);
    /* a character that does not fit whole is left out */
    line[WORDS_MAX - 1] = '\303';
    line[WORDS_MAX] = '\274';
    expected[WORDS_MAX - 1] = '\0';
    expect(line, sizeof line, 100, expected);
    memset(line, '\377', sizeof line);
    words_add(&words, line, sizeof line);
    words_text(&words, out);
    CU_ASSERT_EQUAL(strlen(out), WORDS_MAX);
}

/* Whatever the bytes are, what comes out may go into the database and onto a screen. */
static void test_any_bytes(void)
{
    unsigned seed = 1;
    for (int round = 0; round < 20000; round++) {
        static const char often[] = "\303\342\360\200\202\237\274\355\n\t \033";
        char bytes[40], out[WORDS_MAX + 1];
        struct words words = {0};
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1103515245U + 12345U;
            bool known = seed >> 30 != 0;
            unsigned char any = (unsigned char)(seed >> 16);
            memcpy(bytes + i, known ? &often[any % (sizeof often - 1)] : (char *)&any, 1);
        }
        words_add(&words, bytes, sizeof bytes);
        words_text(&words, out);
        CU_ASSERT_TRUE_FATAL(wg_text_is_utf8(out, strlen(out)));
        for (const char *c = out; *c; c++)
            CU_ASSERT_FALSE_FATAL((unsigned char)*c < ' ' || *c == 0x7f);
    }
}

WG_SUITE("orchestrator/hook/words", {"the first line", test_first_line},
         {"a long line is cut", test_cut}, {"any bytes", test_any_bytes})
