/* block_test.c: slots on image files: what goes on where, what is refused, and what the boot
 * environment says. block_cut_test.c cuts the power. */
#include "agent/posix/slot/record.h"
#include "device_slots.h"

static struct gadget gadget;

static void set_up(void)
{
    gadget_make(&gadget);
    gadget_boot(&gadget);
}

static void tear_down(void)
{
    gadget_remove(&gadget);
}

static bool activate(void)
{
    return gadget.slots->ops->activate(gadget.slots, &gadget.err);
}

static void update_to(const char *version)
{
    ASSERT_OK(gadget_write(&gadget, version, false, IMAGE_SIZE), &gadget.err);
    ASSERT_OK(gadget_finish(&gadget, version), &gadget.err);
    ASSERT_OK(activate(), &gadget.err);
}

static void test_back_and_forth(void)
{
    set_up();
    gadget_is(&gadget, "a 1.0.0");
    update_to("2.0.0");
    ASSERT_OK(gadget_start(&gadget), &gadget.err); /* the agent alone starts again */
    gadget_is(&gadget, "a 1.0.0 marked");
    gadget_boot(&gadget);
    gadget_is(&gadget, "b 2.0.0 trial");
    gadget_boot(&gadget); /* nobody has confirmed it */
    gadget_is(&gadget, "a 1.0.0");
    ASSERT_OK(activate(), &gadget.err);
    gadget_boot(&gadget);
    ASSERT_OK(gadget.slots->ops->confirm(gadget.slots, &gadget.err), &gadget.err);
    gadget_boot(&gadget);
    gadget_is(&gadget, "b 2.0.0");
    update_to("3.0.0");
    gadget_boot(&gadget);
    gadget_is(&gadget, "a 3.0.0 trial");
    ASSERT_OK(gadget.slots->ops->confirm(gadget.slots, &gadget.err), &gadget.err);
    gadget_boot(&gadget);
    gadget_is(&gadget, "a 3.0.0");
    CU_ASSERT_TRUE(gadget_holds(&gadget, 'a', "3.0.0") && gadget_holds(&gadget, 'b', "2.0.0"));
    tear_down();
}

static int64_t had(const struct slot_release *release, bool fresh)
{
    int64_t have = -1;
    ASSERT_OK(gadget.slots->ops->begin(gadget.slots, release, fresh, &have, &gadget.err),
              &gadget.err);
    return have;
}

/* Bytes that were synced, of that very release, in that very slot. */
static void test_what_is_had(void)
{
    struct slot_release release, other;
    set_up();
    gadget_release("2.0.0", &release);
    CU_ASSERT_EQUAL(had(&release, false), 0);
    ASSERT_OK(gadget_write(&gadget, "2.0.0", false, 3000), &gadget.err);
    ASSERT_OK(gadget.slots->ops->write(gadget.slots, "more", 4, &gadget.err), &gadget.err);
    ASSERT_OK(gadget_start(&gadget), &gadget.err);
    CU_ASSERT_EQUAL(had(&release, false), 3000); /* not 3004: it was not synced */
    CU_ASSERT_EQUAL(had(&release, false), 3000);
    other = release;
    other.sha256[0] = other.sha256[0] == '0' ? '1' : '0';
    CU_ASSERT_EQUAL(had(&other, false), 0);
    CU_ASSERT_EQUAL(had(&release, false), 0); /* the other one was begun */
    ASSERT_OK(gadget_write(&gadget, "2.0.0", false, 3000), &gadget.err);
    CU_ASSERT_EQUAL(had(&release, true), 0);
    CU_ASSERT_EQUAL(had(&release, false), 0);
    ASSERT_OK(gadget_write(&gadget, "2.0.0", false, 3000), &gadget.err);
    gadget_put(&gadget, "state/block/write.json", "{\"slot\"", 7);
    CU_ASSERT_EQUAL(had(&release, false), 3000); /* there is a second copy */
    folder_put_twice(&gadget.folder, "state/block/write.json", "{\"slot\"");
    CU_ASSERT_EQUAL(had(&release, false), 0); /* not to be believed */
    tear_down();
}

