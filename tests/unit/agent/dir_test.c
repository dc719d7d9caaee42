/* dir_test.c: what boots after which steps, also when the power is cut between them. */
#include "agent/posix/slot/dir.h"

#include "agent/posix/slot/choice.h"
#include "common/crypto.h"
#include "folder.h"

#define OLD "1.0.0"
#define NEW "2.0.0"
#define BYTES "the new payload"

struct bench {
    struct folder folder;
    char state[80];
    struct slot_backend *slots;
    struct slot_status status;
    struct slot_release release;
    struct wg_error err;
};

static void fill_release(struct slot_release *release)
{
    struct wg_error err = {0};
    (void)wg_copy(release->component, sizeof release->component, "brake");
    (void)wg_copy(release->version, sizeof release->version, NEW);
    release->length = (int64_t)strlen(BYTES);
    ASSERT_OK(wg_sha256_of(BYTES, strlen(BYTES), release->sha256, &err), &err);
}

static void open_bench(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    folder_make(&bench->folder);
    (void)wg_format(bench->state, sizeof bench->state, "%s/state", bench->folder.path);
    folder_put(&bench->folder, "factory", "the old payload", 0644);
    fill_release(&bench->release);
}

static bool provision_with(struct bench *bench, const char *file, const char *component,
                           const char *version)
{
    const struct slot_settings settings = {.kind = SLOT_DIR};
    return slot_provision(&settings, NULL, bench->state, folder_file(&bench->folder, file),
                          component, version, &bench->err);
}

static void provision(struct bench *bench)
{
    ASSERT_OK(provision_with(bench, "factory", "brake", OLD), &bench->err);
}

static void drop(struct bench *bench)
{
    if (bench->slots) bench->slots->ops->free(bench->slots);
    bench->slots = NULL;
}

static bool probe(struct bench *bench)
{
    drop(bench);
    bench->slots = dir_new(bench->state, &bench->err);
    ASSERT_OK(bench->slots != NULL, &bench->err);
    return bench->slots && bench->slots->ops->probe(bench->slots, &bench->status, &bench->err);
}

static void boot(struct bench *bench)
{
    ASSERT_OK(probe(bench), &bench->err);
}

static void close_bench(struct bench *bench)
{
    drop(bench);
    folder_remove(&bench->folder);
}

/* "a 1.0.0", "b 2.0.0 trial", "a none" */
static void runs(struct bench *bench, const char *expected)
{
    char text[128];
    boot(bench);
    (void)wg_format(text, sizeof text, "%s %s%s", bench->status.running,
                    bench->status.component_count ? bench->status.components[0].version : "none",
                    bench->status.trial ? " trial" : "");
    ASSERT_TEXT(text, expected);
    CU_ASSERT_NOT_EQUAL(bench->status.running[0], bench->status.idle[0]);
    CU_ASSERT_FALSE(bench->status.marked);
}

/* The steps of an update, in their order. */
static bool fetch(struct bench *bench)
{
    const struct slot_backend_ops *ops = bench->slots->ops;
    int64_t have = -1;
    return ops->begin(bench->slots, &bench->release, true, &have, &bench->err) && have == 0 &&
           ops->write(bench->slots, BYTES, 3, &bench->err) &&
           ops->write(bench->slots, BYTES + 3, strlen(BYTES) - 3, &bench->err) &&
           ops->sync(bench->slots, &bench->err);
}

static bool place(struct bench *bench)
{
    static struct slot_program program;
    bool ok =
        bench->slots->ops->program(bench->slots, true, &bench->release, &program, &bench->err);
    if (ok) CU_ASSERT_EQUAL(access(program.path, X_OK), 0);
    return ok;
}

static bool finish(struct bench *bench)
{
    return bench->slots->ops->finish(bench->slots, &bench->release, &bench->err);
}

static bool activate(struct bench *bench)
{
    return bench->slots->ops->activate(bench->slots, &bench->err);
}

static bool commit(struct bench *bench)
{
    return bench->slots->ops->confirm(bench->slots, &bench->err);
}

static bool (*const steps[])(struct bench *) = {fetch, place, finish, activate};

static void test_power_cut_after_each_step(void)
{
    static const char *const next_boot[] = {"a 1.0.0", "a 1.0.0", "a 1.0.0", "a 1.0.0",
                                            "b 2.0.0 trial"};
    for (size_t cut = 0; cut < sizeof next_boot / sizeof next_boot[0]; cut++) {
        struct bench bench;
        open_bench(&bench);
        provision(&bench);
        boot(&bench);
        for (size_t i = 0; i < cut; i++) ASSERT_OK(steps[i](&bench), &bench.err);
        runs(&bench, next_boot[cut]);
        runs(&bench, "a 1.0.0"); /* and the boot after that: no trial is repeated */
        /* the update can be done again from any point */
        for (size_t i = 0; i < 4; i++) ASSERT_OK(steps[i](&bench), &bench.err);
        runs(&bench, "b 2.0.0 trial");
        ASSERT_OK(commit(&bench), &bench.err);
        runs(&bench, "b 2.0.0");
        close_bench(&bench);
    }
}

