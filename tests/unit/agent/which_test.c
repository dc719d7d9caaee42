/* which_test.c: the running slot, from command lines as kernels have them. */
#include "agent/posix/slot/which.h"

#include "folder.h"

static void test_command_lines(void)
{
    static const struct {
        const char *text, *key;
        char runs; /* 0: an error */
        const char *says;
    } rows[] = {
        {"console=ttyS0 wg.slot=a quiet\n", "wg.slot", 'a', NULL},
        {"wg.slot=b", "wg.slot", 'b', NULL},
        {"wg.slot=a x=\"y wg.slot=a\" wg.slot=b\n", "wg.slot", 'b', NULL}, /* the last one counts */
        {"x=\"y wg.slot=b\" wg.slot=a\n", "wg.slot", 'a', NULL},
        {"my.wg.slot=b", "wg.slot", 0, "there is no wg.slot="},
        {"wg.slot", "wg.slot", 0, "there is no wg.slot="},
        {"", "wg.slot", 0, "there is no wg.slot="},
        {"wg.slot=", "wg.slot", 0, "neither slot a nor slot b"},
        {"wg.slot=c", "wg.slot", 0, "wg.slot=c is neither slot a nor slot b"},
        {"wg.slot=ab", "wg.slot", 0, "neither"},
        {"root=FOLDER/one ro", "root", 'a', NULL},
        {"root=FOLDER/two", "root", 'b', NULL},
        {"root=FOLDER/link", "root", 'b', NULL},
        {"root=FOLDER/three", "root", 0, "neither"},
        {"root=PARTLABEL=no-such-label", "root", 0, "neither"},
        {NULL, "wg.slot", 0, "cmdline"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct folder folder;
        struct wg_error err = {0};
        char text[256], cmdline[PATH_MAX], one[PATH_MAX], two[PATH_MAX], runs = '?';
        folder_make(&folder);
        folder_put(&folder, "one", "1", 0600);
        folder_put(&folder, "two", "2", 0600);
        folder_put(&folder, "three", "3", 0600);
        CU_ASSERT_EQUAL(symlink("two", folder_file(&folder, "link")), 0);
        const char *hole = rows[i].text ? strstr(rows[i].text, "FOLDER") : NULL;
        (void)wg_format(text, sizeof text, "%.*s%s%s", hole ? (int)(hole - rows[i].text) : 0,
                        rows[i].text ? rows[i].text : "", hole ? folder.path : "",
                        hole           ? hole + 6
                        : rows[i].text ? rows[i].text
                                       : "");
        if (rows[i].text) folder_put(&folder, "cmdline", text, 0600);
        (void)wg_copy(cmdline, sizeof cmdline, folder_file(&folder, "cmdline"));
        (void)wg_copy(one, sizeof one, folder_file(&folder, "one"));
        (void)wg_copy(two, sizeof two, folder_file(&folder, "two"));
        const struct which which = {.cmdline = cmdline, .key = rows[i].key, .a = one, .b = two};
        CU_ASSERT_EQUAL(which_runs(&which, &runs, &err), rows[i].runs != 0);
        if (rows[i].runs) CU_ASSERT_EQUAL(runs, rows[i].runs);
        if (rows[i].says && !strstr(err.text, rows[i].says)) ASSERT_TEXT(err.text, rows[i].says);
        folder_remove(&folder);
    }
}

static void test_fell_back(void)
{
    static const struct {
        const char *text;
        enum slot_fallback why;
    } rows[] = {{"ro wg.slot=a wg.fallback=yes\n", SLOT_FOR_ONE_NOT_LOADED},
                {"wg.fallback=yes wg.slot=a", SLOT_FOR_ONE_NOT_LOADED},
                {"ro wg.slot=a wg.fallback=yes wg.starts=5\n", SLOT_FOR_ONE_NOT_WELL},
                {"ro wg.slot=a  wg.starts=5\n", SLOT_AS_CHOSEN},
                {"ro wg.slot=a \n", SLOT_AS_CHOSEN},
                {"wg.slot=a wg.fallback=", SLOT_AS_CHOSEN},
                {"wg.slot=a wg.fallback=no", SLOT_AS_CHOSEN},
                {"wg.slot=a wg.fallback", SLOT_AS_CHOSEN},
                {"wg.slot=a x=\"y wg.fallback=yes\"", SLOT_AS_CHOSEN},
                {NULL, SLOT_AS_CHOSEN}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct folder folder;
        char cmdline[PATH_MAX];
        folder_make(&folder);
        if (rows[i].text) folder_put(&folder, "cmdline", rows[i].text, 0600);
        (void)wg_copy(cmdline, sizeof cmdline, folder_file(&folder, "cmdline"));
        const struct which which = {.cmdline = cmdline, .key = "wg.slot", .a = "a", .b = "b"};
        CU_ASSERT_EQUAL(which_fell_back(&which), rows[i].why);
        folder_remove(&folder);
    }
}

WG_SUITE("agent/posix/slot/which", {"command lines", test_command_lines},
         {"fell back", test_fell_back})