static void test_too_small(void)
{
    struct slot_release release;
    int64_t have = 0;
    set_up();
    update_to("2.0.0");
    gadget_release("3.0.0", &release);
    release.length = SLOT_SIZE;
    CU_ASSERT_EQUAL(had(&release, false), 0); /* fits just so */
    update_to("2.0.0");
    release.length = SLOT_SIZE + 1;
    CU_ASSERT_FALSE(gadget.slots->ops->begin(gadget.slots, &release, false, &have, &gadget.err));
    CU_ASSERT_EQUAL(gadget.err.code, WG_E_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(gadget.err.text, "slot b is too small"));
    CU_ASSERT_PTR_NOT_NULL(strstr(gadget.err.text, "has 16384 bytes, the release 16385"));
    CU_ASSERT_TRUE(gadget_holds(&gadget, 'b', "2.0.0"));
    ASSERT_OK(gadget_start(&gadget), &gadget.err);
    gadget_is(&gadget, "a 1.0.0 marked"); /* nothing has changed */
    tear_down();
}

static void test_more_than_ordered(void)
{
    static const char byte = 1;
    set_up();
    ASSERT_OK(gadget_write(&gadget, "2.0.0", false, IMAGE_SIZE), &gadget.err);
    CU_ASSERT_FALSE(gadget.slots->ops->write(gadget.slots, &byte, 1, &gadget.err));
    CU_ASSERT_EQUAL(gadget.err.code, WG_E_LIMIT);
    tear_down();
}

/* During a trial the idle slot is the way back. */
static void test_trial(void)
{
    struct slot_release release;
    int64_t have = 0;
    set_up();
    update_to("2.0.0");
    gadget_boot(&gadget);
    gadget_is(&gadget, "b 2.0.0 trial");
    gadget_release("3.0.0", &release);
    const struct slot_backend_ops *ops = gadget.slots->ops;
    CU_ASSERT_FALSE(ops->begin(gadget.slots, &release, true, &have, &gadget.err));
    CU_ASSERT_EQUAL(gadget.err.code, WG_E_CONFLICT);
    CU_ASSERT_PTR_NOT_NULL(strstr(gadget.err.text, "slot a is the way back"));
    CU_ASSERT_FALSE(activate());
    ops->discard(gadget.slots);
    CU_ASSERT_TRUE(gadget_holds(&gadget, 'a', "1.0.0"));
    CU_ASSERT_TRUE(folder_has(&gadget.folder, "state/block/a.json"));
    gadget_boot(&gadget);
    gadget_is(&gadget, "a 1.0.0");
    tear_down();
}

