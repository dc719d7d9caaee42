/* range_test.c: what ranges of versions and revisions hold, and which are refused, in what words.
 */
#include "common/version.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

static bool holds(const char *range_text, const char *version)
{
    struct wg_range range;
    struct wg_error err;
    char key[WG_SORT_KEY_MAX];
    ASSERT_OK(wg_version_range_parse(range_text, &range, &err), &err);
    ASSERT_OK(wg_version_key(version, key, &err), &err);
    return wg_range_holds(&range, key);
}

static void versions_in_and_out(void)
{
    static const struct {
        const char *range;
        const char *in[4], *out[4];
    } rows[] = {
        {"", {"0.0.0", "99.0.0-rc.1"}, {NULL}},
        {"  ", {"0.0.0"}, {NULL}},
        {"*", {"0.0.0-0", "7.8.9"}, {NULL}},
        {"2.3.0", {"2.3.0", "2.3.0+build.7"}, {"2.3.1", "2.2.9", "2.3.0-rc.1"}},
        {"=2.3.0", {"2.3.0"}, {"2.3.1"}},
        {"= 2.3.0", {"2.3.0"}, {"2.3.1"}},
        {">2.3.0", {"2.3.1", "10.0.0"}, {"2.3.0", "2.3.0-rc.1"}},
        {">=2.3.0", {"2.3.0", "2.10.0"}, {"2.3.0-rc.9", "2.2.99"}},
        {"<2.4.1", {"2.4.0", "2.4.1-rc.1"}, {"2.4.1", "2.10.0"}},
        {"<=2.4.1", {"2.4.1", "0.0.0"}, {"2.4.2"}},
        {">=2.3.0 <2.4.1", {"2.3.0", "2.4.0", "2.4.1-rc.1"}, {"2.2.9", "2.4.1", "2.5.0"}},
        {"  >=  2.3.0   <   2.4.1  ", {"2.3.0", "2.4.0"}, {"2.2.9", "2.4.1"}},
        {">=1.0.0 >=2.0.0 <5.0.0 <4.0.0", {"2.0.0", "3.9.9"}, {"1.9.9", "4.0.0"}},
        {">=2.0.0 >2.0.0 <=3.0.0 <3.0.0", {"2.0.1", "2.9.9"}, {"2.0.0", "3.0.0"}},
        {">2.0.0 >=2.0.0 <3.0.0 <=3.0.0", {"2.0.1", "2.9.9"}, {"2.0.0", "3.0.0"}},
        {">=2.0.0 <=2.0.0", {"2.0.0"}, {"2.0.1", "1.9.9"}},
        {"* >=2.0.0", {"2.0.0"}, {"1.0.0"}},
        {"1.0.0 || 3.0.0", {"1.0.0", "3.0.0"}, {"2.0.0", "0.9.0", "3.0.1"}},
        {"1.0.0||3.0.0", {"1.0.0", "3.0.0"}, {"2.0.0"}},
        {"<1.0.0 || >=2.0.0 <3.0.0 || >5.0.0",
         {"0.9.0", "2.5.0", "5.0.1"},
         {"1.0.0", "3.0.0", "5.0.0"}},
        {"<3.0.0 || >2.0.0", {"1.0.0", "2.5.0", "4.0.0"}, {NULL}},
        {"2.0.0 || *", {"1.0.0", "9.9.9"}, {NULL}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t n = 0; n < 4 && rows[i].in[n]; n++) {
            bool in = holds(rows[i].range, rows[i].in[n]);
            if (!in) printf("\n    %s should hold %s\n", rows[i].range, rows[i].in[n]);
            CU_ASSERT_TRUE(in);
        }
        for (size_t n = 0; n < 4 && rows[i].out[n]; n++) {
            bool in = holds(rows[i].range, rows[i].out[n]);
            if (in) printf("\n    %s should not hold %s\n", rows[i].range, rows[i].out[n]);
            CU_ASSERT_FALSE(in);
        }
    }
}

static void a_range_is_spans_of_keys(void)
{
    struct wg_range range;
    struct wg_error err;
    char key[WG_SORT_KEY_MAX];
    ASSERT_OK(wg_version_range_parse(">=1.0.0 <2.0.0 || 3.0.0", &range, &err), &err);
    CU_ASSERT_EQUAL(range.count, 2);
    ASSERT_OK(wg_version_key("2.0.0", key, &err), &err);
    CU_ASSERT_TRUE(range.spans[0].from.inclusive);
    CU_ASSERT_FALSE(range.spans[0].from.open);
    CU_ASSERT_FALSE(range.spans[0].to.inclusive);
    ASSERT_TEXT(range.spans[0].to.key, key);
    CU_ASSERT_TRUE(range.spans[1].from.inclusive && range.spans[1].to.inclusive);
    ASSERT_TEXT(range.spans[1].from.key, range.spans[1].to.key);
    ASSERT_OK(wg_version_range_parse("<=2.0.0", &range, &err), &err);
    CU_ASSERT_EQUAL(range.count, 1);
    CU_ASSERT_TRUE(range.spans[0].from.open);
    ASSERT_OK(wg_version_range_parse("", &range, &err), &err);
    CU_ASSERT_EQUAL(range.count, 1);
    CU_ASSERT_TRUE(range.spans[0].from.open && range.spans[0].to.open);
}

