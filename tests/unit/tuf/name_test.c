/* name_test.c: names of roles and targets in files and URLs. */
#include "common/tuf/name.h"

#include "common/text.h"
#include "tests/unit/harness.h"

#include <string.h>

static struct wg_error err;

static void test_file_names(void)
{
    static const struct {
        const char *role;
        int64_t version;
        const char *name;
    } cases[] = {
        {"root", 12, "12.root.json"},     {"timestamp", 0, "timestamp.json"},
        {"../a", 1, "1...%2Fa.json"},     {"a b?#%", 0, "a%20b%3F%23%25.json"},
        {"\xc3\xa9", 2, "2.%C3%A9.json"}, {"..", 0, "...json"},
    };
    char name[TUF_FILE_NAME_MAX], longest[TUF_ROLE_NAME_MAX + 2];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ASSERT_OK(tuf_file_name(cases[i].role, cases[i].version, name, &err), &err);
        ASSERT_TEXT(name, cases[i].name);
    }
    memset(longest, '/', sizeof longest);
    longest[TUF_ROLE_NAME_MAX] = '\0';
    ASSERT_OK(tuf_file_name(longest, INT64_MAX, name, &err), &err);
    CU_ASSERT_EQUAL(strlen(name), 3 * TUF_ROLE_NAME_MAX + 20 + 5);
    longest[TUF_ROLE_NAME_MAX] = '/';
    longest[TUF_ROLE_NAME_MAX + 1] = '\0';
    CU_ASSERT_FALSE(tuf_file_name(longest, 0, name, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

static void test_paths(void)
{
    static const char *const bad[] = {"",    ".",    "..",   "/a",   "a/",     "a//b",
                                      "./a", "a/..", "a\nb", "a/./", "\x7f/b", "a/\x1f"};
    static const char *const good[] = {"a", "a/b", "...", "a..b", ".a", "\xc3\xa9/b c", "%2e%2e"};
    char longest[TUF_PATH_MAX + 2];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_FALSE(tuf_target_path_check(bad[i], &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ASSERT_OK(tuf_target_path_check(good[i], &err), &err);
    memset(longest, 'x', sizeof longest);
    longest[TUF_PATH_MAX] = '\0';
    ASSERT_OK(tuf_target_path_check(longest, &err), &err);
    longest[TUF_PATH_MAX] = 'x';
    longest[TUF_PATH_MAX + 1] = '\0';
    CU_ASSERT_FALSE(tuf_target_path_check(longest, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

static void test_urls(void)
{
    char url[TUF_TARGET_URL_MAX], name[16];
    ASSERT_OK(tuf_target_url("a b/c#/d", NULL, url, &err), &err);
    ASSERT_TEXT(url, "a%20b/c%23/d");
    ASSERT_OK(tuf_target_url("a/d", "0f", url, &err), &err);
    ASSERT_TEXT(url, "a/0f.d");
    ASSERT_OK(tuf_target_url("d", "0f", url, &err), &err);
    ASSERT_TEXT(url, "0f.d");
    ASSERT_OK(tuf_target_file_name("a/b/c", name, sizeof name, &err), &err);
    ASSERT_TEXT(name, "a%2Fb%2Fc");
    CU_ASSERT_FALSE(tuf_target_file_name("a/b/c/d/e", name, sizeof name, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

WG_SUITE("name", {"file names", test_file_names}, {"paths", test_paths}, {"URLs", test_urls})
