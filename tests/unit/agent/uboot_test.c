/* uboot_test.c: U-Boot's environment through the real programs of libubootenv, on an image file;
 * and through programs that fail. */
#include "agent/posix/slot/uboot.h"

#include "agent/posix/slot/tool.h"
#include "folder.h"

#define COPY 8192

static struct folder folder;
static struct wg_error err;

static void put_image(void)
{
    char zeros[2 * COPY] = {0};
    ASSERT_OK(wg_file_replace(folder_file(&folder, "env.img"), zeros, sizeof zeros, 0600, &err),
              &err);
}

static void set_up(void)
{
    char config[3 * PATH_MAX], image[PATH_MAX];
    folder_make(&folder);
    put_image();
    (void)wg_copy(image, sizeof image, folder_file(&folder, "env.img"));
    (void)snprintf(config, sizeof config, "# the copies\n%s 0x0 0x%x\n\n %s 0x%x 0x%x\n", image,
                   COPY, image, COPY, COPY);
    folder_put(&folder, "fw_env.config", config, 0600);
    folder_put(&folder, "initial", "board=x\n", 0600);
}

/* What a factory does: both copies from a file of defaults. */
static void create(const char *name, const char *value)
{
    char config[PATH_MAX], initial[PATH_MAX], one[64], two[64];
    struct wg_buf out;
    (void)wg_copy(config, sizeof config, folder_file(&folder, "fw_env.config"));
    (void)wg_copy(initial, sizeof initial, folder_file(&folder, "initial"));
    (void)wg_copy(one, sizeof one, name);
    (void)wg_copy(two, sizeof two, value);
    char program[] = "fw_setenv", c[] = "-c", f[] = "-f";
    char *argv[] = {program, c, config, f, initial, one, two, NULL};
    const struct tool tool = {.folders = "", .argv = argv, .limit = 10 * WG_SECOND};
    wg_buf_init(&out, 65536);
    ASSERT_OK(tool_run(&tool, &out, &err), &err);
    wg_buf_clear(&out);
}

static struct boot *open_env(const char *folders)
{
    return uboot_new(folder_file(&folder, "fw_env.config"), folders, &err);
}

static void has(struct boot *boot, const char *name, const char *value)
{
    char found[BOOT_VALUE_MAX] = "?";
    ASSERT_OK(boot->ops->get(boot, name, found, &err), &err);
    ASSERT_TEXT(found, value);
}

static void test_set_and_get(void)
{
    set_up();
    create("wg_default", "a");
    struct boot *boot = open_env(NULL);
    ASSERT_OK(boot != NULL, &err);
    if (!boot) return;
    has(boot, BOOT_DEFAULT, "a");
    has(boot, BOOT_ONCE, "");
    has(boot, "board", "x");
    ASSERT_OK(boot->ops->set(boot, BOOT_ONCE, "b", &err), &err);
    has(boot, BOOT_ONCE, "b");
    ASSERT_OK(boot->ops->set(boot, BOOT_ONCE, BOOT_NONE, &err), &err);
    has(boot, BOOT_ONCE, BOOT_NONE);
    has(boot, "wg_onc", "");
    has(boot, "board", "x");
    boot->ops->free(boot);
    folder_remove(&folder);
}

/* The copy that was written last is spoiled anywhere: the one before it counts. */
static void test_torn(void)
{
    set_up();
    create("wg_once", "-");
    struct boot *boot = open_env(NULL);
    ASSERT_OK(boot != NULL, &err);
    if (!boot) return;
    ASSERT_OK(boot->ops->set(boot, BOOT_ONCE, "a", &err), &err);
    FILE *file = fopen(folder_file(&folder, "env.img"), "r");
    static char before[2 * COPY], after[2 * COPY];
    CU_ASSERT_EQUAL(fread(before, 1, sizeof before, file), sizeof before);
    (void)fclose(file);
    ASSERT_OK(boot->ops->set(boot, BOOT_ONCE, "b", &err), &err);
    file = fopen(folder_file(&folder, "env.img"), "r");
    CU_ASSERT_EQUAL(fread(after, 1, sizeof after, file), sizeof after);
    (void)fclose(file);
    size_t first = 0, last = sizeof after - 1;
    while (first < last && before[first] == after[first]) first++;
    while (last > first && before[last] == after[last]) last--;
    CU_ASSERT_EQUAL(first / COPY, last / COPY); /* one copy alone was written */
    for (size_t cut = first; cut <= last; cut += cut < first + 40 ? 1 : 509) {
        char torn[2 * COPY];
        memcpy(torn, before, sizeof torn);
        memcpy(torn, after, cut);
        if (first >= COPY) memcpy(torn, before, COPY);
        ASSERT_OK(wg_file_replace(folder_file(&folder, "env.img"), torn, sizeof torn, 0600, &err),
                  &err);
        has(boot, BOOT_ONCE, "a");
    }
    boot->ops->free(boot);
    folder_remove(&folder);
}