/* An install that was cut is asked for again: the part is a payload by then. */
static void test_place_twice(void)
{
    struct bench bench;
    struct stat info;
    open_bench(&bench);
    provision(&bench);
    boot(&bench);
    ASSERT_OK(fetch(&bench), &bench.err);
    ASSERT_OK(place(&bench), &bench.err);
    ASSERT_OK(place(&bench), &bench.err);
    CU_ASSERT_EQUAL(stat(folder_file(&bench.folder, "state/slots/b/payload"), &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & S_IXUSR, S_IXUSR);
    CU_ASSERT_FALSE(folder_has(&bench.folder, "state/slots/b/payload.part"));
    close_bench(&bench);
}

static void test_back_and_forth(void)
{
    struct bench bench;
    open_bench(&bench);
    provision(&bench);
    boot(&bench);
    for (size_t i = 0; i < 4; i++) ASSERT_OK(steps[i](&bench), &bench.err);
    runs(&bench, "b 2.0.0 trial");
    ASSERT_OK(commit(&bench), &bench.err);
    (void)wg_copy(bench.release.version, sizeof bench.release.version, "3.0.0");
    for (size_t i = 0; i < 4; i++) ASSERT_OK(steps[i](&bench), &bench.err);
    runs(&bench, "a 3.0.0 trial");
    runs(&bench, "b 2.0.0");
    close_bench(&bench);
}

static void test_other_bytes_are_not_placed(void)
{
    static const char *const others[] = {"another payload", "the new payloae", "the new payload ",
                                         ""};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct bench bench;
        open_bench(&bench);
        provision(&bench);
        boot(&bench);
        folder_put(&bench.folder, "state/slots/b/payload.part", others[i], 0600);
        CU_ASSERT_FALSE(place(&bench));
        CU_ASSERT_EQUAL(bench.err.code, WG_E_VERIFY);
        CU_ASSERT_FALSE(activate(&bench));
        runs(&bench, "a 1.0.0");
        close_bench(&bench);
    }
}

static void test_beginning_makes_unbootable_and_keeps_the_part(void)
{
    struct bench bench;
    int64_t have = 0;
    char kept[4];
    open_bench(&bench);
    provision(&bench);
    boot(&bench);
    for (size_t i = 0; i < 4; i++) ASSERT_OK(steps[i](&bench), &bench.err);
    folder_put(&bench.folder, "state/slots/b/payload.part", "half", 0600);
    const struct slot_backend_ops *ops = bench.slots->ops;
    ASSERT_OK(ops->begin(bench.slots, &bench.release, false, &have, &bench.err), &bench.err);
    CU_ASSERT_EQUAL(have, 4);
    ASSERT_OK(ops->read(bench.slots, 0, kept, 4, &bench.err), &bench.err);
    CU_ASSERT_EQUAL(memcmp(kept, "half", 4), 0);
    CU_ASSERT_FALSE(activate(&bench));
    CU_ASSERT_FALSE(folder_has(&bench.folder, "state/slots/b/payload"));
    ASSERT_TEXT(folder_get(&bench.folder, "state/slots/b/payload.part"), "half");
    runs(&bench, "a 1.0.0"); /* the mark is gone too */
    ASSERT_OK(ops->begin(bench.slots, &bench.release, true, &have, &bench.err), &bench.err);
    CU_ASSERT_EQUAL(have, 0);
    ASSERT_TEXT(folder_get(&bench.folder, "state/slots/b/payload.part"), "");
    close_bench(&bench);
}

static void test_discard_and_clear_once(void)
{
    struct bench bench;
    open_bench(&bench);
    provision(&bench);
    boot(&bench);
    for (size_t i = 0; i < 4; i++) ASSERT_OK(steps[i](&bench), &bench.err);
    ASSERT_OK(bench.slots->ops->revert(bench.slots, &bench.err), &bench.err);
    bench.slots->ops->discard(bench.slots);
    CU_ASSERT_FALSE(folder_has(&bench.folder, "state/slots/b/payload"));
    CU_ASSERT_FALSE(folder_has(&bench.folder, "state/slots/b/release.json"));
    CU_ASSERT_TRUE(folder_has(&bench.folder, "state/slots/a/payload"));
    runs(&bench, "a 1.0.0");
    close_bench(&bench);
}

