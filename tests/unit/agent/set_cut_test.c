/* set_cut_test.c: the power is cut before and in every system call that changes something, in every
 * verb of a set and in every mixture of places, with and without what was not synced; each of them
 * fails, once and for good. Whatever happens: when the device has started, with the boots that the
 * set asks for, all members run the old release or all run the new one, and the next update can be
 * done. Some of these cuts, each mixture, verb and mode from another one on; all of them
 * with WAVEGATE_CUTS=all, as `make cuts` sets it. */
#include "cutter.h"

#include "agent/posix/slot/set_record.h"
#include "common/log.h"
#include "device_set.h"

static struct device device;

static bool verb(bool (*call)(struct slot_backend *, struct wg_error *))
{
    return call(device.gadget.slots, &device.gadget.err);
}

/* The loader runs without us, and uncut. */
static void load(void)
{
    enum cutter_mode mode = cutter.mode;
    long steps = cutter.steps;
    device_off(&device);
    cutter.mode = CUT_NOTHING;
    (void)gadget_load(&device.gadget);
    device_boots(&device, 1);
    cutter.mode = mode;
    cutter.steps = steps;
}

/* Of the agent alone. */
static bool restart(void)
{
    bool ok = device_probe(&device);
    for (int i = 0; ok && device.gadget.status.again && i < 20; i++) {
        load();
        ok = device_probe(&device);
    }
    CU_ASSERT_FALSE(ok && device.gadget.status.again);
    return ok;
}

static bool reboot(void)
{
    load();
    return restart();
}

/* All of it, and on to a half of the next one. */
static bool good_update(void)
{
    return reboot() && device_install(&device, 0, "2.0.0") &&
           verb(device.gadget.slots->ops->activate) && reboot() && device.gadget.status.trial &&
           verb(device.gadget.slots->ops->confirm) && verb(device.gadget.slots->ops->well) &&
           reboot() && device_plan(&device, 0, "3.0.0") && device_write(&device, 0, "3.0.0", 1500);
}

/* Unhealthy; then the app and what is behind it alone, withdrawn at the last moment. */
static bool bad_update(void)
{
    if (!reboot() || !device_install(&device, 0, "2.0.0") ||
        !verb(device.gadget.slots->ops->activate) || !reboot() || !device.gadget.status.trial ||
        !verb(device.gadget.slots->ops->revert) || !reboot() || device.gadget.status.trial ||
        !device_install(&device, 1, "3.0.0") || !verb(device.gadget.slots->ops->activate) ||
        !verb(device.gadget.slots->ops->revert))
        return false;
    device.gadget.slots->ops->discard(device.gadget.slots);
    return restart();
}

/* With an agent that dies wherever it waits. */
static bool interrupted_update(void)
{
    bool ok = reboot() && device_plan(&device, 0, "2.0.0") &&
              device_write(&device, 0, "2.0.0", 2000) && restart() &&
              device_install(&device, 0, "2.0.0") && restart() &&
              verb(device.gadget.slots->ops->activate) && restart();
    if (ok && device.gadget.status.marked)
        ok = verb(device.gadget.slots->ops->activate) && reboot();
    return ok && (!device.gadget.status.trial || verb(device.gadget.slots->ops->confirm)) &&
           restart();
}

static const struct script {
    bool (*play)(void);
    const char *end; /* what runs when nothing was cut; NULL: either */
} scripts[] = {{good_update, "2.0.0"}, {bad_update, "1.0.0"}, {interrupted_update, NULL}};

#define SCRIPTS (sizeof scripts / sizeof scripts[0])

static const enum kind mixtures[][PLACES] = {
    {KIND_BLOCK, KIND_DIR, KIND_NONE},
    {KIND_GIZMO, KIND_DIR, KIND_GIZMO},
    {KIND_BLOCK, KIND_DIR, KIND_GIZMO},
    {KIND_BLOCK, KIND_FILE, KIND_NONE},
};

#define FILES 3      /* the mixture with a real installer, whose processes take their time */
#define NEXT_EVERY 4 /* cuts after which the next update is done as well */
#define MIXTURES (sizeof mixtures / sizeof mixtures[0])

static struct cutter_outcome play(size_t script, enum cutter_mode mode, long at)
{
    return cutter_play(scripts[script].play, mode, at);
}

static void runs_all(const char *version)
{
    for (size_t i = 0; i < PLACES && device.kinds[i] != KIND_NONE; i++)
        ASSERT_TEXT(device_runs(&device, i), version);
    if (device.kinds[0] == KIND_BLOCK)
        CU_ASSERT_TRUE(gadget_holds(&device.gadget, device.gadget.status.running[0], version));
}

