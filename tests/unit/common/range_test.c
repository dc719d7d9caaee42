/* range_test.c: what ranges of versions and revisions hold, and which are refused, in what words;
 * and that node-semver says the same (data/make_vectors.mjs). */
#include "common/version.h"
#include "tests/unit/common/mangle.h"
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

#define ROW_TEXTS 5

struct row {
    const char *range;
    const char *in[ROW_TEXTS], *out[ROW_TEXTS];
};

static void assert_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t n = 0; n < 2 * (size_t)ROW_TEXTS; n++) {
            bool expected = n < ROW_TEXTS;
            const char *version = expected ? rows[i].in[n] : rows[i].out[n - ROW_TEXTS];
            if (!version) continue;
            bool in = holds(rows[i].range, version);
            if (in != expected)
                printf("\n    %s should%s hold %s\n", rows[i].range, expected ? "" : " not",
                       version);
            CU_ASSERT_EQUAL(in, expected);
        }
}

static void versions_in_and_out(void)
{
    static const struct row rows[] = {
        {"", {"0.0.0", "99.0.0"}, {"99.0.0-rc.1"}},
        {"  ", {"0.0.0"}, {"0.0.0-0"}},
        {"*", {"0.0.0", "7.8.9"}, {"7.8.9-rc.1"}},
        {"2.3.0", {"2.3.0", "2.3.0+build.7"}, {"2.3.1", "2.2.9", "2.3.0-rc.1"}},
        {"=2.3.0", {"2.3.0"}, {"2.3.1"}},
        {"= 2.3.0", {"2.3.0"}, {"2.3.1"}},
        {">2.3.0", {"2.3.1", "10.0.0"}, {"2.3.0", "2.3.0-rc.1", "2.3.1-rc.1"}},
        {">=2.3.0", {"2.3.0", "2.10.0"}, {"2.3.0-rc.9", "2.2.99", "2.4.0-rc.1"}},
        {"<2.4.1", {"2.4.0", "0.0.0"}, {"2.4.1", "2.10.0", "2.4.1-rc.1", "2.4.0-rc.1"}},
        {"<=2.4.1", {"2.4.1", "0.0.0"}, {"2.4.2"}},
        {">=2.3.0 <2.4.1", {"2.3.0", "2.4.0"}, {"2.2.9", "2.4.1", "2.5.0", "2.4.1-rc.1"}},
        {"  >=  2.3.0   <   2.4.1  ", {"2.3.0", "2.4.0"}, {"2.2.9", "2.4.1"}},
        {">=2.3.0\t<2.4.1\n", {"2.3.0", "2.4.0"}, {"2.2.9", "2.4.1"}},
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
    assert_rows(rows, sizeof rows / sizeof rows[0]);
}

static void carets_tildes_and_parts(void)
{
    static const struct row rows[] = {
        {"^1.2.3", {"1.2.3", "1.99.0"}, {"1.2.2", "2.0.0", "2.0.0-0", "1.2.4-rc.1"}},
        {"^0.2.3", {"0.2.3", "0.2.9"}, {"0.3.0", "0.2.2", "1.0.0"}},
        {"^0.0.3", {"0.0.3"}, {"0.0.4", "0.0.2"}},
        {"^0.0", {"0.0.0", "0.0.9"}, {"0.1.0"}},
        {"^0.x", {"0.0.0", "0.9.9"}, {"1.0.0"}},
        {"^ 9.9.9", {"9.9.9", "9.10.0"}, {"10.0.0"}},
        {"~1.2.3", {"1.2.3", "1.2.99"}, {"1.3.0", "1.2.2"}},
        {"~> 1.2.9", {"1.2.9", "1.2.10"}, {"1.3.0"}},
        {"~1", {"1.0.0", "1.99.0"}, {"2.0.0", "0.9.0"}},
        {"~0.9", {"0.9.9"}, {"0.10.0"}},
        {"1.2", {"1.2.0", "1.2.99"}, {"1.3.0", "1.1.9", "1.2.0-rc.1"}},
        {"1.X.*", {"1.0.0", "1.99.9"}, {"2.0.0", "0.9.9"}},
        {">1.2", {"1.3.0"}, {"1.2.9"}},
        {">=1.2", {"1.2.0"}, {"1.1.9"}},
        {"<2", {"1.9.9"}, {"2.0.0", "2.0.0-rc.1"}},
        {"<=1.2", {"1.2.99"}, {"1.3.0"}},
        {"<=99999999999999999999", {"99999999999999999999.1.0"}, {"100000000000000000000.0.0"}},
        {"v1.2.3", {"1.2.3"}, {"1.2.4"}},
        {">=v1.2 <v2", {"1.2.0"}, {"2.0.0"}},
        {"1.2.3 - 2.3.4", {"1.2.3", "2.3.4"}, {"1.2.2", "2.3.5", "2.0.0-rc.1"}},
        {"1.2 - 2.3", {"1.2.0", "2.3.99"}, {"1.1.9", "2.4.0"}},
        {"  1   -   2 || 9 - *", {"1.0.0", "2.9.9", "99.0.0"}, {"0.9.9", "3.0.0"}},
    };
    assert_rows(rows, sizeof rows / sizeof rows[0]);
}

static void prereleases_come_in_when_named(void)
{
    static const struct row rows[] = {
        {"1.0.0-rc.1", {"1.0.0-rc.1"}, {"1.0.0", "1.0.0-rc.2"}},
        {">=1.0.0-rc.2", {"1.0.0-rc.2", "1.0.0", "2.0.0"}, {"1.0.0-rc.1", "1.0.1-rc.1"}},
        {">1.0.0-rc.2", {"1.0.0-rc.10", "1.0.0"}, {"1.0.0-rc.2", "1.0.1-0"}},
        {"<1.0.0-rc.2", {"1.0.0-rc.1", "1.0.0-0", "0.9.9"}, {"1.0.0", "0.9.9-rc.1"}},
        {"^1.2.3-beta.2",
         {"1.2.3-beta.2", "1.2.3-rc", "1.2.3", "1.9.0"},
         {"1.2.3-beta.1", "1.2.4-beta.2", "2.0.0-beta"}},
        {">=1.0.0-a <2.0.0-b", {"1.0.0-rc", "2.0.0-a", "1.5.0"}, {"1.5.0-a", "2.0.0-c", "2.0.0"}},
        {">=1.0.0-a >=1.1.0 <3", {"1.1.0"}, {"1.0.0-b", "1.0.0"}},
        {"1.0.0 || 2.0.0-rc.1", {"1.0.0", "2.0.0-rc.1"}, {"1.0.0-rc.1"}},
        {"1.0.0-a - 2.0.0-b", {"1.0.0-a", "2.0.0-b", "1.9.0"}, {"2.0.0", "1.9.0-a"}},
    };
    assert_rows(rows, sizeof rows / sizeof rows[0]);
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
    CU_ASSERT_TRUE(range.spans[0].releases_only);
}

static void prereleases_have_spans_of_their_own(void)
{
    struct wg_range range;
    struct wg_error err;
    ASSERT_OK(wg_version_range_parse("^1.2.3-rc.1", &range, &err), &err);
    CU_ASSERT_EQUAL(range.count, 2);
    CU_ASSERT_TRUE(range.spans[0].releases_only);
    CU_ASSERT_FALSE(range.spans[1].releases_only);
    ASSERT_OK(wg_version_range_parse("1.2.3-rc.1", &range, &err), &err);
    CU_ASSERT_EQUAL(range.count, 1);
    ASSERT_OK(wg_version_range_parse("* || 1.2.3-rc.1", &range, &err), &err);
    CU_ASSERT_EQUAL(range.count, 1);
    CU_ASSERT_TRUE(range.spans[0].from.open && range.spans[0].releases_only);
    ASSERT_OK(wg_revision_range_parse(">=C", &range, &err), &err);
    CU_ASSERT_FALSE(range.spans[0].releases_only);
}

/* '' is the key of what has no order. */
static void no_bound_holds_for_the_empty_key(void)
{
    static const char *const bounded[] = {"<2.0.0", "*", "<1.0.0-rc.1", ">1"};
    struct wg_range range;
    struct wg_error err;
    for (size_t i = 0; i < sizeof bounded / sizeof bounded[0]; i++) {
        ASSERT_OK(wg_version_range_parse(bounded[i], &range, &err), &err);
        CU_ASSERT_FALSE(wg_range_holds(&range, ""));
    }
    ASSERT_OK(wg_revision_range_parse("<C", &range, &err), &err);
    CU_ASSERT_FALSE(wg_range_holds(&range, ""));
    ASSERT_OK(wg_revision_range_parse("*", &range, &err), &err);
    CU_ASSERT_TRUE(wg_range_holds(&range, ""));
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

#define NO_PART                                                                                    \
    " is not a version or the beginning of one: expected as in 2.4.1, 2.4.1-rc.1, 2.4, 2.x or * "  \
    "(semver.org)"
#define NO_REVISION " is not a hardware revision: expected letters, digits, '.', '-' and '_'"
#define EMPTY_ALTERNATIVE                                                                          \
    "the range has an empty alternative: expected a comparator on both sides of \"||\""
#define NOTHING_IN(text) "nothing can be in \"" text "\": its bounds exclude each other"
#define LONE_HYPHEN                                                                                \
    "\"-\" stands between two versions, alone in its alternative: expected as in 1.2.3 - 2.3.4"
#define BEHIND_WILDCARD " has a number behind a wildcard: expected as in 1.x or 1.2.x"
#define NOTHING_BEHIND " compares with nothing: expected a version behind it"

struct refusal {
    const char *range, *text;
};

static void assert_refused(bool (*parse)(const char *, struct wg_range *, struct wg_error *),
                           const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wg_range range = {.count = 77};
        struct wg_error err;
        wg_error_clear(&err);
        CU_ASSERT_FALSE(parse(rows[i].range, &range, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        ASSERT_TEXT(err.text, rows[i].text);
        CU_ASSERT_EQUAL(range.count, 77);
    }
}

static void refusals_name_the_token(void)
{
    static const struct refusal rows[] = {
        {">=2.3.0 junk", "\"junk\"" NO_PART},
        {">=1.0.0<2.0.0", "\"1.0.0<2.0.0\"" NO_PART},
        {"1.0.0,2.0.0", "\"1.0.0,2.0.0\"" NO_PART},
        {"1.0.0|2.0.0", "\"1.0.0|2.0.0\"" NO_PART},
        {"1.2.3.4", "\"1.2.3.4\"" NO_PART},
        {"1.2-rc.1", "\"1.2-rc.1\"" NO_PART},
        {"1.2.3-rc.01", "\"1.2.3-rc.01\"" NO_PART},
        {"01.2", "\"01.2\"" NO_PART},
        {"=>1.0.0", "\">1.0.0\"" NO_PART},
        {"==1.0.0", "\"=1.0.0\"" NO_PART},
        {"> =1.0", "\"=1.0\"" NO_PART},
        {"!=1.0.0", "\"!=1.0.0\"" NO_PART},
        {"^~1.0.0", "\"~1.0.0\"" NO_PART},
        {"1.x.3", "\"1.x.3\"" BEHIND_WILDCARD},
        {"^*.2", "\"*.2\"" BEHIND_WILDCARD},
        {">=", "\">=\"" NOTHING_BEHIND},
        {"> || 1.0.0", "\">\"" NOTHING_BEHIND},
        {"1.0.0 ~>", "\"~>\"" NOTHING_BEHIND},
        {"^", "\"^\"" NOTHING_BEHIND},
        {"1.0.0 -", LONE_HYPHEN},
        {"- 1.0.0", LONE_HYPHEN},
        {">1.0.0 2 - 3", LONE_HYPHEN},
        {"1.0.0 - 2.0.0 <3", "\"<3\" stands behind a hyphen range: expected \"||\" or the end"},
        {">2.0.0 <1.0.0", NOTHING_IN(">2.0.0 <1.0.0")},
        {">=1.0.0 <1.0.0", NOTHING_IN(">=1.0.0 <1.0.0")},
        {">1.0.0 <=1.0.0", NOTHING_IN(">1.0.0 <=1.0.0")},
        {">1.0.9 <1.0.10", NOTHING_IN(">1.0.9 <1.0.10")},
        {"1.0.0 2.0.0", NOTHING_IN("1.0.0 2.0.0")},
        {"5.0.0 || 1.0.0 2.0.0 ", NOTHING_IN("1.0.0 2.0.0")},
        {"2 - 1", NOTHING_IN("2 - 1")},
        {">*", NOTHING_IN(">*")},
        {"<x", NOTHING_IN("<x")},
        {"<0.0.0", NOTHING_IN("<0.0.0")},
        {">=1.2.0-a <1.2", NOTHING_IN(">=1.2.0-a <1.2")},
        {">=1.0.0-b <1.0.0-a", NOTHING_IN(">=1.0.0-b <1.0.0-a")},
        {"1.0.0 ||", EMPTY_ALTERNATIVE},
        {"|| 1.0.0", EMPTY_ALTERNATIVE},
        {"1.0.0 || || 2.0.0", EMPTY_ALTERNATIVE},
        {"||", EMPTY_ALTERNATIVE},
    };
    assert_refused(wg_version_range_parse, rows, sizeof rows / sizeof rows[0]);
}

static void revisions_keep_the_plain_notation(void)
{
    static const struct refusal rows[] = {
        {"^C", "\"^C\" begins with '^': expected =, <, <=, > or >="},
        {"~C", "\"~C\" begins with '~': expected =, <, <=, > or >="},
        {"!=C", "\"!=C\" begins with '!': expected =, <, <=, > or >="},
        {">=*", "\"*\"" NO_REVISION},
        {"A,B", "\"A,B\"" NO_REVISION},
        {">=", "\">=\"" NOTHING_BEHIND},
        {">=C <B", NOTHING_IN(">=C <B")},
        {"C ||", EMPTY_ALTERNATIVE},
    };
    assert_refused(wg_revision_range_parse, rows, sizeof rows / sizeof rows[0]);
}

static void ranges_are_bounded(void)
{
    struct wg_range range;
    struct wg_error err;
    char text[300] = "1.0.0";
    for (int i = 1; i < WG_RANGE_SPANS_MAX; i++)
        (void)wg_format(text + strlen(text), sizeof text - strlen(text), "||%d.0.0", i + 1);
    ASSERT_OK(wg_version_range_parse(text, &range, &err), &err);
    CU_ASSERT_EQUAL(range.count, WG_RANGE_SPANS_MAX);
    (void)wg_copy(text + strlen(text), 10, "||99.0.0");
    CU_ASSERT_FALSE(wg_version_range_parse(text, &range, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    text[0] = '\0';
    for (int i = 0; i <= WG_RANGE_SPANS_MAX; i++)
        (void)wg_format(text + strlen(text), sizeof text - strlen(text), ">=%d.0.0-a ", i);
    CU_ASSERT_FALSE(wg_version_range_parse(text, &range, &err));
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

/* The next number may have a digit more than any version has room for. */
static void numbers_may_fill_a_version(void)
{
    char nines[WG_VERSION_MAX + 1], text[3 * WG_VERSION_MAX], key[WG_SORT_KEY_MAX];
    struct wg_range range;
    struct wg_error err;
    memset(nines, '9', WG_VERSION_MAX);
    nines[WG_VERSION_MAX] = '\0';
    ASSERT_OK(wg_version_range_parse(nines, &range, &err), &err);
    nines[WG_VERSION_MAX - 4] = '\0';
    (void)wg_format(text, sizeof text, "~0.0.%s || ^%s.0.0", nines, nines);
    ASSERT_OK(wg_version_range_parse(text, &range, &err), &err);
    (void)wg_format(text, sizeof text, "%s.0.1", nines);
    ASSERT_OK(wg_version_key(text, key, &err), &err);
    CU_ASSERT_TRUE(wg_range_holds(&range, key));
    (void)wg_format(text, sizeof text, ">0.0.%s", nines);
    ASSERT_OK(wg_version_range_parse(text, &range, &err), &err);
    ASSERT_OK(wg_version_key("0.1.0", key, &err), &err);
    CU_ASSERT_TRUE(wg_range_holds(&range, key));
}

#define VECTOR_LINE 1024
#define VECTOR_VERSIONS 200

struct vectors {
    size_t version_count, range_count, answer_count;
    char versions[VECTOR_VERSIONS][WG_VERSION_MAX + 1];
};

static void check_answers(struct vectors *vectors, const char *text, const struct wg_range *range,
                          const char *answers)
{
    CU_ASSERT_EQUAL_FATAL(strlen(answers), vectors->version_count);
    for (size_t i = 0; i < vectors->version_count; i++, vectors->answer_count++) {
        char key[WG_SORT_KEY_MAX];
        CU_ASSERT_TRUE_FATAL(wg_version_key(vectors->versions[i], key, NULL));
        bool in = wg_range_holds(range, key);
        if (in != (answers[i] == '1'))
            printf("\n    \"%s\" and %s: npm says %c\n", text, vectors->versions[i], answers[i]);
        CU_ASSERT_EQUAL(in, answers[i] == '1');
    }
}

static void check_vector(struct vectors *vectors, const char *text, char mark, const char *answers)
{
    struct wg_range range;
    struct wg_error err = {.code = WG_OK};
    bool taken = wg_version_range_parse(text, &range, &err);
    if (!taken && mark == '+') printf("\n    \"%s\" was refused: %s\n", text, err.text);
    if (taken && strchr("-!", mark)) printf("\n    \"%s\" was taken\n", text);
    CU_ASSERT_TRUE(taken ? !strchr("-!", mark) : mark != '+');
    CU_ASSERT_TRUE(taken || (err.code == WG_E_BAD_INPUT && err.text[0]));
    if (mark == '-' && !taken)
        CU_ASSERT_TRUE(strstr(err.text, "nothing can be in") || strstr(err.text, "empty alt") ||
                       strstr(err.text, "behind a wildcard") ||
                       strstr(err.text, "is not a version"));
    if (taken && *answers) check_answers(vectors, text, &range, answers);
    vectors->range_count++;
}

/* data/make_vectors.mjs says what the lines are. */
static void npm_says_the_same(void)
{
    static struct vectors vectors;
    char line[VECTOR_LINE];
    FILE *file = fopen(WG_TEST_DATA "/npm_ranges.txt", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *mark = strchr(line, '\t');
        if (mark) {
            *mark = '\0';
            CU_ASSERT_EQUAL_FATAL(mark[2], '\t');
            check_vector(&vectors, line, mark[1], mark + 3);
        } else if (strncmp(line, "v ", 2) == 0) {
            CU_ASSERT_TRUE_FATAL(vectors.version_count < VECTOR_VERSIONS);
            (void)wg_copy(vectors.versions[vectors.version_count++], WG_VERSION_MAX + 1, line + 2);
        }
    }
    (void)fclose(file);
    CU_ASSERT_TRUE(vectors.range_count > 1400);
    CU_ASSERT_TRUE(vectors.answer_count > 50000);
}

/* Bytes from the alphabet of ranges, and any bytes. */
static void any_bytes_are_taken_or_refused(void)
{
    static const char alphabet[] = "0123459.xX*-+^~<>=|| v  a,\t\n";
    uint64_t seed = 7;
    size_t taken = 0;
    for (size_t i = 0; i < 60000; i++) {
        size_t len = mangle_random(&seed) % (i % 10 ? 24 : 300);
        char *text = malloc(len + 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        if (!text) return;
        for (size_t n = 0; n < len; n++) {
            text[n] = alphabet[mangle_random(&seed) % (sizeof alphabet - 1)];
            if (i % 5 == 0) text[n] = (char)(1 + mangle_random(&seed) % 255);
        }
        text[len] = '\0';
        struct wg_range range;
        struct wg_error err = {.code = WG_OK};
        bool ok = wg_version_range_parse(text, &range, &err);
        taken += ok;
        CU_ASSERT_TRUE(ok ? range.count > 0 && range.count <= WG_RANGE_SPANS_MAX
                          : err.code != WG_OK && err.text[0]);
        ok = wg_revision_range_parse(text, &range, &err);
        CU_ASSERT_TRUE(ok || err.code != WG_OK);
        free(text);
    }
    CU_ASSERT_TRUE(taken > 500);
}

WG_SUITE("range", {"versions in and out", versions_in_and_out},
         {"carets, tildes and parts", carets_tildes_and_parts},
         {"prereleases come in when named", prereleases_come_in_when_named},
         {"a range is spans of keys", a_range_is_spans_of_keys},
         {"prereleases have spans of their own", prereleases_have_spans_of_their_own},
         {"no bound holds for the empty key", no_bound_holds_for_the_empty_key},
         {"revisions in and out", revisions_in_and_out},
         {"refusals name the token", refusals_name_the_token},
         {"revisions keep the plain notation", revisions_keep_the_plain_notation},
         {"ranges are bounded", ranges_are_bounded},
         {"numbers may fill a version", numbers_may_fill_a_version},
         {"npm says the same", npm_says_the_same},
         {"any bytes are taken or refused", any_bytes_are_taken_or_refused})
