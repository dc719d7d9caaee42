/* log_test.c: what a line looks like, that nothing breaks it, and that lines do not mix. */
#include "common/log.h"
#include "common/log_form.h"
#include "common/text.h"
#include "common/time.h"
#include "tests/unit/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define JSON_STAMP_LEN 35 /* {"time":"2026-12-01T00:00:00.000Z", */
#define STAMP_LEN 30      /* time=2026-12-01T00:00:00.000Z and a space */

static int saved_stderr = -1;
static FILE *capture;

static void capture_begin(void)
{
    (void)fflush(stderr);
    capture = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(capture);
    /* appending, so that several writers cannot write over each other */
    CU_ASSERT_TRUE_FATAL(fcntl(fileno(capture), F_SETFL, O_APPEND) == 0);
    saved_stderr = dup(STDERR_FILENO);
    CU_ASSERT_TRUE_FATAL(saved_stderr >= 0 && dup2(fileno(capture), STDERR_FILENO) >= 0);
}

/* All that was written since; ended, in out. */
static size_t capture_end(char *out, size_t size)
{
    CU_ASSERT_TRUE_FATAL(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    rewind(capture);
    size_t len = fread(out, 1, size - 1, capture);
    out[len] = '\0';
    (void)fclose(capture);
    return len;
}

/* Logs one value and compares how it stands in the line. */
static void assert_value(const char *value, const char *expected)
{
    char line[8192], wanted[8192];
    capture_begin();
    wg_log(WG_LOG_INFO, "m", "k", value, NULL);
    (void)capture_end(line, sizeof line);
    (void)snprintf(wanted, sizeof wanted, "level=info program=test msg=m k=%s\n", expected);
    CU_ASSERT_TRUE_FATAL(strlen(line) > STAMP_LEN);
    ASSERT_TEXT(line + STAMP_LEN, wanted);
}

static void a_line_has_time_level_program_message_and_pairs(void)
{
    char line[1024], stamp[WG_TIME_TEXT];
    wg_time time = 0;
    capture_begin();
    errno = EDOM;
    wg_log(WG_LOG_WARN, "order sent", "device", "dev-1", "wave", "2", NULL);
    CU_ASSERT_EQUAL(errno, EDOM);
    (void)capture_end(line, sizeof line);
    CU_ASSERT_EQUAL(strncmp(line, "time=", 5), 0);
    (void)wg_copy_n(stamp, sizeof stamp, line + 5, STAMP_LEN - 6);
    CU_ASSERT_TRUE(wg_time_parse(stamp, &time));
    CU_ASSERT_TRUE(time > 0);
    ASSERT_TEXT(line + STAMP_LEN,
                "level=warn program=test msg=\"order sent\" device=dev-1 wave=2\n");
}

static void a_log_that_nobody_takes_does_no_harm(void)
{
    char line[64];
    capture_begin();
    (void)close(STDERR_FILENO);
    errno = EDOM;
    wg_log(WG_LOG_ERROR, "lost", NULL);
    CU_ASSERT_EQUAL(errno, EDOM);
    CU_ASSERT_EQUAL(capture_end(line, sizeof line), 0);
}

static void errors_are_lines_too(void)
{
    struct wg_error err;
    char line[4096];
    (void)wg_fail(&err, WG_E_IO, "journal: disk full");
    capture_begin();
    wg_log_error("stopped", &err);
    wg_log(WG_LOG_INFO, "ended by a missing value", "key", (const char *)NULL, NULL);
    (void)capture_end(line, sizeof line);
    char *second = strchr(line, '\n') + 1;
    ASSERT_TEXT(second + STAMP_LEN, "level=info program=test msg=\"ended by a missing value\"\n");
    *second = '\0';
    ASSERT_TEXT(line + STAMP_LEN,
                "level=error program=test msg=stopped error=\"journal: disk full\"\n");
}

static void no_value_breaks_a_line(void)
{
    assert_value("plain-1.2/3:4", "plain-1.2/3:4");
    assert_value("", "\"\"");
    assert_value("a b", "\"a b\"");
    assert_value("a=b", "\"a=b\"");
    assert_value("say \"hi\"", "\"say \\\"hi\\\"\"");
    assert_value("C:\\x", "\"C:\\\\x\"");
    assert_value("a\nlevel=error", "\"a\\nlevel=error\"");
    assert_value("a\tb\r\x1b[2J\x7f", "\"a\\x09b\\x0d\\x1b[2J\\x7f\"");
    assert_value("M\xc3\xbcnchen", "\"M\xc3\xbcnchen\"");
    assert_value("bad \xff\xc3(", "\"bad \\xff\\xc3(\"");
    assert_value("\xc2\x9b"
                 "2J \xc3\xbc",
                 "\"\\xc2\\x9b2J \\xc3\\xbc\"");
    assert_value("\xc2\xa0", "\"\xc2\xa0\"");
}

static void long_values_and_lines_are_cut_and_say_so(void)
{
    char value[2000], expected[2100], line[8192];
    memset(value, 'a', sizeof value);
    value[1024] = '\0';
    assert_value(value, value);
    value[1024] = 'a';
    value[1025] = '\0';
    (void)snprintf(expected, sizeof expected, "\"%.1024s...\"", value);
    assert_value(value, expected);
    capture_begin();
    memset(value, '\x01', 1024); /* four times as long when written */
    wg_log(WG_LOG_INFO, "m", "short", "1", "long", value, "after", "2", NULL);
    (void)capture_end(line, sizeof line);
    ASSERT_TEXT(line + STAMP_LEN, "level=info program=test msg=m short=1 cut=true\n");
    value[990] = '\0';
    capture_begin();
    wg_log(WG_LOG_INFO, "m", "short", "1", "long", value, "after", "222222222222222222222222222",
           "more", "3333333333333333333333333333333333333333333", NULL);
    size_t len = capture_end(line, sizeof line);
    CU_ASSERT_TRUE(len > 3900 && len <= 4096);
    CU_ASSERT_EQUAL(line[len - 1], '\n');
    CU_ASSERT_PTR_NOT_NULL(strstr(line, " cut=true\n"));
    CU_ASSERT_PTR_NULL(strstr(line, "more="));
}

static void only_what_matters_is_logged(void)
{
    static const char *const words[] = {"error", "warn", "info", "debug"};
    enum wg_log_level most = WG_LOG_DEBUG;
    CU_ASSERT_FALSE(wg_log_level_parse("warning", &most));
    CU_ASSERT_EQUAL(most, WG_LOG_DEBUG);
    for (int i = 0; i < 4; i++) {
        char lines[4096];
        size_t count = 0;
        CU_ASSERT_TRUE(wg_log_level_parse(words[i], &most));
        CU_ASSERT_EQUAL((int)most, i);
        wg_log_setup("test", most);
        capture_begin();
        for (int level = WG_LOG_ERROR; level <= WG_LOG_DEBUG; level++)
            wg_log((enum wg_log_level)level, "m", NULL);
        (void)capture_end(lines, sizeof lines);
        for (const char *c = lines; *c; c++) count += *c == '\n';
        CU_ASSERT_EQUAL(count, (size_t)i + 1);
    }
    wg_log_setup("test", WG_LOG_INFO);
}

#define THREADS ((size_t)4)
#define LINES_EACH ((size_t)200)

static void *write_lines(void *letter)
{
    char value[201];
    memset(value, *(const char *)letter, 200);
    value[200] = '\0';
    for (size_t i = 0; i < LINES_EACH; i++) wg_log(WG_LOG_INFO, "m", "v", value, NULL);
    return NULL;
}

static void lines_of_threads_do_not_mix(void)
{
    static char all[THREADS * LINES_EACH * 300];
    static const char letters[] = {'a', 'b', 'c', 'd'};
    pthread_t threads[THREADS];
    size_t count = 0, mixed = 0;
    capture_begin();
    for (size_t i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(
            pthread_create(&threads[i], NULL, write_lines, (void *)(uintptr_t)&letters[i]), 0);
    for (size_t i = 0; i < THREADS; i++) (void)pthread_join(threads[i], NULL);
    (void)capture_end(all, sizeof all);
    for (char *line = all, *end; (end = strchr(line, '\n')) != NULL; line = end + 1, count++) {
        const char *value = strstr(line, " v=");
        size_t run = 0;
        *end = '\0';
        if (value) run = strspn(value + 3, (char[]){value[3], '\0'});
        mixed += strncmp(line, "time=", 5) != 0 || run != 200 || value[3 + run] != '\0';
    }
    CU_ASSERT_EQUAL(count, THREADS * LINES_EACH);
    CU_ASSERT_EQUAL(mixed, 0);
}

/* All that a log writes of one event, in this form. */
static void assert_json(const char *value, const char *expected)
{
    char line[8192], wanted[8192];
    wg_log_setup("test", (enum wg_log_level)(WG_LOG_INFO | WG_LOG_JSON));
    capture_begin();
    wg_log(WG_LOG_WARN, "order sent", "device", value, NULL);
    (void)capture_end(line, sizeof line);
    (void)snprintf(
        wanted, sizeof wanted,
        "\"level\":\"warn\",\"program\":\"test\",\"msg\":\"order sent\",\"device\":\"%s\"}\n",
        expected);
    CU_ASSERT_EQUAL(strncmp(line, "{\"time\":\"", 9), 0);
    CU_ASSERT_TRUE_FATAL(strlen(line) > JSON_STAMP_LEN);
    ASSERT_TEXT(line + JSON_STAMP_LEN, wanted);
    wg_log_setup("test", WG_LOG_INFO);
}

static void a_line_of_json_is_json_whatever_is_in_it(void)
{
    char longer[3000], line[8192];
    assert_json("dev-1", "dev-1");
    assert_json("a \"b\" \\ c", "a \\\"b\\\" \\\\ c");
    assert_json("two\nlines\x7f", "two\\u000alines\\u007f");
    assert_json("gr\xc3\xbcn", "gr\xc3\xbcn");
    assert_json("no utf8 \xff", "no utf8 \\\\xff");
    assert_json("\xc2\x9b"
                "2J \xc2\xa0",
                "\\u009b2J \xc2\xa0");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    wg_log_setup("test", (enum wg_log_level)(WG_LOG_INFO | WG_LOG_JSON));
    capture_begin();
    wg_log(WG_LOG_INFO, "m", "a", longer, "b", longer, "c", longer, "d", longer, NULL);
    size_t len = capture_end(line, sizeof line);
    CU_ASSERT_TRUE(len < 4096);
    ASSERT_TEXT(line + len - 15, ",\"cut\":\"true\"}\n");
    wg_log_setup("test", WG_LOG_INFO);
}

static void the_journal_gets_a_record_with_fields(void)
{
    char folder[] = "/tmp/wg-log-XXXXXX", record[8192], line[1024];
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/s", folder);
    int journal = socket(AF_UNIX, SOCK_DGRAM, 0);
    CU_ASSERT_TRUE_FATAL(bind(journal, (struct sockaddr *)&at, sizeof at) == 0);
    wg_log_journal_at(at.sun_path);
    wg_log_setup("test", (enum wg_log_level)(WG_LOG_INFO | WG_LOG_JOURNAL));
    capture_begin();
    wg_log(WG_LOG_WARN, "order sent", "device", "dev-1", "time-out", "two\nlines", NULL);
    ssize_t got = recv(journal, record, sizeof record - 1, MSG_DONTWAIT);
    CU_ASSERT_TRUE_FATAL(got > 0);
    record[got] = '\0';
    ASSERT_TEXT(record, "PRIORITY=4\nSYSLOG_IDENTIFIER=test\n"
                        "MESSAGE=order sent device=dev-1 time-out=\"two\\nlines\"\n"
                        "WAVEGATE_DEVICE=dev-1\nWAVEGATE_TIME_OUT=two\\nlines\n");
    (void)close(journal);
    (void)unlink(at.sun_path);
    (void)rmdir(folder);
    wg_log(WG_LOG_WARN, "nobody listens", NULL); /* then it is a line */
    (void)capture_end(line, sizeof line);
    ASSERT_TEXT(line + STAMP_LEN, "level=warn program=test msg=\"nobody listens\"\n");
    wg_log_setup("test", WG_LOG_INFO);
}

#define FOUR "a", "1", "b", "2", "c", "3", "d", "4"

static void more_pairs_than_there_is_room_for_are_cut_and_say_so(void)
{
    char line[1024];
    capture_begin();
    wg_log(WG_LOG_INFO, "m", FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, NULL);
    wg_log(WG_LOG_INFO, "m", FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, "e", "5", NULL);
    (void)capture_end(line, sizeof line);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "c=3 d=4\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "c=3 cut=true\n"));
}

/* By which all programs' words about one device are found: a long word before it is no reason. */
static void a_long_value_leaves_the_other_fields_in_the_journal(void)
{
    char record[LOG_RECORD_BYTES], first[1200], second[20000];
    memset(first, 'a', sizeof first - 1);
    first[sizeof first - 1] = '\0';
    memset(second, 'b', sizeof second - 1);
    second[sizeof second - 1] = '\0';
    const struct log_pair pairs[] = {{"time", "t"},      {"level", "info"}, {"program", "p"},
                                     {"msg", "m"},       {"error", first},  {"detail", second},
                                     {"device", "dev-1"}};
    size_t len = log_form_journal(pairs, 7, 6, first, record);
    CU_ASSERT_EQUAL(len, strlen(record));
    CU_ASSERT_PTR_NOT_NULL(strstr(record, "aaa...\nWAVEGATE_DETAIL=bbb"));
    CU_ASSERT_PTR_NOT_NULL(strstr(record, "bbb...\nWAVEGATE_DEVICE=dev-1\n"));
}

static void a_level_may_have_a_form(void)
{
    enum wg_log_level out = WG_LOG_INFO;
    CU_ASSERT_TRUE(wg_log_level_parse("warn json", &out));
    CU_ASSERT_EQUAL(out, (WG_LOG_WARN | WG_LOG_JSON));
    CU_ASSERT_TRUE(wg_log_level_parse("debug journal", &out));
    CU_ASSERT_EQUAL(out, (WG_LOG_DEBUG | WG_LOG_JOURNAL));
    CU_ASSERT_TRUE(wg_log_level_parse("error logfmt", &out));
    CU_ASSERT_EQUAL(out, WG_LOG_ERROR);
    static const char *const wrong[] = {"json",       "info ",      "info xml",
                                        "info  json", "info json ", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_FALSE(wg_log_level_parse(wrong[i], &out));
}

static void setup(void)
{
    wg_log_setup("test", WG_LOG_INFO);
}

WG_SUITE("log", {"(setup)", setup},
         {"a line has time, level, program, message and pairs",
          a_line_has_time_level_program_message_and_pairs},
         {"a log that nobody takes does no harm", a_log_that_nobody_takes_does_no_harm},
         {"errors are lines too", errors_are_lines_too},
         {"no value breaks a line", no_value_breaks_a_line},
         {"long values and lines are cut and say so", long_values_and_lines_are_cut_and_say_so},
         {"only what matters is logged", only_what_matters_is_logged},
         {"lines of threads do not mix", lines_of_threads_do_not_mix},
         {"a line of JSON is JSON whatever is in it", a_line_of_json_is_json_whatever_is_in_it},
         {"more pairs than there is room for are cut and say so",
          more_pairs_than_there_is_room_for_are_cut_and_say_so},
         {"the journal gets a record with fields", the_journal_gets_a_record_with_fields},
         {"a long value leaves the other fields in the journal",
          a_long_value_leaves_the_other_fields_in_the_journal},
         {"a level may have a form", a_level_may_have_a_form})