static void test_damaged(void)
{
    char found[BOOT_VALUE_MAX];
    set_up(); /* zeros: neither copy holds */
    struct boot *boot = open_env(NULL);
    ASSERT_OK(boot != NULL, &err);
    if (!boot) return;
    CU_ASSERT_FALSE(boot->ops->get(boot, BOOT_ONCE, found, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "fw_env.config: fw_printenv: exit code"));
    CU_ASSERT_FALSE(boot->ops->set(boot, BOOT_ONCE, "b", &err));
    boot->ops->free(boot);
    folder_remove(&folder);
}

static void test_configurations(void)
{
    static const struct {
        const char *text; /* NULL: no file */
        const char *says;
    } rows[] = {{NULL, "No such file"},
                {"", "found 0"},
                {"# none\n\n", "found 0"},
                {"/dev/null 0x0 0x2000\n", "two copies of a redundant environment, found 1"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set_up();
        if (rows[i].text)
            folder_put(&folder, "fw_env.config", rows[i].text, 0600);
        else
            CU_ASSERT_EQUAL(unlink(folder_file(&folder, "fw_env.config")), 0);
        CU_ASSERT_PTR_NULL(open_env(NULL));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].says));
        folder_remove(&folder);
    }
}

/* A fw_setenv that says it has written, and has not. */
static void test_programs_that_lie(void)
{
    static const struct {
        const char *get, *set, *says;
    } rows[] = {
        {"echo wg_once=a", "exit 0", "wg_once is \"a\" after setting it to \"b\""},
        {"echo wg_once=b", "echo no; echo disk full >&2; exit 3", "exit code 3: disk full"},
        {"echo wg_once=b", "kill -9 $$", "signal 9"},
        {"exit 1", "exit 0", "fw_printenv: exit code 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        set_up();
        (void)wg_format(text, sizeof text, "#!/bin/sh\n%s\n", rows[i].get);
        folder_put(&folder, "fw_printenv", text, 0700);
        (void)wg_format(text, sizeof text, "#!/bin/sh\n%s\n", rows[i].set);
        folder_put(&folder, "fw_setenv", text, 0700);
        struct boot *boot = open_env(folder.path);
        ASSERT_OK(boot != NULL, &err);
        if (!boot) return;
        CU_ASSERT_FALSE(boot->ops->set(boot, BOOT_ONCE, "b", &err));
        if (!strstr(err.text, rows[i].says)) ASSERT_TEXT(err.text, rows[i].says);
        boot->ops->free(boot);
        folder_remove(&folder);
    }
}

static void test_no_programs(void)
{
    char found[BOOT_VALUE_MAX];
    set_up();
    struct boot *boot = open_env(folder.path);
    ASSERT_OK(boot != NULL, &err);
    if (!boot) return;
    CU_ASSERT_FALSE(boot->ops->get(boot, BOOT_ONCE, found, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    boot->ops->free(boot);
    folder_remove(&folder);
}

/* One that hangs is ended, and what it has started with it. */
static void test_time_limit(void)
{
    static const char *const ways[] = {"sleep 100 & exec sleep 100", "sleep 100 & exit 0",
                                       "exec >/dev/null 2>&1; sleep 100"};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char text[128], program[] = "hangs";
        char *argv[] = {program, NULL};
        struct wg_buf out;
        folder_make(&folder);
        (void)wg_format(text, sizeof text, "#!/bin/sh\n%s\n", ways[i]);
        folder_put(&folder, "hangs", text, 0700);
        wg_buf_init(&out, 1024);
        const struct tool tool = {.folders = folder.path, .argv = argv, .limit = 300};
        wg_time before = wg_monotonic();
        CU_ASSERT_FALSE(tool_run(&tool, &out, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_TIMEOUT);
        CU_ASSERT_TRUE(wg_monotonic() - before < 60 * WG_SECOND);
        wg_buf_clear(&out);
        folder_remove(&folder);
    }
}

WG_SUITE("agent/posix/slot/uboot", {"set and get", test_set_and_get}, {"torn", test_torn},
         {"damaged", test_damaged}, {"configurations", test_configurations},
         {"programs that lie", test_programs_that_lie}, {"no programs", test_no_programs},
         {"time limit", test_time_limit})
