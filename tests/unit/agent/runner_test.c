/* runner_test.c: payloads that answer, fail, hang, flood, hide and inherit. */
#include "agent/posix/runner.h"

#include "common/text.h"
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG (20 * WG_SECOND)

struct trial {
    struct folder folder;
    struct runner runner;
    char program[PATH_MAX];
    struct runner_end end;
    int looks; /* how often the loop woke up */
};

static void open_trial(struct trial *trial, const char *script)
{
    memset(trial, 0, sizeof *trial);
    folder_make(&trial->folder);
    folder_put(&trial->folder, "payload", script, 0700);
    (void)wg_copy(trial->program, sizeof trial->program, folder_file(&trial->folder, "payload"));
    runner_init(&trial->runner);
}

static void close_trial(struct trial *trial)
{
    runner_stop(&trial->runner);
    folder_remove(&trial->folder);
}

static const char *const environment[] = {"WAVEGATE_SLOT=b", "WAVEGATE_COMPONENT=brake",
                                          "WAVEGATE_VERSION=2.0.0", "WAVEGATE_STATE=/state", NULL};

static void start(struct trial *trial, wg_duration timeout)
{
    struct wg_error err = {0};
    struct runner_job job = {.program = trial->program,
                             .verb = "install",
                             .folder = trial->folder.path,
                             .environment = environment,
                             .timeout = timeout};
    ASSERT_OK(runner_start(&trial->runner, &job, wg_monotonic(), &err), &err);
}

/* As the agent's loop waits for it. */
static void wait_end(struct trial *trial)
{
    wg_time give_up = wg_monotonic() + LONG;
    while (!runner_look(&trial->runner, wg_monotonic(), &trial->end)) {
        struct pollfd set[] = {{.fd = trial->runner.process_fd, .events = POLLIN},
                               {.fd = trial->runner.output_fd, .events = POLLIN}};
        wg_time left = trial->runner.deadline - wg_monotonic();
        CU_ASSERT_TRUE_FATAL(wg_monotonic() < give_up);
        (void)poll(set, 2, left > 0 ? (int)left : 0);
        trial->looks++;
    }
}

static void run(struct trial *trial, const char *script, wg_duration timeout)
{
    open_trial(trial, script);
    start(trial, timeout);
    wait_end(trial);
}

