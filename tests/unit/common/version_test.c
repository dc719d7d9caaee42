/* version_test.c: sort keys of versions and revisions, every pair of long ordered lists. */
#include "common/version.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

typedef bool (*key_fn)(const char *text, char *out, struct wg_error *err);

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

/* Each text of the list is below all that stand behind it. */
static void assert_ordered(key_fn key_of, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            char left[WG_SORT_KEY_MAX], right[WG_SORT_KEY_MAX];
            struct wg_error err;
            ASSERT_OK(key_of(texts[i], left, &err), &err);
            ASSERT_OK(key_of(texts[j], right, &err), &err);
            int got = sign(strcmp(left, right));
            if (got != (i > j) - (i < j))
                printf("\n    %s and %s: got %d (\"%s\", \"%s\")\n", texts[i], texts[j], got, left,
                       right);
            CU_ASSERT_EQUAL(got, (i > j) - (i < j));
        }
}

static void versions_in_order(void)
{
    static const char *const texts[] = {
        "0.0.0-0",
        "0.0.0",
        "0.0.1",
        "0.1.0",
        "0.9.99",
        "0.10.0",
        "1.0.0--",
        "1.0.0--1",
        "1.0.0-A",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.2",
        "1.0.0-alpha.10",
        "1.0.0-alpha.10.0",
        "1.0.0-alpha.beta",
        "1.0.0-alpha-1",
        "1.0.0-alpha1",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1-rc.1",
        "1.0.1",
        "1.2.0",
        "1.10.0",
        "2.0.0-0.3.7",
        "2.0.0-1",
        "2.0.0-2",
        "2.0.0-10",
        "2.0.0-99999999999999999999",
        "2.0.0-100000000000000000000",
        "2.0.0-0a",
        "2.0.0-x.7.z.92",
        "2.0.0",
        "2.0.999999999999999999999999",
        "9.0.0",
        "10.0.0",
        "18446744073709551616.0.0",
    };
    assert_ordered(wg_version_key, texts, sizeof texts / sizeof texts[0]);
}

/* data/make_vectors.mjs: "A<TAB>B<TAB>order". */
static void npm_says_the_same(void)
{
    char line[256];
    size_t pairs = 0;
    FILE *file = fopen(WG_TEST_DATA "/npm_order.txt", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof line, file)) {
        char left[WG_SORT_KEY_MAX], right[WG_SORT_KEY_MAX];
        char *b = strchr(line, '\t'), *answer = b ? strchr(b + 1, '\t') : NULL;
        struct wg_error err;
        if (!answer) continue;
        *b++ = *answer++ = '\0';
        ASSERT_OK(wg_version_key(line, left, &err), &err);
        ASSERT_OK(wg_version_key(b, right, &err), &err);
        int expected = *answer == '-' ? -1 : *answer - '0', got = sign(strcmp(left, right));
        if (got != expected) printf("\n    %s and %s: got %d\n", line, b, got);
        CU_ASSERT_EQUAL(got, expected);
        pairs++;
    }
    (void)fclose(file);
    CU_ASSERT_TRUE(pairs > 1000);
}

/* Databases hold these. */
static void keys_stay_what_they_were(void)
{
    static const struct {
        const char *version, *key;
    } rows[] = {
        {"0.0.0", "101010~"},
        {"2.4.1", "121411~"},
        {"10.20.300+build.7", "2102203300~"},
        {"1.0.0-rc.1", "111010-1rc 011 "},
        {"1.0.0-alpha-1.10.x", "111010-1alpha-1 0210 1x "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char key[WG_SORT_KEY_MAX];
        struct wg_error err;
        ASSERT_OK(wg_version_key(rows[i].version, key, &err), &err);
        ASSERT_TEXT(key, rows[i].key);
    }
    char key[WG_SORT_KEY_MAX];
    CU_ASSERT_TRUE(wg_revision_key("C-02b", key, NULL));
    ASSERT_TEXT(key, "21C011221b");
}

static void build_metadata_does_not_count(void)
{
    static const char *const texts[] = {"1.0.0-rc.1", "1.0.0-rc.1+001",
                                        "1.0.0-rc.1+exp.sha-5114f85"};
    char first[WG_SORT_KEY_MAX], key[WG_SORT_KEY_MAX];
    struct wg_error err;
    ASSERT_OK(wg_version_key(texts[0], first, &err), &err);
    for (size_t i = 1; i < sizeof texts / sizeof texts[0]; i++) {
        ASSERT_OK(wg_version_key(texts[i], key, &err), &err);
        ASSERT_TEXT(key, first);
    }
    ASSERT_OK(wg_version_key("1.0.0+-", key, &err), &err);
}

static void what_is_no_version(void)
{
    static const char *const bad[] = {
        "",           "1",          "1.2",
        "1.2.3.4",    "v1.2.3",     "01.2.3",
        "1.02.3",     "1.2.03",     "1.2.3-",
        "1.2.3+",     "1.2.3-+b",   "1.2.3-a..b",
        "1.2.3-a.",   "1.2.3-.a",   "1.2.3-01",
        "1.2.3-a.00", "1.2.3+a..b", "1.2.3+a+b",
        " 1.2.3",     "1.2.3 ",     "1. 2.3",
        "1.2.3-a_b",  "-1.2.3",     "+1.2.3",
        "1.2.x",      "*",          "1.2.3-\xc3\xa9",
        "a.b.c",      "1..3",       "1.2.",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char key[WG_SORT_KEY_MAX] = "before";
        struct wg_error err;
        wg_error_clear(&err);
        if (wg_version_key(bad[i], key, &err)) printf("\n    accepted \"%s\"\n", bad[i]);
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        ASSERT_TEXT(key, "");
    }
}

static void errors_show_the_text_and_what_was_expected(void)
{
    char key[WG_SORT_KEY_MAX], text[200];
    struct wg_error err;
    CU_ASSERT_FALSE(wg_version_key("2.4", key, &err));
    ASSERT_TEXT(err.text, "\"2.4\" is not a version: expected MAJOR.MINOR.PATCH as in 2.4.1 or "
                          "2.4.1-rc.1 (semver.org)");
    CU_ASSERT_FALSE(wg_revision_key("C 2", key, &err));
    ASSERT_TEXT(err.text, "\"C 2\" is not a hardware revision: expected letters, digits, '.', '-' "
                          "and '_'");
    memset(text, '1', sizeof text);
    for (size_t i = 1; i + 1 < sizeof text; i += 2) memcpy(text + i, "\xc3\xa9", 2);
    text[sizeof text - 1] = '\0';
    CU_ASSERT_FALSE(wg_version_key(text, key, &err));
    CU_ASSERT_TRUE(wg_text_is_utf8(err.text, strlen(err.text)));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "...\" is not a version: expected at most 64 bytes"));
}