/* All old, or all new; on trial too. The second update of bad_update leaves the first alone. */
static void runs_one(void)
{
    char first[16];
    (void)wg_copy(first, sizeof first, device_runs(&device, 0));
    if (device.gadget.status.trial && strcmp(device_runs(&device, 1), "3.0.0") == 0) return;
    CU_ASSERT_TRUE(strcmp(first, "1.0.0") == 0 || strcmp(first, "2.0.0") == 0);
    runs_all(first);
}

static bool is_kept(void)
{
    struct set_record record;
    char path[PATH_MAX];
    (void)wg_format(path, sizeof path, "%s/set.json", device.gadget.state);
    return set_record_load(path, &record, NULL) && record.decided == SET_COMMIT;
}

static void boots_well(void)
{
    ASSERT_OK(reboot(), &device.gadget.err);
}

/* To 4.0.0. */
static void next_update(void)
{
    char before[WG_NAME_MAX + 1];
    (void)wg_copy(before, sizeof before, device.gadget.status.running);
    ASSERT_OK(device_install(&device, 0, "4.0.0"), &device.gadget.err);
    ASSERT_OK(verb(device.gadget.slots->ops->activate), &device.gadget.err);
    boots_well();
    CU_ASSERT_TRUE(device.gadget.status.trial);
    CU_ASSERT_STRING_NOT_EQUAL(device.gadget.status.running, before);
    runs_all("4.0.0");
    ASSERT_OK(verb(device.gadget.slots->ops->confirm), &device.gadget.err);
    for (int i = 0; i < 2; i++) boots_well();
    runs_all("4.0.0");
    CU_ASSERT_FALSE(device.gadget.status.trial);
}

static void ends_well(const char *end)
{
    bool kept = is_kept();
    device_boots(&device, 100); /* those of the process that was cut */
    boots_well();
    runs_one();
    if (kept) runs_all("2.0.0"); /* the word was given */
    CU_ASSERT_FALSE(kept && device.gadget.status.trial);
    if (device.gadget.status.trial) { /* not confirmed: two boots later the old ones run */
        boots_well();
        boots_well();
        runs_all("1.0.0");
    }
    CU_ASSERT_FALSE(device.gadget.status.trial);
    if (end) runs_all(end);
}

static long cut_everywhere(size_t mixture, size_t script, enum cutter_mode mode, long every)
{
    long count = 0, first = (long)(mixture * SCRIPTS + script + (size_t)mode) % every;
    for (long at = 1 + first;; at += every, count++) {
        unsigned before = CU_get_number_of_failures();
        device_make(&device, mixtures[mixture]);
        struct cutter_outcome outcome = play(script, mode, at);
        device_off(&device);
        bool over = outcome.steps > 0 && outcome.steps < at;
        /* what is said to be done is done; some failures are made good at the next start */
        if (over) CU_ASSERT_TRUE(outcome.ok);
        ends_well(outcome.ok ? scripts[script].end : NULL);
        if (count % NEXT_EVERY == 0) next_update();
        if (CU_get_number_of_failures() != before)
            printf("\n    mixture %zu, script %zu, mode %d, before call %ld\n", mixture, script,
                   (int)mode, at);
        gadget_remove(&device.gadget);
        if (over) return count;
    }
}

static void test_uncut(void)
{
    for (size_t i = 0; i < MIXTURES; i++)
        for (size_t j = 0; j < SCRIPTS; j++) {
            device_make(&device, mixtures[i]);
            CU_ASSERT_TRUE(play(j, CUT_NOTHING, 0).ok);
            ends_well(scripts[j].end);
            next_update();
            gadget_remove(&device.gadget);
        }
}

static void test_cut(void)
{
    long count = 0, every = harness_every(20, 160);
    wg_log_setup("set_cut", WG_LOG_ERROR);
    for (size_t i = 0; i < FILES; i++)
        for (size_t j = 0; j < SCRIPTS; j++)
            for (enum cutter_mode mode = CUT_KEPT; mode < CUT_MODES; mode++)
                count += cut_everywhere(i, j, mode, every);
    printf("%ld cuts and failures ...", count);
    CU_ASSERT_TRUE(count > 5000 / every);
}

/* The agent's calls; those of the installer are cut in tests/installers. */
static void test_installer(void)
{
    long count = 0, every = harness_every(2, 10) * 11;
    for (size_t i = 0; i < SCRIPTS; i++)
        for (enum cutter_mode mode = CUT_KEPT; mode <= CUT_FAIL; mode++)
            count += cut_everywhere(FILES, i, mode, every);
    printf("%ld cuts and failures ...", count);
    CU_ASSERT_TRUE(count > 660 / every);
}

WG_SUITE("agent/posix/slot/set cut", {"uncut", test_uncut}, {"cut everywhere", test_cut},
         {"an installer", test_installer})