static void test_answers(void)
{
    static const struct {
        const char *script;
        bool ok;
        const char *text;
    } rows[] = {
        {"#!/bin/sh\nexit 0\n", true, "exit code 0"},
        {"#!/bin/sh\necho one\necho two\n", true, "two"},
        {"#!/bin/sh\necho one\nprintf two\n", true, "two"},
        {"#!/bin/sh\necho one\necho\n", true, "one"},
        {"#!/bin/sh\necho no >&2\nexit 3\n", false, "no"},
        {"#!/bin/sh\necho no password=hunter2\nexit 3\n", false, "no password=[removed]"},
        {"#!/bin/sh\necho token:\necho abc\nexit 3\n", false, "[removed]"},
        {"#!/bin/sh\nexit 3\n", false, "exit code 3"},
        {"#!/bin/sh\nkill -9 $$\n", false, "ended by signal 9"},
        {"no program\001", false, "the payload cannot be run"},
        {"#!/bin/sh\n[ \"$1 $#\" = \"install 1\" ]\n", true, "exit code 0"},
        {"#!/bin/sh\necho $WAVEGATE_SLOT $WAVEGATE_COMPONENT $WAVEGATE_VERSION $WAVEGATE_STATE\n",
         true, "b brake 2.0.0 /state"},
        {"#!/bin/sh\n[ -x payload ] && [ -z \"$HOME\" ]\n", true, "exit code 0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial trial;
        run(&trial, rows[i].script, LONG);
        CU_ASSERT_EQUAL(trial.end.code == 0, rows[i].ok);
        ASSERT_TEXT(trial.end.text, rows[i].text);
        CU_ASSERT_EQUAL(trial.runner.pid, 0);
        close_trial(&trial);
    }
}

static void test_a_long_line_is_cut(void)
{
    struct trial trial;
    run(&trial, "#!/bin/sh\nprintf '%01000d\\n' 7\n", LONG);
    CU_ASSERT_EQUAL(strlen(trial.end.text), RUNNER_TEXT_MAX - 1);
    close_trial(&trial);
}

/* More than a pipe holds at once: the payload is made to wait, not told to try again. */
static void test_much_output(void)
{
    struct trial trial;
    run(&trial, "#!/bin/sh\nhead -c 4000000 /dev/zero | tr '\\0' x || exit 1\necho && echo whole\n",
        LONG);
    CU_ASSERT_TRUE((trial.end.code == 0));
    ASSERT_TEXT(trial.end.text, "whole");
    close_trial(&trial);
    run(&trial, "#!/bin/sh\ndd if=/dev/zero bs=1000000 count=1 2>/dev/null || exit 1\n", LONG);
    CU_ASSERT_TRUE((trial.end.code == 0));
    close_trial(&trial);
}

/* It must not keep the loop from looking at the clock. */
static void test_output_without_end(void)
{
    struct trial trial;
    run(&trial, "#!/bin/sh\nyes & yes & yes & yes & exec cat /dev/zero\n", 300);
    CU_ASSERT_FALSE((trial.end.code == 0));
    ASSERT_TEXT(trial.end.text, "no answer in time");
    close_trial(&trial);
}

static void test_closed_output_does_not_spin(void)
{
    struct trial trial;
    run(&trial, "#!/bin/sh\nexec >&- 2>&-\nsleep 0.3\nexit 4\n", LONG);
    CU_ASSERT_FALSE((trial.end.code == 0));
    ASSERT_TEXT(trial.end.text, "exit code 4");
    CU_ASSERT_TRUE(trial.looks < 10);
    close_trial(&trial);
}

/* A pipe that is open for as long as any of the payload's processes lives. */
static int lifeline(struct trial *trial)
{
    int fd;
    (void)unlink(folder_file(&trial->folder, "alive"));
    CU_ASSERT_EQUAL_FATAL(mkfifo(folder_file(&trial->folder, "alive"), 0600), 0);
    fd = open(folder_file(&trial->folder, "alive"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    return fd;
}

static bool all_ended(int fd)
{
    struct pollfd set = {.fd = fd, .events = POLLIN};
    return poll(&set, 1, 5000) == 1 && set.revents & POLLHUP;
}

static void test_time_out_ends_the_whole_group(void)
{
    struct trial trial;
    open_trial(&trial, "#!/bin/sh\nexec 9>alive\nsleep 60 &\necho started\nwait\n");
    int alive = lifeline(&trial);
    start(&trial, WG_SECOND);
    wait_end(&trial);
    CU_ASSERT_FALSE((trial.end.code == 0));
    ASSERT_TEXT(trial.end.text, "no answer in time");
    CU_ASSERT_TRUE(all_ended(alive));
    (void)close(alive);
    close_trial(&trial);
}

static void test_what_is_left_running_is_ended(void)
{
    struct trial trial;
    open_trial(&trial, "#!/bin/sh\nexec 9>alive\nsleep 60 &\nexit 0\n");
    int alive = lifeline(&trial);
    start(&trial, LONG);
    wait_end(&trial);
    CU_ASSERT_TRUE((trial.end.code == 0));
    CU_ASSERT_TRUE(all_ended(alive));
    (void)close(alive);
    close_trial(&trial);
}

static void test_stop_tells_nothing(void)
{
    struct trial trial;
    open_trial(&trial, "#!/bin/sh\nexec 9>alive\nsleep 60\n");
    int alive = lifeline(&trial);
    start(&trial, LONG);
    runner_stop(&trial.runner);
    CU_ASSERT_FALSE(runner_look(&trial.runner, wg_monotonic(), &trial.end));
    CU_ASSERT_EQUAL(trial.runner.pid, 0);
    (void)close(alive);
    close_trial(&trial);
}

/* Also the two that the C library keeps for itself: what starts an agent may ignore them. */
static void ignore(int number, bool yes)
{
    const unsigned long action[8] = {yes ? (unsigned long)(uintptr_t)SIG_IGN : 0};
    CU_ASSERT_EQUAL(syscall(SYS_rt_sigaction, number, action, NULL, NSIG / 8), 0);
}

static void ignore_some(bool yes)
{
    static const int numbers[] = {SIGPIPE, SIGINT, SIGHUP, 32, 33, 40};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) ignore(numbers[i], yes);
}

/* The broker's socket in a payload's hands would outlive the agent, and hide its death. */
static void test_payload_inherits_nothing(void)
{
    struct trial trial;
    open_trial(&trial,
               "#!/bin/sh\n"
               "[ \"$(readlink /proc/self/fd/0)\" = /dev/null ] || { echo stdin; exit 1; }\n"
               "for fd in /proc/$$/fd/*; do\n"
               "  case $(readlink $fd) in */leak) echo leak; exit 1;; esac\n"
               "done\n"
               "grep -q '^SigIgn:\t0*$' /proc/self/status || { echo ignored signals; exit 1; }\n"
               "grep -q '^SigBlk:\t0*$' /proc/self/status || { echo blocked signals; exit 1; }\n"
               "echo clean\n");
    /* without O_CLOEXEC, as a library would */
    int leak = open(folder_file(&trial.folder, "leak"), O_RDWR | O_CREAT, 0600);
    int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    CU_ASSERT_TRUE_FATAL(leak >= 0 && input >= 0 && dup2(leak, STDIN_FILENO) == STDIN_FILENO);
    ignore_some(true);
    start(&trial, LONG);
    wait_end(&trial);
    ignore_some(false);
    ASSERT_TEXT(trial.end.text, "clean");
    CU_ASSERT_TRUE((trial.end.code == 0));
    (void)dup2(input, STDIN_FILENO);
    (void)close(input);
    (void)close(leak);
    close_trial(&trial);
}

static void test_payload_dies_with_the_agent(void)
{
    struct trial trial;
    open_trial(&trial, "#!/bin/sh\nexec 9>alive\necho started >&9\nexec sleep 60\n");
    int alive = lifeline(&trial);
    char word[16];
    pid_t agent = fork();
    CU_ASSERT_TRUE_FATAL(agent >= 0);
    if (agent == 0) {
        start(&trial, LONG);
        (void)pause();
        _exit(0);
    }
    struct pollfd set = {.fd = alive, .events = POLLIN};
    CU_ASSERT_EQUAL(poll(&set, 1, 10000), 1);
    CU_ASSERT_TRUE(read(alive, word, sizeof word) > 0);
    CU_ASSERT_EQUAL(kill(agent, SIGKILL), 0);
    CU_ASSERT_EQUAL(waitpid(agent, NULL, 0), agent);
    CU_ASSERT_TRUE(all_ended(alive));
    (void)close(alive);
    close_trial(&trial);
}

WG_SUITE("agent/posix/runner", {"answers", test_answers},
         {"a long line is cut", test_a_long_line_is_cut},
         {"more output than a pipe holds", test_much_output},
         {"output without end", test_output_without_end},
         {"closed output does not spin", test_closed_output_does_not_spin},
         {"a time-out ends the whole group", test_time_out_ends_the_whole_group},
         {"what is left running is ended", test_what_is_left_running_is_ended},
         {"stop tells nothing", test_stop_tells_nothing},
         {"a payload inherits nothing", test_payload_inherits_nothing},
         {"a payload dies with the agent", test_payload_dies_with_the_agent})