/* The longest keys that the bounds on texts allow fit, in both notations. */
static void the_longest_texts_have_keys(void)
{
    static const char *const starts[] = {"1.0.0-", "1.0.0-a", "1.0.0+", "1.0.", ""};
    static const char *const pieces[] = {"1.", "a.", "1", "a", "1a", "A1", ".", "-"};
    for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++)
        for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
            char text[WG_VERSION_MAX + 2], key[WG_SORT_KEY_MAX];
            struct wg_error err;
            size_t len = strlen(starts[s]), step = strlen(pieces[p]);
            memcpy(text, starts[s], len);
            for (size_t i = 0; len < WG_VERSION_MAX; i++) text[len++] = pieces[p][i % step];
            if (text[len - 1] == '.') text[len - 1] = '1';
            text[len] = '\0';
            bool version = wg_version_key(text, key, &err);
            CU_ASSERT_EQUAL(version, s < 3 ? p != 6 : s == 3 && p == 2);
            if (s < 4) continue;
            ASSERT_OK(wg_revision_key(text, key, &err), &err);
            memcpy(text + len, "1", 2);
            CU_ASSERT_FALSE(wg_revision_key(text, key, &err));
        }
    char longest[WG_VERSION_MAX + 2] = "1.0.", key[WG_SORT_KEY_MAX];
    memset(longest + 4, '1', WG_VERSION_MAX - 3);
    CU_ASSERT_FALSE(wg_version_key(longest, key, NULL));
    longest[WG_VERSION_MAX] = '\0';
    CU_ASSERT_TRUE(wg_version_key(longest, key, NULL));
}

static void revisions_in_order(void)
{
    static const char *const texts[] = {
        "0", "1",  "1.0", "1.2", "1.2.1", "1.10", "1A",  "1B",   "2",    "9",     "10", "100",
        "A", "A0", "A1",  "B",   "C",     "C-1",  "C2",  "C2a",  "C2b",  "C10",   "D",  "Z",
        "a", "z",  "AA",  "AB",  "AZ",    "BA",   "rev", "rev1", "rev2", "rev10",
    };
    assert_ordered(wg_revision_key, texts, sizeof texts / sizeof texts[0]);
}

static void revisions_that_are_the_same(void)
{
    static const char *const pairs[][2] = {
        {"1", "01"}, {"C2", "C002"}, {"0", "000"}, {"1.2", "1-2"}, {"1_2", "1.02"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char left[WG_SORT_KEY_MAX], right[WG_SORT_KEY_MAX];
        struct wg_error err;
        ASSERT_OK(wg_revision_key(pairs[i][0], left, &err), &err);
        ASSERT_OK(wg_revision_key(pairs[i][1], right, &err), &err);
        ASSERT_TEXT(left, right);
    }
}

static void what_is_no_revision(void)
{
    static const char *const bad[] = {"", " ", "C ", "C/2", ">C", "C+", "\xc3\xa9", "C\n", "a,b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char key[WG_SORT_KEY_MAX] = "before";
        struct wg_error err;
        wg_error_clear(&err);
        CU_ASSERT_FALSE(wg_revision_key(bad[i], key, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        ASSERT_TEXT(key, "");
    }
}

WG_SUITE("version", {"versions in order", versions_in_order},
         {"npm says the same", npm_says_the_same},
         {"keys stay what they were", keys_stay_what_they_were},
         {"build metadata does not count", build_metadata_does_not_count},
         {"what is no version", what_is_no_version},
         {"errors show the text and what was expected", errors_show_the_text_and_what_was_expected},
         {"the longest texts have keys", the_longest_texts_have_keys},
         {"revisions in order", revisions_in_order},
         {"revisions that are the same", revisions_that_are_the_same},
         {"what is no revision", what_is_no_revision})
