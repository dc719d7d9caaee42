/* memory_file_test.c: which memory is found after cuts, damage and failed saves. */
#include "agent/posix/memory_file.h"

#include "device.h"
#include "folder.h"

struct bench {
    struct folder folder;
    struct core_config config;
    struct wg_error err;
};

static void open_bench(struct bench *bench)
{
    struct wg_identity_key director;
    memset(bench, 0, sizeof *bench);
    folder_make(&bench->folder);
    device_key(&director, &bench->err);
    device_config(&bench->config, &director);
}

/* The memory of a device with this journal. */
static void make_memory(struct bench *bench, char digit, struct wg_buf *out)
{
    static struct core_actions actions;
    struct core_start start;
    struct core_event event = {.kind = CORE_EV_START, .start = &start};
    struct core *core = core_new(&bench->config, &bench->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(core);
    start_fill(&start, BOOT_1, "a", false, "1.0.0");
    memset(start.journal, digit, WG_JOURNAL_MAX - 1);
    ASSERT_OK(core_handle(core, &event, 1, DEVICE_WALL, &actions, &bench->err), &bench->err);
    core_actions_clear(&actions);
    wg_buf_init(out, CORE_MEMORY_MAX);
    ASSERT_OK(core_dump(core, out, &bench->err), &bench->err);
    core_free(core);
}

static bool save(struct bench *bench, char digit)
{
    struct wg_buf memory;
    make_memory(bench, digit, &memory);
    bool ok = memory_file_save(bench->folder.path, wg_buf_str(&memory), memory.len, &bench->err);
    wg_buf_clear(&memory);
    return ok;
}

/* '\0': the core stays new. */
static void finds(struct bench *bench, char digit)
{
    struct wg_buf found, expected;
    struct core *core = core_new(&bench->config, &bench->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(core);
    wg_buf_init(&found, CORE_MEMORY_MAX);
    wg_buf_init(&expected, CORE_MEMORY_MAX);
    if (digit) {
        make_memory(bench, digit, &expected);
    } else {
        ASSERT_OK(core_dump(core, &expected, &bench->err), &bench->err);
    }
    ASSERT_OK(memory_file_load(bench->folder.path, core, &bench->err), &bench->err);
    ASSERT_OK(core_dump(core, &found, &bench->err), &bench->err);
    ASSERT_TEXT(wg_buf_str(&found), wg_buf_str(&expected));
    wg_buf_clear(&found);
    wg_buf_clear(&expected);
    core_free(core);
}

static void test_newest_is_found(void)
{
    struct bench bench;
    open_bench(&bench);
    finds(&bench, '\0');
    ASSERT_OK(save(&bench, 'a'), &bench.err);
    finds(&bench, 'a');
    ASSERT_OK(save(&bench, 'b'), &bench.err);
    finds(&bench, 'b');
    folder_remove(&bench.folder);
}

static void test_damage(void)
{
    static const struct {
        const char *first, *second; /* NULL: as it was saved */
        char finds;
    } rows[] = {{"", NULL, 'b'},  {"{\"v\": 1", NULL, 'b'}, {"junk", NULL, 'b'},
                {NULL, "", 'b'},  {"junk", "junk", '\0'},   {"{}", NULL, 'b'},
                {NULL, NULL, 'b'}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        open_bench(&bench);
        ASSERT_OK(save(&bench, 'a'), &bench.err);
        ASSERT_OK(save(&bench, 'b'), &bench.err);
        if (rows[i].first) folder_put(&bench.folder, "memory.json", rows[i].first, 0600);
        if (rows[i].second) folder_put(&bench.folder, "memory.json.1", rows[i].second, 0600);
        finds(&bench, rows[i].finds);
        finds(&bench, rows[i].finds);
        folder_remove(&bench.folder);
    }
}

/* What is in the way stands for a full disk, or for a power cut between the two steps of a save. */
static void break_save(struct bench *bench)
{
    CU_ASSERT_EQUAL_FATAL(mkdir(folder_file(&bench->folder, "memory.json.new"), 0700), 0);
    CU_ASSERT_FALSE(save(bench, 'c'));
    CU_ASSERT_EQUAL_FATAL(rmdir(folder_file(&bench->folder, "memory.json.new")), 0);
}

static void test_failed_save_keeps_the_last(void)
{
    struct bench bench;
    open_bench(&bench);
    ASSERT_OK(save(&bench, 'a'), &bench.err);
    ASSERT_OK(save(&bench, 'b'), &bench.err);
    break_save(&bench);
    finds(&bench, 'b');
    break_save(&bench);
    finds(&bench, 'b');
    ASSERT_OK(save(&bench, 'd'), &bench.err);
    finds(&bench, 'd');
    folder_remove(&bench.folder);
}

/* One bit of the first copy, anywhere: the second one is the same. */
static void test_every_bit(void)
{
    struct bench bench;
    open_bench(&bench);
    ASSERT_OK(save(&bench, 'a'), &bench.err);
    char whole[1024];
    CU_ASSERT_TRUE_FATAL(wg_copy(whole, sizeof whole, folder_get(&bench.folder, "memory.json")));
    for (size_t at = 0; at < strlen(whole); at++) {
        char flipped[sizeof whole];
        memcpy(flipped, whole, sizeof whole);
        flipped[at] = (char)(flipped[at] ^ (1 << at % 7));
        folder_put(&bench.folder, "memory.json", flipped, 0600);
        finds(&bench, 'a');
        ASSERT_TEXT(folder_get(&bench.folder, "memory.json"), whole); /* and it is healed */
    }
    folder_remove(&bench.folder);
}

/* A folder that cannot be written: what is there is used. */
static void test_second_copy_of_a_disk_that_takes_nothing(void)
{
    struct bench bench;
    open_bench(&bench);
    ASSERT_OK(save(&bench, 'a'), &bench.err);
    folder_put(&bench.folder, "memory.json", "junk", 0600);
    CU_ASSERT_EQUAL_FATAL(mkdir(folder_file(&bench.folder, "memory.json.damaged"), 0700), 0);
    CU_ASSERT_EQUAL_FATAL(mkdir(folder_file(&bench.folder, "memory.json.new"), 0700), 0);
    finds(&bench, 'a');
    finds(&bench, 'a');
    folder_remove(&bench.folder);
}

/* The copy that is damaged must not take the place of the one that is good. */
static void test_failed_save_after_damage(void)
{
    struct bench bench;
    open_bench(&bench);
    ASSERT_OK(save(&bench, 'a'), &bench.err);
    ASSERT_OK(save(&bench, 'b'), &bench.err);
    folder_put(&bench.folder, "memory.json", "junk", 0600);
    finds(&bench, 'b');
    break_save(&bench);
    finds(&bench, 'b');
    folder_remove(&bench.folder);
}

WG_SUITE("agent/posix/memory_file", {"the newest is found", test_newest_is_found},
         {"damage", test_damage}, {"every bit", test_every_bit},
         {"a disk that takes nothing", test_second_copy_of_a_disk_that_takes_nothing},
         {"a failed save keeps the last", test_failed_save_keeps_the_last},
         {"a failed save after damage", test_failed_save_after_damage})
