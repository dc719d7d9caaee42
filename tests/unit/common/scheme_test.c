/* scheme_test.c: order of Debian and calendar versions, as dpkg (data/make_vectors.mjs) and as a
 * second, plain comparison has it; ranges over them. */
#include "common/version.h"
#include "tests/unit/common/mangle.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static int order(enum wg_scheme scheme, const char *a, const char *b)
{
    char left[WG_SORT_KEY_MAX], right[WG_SORT_KEY_MAX];
    struct wg_error err;
    ASSERT_OK(wg_scheme_key(scheme, a, left, &err), &err);
    ASSERT_OK(wg_scheme_key(scheme, b, right, &err), &err);
    return sign(strcmp(left, right));
}

static void assert_order(enum wg_scheme scheme, const char *a, const char *b, int expected)
{
    int got = order(scheme, a, b);
    if (got != expected) printf("\n    %s and %s: got %d\n", a, b, got);
    CU_ASSERT_EQUAL(got, expected);
}

/* Each text is below all that stand behind it. */
static void assert_ordered(enum wg_scheme scheme, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            assert_order(scheme, texts[i], texts[j], (i > j) - (i < j));
}

static void assert_same(enum wg_scheme scheme, const char *const (*pairs)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) assert_order(scheme, pairs[i][0], pairs[i][1], 0);
}

static void assert_refused(enum wg_scheme scheme, const char *text, const char *words)
{
    char key[WG_SORT_KEY_MAX] = "before";
    struct wg_error err;
    wg_error_clear(&err);
    if (wg_scheme_key(scheme, text, key, &err)) printf("\n    accepted \"%s\"\n", text);
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, words));
    ASSERT_TEXT(key, "");
}

static void schemes_have_words(void)
{
    static const char *const words[] = {"semver", "debian", "calver", "opaque"};
    enum wg_scheme scheme;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        CU_ASSERT_TRUE(wg_scheme_parse(words[i], &scheme));
        CU_ASSERT_EQUAL((size_t)scheme, i);
        ASSERT_TEXT(wg_scheme_text(scheme), words[i]);
    }
    CU_ASSERT_FALSE(wg_scheme_parse("Debian", &scheme));
    CU_ASSERT_FALSE(wg_scheme_parse("", &scheme));
}

static void debian_versions_in_order(void)
{
    static const char *const texts[] = {
        "0~~",  "0~~a",  "0~",    "0~a",     "0",        "0a",         "0+",
        "0.0~", "0.0.0", "0.1",   "1~rc1",   "1~rc2",    "1~rc10",     "1",
        "1-1~", "1-1",   "1-1a",  "1-1+b1",  "1-1.1",    "1-2",        "1-10",
        "1A",   "1Z",    "1a",    "1z",      "1+dfsg-1", "1-1-1",      "1.0.1",
        "1.1",  "1.9",   "1.10",  "1.10a",   "1.10+",    "4294967296", "18446744073709551616",
        "a1",   "1:0",   "1:0.1", "1:0.1:2", "2:0~",     "10:0",       "2147483647:1",
    };
    assert_ordered(WG_SCHEME_DEBIAN, texts, sizeof texts / sizeof texts[0]);
}

static void debian_versions_that_are_the_same(void)
{
    static const char *const pairs[][2] = {
        {"1.0", "1.0-0"},  {"1.0", "0:1.0"},         {"1.0", "1.00"}, {"1.0", "01.0"},
        {"1a", "1a0"},     {"1.0", "1.0-000"},       {"1.", "1.0"},   {"1~", "1~0"},
        {"00:1", "1"},     {"1.0-1", "1.0-01"},      {"0", "00"},     {"1.0+", "1.0+0-0"},
        {"0001:1", "1:1"}, {"0000000000000:1", "1"},
    };
    assert_same(WG_SCHEME_DEBIAN, pairs, sizeof pairs / sizeof pairs[0]);
}

static void what_is_no_debian_version(void)
{
    static const char *const bad[] = {
        "",          "1-",  "1:",  ":1",    "a:1",     "-1:1",         "+1:1",
        "1:-1",      "-1",  "~1",  ".1",    "1_2",     "1 2",          "1-a_b",
        "1,2",       "1/2", "1=2", "1-1:1", "1:1-1:1", "2147483648:1", "99999999999999999999:1",
        "1\xc3\xa4", "1\n", "1|2",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(WG_SCHEME_DEBIAN, bad[i], "is not a Debian version: expected [EPOCH:]");
}

/* "A<TAB>B<TAB>order", the order '!' when dpkg does not take A. */
static void dpkg_says_the_same(void)
{
    char line[256];
    size_t pairs = 0, refused = 0;
    FILE *file = fopen(WG_TEST_DATA "/debian_order.txt", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof line, file)) {
        char *b = strchr(line, '\t'), *answer = b ? strchr(b + 1, '\t') : NULL;
        if (!answer) continue;
        *b++ = *answer++ = '\0';
        if (*answer == '!') {
            assert_refused(WG_SCHEME_DEBIAN, line, "is not a Debian version");
            refused++;
            continue;
        }
        int expected = *answer == '-' ? -1 : *answer - '0';
        assert_order(WG_SCHEME_DEBIAN, line, b, expected);
        assert_order(WG_SCHEME_DEBIAN, b, line, -expected);
        pairs++;
    }
    (void)fclose(file);
    CU_ASSERT_TRUE(pairs > 1000);
    CU_ASSERT_TRUE(refused > 50);
}

