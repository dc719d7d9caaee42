/* text_test.c: copies, UTF-8, names, hex, globs and edit distance. */
#include "common/text.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

static void copies_cut_and_tell(void)
{
    static const struct {
        size_t size;
        const char *from, *expected;
        bool whole;
    } rows[] = {
        {4, "abc", "abc", true},
        {3, "abc", "ab", false},
        {1, "", "", true},
        {1, "a", "", false},
        {4, "ab\xc3\xa9", "ab", false}, /* the cut would fall inside the e acute */
        {5, "ab\xc3\xa9", "ab\xc3\xa9", true},
        {4, "\xf0\x9f\x9a\x97", "", false}, /* four bytes do not fit */
        {5, "\xf0\x9f\x9a\x97!", "\xf0\x9f\x9a\x97", false},
        {3, "\x80\x80\x80", "\x80\x80", false}, /* no UTF-8: bytes as they come */
        {5, "a\x80\x80\x80\x80", "a\x80\x80\x80", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char to[16];
        memset(to, '#', sizeof to);
        CU_ASSERT_EQUAL(wg_copy(to, rows[i].size, rows[i].from), rows[i].whole);
        ASSERT_TEXT(to, rows[i].expected);
        CU_ASSERT_EQUAL(to[rows[i].size], '#');
    }
    char to[8];
    CU_ASSERT_TRUE(wg_copy_n(to, sizeof to, "abcdef", 2));
    ASSERT_TEXT(to, "ab");
}

static void utf8_as_rfc_3629_has_it(void)
{
    static const struct {
        const char *text;
        size_t len;
        bool good;
    } rows[] = {
        {"", 0, true},
        {"plain", 5, true},
        {"\xc2\x80", 2, true},
        {"\xdf\xbf", 2, true},
        {"\xe0\xa0\x80", 3, true},
        {"\xed\x9f\xbf", 3, true},
        {"\xee\x80\x80", 3, true},
        {"\xef\xbf\xbf", 3, true},
        {"\xf0\x90\x80\x80", 4, true},
        {"\xf4\x8f\xbf\xbf", 4, true},
        {"a\0b", 3, false},
        {"\x80", 1, false},
        {"\xbf", 1, false},
        {"\xc0\x80", 2, false},         /* overlong NUL */
        {"\xc1\xbf", 2, false},         /* overlong */
        {"\xe0\x9f\xbf", 3, false},     /* overlong */
        {"\xf0\x8f\xbf\xbf", 4, false}, /* overlong */
        {"\xed\xa0\x80", 3, false},     /* surrogate */
        {"\xed\xbf\xbf", 3, false},     /* surrogate */
        {"\xf4\x90\x80\x80", 4, false}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", 4, false},
        {"\xff", 1, false},
        {"\xc3", 1, false}, /* ends early, though a fitting byte lies behind */
        {"\xe2\x82\xac", 2, false},
        {"\xf0\x9f\x9a\x97", 3, false},
        {"\xc3(", 2, false},
        {"\xe2(\xa1", 3, false},
        {"\xe2\x82(", 3, false},
        {"ok\xc3\xa9\xe2\x82\xac.", 8, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CU_ASSERT_EQUAL(wg_text_is_utf8(rows[i].text, rows[i].len), rows[i].good);
}

static void names_are_safe_everywhere(void)
{
    static const char *const good[] = {"a", "7", "dev-000017", "brake_controller-2.4.1", "A.b"};
    static const char *const bad[] = {"",    ".",   "..",  "-a",  "_a",       ".a",  "a b", "a/b",
                                      "a+b", "a#b", "a$b", "a%b", "\xc3\xa9", "a\n", "a*",  "a'b"};
    char longest[WG_NAME_MAX + 2];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CU_ASSERT_TRUE(wg_name_is_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(wg_name_is_valid(bad[i]));
    memset(longest, 'a', sizeof longest);
    longest[WG_NAME_MAX] = '\0';
    CU_ASSERT_TRUE(wg_name_is_valid(longest));
    longest[WG_NAME_MAX] = 'a';
    longest[WG_NAME_MAX + 1] = '\0';
    CU_ASSERT_FALSE(wg_name_is_valid(longest));
}

static void every_byte_goes_through_hex_and_back(void)
{
    unsigned char bytes[256], back[256];
    char hex[513];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)i;
    wg_hex(bytes, sizeof bytes, hex);
    CU_ASSERT_EQUAL(strlen(hex), 512);
    CU_ASSERT_EQUAL(strncmp(hex + (size_t)2 * 0x9f, "9fa0a1", 6), 0);
    CU_ASSERT_TRUE(wg_unhex(hex, back, sizeof back));
    CU_ASSERT_EQUAL(memcmp(bytes, back, sizeof back), 0);
    wg_hex(bytes, 0, hex);
    ASSERT_TEXT(hex, "");
    CU_ASSERT_TRUE(wg_unhex("", back, 0));
}

static void unhex_takes_lower_case_of_the_right_length_only(void)
{
    static const char *const bad[] = {"",     "0",    "00ff0", "00ff00", "00fF", "00fg", "00f ",
                                      "0x0f", "aabg", "-1ff",  "00f/",   "00f:", "00f`"};
    unsigned char out[2];
    CU_ASSERT_TRUE(wg_unhex("00ff", out, 2));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(wg_unhex(bad[i], out, 2));
    CU_ASSERT_EQUAL(out[0], 0x00);
    CU_ASSERT_EQUAL(out[1], 0xff);
}

static void globs(void)
{
    static const struct {
        const char *pattern, *text;
        bool match;
    } rows[] = {
        {"Europe/*", "Europe/Berlin", true},
        {"Europe/*", "Europe/", true},
        {"Europe/*", "America/Lima", false},
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"***", "abc", true},
        {"?", "", false},
        {"?", "a", true},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*b", "ab", true},
        {"*b", "abc", false},
        {"a*b*c", "a1b2b3c", true},
        {"a*b*c", "a1b2b3", false},
        {"*ab", "aab", true},
        {"*a?b", "aacb", true},
        {"[a]", "a", false},
        {"[a]", "[a]", true},
        {"\\*", "*", false},
        {"abc", "abcd", false},
        {"abcd", "abc", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool match = wg_glob_match(rows[i].pattern, rows[i].text);
        if (match != rows[i].match) printf("\n    %s on %s\n", rows[i].pattern, rows[i].text);
        CU_ASSERT_EQUAL(match, rows[i].match);
    }
}

/* What costs a backtracking matcher 2^32 steps. */
static void no_glob_is_slow(void)
{
    char pattern[65] = "", text[65] = "";
    for (size_t i = 0; i < 32; i++) {
        memcpy(pattern + 2 * i, "*a", 3);
        memcpy(text + 2 * i, "aa", 3);
    }
    CU_ASSERT_TRUE(wg_glob_match(pattern, text));
    pattern[63] = 'b';
    CU_ASSERT_FALSE(wg_glob_match(pattern, text));
}

static void distances(void)
{
    static const struct {
        const char *a, *b;
        size_t limit, expected;
    } rows[] = {
        {"", "", 2, 0},
        {"region", "region", 2, 0},
        {"regoin", "region", 2, 2},
        {"regio", "region", 2, 1},
        {"", "abc", 3, 3},
        {"abc", "", 3, 3},
        {"", "abc", 2, 3},
        {"kitten", "sitting", 3, 3},
        {"kitten", "sitting", 2, 3},
        {"wave", "gate", 5, 2},
        {"a", "b", 0, 1},
    };
    char longer[66];
    memset(longer, 'a', sizeof longer - 1);
    longer[65] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CU_ASSERT_EQUAL(wg_text_distance(rows[i].a, rows[i].b, rows[i].limit), rows[i].expected);
    CU_ASSERT_EQUAL(wg_text_distance(longer, longer, 3), 4);
    CU_ASSERT_EQUAL(wg_text_distance(longer + 1, longer + 1, 3), 0);
    CU_ASSERT_EQUAL(wg_text_distance(longer + 1, "", 70), 64);
}

static void test_tame(void)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"plain\n\tkept", "plain\n\tkept"},
        {"a\x1b[2Jb\a\r", "a?[2Jb??"},
        {"c1 \xc2\x9b"
         "2J",
         "c1 ??2J"},
        {"\xe2\x80\xaegnp.exe", "???gnp.exe"},
        {"\xe2\x81\xa6x\xe2\x81\xa9", "???x???"},
        {"M\xc3\xbcnchen \xe2\x82\xac \xe2\x80\x93", "M\xc3\xbcnchen \xe2\x82\xac \xe2\x80\x93"},
        {"cut \xe2\x80", "cut \xe2\x80"},
        {"cut \xc2", "cut \xc2"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%s", rows[i].from);
        wg_text_tame(text);
        ASSERT_TEXT(text, rows[i].to);
    }
}

WG_SUITE("text", {"copies cut and tell", copies_cut_and_tell},
         {"UTF-8 as RFC 3629 has it", utf8_as_rfc_3629_has_it},
         {"names are safe everywhere", names_are_safe_everywhere},
         {"every byte goes through hex and back", every_byte_goes_through_hex_and_back},
         {"unhex takes lower case of the right length only",
          unhex_takes_lower_case_of_the_right_length_only},
         {"globs", globs}, {"no glob is slow", no_glob_is_slow}, {"distances", distances},
         {"tame", test_tame})