static void put_env(const char *standard, const char *once)
{
    struct boot *boot = grub_new(gadget.env, &gadget.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(boot);
    if (!boot) return;
    ASSERT_OK(boot->ops->set(boot, BOOT_DEFAULT, standard, &gadget.err), &gadget.err);
    ASSERT_OK(boot->ops->set(boot, BOOT_ONCE, once, &gadget.err), &gadget.err);
    boot->ops->free(boot);
}

/* The environment against the slot that runs, whoever has written it. */
static void starts_are(const char *expected)
{
    char value[BOOT_VALUE_MAX] = "?";
    struct boot *boot = grub_new(gadget.env, &gadget.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(boot);
    ASSERT_OK(boot->ops->get(boot, BOOT_STARTS, value, &gadget.err), &gadget.err);
    ASSERT_TEXT(value, expected);
    boot->ops->free(boot);
}

static void say_well(void)
{
    ASSERT_OK(gadget.slots->ops->well(gadget.slots, &gadget.err), &gadget.err);
    starts_are("0");
}

/* Starts of the default count until it is well, and only where an agent has said so before. */
static void test_starts_are_counted(void)
{
    set_up();
    starts_are("");
    say_well();
    gadget_boot(&gadget);
    gadget_boot(&gadget);
    starts_are("2");
    say_well();
    update_to("2.0.0");
    starts_are("-");
    gadget_boot(&gadget);
    gadget_is(&gadget, "b 2.0.0 trial");
    ASSERT_OK(gadget.slots->ops->confirm(gadget.slots, &gadget.err), &gadget.err);
    gadget_boot(&gadget);
    starts_are("-");
    tear_down();
}

/* The other slot is started once, and its agent makes it the default. */
static void test_never_well(void)
{
    set_up();
    update_to("2.0.0");
    gadget_boot(&gadget);
    ASSERT_OK(gadget.slots->ops->confirm(gadget.slots, &gadget.err), &gadget.err);
    say_well();
    gadget_off(&gadget);
    for (int i = 0; i < 5; i++) CU_ASSERT_EQUAL(gadget_load(&gadget), 'b');
    CU_ASSERT_EQUAL(gadget_load(&gadget), 'a'); /* and does not come up either */
    for (int i = 0; i < 5; i++) CU_ASSERT_EQUAL(gadget_load(&gadget), 'b');
    gadget_boot(&gadget);
    gadget_is(&gadget, "a 1.0.0");
    CU_ASSERT_EQUAL(gadget.status.fallback, SLOT_FOR_ONE_NOT_WELL);
    gadget_boot(&gadget);
    gadget_is(&gadget, "a 1.0.0");
    CU_ASSERT_EQUAL(gadget.status.fallback, SLOT_AS_CHOSEN);
    tear_down();
}

static void test_environments(void)
{
    static const struct {
        const char *standard, *once, *cmdline, *is, *left;
    } rows[] = {
        {"a", "-", "wg.slot=a", "a 1.0.0", "-"},
        {"a", "", "wg.slot=a", "a 1.0.0", ""},
        {"", "", "wg.slot=a", "a 1.0.0", ""},
        {"x", "x", "wg.slot=a", "a 1.0.0", "x"},
        {"a", "b", "wg.slot=a", "a 1.0.0 marked", "b"},
        {"a", "-", "wg.slot=b", "b none trial", "-"},
        {"a", "b", "wg.slot=b", "b none trial", "-"}, /* the boot script could not clear it */
        {"b", "b", "wg.slot=b", "b none", "-"},
        {"b", "a", "wg.slot=b", "b none marked", "a"},
        {"b", "-", "wg.slot=a", "a 1.0.0 trial", "-"},
        {"b", "a", "wg.slot=a", "a 1.0.0 trial", "-"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char found[BOOT_VALUE_MAX];
        set_up();
        put_env(rows[i].standard, rows[i].once);
        gadget_put(&gadget, "cmdline", rows[i].cmdline, strlen(rows[i].cmdline));
        ASSERT_OK(gadget_start(&gadget), &gadget.err);
        gadget_is(&gadget, rows[i].is);
        struct boot *boot = grub_new(gadget.env, &gadget.err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(boot);
        if (!boot) return;
        ASSERT_OK(boot->ops->get(boot, BOOT_ONCE, found, &gadget.err), &gadget.err);
        ASSERT_TEXT(found, rows[i].left);
        boot->ops->free(boot);
        tear_down();
    }
}

/* GRUB reads nothing from it and starts a; from there the agent can go on. */
static void test_damaged_environment(void)
{
    set_up();
    gadget_put(&gadget, "grubenv", "!", 1);
    CU_ASSERT_FALSE(
        gadget_start(&gadget)); /* another size: whatever that file is, it is not ours */
    CU_ASSERT_PTR_NOT_NULL(strstr(gadget.err.text, "grubenv"));
    char zeros[GRUB_BLOCK] = {0};
    gadget_put(&gadget, "grubenv", zeros, sizeof zeros);
    gadget_boot(&gadget);
    gadget_is(&gadget, "a 1.0.0");
    update_to("2.0.0");
    gadget_boot(&gadget);
    gadget_is(&gadget, "b 2.0.0 trial");
    tear_down();
}

static void test_no_slot_said(void)
{
    set_up();
    gadget_put(&gadget, "cmdline", "quiet\n", 6);
    CU_ASSERT_FALSE(gadget_start(&gadget));
    CU_ASSERT_PTR_NOT_NULL(strstr(gadget.err.text, "there is no wg.slot="));
    tear_down();
}

static void test_bad_records(void)
{
    static const char *const records[] = {
        "",
        "{",
        "{}",
        "[]",
        "{\"component\":\"brake\",\"version\":\"first\",\"sha256\":\"00\",\"length\":1}",
        "{\"component\":\"two words\",\"version\":\"1.0.0\",\"sha256\":\"00\",\"length\":1}",
        "{\"component\":\"brake\",\"version\":\"1.0.0\",\"sha256\":\"00\",\"length\":0}"};
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        set_up();
        folder_put_twice(&gadget.folder, "state/block/a.json", records[i]);
        folder_put_twice(&gadget.folder, "state/block/b.json", records[i]);
        ASSERT_OK(gadget_start(&gadget), &gadget.err);
        gadget_is(&gadget, "a none");
        CU_ASSERT_FALSE(activate());
        CU_ASSERT_EQUAL(gadget.err.code, WG_E_FAILED);
        tear_down();
    }
}

static void test_bad_devices(void)
{
    struct slot_release release;
    int64_t have = 0;
    set_up();
    gadget_release("2.0.0", &release);
    CU_ASSERT_EQUAL(unlink(folder_file(&gadget.folder, "slot-b")), 0);
    CU_ASSERT_FALSE(gadget.slots->ops->begin(gadget.slots, &release, true, &have, &gadget.err));
    CU_ASSERT_PTR_NOT_NULL(strstr(gadget.err.text, "slot b: "));
    CU_ASSERT_EQUAL(mkdir(folder_file(&gadget.folder, "slot-b"), 0700), 0);
    CU_ASSERT_FALSE(gadget.slots->ops->begin(gadget.slots, &release, true, &have, &gadget.err));
    CU_ASSERT_PTR_NOT_NULL(strstr(gadget.err.text, "no block device and no file"));
    CU_ASSERT_EQUAL(rmdir(folder_file(&gadget.folder, "slot-b")), 0);
    CU_ASSERT_EQUAL(symlink("slot-a", folder_file(&gadget.folder, "slot-b")), 0);
    CU_ASSERT_FALSE(gadget_start(&gadget));
    CU_ASSERT_PTR_NOT_NULL(strstr(gadget.err.text, "are the same"));
    tear_down();
}

static void test_provision_twice(void)
{
    struct slot_release release;
    char image[PATH_MAX];
    set_up();
    gadget_release("9.0.0", &release);
    (void)wg_copy(image, sizeof image, folder_file(&gadget.folder, "image"));
    CU_ASSERT_FALSE(block_provision(gadget.slots, image, &release, &gadget.err));
    CU_ASSERT_EQUAL(gadget.err.code, WG_E_CONFLICT);
    gadget_boot(&gadget);
    gadget_is(&gadget, "a 1.0.0");
    tear_down();
}

/* Flashed by other means: it is there, and is not written again. */
static void test_provision_what_is_there(void)
{
    struct slot_release release;
    char image[PATH_MAX];
    set_up();
    gadget_release("1.0.0", &release);
    ASSERT_OK(record_remove(folder_file(&gadget.folder, "state/block/a.json"), &gadget.err),
              &gadget.err);
    put_env("b", "b");
    CU_ASSERT_EQUAL(chmod(folder_file(&gadget.folder, "slot-a"), 0400), 0);
    struct stat before, after;
    CU_ASSERT_EQUAL(stat(folder_file(&gadget.folder, "slot-a"), &before), 0);
    (void)wg_copy(image, sizeof image, folder_file(&gadget.folder, "image"));
    ASSERT_OK(block_provision(gadget.slots, image, &release, &gadget.err), &gadget.err);
    CU_ASSERT_EQUAL(stat(folder_file(&gadget.folder, "slot-a"), &after), 0);
    CU_ASSERT_EQUAL(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    gadget_boot(&gadget);
    gadget_is(&gadget, "a 1.0.0");
    tear_down();
}

static void test_provision_refuses(void)
{
    static const struct {
        const char *file, *says;
    } rows[] = {{"none", "No such file"}, {"empty", "empty"}, {"long", "slot a is too small"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slot_release release;
        char image[PATH_MAX], large[SLOT_SIZE + 1] = {0};
        set_up();
        gadget_put(&gadget, "empty", "", 0);
        gadget_put(&gadget, "long", large, sizeof large);
        ASSERT_OK(record_remove(folder_file(&gadget.folder, "state/block/a.json"), &gadget.err),
                  &gadget.err);
        gadget_release("1.0.0", &release);
        (void)wg_copy(image, sizeof image, folder_file(&gadget.folder, rows[i].file));
        CU_ASSERT_FALSE(block_provision(gadget.slots, image, &release, &gadget.err));
        if (!strstr(gadget.err.text, rows[i].says)) ASSERT_TEXT(gadget.err.text, rows[i].says);
        CU_ASSERT_TRUE(gadget_holds(&gadget, 'a', "1.0.0"));
        tear_down();
    }
}

WG_SUITE("agent/posix/slot/block", {"back and forth", test_back_and_forth},
         {"what is had", test_what_is_had}, {"too small", test_too_small},
         {"more than ordered", test_more_than_ordered}, {"trial", test_trial},
         {"starts are counted", test_starts_are_counted}, {"never well", test_never_well},
         {"environments", test_environments}, {"damaged environment", test_damaged_environment},
         {"no slot said", test_no_slot_said}, {"bad records", test_bad_records},
         {"bad devices", test_bad_devices}, {"provision twice", test_provision_twice},
         {"provision what is there", test_provision_what_is_there},
         {"provision refuses", test_provision_refuses})
