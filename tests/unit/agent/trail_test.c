/* trail_test.c: what is kept of logs, in bounded files, over restarts, gaps and torn ends. */
#include "agent/posix/trail.h"

#include "common/log.h"
#include "folder.h"

struct trial {
    struct folder folder;
    struct trail trail;
    struct wg_buf text;
    bool cut;
};

static struct wg_error err;

static void begin(struct trial *trial)
{
    folder_make(&trial->folder);
    wg_buf_init(&trial->text, TRAIL_MAX);
    ASSERT_OK(trail_open(&trial->trail, trial->folder.path, &err), &err);
}

static void end(struct trial *trial)
{
    trail_close(&trial->trail);
    wg_buf_clear(&trial->text);
    folder_remove(&trial->folder);
}

static const char *look(struct trial *trial, enum wg_log_source source)
{
    wg_buf_clear(&trial->text);
    trail_read(&trial->trail, source, &trial->text, &trial->cut);
    return wg_buf_str(&trial->text);
}

static void add(struct trial *trial, const char *text)
{
    trail_add(&trial->trail, WG_LOG_OF_PAYLOAD, text, strlen(text));
}

static void test_lines_stay(void)
{
    struct trial trial;
    begin(&trial);
    ASSERT_TEXT(look(&trial, WG_LOG_OF_PAYLOAD), "");
    CU_ASSERT_FALSE(trial.cut);
    add(&trial, "one\ntw");
    trail_note(&trial.trail, WG_LOG_OF_PAYLOAD, "# noted");
    trail_add(&trial.trail, WG_LOG_OF_AGENT, "of the agent\n", 13);
    ASSERT_TEXT(look(&trial, WG_LOG_OF_PAYLOAD), "one\ntw\n# noted\n");
    CU_ASSERT_FALSE(trial.cut);
    trail_close(&trial.trail);
    ASSERT_OK(trail_open(&trial.trail, trial.folder.path, &err), &err);
    add(&trial, "after a restart\n");
    ASSERT_TEXT(look(&trial, WG_LOG_OF_PAYLOAD), "one\ntw\n# noted\nafter a restart\n");
    ASSERT_TEXT(look(&trial, WG_LOG_OF_AGENT), "of the agent\n");
    trail_forget(&trial.trail, WG_LOG_OF_PAYLOAD);
    add(&trial, "new\n");
    ASSERT_TEXT(look(&trial, WG_LOG_OF_PAYLOAD), "new\n");
    CU_ASSERT_FALSE(trial.cut);
    end(&trial);
}

static size_t size_of(struct trial *trial, const char *name)
{
    struct stat info = {0};
    return stat(folder_file(&trial->folder, name), &info) == 0 ? (size_t)info.st_size : 0;
}

static void test_files_are_bounded(void)
{
    struct trial trial;
    char line[64];
    begin(&trial);
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(line, sizeof line, "line %05d\n", i);
        add(&trial, line);
    }
    CU_ASSERT_TRUE(size_of(&trial, "trail-payload") <= TRAIL_HALF + 4096);
    CU_ASSERT_TRUE(size_of(&trial, "trail-payload.1") <= TRAIL_HALF + 4096);
    const char *text = look(&trial, WG_LOG_OF_PAYLOAD);
    CU_ASSERT_TRUE(trial.cut);
    CU_ASSERT_TRUE(trial.text.len >= TRAIL_HALF);
    ASSERT_TEXT(text + trial.text.len - 11, "line 19999\n");
    for (size_t at = 11; at < trial.text.len; at += 11) /* none is missing in between */
        CU_ASSERT_EQUAL(strtol(text + at + 5, NULL, 10), strtol(text + at - 6, NULL, 10) + 1);
    end(&trial);
}

static void test_a_large_piece(void)
{
    static char large[200000];
    struct trial trial;
    begin(&trial);
    memset(large, 'x', sizeof large);
    large[sizeof large - 2] = '\0';
    trail_add(&trial.trail, WG_LOG_OF_PAYLOAD, large, sizeof large);
    ASSERT_TEXT(look(&trial, WG_LOG_OF_PAYLOAD) + trial.text.len - 3, "x?x");
    CU_ASSERT_TRUE(trial.cut && trial.text.len <= TRAIL_MAX);
    end(&trial);
}

/* What is behind zeros begins in the middle. */
static void test_a_torn_end(void)
{
    struct trial trial;
    begin(&trial);
    add(&trial, "password=hun");
    trail_close(&trial.trail);
    FILE *file = fopen(folder_file(&trial.folder, "trail-payload"), "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite("\0\0\0", 1, 3, file), 3);
    CU_ASSERT_EQUAL(fclose(file), 0);
    ASSERT_OK(trail_open(&trial.trail, trial.folder.path, &err), &err);
    add(&trial, "ter2\nrest\n");
    ASSERT_TEXT(look(&trial, WG_LOG_OF_PAYLOAD), "ter2\nrest\n");
    CU_ASSERT_TRUE(trial.cut);
    end(&trial);
}

/* No file can be made for a while: what comes after it is not put behind what was before. */
static void test_a_gap(void)
{
    struct trial trial;
    char gone[96];
    begin(&trial);
    add(&trial, "before\n");
    (void)snprintf(gone, sizeof gone, "%s.gone", trial.folder.path);
    CU_ASSERT_EQUAL_FATAL(rename(trial.folder.path, gone), 0);
    static char much[TRAIL_HALF];
    memset(much, 'm', sizeof much);
    trail_add(&trial.trail, WG_LOG_OF_PAYLOAD, much, sizeof much);
    add(&trial, "lost\n");
    CU_ASSERT_EQUAL_FATAL(rename(gone, trial.folder.path), 0);
    add(&trial, "after\n");
    ASSERT_TEXT(look(&trial, WG_LOG_OF_PAYLOAD), "after\n");
    CU_ASSERT_TRUE(trial.cut);
    end(&trial);
}

static void take(void *ctx, const char *line, size_t len)
{
    trail_add(ctx, WG_LOG_OF_AGENT, line, len);
}

static void test_the_log_is_tapped(void)
{
    struct trial trial;
    begin(&trial);
    wg_log_tap(take, &trial.trail);
    wg_log(WG_LOG_WARN, "the trail hears", "what", "this", NULL);
    wg_log(WG_LOG_DEBUG, "but not what nobody logs", NULL);
    wg_log_tap(NULL, NULL);
    wg_log(WG_LOG_WARN, "nor this", NULL);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(look(&trial, WG_LOG_OF_AGENT), "msg=\"the trail hears\" what=this\n"));
    CU_ASSERT_PTR_NULL(strstr(wg_buf_str(&trial.text), "n"
                                                       "or this"));
    CU_ASSERT_PTR_NULL(strstr(wg_buf_str(&trial.text), "nobody"));
    end(&trial);
}

WG_SUITE("trail", {"lines stay", test_lines_stay}, {"files are bounded", test_files_are_bounded},
         {"a large piece", test_a_large_piece}, {"a torn end", test_a_torn_end},
         {"a gap", test_a_gap}, {"the log is tapped", test_the_log_is_tapped})
