/* block_cut_test.c: the power is cut before and in every system call that changes something, in
 * every verb, with and without what was not synced; each of them fails, once and for good. Whatever
 * happens, the boot loader finds a whole system, what is said to be there is there, and the update
 * can be done. */
#include "cutter.h"

#include "device_slots.h"

static struct gadget gadget;

static bool verb(bool (*call)(struct slot_backend *, struct wg_error *))
{
    return call(gadget.slots, &gadget.err);
}

static bool restart(void)
{
    gadget_off(&gadget);
    return gadget_start(&gadget);
}

/* The loader runs without us, and uncut. */
static bool reboot(void)
{
    enum cutter_mode mode = cutter.mode;
    long steps = cutter.steps;
    gadget_off(&gadget);
    cutter.mode = CUT_NOTHING;
    (void)gadget_load(&gadget);
    cutter.mode = mode;
    cutter.steps = steps;
    return gadget_start(&gadget);
}

/* To 2.0.0, with a break in the download, and on to a half of 3.0.0 in the other slot. */
static bool good_update(void)
{
    return gadget_write(&gadget, "2.0.0", false, 2000) && restart() &&
           gadget_write(&gadget, "2.0.0", false, IMAGE_SIZE) && gadget_finish(&gadget, "2.0.0") &&
           gadget_finish(&gadget, "2.0.0") && verb(gadget.slots->ops->activate) && reboot() &&
           gadget.status.trial && verb(gadget.slots->ops->confirm) && reboot() &&
           verb(gadget.slots->ops->well) && reboot() && verb(gadget.slots->ops->well) &&
           gadget_write(&gadget, "3.0.0", false, 1500);
}

/* Withdrawn at the last moment, thrown away, begun again, and dropped in its middle. */
static bool dropped_update(void)
{
    if (!gadget_write(&gadget, "2.0.0", true, IMAGE_SIZE) || !gadget_finish(&gadget, "2.0.0") ||
        !verb(gadget.slots->ops->activate) || !restart() || !gadget.status.marked ||
        !verb(gadget.slots->ops->revert))
        return false;
    gadget.slots->ops->discard(gadget.slots);
    if (!gadget_write(&gadget, "3.0.0", false, 1500)) return false;
    gadget.slots->ops->discard(gadget.slots);
    return gadget_write(&gadget, "2.0.0", false, 2500) &&
           gadget_write(&gadget, "3.0.0", false, 1000);
}

/* Marked, and then overwritten: the mark must go before the first byte does. */
static bool replaced_update(void)
{
    return gadget_write(&gadget, "2.0.0", false, IMAGE_SIZE) && gadget_finish(&gadget, "2.0.0") &&
           verb(gadget.slots->ops->activate) && gadget_write(&gadget, "3.0.0", false, IMAGE_SIZE) &&
           gadget_finish(&gadget, "3.0.0") && verb(gadget.slots->ops->activate);
}

static bool (*const scripts[])(void) = {good_update, dropped_update, replaced_update};

#define COPY_CALLS 6 /* that make a second copy, which is the last that a script does */

static struct cutter_outcome play(size_t script, enum cutter_mode mode, long at)
{
    return cutter_play(scripts[script], mode, at);
}

/* What runs is whole, and is what its record says. */
static void runs_whole(void)
{
    CU_ASSERT_EQUAL(gadget.status.component_count, 1);
    CU_ASSERT_TRUE(
        gadget_holds(&gadget, gadget.status.running[0], gadget.status.components[0].version));
}

/* A record is a promise, for the idle slot too. */
static void records_are_true(void)
{
    for (const char *at = "ab"; *at; at++) {
        char name[32], slot = *at;
        struct slot_release release;
        (void)wg_format(name, sizeof name, "state/block/%c.json", slot);
        if (record_load(folder_file(&gadget.folder, name), &release))
            CU_ASSERT_TRUE(gadget_holds(&gadget, slot, release.version));
    }
}

static void ends_well(void)
{
    char before[16];
    records_are_true();
    gadget_boot(&gadget);
    runs_whole();
    if (gadget.status.trial) { /* not confirmed: the old one boots, and is there */
        gadget_boot(&gadget);
        CU_ASSERT_FALSE(gadget.status.trial);
        runs_whole();
    }
    (void)wg_copy(before, sizeof before, gadget.status.running);
    ASSERT_OK(gadget_write(&gadget, "4.0.0", false, 1000), &gadget.err);
    CU_ASSERT_FALSE(gadget_finish(&gadget, "4.0.0"));
    CU_ASSERT_FALSE(verb(gadget.slots->ops->activate));
    ASSERT_OK(gadget_write(&gadget, "2.0.0", false, IMAGE_SIZE), &gadget.err);
    CU_ASSERT_FALSE(gadget_finish(&gadget, "4.0.0"));
    ASSERT_OK(gadget_finish(&gadget, "2.0.0"), &gadget.err);
    ASSERT_OK(verb(gadget.slots->ops->activate), &gadget.err);
    gadget_boot(&gadget);
    CU_ASSERT_TRUE(gadget.status.trial && gadget.status.running[0] != before[0]);
    ASSERT_TEXT(gadget.status.components[0].version, "2.0.0");
    runs_whole();
    ASSERT_OK(verb(gadget.slots->ops->confirm), &gadget.err);
    gadget_boot(&gadget);
    ASSERT_TEXT(gadget.status.components[0].version, "2.0.0");
    CU_ASSERT_FALSE(gadget.status.trial);
}

/* Calls of a script that nothing cuts. */
static long calls_of(size_t script)
{
    gadget_make(&gadget);
    gadget_boot(&gadget);
    long calls = play(script, CUT_NOTHING, 0).steps;
    gadget_remove(&gadget);
    return calls;
}

static long cut_everywhere(size_t script, enum cutter_mode mode)
{
    long whole = calls_of(script), every = harness_every(1, 5), count = 0;
    for (long at = 1 + (long)(script + (size_t)mode) % every;; at += every, count++) {
        unsigned before = CU_get_number_of_failures();
        gadget_make(&gadget);
        gadget_boot(&gadget);
        struct cutter_outcome outcome = play(script, mode, at);
        gadget_off(&gadget);
        bool over = outcome.steps > 0 && outcome.steps < at;
        /* an error that nobody heard of is worse than none; what discard() meets, it logs, and what
         * keeps a second copy from being written */
        if (mode == CUT_SICK && script != 1 && at <= whole - COPY_CALLS)
            CU_ASSERT_EQUAL(outcome.ok, over);
        if (mode == CUT_FAIL && over) CU_ASSERT_TRUE(outcome.ok);
        ends_well();
        if (CU_get_number_of_failures() != before)
            printf("\n    script %zu, mode %d, before call %ld\n", script, (int)mode, at);
        gadget_remove(&gadget);
        if (over) return count;
    }
}

static void test_uncut(void)
{
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        gadget_make(&gadget);
        gadget_boot(&gadget);
        CU_ASSERT_TRUE(play(i, CUT_NOTHING, 0).ok);
        ends_well();
        gadget_remove(&gadget);
    }
}

static void test_cut(void)
{
    long count = 0;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        for (enum cutter_mode mode = CUT_KEPT; mode < CUT_MODES; mode++)
            count += cut_everywhere(i, mode);
    printf("%ld cuts and failures ...", count);
    CU_ASSERT_TRUE(count > 400 / harness_every(1, 5));
}

WG_SUITE("agent/posix/slot/block cut", {"uncut", test_uncut}, {"cut everywhere", test_cut})