static void revisions_in_and_out(void)
{
    static const struct {
        const char *range, *revision;
        bool in;
    } rows[] = {
        {">=C", "C", true},    {">=C", "C2", true},      {">=C", "AA", true},
        {">=C", "B9", false},  {">=C <C10", "C2", true}, {">=C <C10", "C10", false},
        {"A || D", "D", true}, {"A || D", "B", false},   {"", "anything", true},
        {"1.2", "1.02", true}, {"< 1.10", "1.9", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_range range;
        struct wg_error err;
        char key[WG_SORT_KEY_MAX];
        ASSERT_OK(wg_revision_range_parse(rows[i].range, &range, &err), &err);
        ASSERT_OK(wg_revision_key(rows[i].revision, key, &err), &err);
        CU_ASSERT_EQUAL(wg_range_holds(&range, key), rows[i].in);
    }
}

#define VERSION_EXPECTED                                                                           \
    " is not a version: expected MAJOR.MINOR.PATCH as in 2.4.1 or 2.4.1-rc.1 (semver.org)"
#define EMPTY_ALTERNATIVE                                                                          \
    "the range has an empty alternative: expected a comparator on both sides of \"||\""

static void refusals_name_the_token(void)
{
    static const struct {
        const char *range, *text;
    } rows[] = {
        {">=2.3", "\"2.3\"" VERSION_EXPECTED},
        {">=2.3.0 junk", "\"junk\"" VERSION_EXPECTED},
        {"2.x", "\"2.x\"" VERSION_EXPECTED},
        {"1.0.0 - 2.0.0", "\"-\"" VERSION_EXPECTED},
        {">=1.0.0<2.0.0", "\"1.0.0<2.0.0\"" VERSION_EXPECTED},
        {"1.0.0,2.0.0", "\"1.0.0,2.0.0\"" VERSION_EXPECTED},
        {"1.0.0|2.0.0", "\"1.0.0|2.0.0\"" VERSION_EXPECTED},
        {">=*", "\"*\"" VERSION_EXPECTED},
        {"=>1.0.0", "\">1.0.0\"" VERSION_EXPECTED},
        {"==1.0.0", "\"=1.0.0\"" VERSION_EXPECTED},
        {">=1.0.0\t<2.0.0", "\"1.0.0\t<2.0.0\"" VERSION_EXPECTED},
        {"^1.0.0", "\"^1.0.0\" begins with '^': expected =, <, <=, > or >="},
        {"~1.0.0", "\"~1.0.0\" begins with '~': expected =, <, <=, > or >="},
        {"!=1.0.0", "\"!=1.0.0\" begins with '!': expected =, <, <=, > or >="},
        {">=", "\">=\" compares with nothing: expected as in >=2.3.0"},
        {"> || 1.0.0", "\"> \" compares with nothing: expected as in >=2.3.0"},
        {">2.0.0 <1.0.0", "nothing can be in \">2.0.0 <1.0.0\": its bounds exclude each other"},
        {">=1.0.0 <1.0.0", "nothing can be in \">=1.0.0 <1.0.0\": its bounds exclude each other"},
        {">1.0.0 <=1.0.0", "nothing can be in \">1.0.0 <=1.0.0\": its bounds exclude each other"},
        {"1.0.0 2.0.0", "nothing can be in \"1.0.0 2.0.0\": its bounds exclude each other"},
        {"5.0.0 || 1.0.0 2.0.0",
         "nothing can be in \"1.0.0 2.0.0\": its bounds exclude each other"},
        {"1.0.0 ||", EMPTY_ALTERNATIVE},
        {"|| 1.0.0", EMPTY_ALTERNATIVE},
        {"1.0.0 || || 2.0.0", EMPTY_ALTERNATIVE},
        {"||", EMPTY_ALTERNATIVE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_range range = {.count = 77};
        struct wg_error err;
        wg_error_clear(&err);
        CU_ASSERT_FALSE(wg_version_range_parse(rows[i].range, &range, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        ASSERT_TEXT(err.text, rows[i].text);
        CU_ASSERT_EQUAL(range.count, 77);
    }
}

static void ranges_are_bounded(void)
{
    struct wg_range range;
    struct wg_error err;
    char text[300];
    ASSERT_OK(wg_version_range_parse("1.0.0||2.0.0||3.0.0||4.0.0||5.0.0||6.0.0||7.0.0||8.0.0",
                                     &range, &err),
              &err);
    CU_ASSERT_EQUAL(range.count, WG_RANGE_SPANS_MAX);
    CU_ASSERT_FALSE(wg_version_range_parse(
        "1.0.0||2.0.0||3.0.0||4.0.0||5.0.0||6.0.0||7.0.0||8.0.0||9.0.0", &range, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    memset(text, ' ', sizeof text);
    memcpy(text, "1.0.0", 5);
    text[255] = '\0';
    ASSERT_OK(wg_version_range_parse(text, &range, &err), &err);
    text[255] = ' ';
    text[256] = '\0';
    CU_ASSERT_FALSE(wg_version_range_parse(text, &range, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    memset(text, '1', 255);
    text[255] = '\0';
    CU_ASSERT_FALSE(wg_version_range_parse(text, &range, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
}

WG_SUITE("range", {"versions in and out", versions_in_and_out},
         {"a range is spans of keys", a_range_is_spans_of_keys},
         {"revisions in and out", revisions_in_and_out},
         {"refusals name the token", refusals_name_the_token},
         {"ranges are bounded", ranges_are_bounded})