static void calendar_versions_in_order(void)
{
    static const char *const texts[] = {
        "0",
        "24.04-rc1",
        "24.04",
        "24.04.1",
        "24.10",
        "2026",
        "2026.2",
        "2026.10",
        "2026.11-alpha",
        "2026.11-alpha.2",
        "2026.11-alpha10",
        "2026.11b1",
        "2026.11-beta2",
        "2026.11-beta10",
        "2026.11.dev3",
        "2026.11-pre",
        "2026.11-rc",
        "2026.11-rc1",
        "2026.11_rc-1.1",
        "2026.11rc2",
        "2026.11-snapshot",
        "2026.11",
        "2026.11-1",
        "2026.11-2",
        "2026.11-10",
        "2026.11a",
        "2026.11b",
        "2026.11-hotfix",
        "2026.11-hotfix.2",
        "2026.11.post1",
        "2026.11-rch",
        "2026.11.0-rc1",
        "2026.11.0",
        "2026.11.0.0",
        "2026.11.2-rc1",
        "2026.11.2",
        "2026.11.10",
        "2026.12",
        "20261201",
        "18446744073709551616",
    };
    assert_ordered(WG_SCHEME_CALVER, texts, sizeof texts / sizeof texts[0]);
}

static void calendar_versions_that_are_the_same(void)
{
    static const char *const pairs[][2] = {
        {"2026.1", "2026.01"},          {"2026.1-RC1", "2026.1-rc1"}, {"2026.1-rc1", "2026.1rc1"},
        {"2026.1_rc.1", "2026.1-rc-1"}, {"2026.1rc01", "2026.1.rc1"}, {"0.0", "00.000"},
    };
    assert_same(WG_SCHEME_CALVER, pairs, sizeof pairs / sizeof pairs[0]);
}

