/* grub_test.c: GRUB's environment block beside the real grub-editenv: each reads what the other
 * wrote, and foreign variables stay. */
#include "agent/posix/slot/grub.h"

#include "agent/posix/slot/tool.h"
#include "folder.h"

static struct folder folder;
static struct wg_error err;

/* grub-editenv FILE WORDS...; what it prints. */
static const char *editenv(const char *verb, const char *word, const char *more)
{
    static struct wg_buf out;
    char file[PATH_MAX], what[16], one[1200], two[1200];
    (void)wg_copy(file, sizeof file, folder_file(&folder, "grubenv"));
    (void)wg_copy(what, sizeof what, verb);
    (void)wg_copy(one, sizeof one, word ? word : "");
    (void)wg_copy(two, sizeof two, more ? more : "");
    char name[] = "grub-editenv";
    char *argv[] = {name, file, what, word ? one : NULL, more ? two : NULL, NULL};
    const struct tool tool = {.folders = "", .argv = argv, .limit = 10 * WG_SECOND};
    wg_buf_clear(&out);
    wg_buf_init(&out, 65536);
    ASSERT_OK(tool_run(&tool, &out, &err), &err);
    return wg_buf_str(&out);
}

static struct boot *open_env(void)
{
    struct boot *boot = grub_new(folder_file(&folder, "grubenv"), &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(boot);
    return boot;
}

static void set_up(void)
{
    folder_make(&folder);
    (void)editenv("create", NULL, NULL);
}

static const char *read_raw(void)
{
    static char block[GRUB_BLOCK + 1];
    FILE *file = fopen(folder_file(&folder, "grubenv"), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    if (!file) return block;
    CU_ASSERT_EQUAL(fread(block, 1, GRUB_BLOCK, file), GRUB_BLOCK);
    CU_ASSERT_EQUAL(fgetc(file), EOF);
    (void)fclose(file);
    return block;
}

static void has(struct boot *boot, const char *name, const char *value)
{
    char found[BOOT_VALUE_MAX] = "?";
    ASSERT_OK(boot->ops->get(boot, name, found, &err), &err);
    ASSERT_TEXT(found, value);
}

static void test_each_reads_the_other(void)
{
    set_up();
    struct boot *boot = open_env();
    has(boot, BOOT_DEFAULT, "");
    (void)editenv("set", "wg_default=a", "wg_once=-");
    has(boot, BOOT_DEFAULT, "a");
    has(boot, BOOT_ONCE, "-");
    ASSERT_OK(boot->ops->set(boot, BOOT_ONCE, "b", &err), &err);
    ASSERT_OK(boot->ops->set(boot, "wg_more", "long-value", &err), &err);
    ASSERT_TEXT(editenv("list", NULL, NULL), "wg_default=a\nwg_once=b\nwg_more=long-value\n");
    ASSERT_OK(boot->ops->set(boot, "wg_more", "x", &err), &err);
    ASSERT_TEXT(editenv("list", NULL, NULL), "wg_default=a\nwg_once=b\nwg_more=x\n");
    boot->ops->free(boot);
    folder_remove(&folder);
}

/* The same bytes as grub-editenv leaves, whatever stands around the variable. */
static void test_same_bytes(void)
{
    static const char *const around[] = {
        "saved_entry=0",          "odd=a\\b",  "empty=", "wg_oncex=b",
        "several=one\nwg_once=b", "xwg_once=b"};
    static const char *const values[] = {"-", "b", "-", "abc", "", "a"};
    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
        char ours[GRUB_BLOCK], word[64];
        set_up();
        (void)editenv("set", "first=1", around[i]);
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
            memcpy(ours, read_raw(), sizeof ours);
            ASSERT_OK(grub_block_set(ours, BOOT_ONCE, values[v], &err), &err);
            (void)wg_format(word, sizeof word, "wg_once=%s", values[v]);
            (void)editenv("set", word, v == 0 ? "last=2" : NULL);
            if (v == 0) ASSERT_OK(grub_block_set(ours, "last", "2", &err), &err);
            CU_ASSERT_EQUAL(memcmp(ours, read_raw(), sizeof ours), 0);
        }
        folder_remove(&folder);
    }
}

/* A variable's value that holds a line like ours is not ours. */
static void test_escaped_newline(void)
{
    set_up();
    (void)editenv("set", "several=one\nwg_once=b", NULL);
    struct boot *boot = open_env();
    has(boot, BOOT_ONCE, "");
    ASSERT_OK(boot->ops->set(boot, BOOT_ONCE, "a", &err), &err);
    ASSERT_TEXT(editenv("list", NULL, NULL), "several=one\nwg_once=b\nwg_once=a\n");
    boot->ops->free(boot);
    folder_remove(&folder);
}

/* Once both stand there, a torn write has nothing to tear. */
static void test_one_byte(void)
{
    char before[GRUB_BLOCK];
    int changed = 0;
    set_up();
    (void)editenv("set", "wg_default=a", "wg_once=-");
    (void)editenv("set", "saved_entry=0", NULL);
    memcpy(before, read_raw(), sizeof before);
    struct boot *boot = open_env();
    ASSERT_OK(boot->ops->set(boot, BOOT_ONCE, "b", &err), &err);
    boot->ops->free(boot);
    const char *after = read_raw();
    for (size_t i = 0; i < GRUB_BLOCK; i++) changed += before[i] != after[i];
    CU_ASSERT_EQUAL(changed, 1);
    folder_remove(&folder);
}

