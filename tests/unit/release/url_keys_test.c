/* url_keys_test.c: the file of URL keys. */
#include "orchestrator/release/url_keys.h"

#include "common/text.h"
#include "tests/unit/agent/folder.h"

#define HEX_1 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX_2 "f00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct wg_error err;

static void test_loaded(void)
{
    struct folder folder;
    struct url_keys keys;
    folder_make(&folder);
    folder_put(&folder, "keys", "# ours\n\nnew " HEX_2 " # since May\r\n\told\t" HEX_1, 0600);
    ASSERT_OK(url_keys_load(folder_file(&folder, "keys"), &keys, &err), &err);
    CU_ASSERT_EQUAL_FATAL(keys.count, 2);
    ASSERT_TEXT(keys.keys[0].id, "new");
    CU_ASSERT_EQUAL(keys.keys[0].secret[0], 0xf0);
    CU_ASSERT_PTR_EQUAL(url_keys_find(&keys, "old"), &keys.keys[1]);
    CU_ASSERT_PTR_NULL(url_keys_find(&keys, "ol"));
    url_keys_clear(&keys);
    CU_ASSERT_EQUAL(keys.keys[0].secret[0], 0);
    folder_remove(&folder);
}

static void test_refused(void)
{
    static const struct {
        const char *text, *says;
        mode_t mode;
        enum wg_error_code code;
    } rows[] = {
        {"a " HEX_1 "\n", "others may read", 0640, WG_E_DENIED},
        {"a " HEX_1 "\n", "others may read", 0604, WG_E_DENIED},
        {"", "no key", 0600, WG_E_BAD_FILE},
        {"# none\n", "no key", 0600, WG_E_BAD_FILE},
        {"\na\n", ":2: expected", 0600, WG_E_BAD_FILE},
        {"a 00\n", ":1: expected", 0600, WG_E_BAD_FILE},
        {"a " HEX_1 "00\n", ":1: expected", 0600, WG_E_BAD_FILE},
        {"a " HEX_1 " b\n", ":1: expected", 0600, WG_E_BAD_FILE},
        {"a&b " HEX_1 "\n", ":1: expected", 0600, WG_E_BAD_FILE},
        {"a2345678901234567 " HEX_1 "\n", ":1: expected", 0600, WG_E_BAD_FILE},
        {"a " HEX_1 "\na " HEX_2 "\n", ":2: a second key \"a\"", 0600, WG_E_BAD_FILE},
        {"a " HEX_1 "\nb " HEX_1 "\nc " HEX_1 "\nd " HEX_1 "\ne " HEX_1 "\nf " HEX_1 "\ng " HEX_1
         "\nh " HEX_1 "\ni " HEX_1 "\n",
         ":9: more than 8", 0600, WG_E_LIMIT},
    };
    struct folder folder;
    struct url_keys keys;
    folder_make(&folder);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        folder_put(&folder, "keys", rows[i].text, rows[i].mode);
        CU_ASSERT_FALSE(url_keys_load(folder_file(&folder, "keys"), &keys, &err));
        CU_ASSERT_EQUAL(err.code, rows[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].says));
        CU_ASSERT_PTR_NULL(strstr(err.text, "0405060708"));
        CU_ASSERT_EQUAL(keys.count, 0);
    }
    CU_ASSERT_FALSE(url_keys_load(folder_file(&folder, "none"), &keys, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    folder_remove(&folder);
}

static void test_added(void)
{
    struct folder folder;
    struct url_keys keys;
    struct stat info;
    char file[PATH_MAX];
    folder_make(&folder);
    (void)wg_copy(file, sizeof file, folder_file(&folder, "keys"));
    ASSERT_OK(url_keys_add(file, "one", &err), &err);
    CU_ASSERT_EQUAL(stat(file, &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 0777, 0600);
    ASSERT_OK(url_keys_add(file, "two", &err), &err);
    CU_ASSERT_FALSE(url_keys_add(file, "two", &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    CU_ASSERT_FALSE(url_keys_add(file, "no/name", &err));
    CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
    ASSERT_OK(url_keys_load(file, &keys, &err), &err);
    CU_ASSERT_EQUAL_FATAL(keys.count, 2);
    ASSERT_TEXT(keys.keys[0].id, "one");
    CU_ASSERT_NOT_EQUAL(memcmp(keys.keys[0].secret, keys.keys[1].secret, URL_KEY_BYTES), 0);
    for (char name[] = "3"; name[0] <= '8'; name[0]++)
        ASSERT_OK(url_keys_add(file, name, &err), &err);
    CU_ASSERT_FALSE(url_keys_add(file, "9", &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    folder_remove(&folder);
}

WG_SUITE("orchestrator/release/url_keys", {"loaded", test_loaded}, {"refused", test_refused},
         {"added", test_added})