static void what_is_no_calendar_version(void)
{
    static const char *const bad[] = {
        "",           "v2026.1",      "2026.",     ".1",       "2026..1",      "2026.1-",
        "2026.1-rc.", "2026.1 ",      " 2026",     "2026.1+b", "2026,1",       "2026.1--1",
        "2026.1-_a",  "2026.1-rc..1", "rc1",       "latest",   "2026.*",       "2026/11",
        "2026.1~rc1", "2026.x",       "2026.1.a1", "-1",       "2026\xc3\xa4",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(WG_SCHEME_CALVER, bad[i], "is not a calendar version: expected numbers");
}

/* A calendar version, its parts kept to compare them one by one. */
struct calendar {
    size_t count;
    unsigned long numbers[4];
    int rank; /* -1 prerelease, 0 none, 1 another suffix */
    unsigned long suffix;
    char text[WG_VERSION_MAX + 1];
};

static struct calendar make_calendar(uint64_t *seed)
{
    static const char *const suffixes[] = {"-rc", "", "-fix."};
    struct calendar made = {.count = 1 + mangle_random(seed) % 4};
    for (size_t i = 0; i < made.count; i++) {
        made.numbers[i] = (mangle_random(seed) % 8 ? 1UL : 7UL) * (mangle_random(seed) % 3);
        (void)wg_format(made.text + strlen(made.text), sizeof made.text - strlen(made.text),
                        "%s%s%lu", i ? "." : "", mangle_random(seed) % 4 ? "" : "0",
                        made.numbers[i]);
    }
    made.rank = (int)(mangle_random(seed) % 3) - 1;
    made.suffix = made.rank ? mangle_random(seed) % 12 : 0;
    if (made.rank)
        (void)wg_format(made.text + strlen(made.text), sizeof made.text - strlen(made.text),
                        "%s%lu", suffixes[made.rank + 1], made.suffix);
    return made;
}

static int compare_calendars(const struct calendar *a, const struct calendar *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (a->numbers[i] != b->numbers[i]) return a->numbers[i] < b->numbers[i] ? -1 : 1;
    if (a->count != b->count) return a->count < b->count ? -1 : 1;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    return (a->suffix > b->suffix) - (a->suffix < b->suffix);
}

static void calendar_keys_compare_as_their_parts(void)
{
    uint64_t seed = 2026;
    size_t same = 0;
    for (int i = 0; i < 20000; i++) {
        struct calendar a = make_calendar(&seed), b = make_calendar(&seed);
        int expected = compare_calendars(&a, &b);
        assert_order(WG_SCHEME_CALVER, a.text, b.text, expected);
        same += expected == 0;
    }
    CU_ASSERT_TRUE(same > 20);
}

static void semantic_versions_have_their_key(void)
{
    char key[WG_SORT_KEY_MAX], same[WG_SORT_KEY_MAX];
    struct wg_error err;
    ASSERT_OK(wg_scheme_key(WG_SCHEME_SEMVER, "1.2.3-rc.1", key, &err), &err);
    ASSERT_OK(wg_version_key("1.2.3-rc.1", same, &err), &err);
    ASSERT_TEXT(key, same);
}

static void opaque_versions_have_no_order(void)
{
    struct wg_range range = {.count = 77};
    struct wg_error err;
    assert_refused(WG_SCHEME_OPAQUE, "1.2.3", "have no order");
    CU_ASSERT_FALSE(wg_scheme_range_parse(WG_SCHEME_OPAQUE, "*", &range, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    CU_ASSERT_EQUAL(range.count, 77);
}

static void versions_in_and_out_of_ranges(void)
{
    static const struct {
        enum wg_scheme scheme;
        bool in;
        const char *range, *version;
    } rows[] = {
        {WG_SCHEME_SEMVER, true, "^1.2", "1.9.0"},
        {WG_SCHEME_SEMVER, false, "^1.2", "2.0.0"},
        {WG_SCHEME_DEBIAN, true, ">= 1.2-3", "1.2-3"},
        {WG_SCHEME_DEBIAN, false, ">= 1.2-3", "1.2-3~bpo"},
        {WG_SCHEME_DEBIAN, true, "1.2", "1.2-0"},
        {WG_SCHEME_DEBIAN, false, "= 1.2", "1.2-1"},
        {WG_SCHEME_DEBIAN, true, ">1.2 <1:0", "99.0"},
        {WG_SCHEME_DEBIAN, false, ">1.2 <1:0", "1:0"},
        {WG_SCHEME_DEBIAN, true, "<1.2~rc1 || > 2.0", "1.2~beta"},
        {WG_SCHEME_DEBIAN, false, "<1.2~rc1 || > 2.0", "1.2~rc1"},
        {WG_SCHEME_DEBIAN, true, "<1.2~rc1 || > 2.0", "2.0-1"},
        {WG_SCHEME_DEBIAN, true, "*", "0"},
        {WG_SCHEME_CALVER, true, ">=2026.11", "2026.11.0"},
        {WG_SCHEME_CALVER, false, ">=2026.11", "2026.11-rc1"},
        {WG_SCHEME_CALVER, true, ">=2026.11 <2027", "2026.12.31"},
        {WG_SCHEME_CALVER, true, ">=2026.11 <2027", "2027-rc1"},
        {WG_SCHEME_CALVER, false, ">=2026.11 <2027", "2027"},
        {WG_SCHEME_CALVER, false, "<=2026.11", "2026.11.1"},
        {WG_SCHEME_CALVER, true, "2026.1 || 2026.3", "2026.03"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_range range;
        struct wg_error err;
        char key[WG_SORT_KEY_MAX];
        ASSERT_OK(wg_scheme_range_parse(rows[i].scheme, rows[i].range, &range, &err), &err);
        ASSERT_OK(wg_scheme_key(rows[i].scheme, rows[i].version, key, &err), &err);
        if (wg_range_holds(&range, key) != rows[i].in)
            printf("\n    %s and %s\n", rows[i].range, rows[i].version);
        CU_ASSERT_EQUAL(wg_range_holds(&range, key), rows[i].in);
        CU_ASSERT_TRUE(rows[i].scheme == WG_SCHEME_SEMVER || !range.spans[0].releases_only);
    }
}

static void refusals_of_ranges(void)
{
    static const struct {
        enum wg_scheme scheme;
        const char *range, *words;
    } rows[] = {
        {WG_SCHEME_DEBIAN, "^1.2", "\"^1.2\" begins with '^': expected =, <, <=, > or >="},
        {WG_SCHEME_DEBIAN, "~1.2", "\"~1.2\" begins with '~': expected =, <, <=, > or >="},
        {WG_SCHEME_DEBIAN, "<< 1.2", "\"<\" is not a Debian version"},
        {WG_SCHEME_DEBIAN, ">2 <1", "nothing can be in \">2 <1\""},
        {WG_SCHEME_DEBIAN, ">=1-0 <1", "nothing can be in \">=1-0 <1\""},
        {WG_SCHEME_CALVER, ">=", "\">=\" compares with nothing"},
        {WG_SCHEME_CALVER, "2026.x", "\"2026.x\" is not a calendar version"},
        {WG_SCHEME_CALVER, "2026.1 ||", "empty alternative"},
        {WG_SCHEME_SEMVER, ">2026", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_range range;
        struct wg_error err;
        wg_error_clear(&err);
        if (!*rows[i].words) {
            ASSERT_OK(wg_scheme_range_parse(rows[i].scheme, rows[i].range, &range, &err), &err);
            continue;
        }
        CU_ASSERT_FALSE(wg_scheme_range_parse(rows[i].scheme, rows[i].range, &range, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        if (!strstr(err.text, rows[i].words)) printf("\n    %s: %s\n", rows[i].range, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].words));
    }
}

static void assert_printable(const char *key)
{
    for (size_t i = 0; key[i]; i++) CU_ASSERT_TRUE(key[i] >= ' ' && key[i] <= '~');
}

/* The longest versions have keys; one byte more is refused. */
static void the_longest_versions_have_keys(void)
{
    static const char *const pieces[] = {"1", "1a", "a1", "1.", "01", "a", "a-", "~", "+1", "1~a"};
    for (int scheme = WG_SCHEME_DEBIAN; scheme <= WG_SCHEME_CALVER; scheme++)
        for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
            char text[WG_VERSION_MAX + 2] = "1", key[WG_SORT_KEY_MAX];
            struct wg_error err;
            size_t step = strlen(pieces[p]);
            for (size_t i = 1; i < WG_VERSION_MAX; i++) text[i] = pieces[p][i % step];
            text[WG_VERSION_MAX - 1] = '1';
            text[WG_VERSION_MAX] = '\0';
            bool plain = !strpbrk(text, "~+");
            if (scheme == WG_SCHEME_DEBIAN || plain) {
                ASSERT_OK(wg_scheme_key((enum wg_scheme)scheme, text, key, &err), &err);
                assert_printable(key);
            }
            memcpy(text + WG_VERSION_MAX, "1", 2);
            assert_refused((enum wg_scheme)scheme, text, "expected at most 64 bytes");
        }
}

static void any_bytes_are_taken_or_refused(void)
{
    static const char alphabet[] = "0011229.~+-:_abcrZ";
    uint64_t seed = 11;
    size_t taken = 0;
    for (size_t i = 0; i < 100000; i++) {
        size_t len = mangle_random(&seed) % (i % 10 ? 16 : 80);
        char *text = malloc(len + 1), key[WG_SORT_KEY_MAX];
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        if (!text) return;
        for (size_t n = 0; n < len; n++) {
            text[n] = alphabet[mangle_random(&seed) % (sizeof alphabet - 1)];
            if (i % 5 == 0) text[n] = (char)(1 + mangle_random(&seed) % 255);
        }
        text[len] = '\0';
        for (int scheme = WG_SCHEME_SEMVER; scheme <= WG_SCHEME_OPAQUE; scheme++) {
            struct wg_error err = {.code = WG_OK};
            struct wg_range range;
            bool ok = wg_scheme_key((enum wg_scheme)scheme, text, key, &err);
            taken += ok;
            CU_ASSERT_TRUE(ok ? *key != '\0' : *key == '\0' && err.code == WG_E_BAD_INPUT);
            assert_printable(key);
            err.code = WG_OK;
            bool ranged = wg_scheme_range_parse((enum wg_scheme)scheme, text, &range, &err);
            CU_ASSERT_TRUE(ranged || err.code != WG_OK);
            if (ok) CU_ASSERT_TRUE(ranged && wg_range_holds(&range, key));
        }
        free(text);
    }
    CU_ASSERT_TRUE(taken > 10000);
}

WG_SUITE("scheme", {"schemes have words", schemes_have_words},
         {"Debian versions in order", debian_versions_in_order},
         {"Debian versions that are the same", debian_versions_that_are_the_same},
         {"what is no Debian version", what_is_no_debian_version},
         {"dpkg says the same", dpkg_says_the_same},
         {"calendar versions in order", calendar_versions_in_order},
         {"calendar versions that are the same", calendar_versions_that_are_the_same},
         {"what is no calendar version", what_is_no_calendar_version},
         {"calendar keys compare as their parts", calendar_keys_compare_as_their_parts},
         {"semantic versions have their key", semantic_versions_have_their_key},
         {"opaque versions have no order", opaque_versions_have_no_order},
         {"versions in and out of ranges", versions_in_and_out_of_ranges},
         {"refusals of ranges", refusals_of_ranges},
         {"the longest versions have keys", the_longest_versions_have_keys},
         {"any bytes are taken or refused", any_bytes_are_taken_or_refused})