static void test_boot_records(void)
{
    static const struct {
        const char *record, *runs;
    } rows[] = {
        {"{\"default\":\"a\",\"once\":\"\"}", "a 1.0.0"},
        {"{\"default\":\"a\",\"once\":\"a\"}", "a 1.0.0"},
        {"{\"default\":\"a\",\"once\":\"b\"}", "a 1.0.0"}, /* b has no release */
        {"{\"default\":\"b\",\"once\":\"a\"}", "a 1.0.0 trial"},
        {"{\"default\":\"a\",\"once\":\"c\"}", "a 1.0.0"},
        /* no record: what is whole */
        {"{\"default\":\"c\",\"once\":\"\"}", "a 1.0.0"},
        {"{\"default\":\"\",\"once\":\"\"}", "a 1.0.0"},
        {"{\"default\":\"a\"", "a 1.0.0"},
        {"{\"default\":\"b\",\"once\":\"\",\"checksum\":\"00\"}", "a 1.0.0"},
        {"", "a 1.0.0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        open_bench(&bench);
        provision(&bench);
        folder_put_twice(&bench.folder, "state/boot.json", rows[i].record);
        runs(&bench, rows[i].runs);
        close_bench(&bench);
    }
}

/* A whole update, with its boot, and the commit if wanted. */
static void update(struct bench *bench, bool commits)
{
    boot(bench);
    for (size_t i = 0; i < 4; i++) ASSERT_OK(steps[i](bench), &bench->err);
    boot(bench);
    if (commits) ASSERT_OK(bench->slots->ops->confirm(bench->slots, &bench->err), &bench->err);
}

/* Both copies of the boot record are lost: the slot that was committed last runs, if it is whole.
 */
static void test_boot_record_is_rebuilt(void)
{
    static const struct {
        bool commits;
        const char *payload, *runs; /* payload: of slot b, NULL as it is */
    } rows[] = {{true, NULL, "b 2.0.0"}, {false, NULL, "a 1.0.0"}, {true, "flipped", "a 1.0.0"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int gone = 0; gone < 2; gone++) {
            struct bench bench;
            open_bench(&bench);
            provision(&bench);
            update(&bench, rows[i].commits);
            folder_put_twice(&bench.folder, "state/boot.json", "{");
            if (gone) {
                CU_ASSERT_EQUAL(unlink(folder_file(&bench.folder, "state/boot.json")), 0);
                CU_ASSERT_EQUAL(unlink(folder_file(&bench.folder, "state/boot.json.1")), 0);
            }
            if (rows[i].payload)
                folder_put(&bench.folder, "state/slots/b/payload", rows[i].payload, 0700);
            runs(&bench, rows[i].runs);
            runs(&bench, rows[i].runs);
            close_bench(&bench);
        }
}

static void test_new_device(void)
{
    struct bench bench;
    struct stat info;
    open_bench(&bench);
    runs(&bench, "a none");
    CU_ASSERT_EQUAL(stat(bench.state, &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 0777, 0700);
    provision(&bench);
    runs(&bench, "a 1.0.0");
    ASSERT_TEXT(folder_get(&bench.folder, "state/slots/a/payload"), "the old payload");
    close_bench(&bench);
}

/* Provisioning a device that lives changes nothing, also not what it boots next. */
static void test_provision_twice(void)
{
    struct bench bench;
    open_bench(&bench);
    provision(&bench);
    boot(&bench);
    for (size_t i = 0; i < 4; i++) ASSERT_OK(steps[i](&bench), &bench.err);
    CU_ASSERT_FALSE(provision_with(&bench, "factory", "brake", "9.0.0"));
    CU_ASSERT_EQUAL(bench.err.code, WG_E_CONFLICT);
    runs(&bench, "b 2.0.0 trial");
    close_bench(&bench);
}

/* What a hello could not say would keep the agent from ever starting. */
static void test_provision_checks(void)
{
    static const struct {
        const char *file, *component, *version, *says;
    } rows[] = {
        {"none", "brake", OLD, "none"},
        {"factory", "brake controller", OLD, "brake controller"},
        {"factory", "", OLD, "component"},
        {"factory", "brake", "first", "first"},
        {"factory", "brake", "", "version"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        open_bench(&bench);
        CU_ASSERT_FALSE(provision_with(&bench, rows[i].file, rows[i].component, rows[i].version));
        CU_ASSERT_PTR_NOT_NULL(strstr(bench.err.text, rows[i].says));
        runs(&bench, "a none");
        close_bench(&bench);
    }
}

WG_SUITE("agent/posix/slot/dir", {"power cut after each step", test_power_cut_after_each_step},
         {"place twice", test_place_twice}, {"back and forth", test_back_and_forth},
         {"other bytes are not placed", test_other_bytes_are_not_placed},
         {"beginning makes unbootable", test_beginning_makes_unbootable_and_keeps_the_part},
         {"discard and clear once", test_discard_and_clear_once},
         {"boot records", test_boot_records},
         {"the boot record is rebuilt", test_boot_record_is_rebuilt},
         {"new device", test_new_device}, {"provision twice", test_provision_twice},
         {"provision checks", test_provision_checks})