/* The file keeps its place: GRUB finds it by its blocks. */
static void test_in_place(void)
{
    struct stat before, after;
    set_up();
    CU_ASSERT_EQUAL(stat(folder_file(&folder, "grubenv"), &before), 0);
    struct boot *boot = open_env();
    ASSERT_OK(boot->ops->set(boot, BOOT_ONCE, "b", &err), &err);
    boot->ops->free(boot);
    CU_ASSERT_EQUAL(stat(folder_file(&folder, "grubenv"), &after), 0);
    CU_ASSERT_EQUAL(before.st_ino, after.st_ino);
    CU_ASSERT_FALSE(folder_has(&folder, "grubenv.new"));
    folder_remove(&folder);
}

static void test_full(void)
{
    char block[GRUB_BLOCK], word[GRUB_BLOCK], kept[GRUB_BLOCK];
    set_up();
    memset(word, 'x', sizeof word);
    memcpy(word, "fill=", 5);
    word[GRUB_BLOCK - 104] = '\0'; /* beside the two lines of comment */
    (void)editenv("set", word, NULL);
    memcpy(block, read_raw(), sizeof block);
    memcpy(kept, block, sizeof kept);
    CU_ASSERT_FALSE(grub_block_set(block, BOOT_DEFAULT, "abcdefghi", &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    CU_ASSERT_EQUAL(memcmp(block, kept, sizeof block), 0);
    ASSERT_OK(grub_block_set(block, "z", "1", &err), &err);
    size_t room = 0;
    while (room < GRUB_BLOCK && block[GRUB_BLOCK - 1 - room] == '#') room++;
    CU_ASSERT_TRUE(room < 16);
    folder_remove(&folder);
}

static void test_wrong_files(void)
{
    static const struct {
        const char *what;
        int size; /* -1: no file */
        const char *says;
    } rows[] = {{"none", -1, "No such file"},
                {"too long", 2048, "1024 bytes, found 2048"},
                {"too short", 512, "found 512"},
                {"empty", 0, "found 0"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char found[BOOT_VALUE_MAX];
        set_up();
        const char *file = folder_file(&folder, "grubenv");
        if (rows[i].size < 0)
            CU_ASSERT_EQUAL(unlink(file), 0)
        else
            CU_ASSERT_EQUAL(truncate(file, rows[i].size), 0);
        struct boot *boot = open_env();
        CU_ASSERT_FALSE(boot->ops->get(boot, BOOT_ONCE, found, &err));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].says));
        CU_ASSERT_FALSE(boot->ops->set(boot, BOOT_ONCE, "b", &err));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].says));
        boot->ops->free(boot);
        folder_remove(&folder);
    }
}

/* GRUB reads nothing from a damaged block; neither do we, and the next write mends it. */
static void test_damaged(void)
{
    set_up();
    (void)editenv("set", "wg_default=b", NULL);
    FILE *file = fopen(folder_file(&folder, "grubenv"), "r+");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    if (!file) return;
    CU_ASSERT_EQUAL(fputc('!', file), '!');
    CU_ASSERT_EQUAL(fclose(file), 0);
    struct boot *boot = open_env();
    has(boot, BOOT_DEFAULT, "");
    ASSERT_OK(boot->ops->set(boot, BOOT_DEFAULT, "a", &err), &err);
    ASSERT_TEXT(editenv("list", NULL, NULL), "wg_default=a\n");
    boot->ops->free(boot);
    folder_remove(&folder);
}

/* Cut at every byte, old before and new behind and the other way round: whole lines stay lines. */
static void test_torn(void)
{
    char old[GRUB_BLOCK], new[GRUB_BLOCK], torn[GRUB_BLOCK], found[BOOT_VALUE_MAX];
    set_up();
    (void)editenv("set", "saved_entry=0", NULL);
    memcpy(old, read_raw(), sizeof old);
    memcpy(new, old, sizeof new);
    ASSERT_OK(grub_block_set(new, BOOT_ONCE, "b", &err), &err);
    for (size_t at = 0; at <= GRUB_BLOCK; at++)
        for (int way = 0; way < 2; way++) {
            memcpy(torn, way ? old : new, at);
            memcpy(torn + at, (way ? new : old) + at, GRUB_BLOCK - at);
            (void)grub_block_get(torn, "saved_entry", found);
            ASSERT_TEXT(found, "0");
            ASSERT_OK(grub_block_set(torn, BOOT_ONCE, "a", &err), &err);
            CU_ASSERT_TRUE(grub_block_get(torn, BOOT_ONCE, found));
            ASSERT_TEXT(found, "a");
        }
    folder_remove(&folder);
}

static void test_long_value(void)
{
    set_up();
    (void)editenv("set", "wg_once=bbbbbbbbbbbbbbbbbbbbbbbbbb", NULL);
    struct boot *boot = open_env();
    has(boot, BOOT_ONCE, "bbbbbbbbbbbbbbb");
    boot->ops->free(boot);
    folder_remove(&folder);
}

WG_SUITE("agent/posix/slot/grub", {"each reads the other", test_each_reads_the_other},
         {"same bytes", test_same_bytes}, {"escaped newline", test_escaped_newline},
         {"one byte", test_one_byte}, {"in place", test_in_place}, {"full", test_full},
         {"wrong files", test_wrong_files}, {"damaged", test_damaged}, {"torn", test_torn},
         {"long value", test_long_value})
