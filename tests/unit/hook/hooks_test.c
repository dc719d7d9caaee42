/* hooks_test.c: programs that pass, hold, fail, hang, flood, hide and inherit. */
#include "trial.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void test_answers(void)
{
    static const struct {
        const char *script;
        enum hook_verdict verdict;
        const char *words;
    } rows[] = {
        {"#!/bin/sh\nexit 0\n", HOOK_PASS, "exit code 0"},
        {"#!/bin/sh\necho all good\necho more\n", HOOK_PASS, "all good"},
        {"#!/bin/sh\necho not yet; exit 75\n", HOOK_HOLD, "not yet"},
        {"#!/bin/sh\nexit 75\n", HOOK_HOLD, "exit code 75"},
        {"#!/bin/sh\necho broken; exit 1\n", HOOK_FAIL, "broken"},
        {"#!/bin/sh\necho detail >&2; echo; exit 2\n", HOOK_FAIL, "detail"},
        {"#!/bin/sh\necho detail >&2; echo reason; exit 2\n", HOOK_FAIL, "reason"},
        {"#!/bin/sh\nexit 127\n", HOOK_FAIL, "exit code 127"},
        {"#!/bin/sh\nkill -9 $$\n", HOOK_FAIL, "ended by signal 9"},
        {"#!/bin/sh\nprintf 'a\\033[1mb\\377'\n", HOOK_PASS, "a[1mb?"},
        {"#!/bin/sh\ncat\n", HOOK_PASS, "{\"campaign\":\"c1\"}"},
        {"#!/bin/sh\ncat /dev/stdin\n", HOOK_PASS, "{\"campaign\":\"c1\"}"},
        {"#!/bin/sh\necho $# $WAVEGATE_CAMPAIGN $WAVEGATE_WAVE $WAVEGATE_RELEASE\n", HOOK_PASS,
         "0 c1 canary brake/2.0.0"},
        {"#!/bin/sh\n[ -x hook ] && [ \"$0\" = \"$PWD/hook\" ] && echo here\n", HOOK_PASS, "here"},
        {"#!/bin/sh\nenv | sed 's/=.*//' | grep -v -e PWD -e '^_$' -e SHLVL | sort | tr '\\n' ' "
         "'\n",
         HOOK_PASS, "LANG PATH WAVEGATE_CAMPAIGN WAVEGATE_RELEASE WAVEGATE_WAVE"},
        {"#!/no/such/interpreter\n", HOOK_HOLD,
         "it could not be started: No such file or directory"},
        {"no program\001", HOOK_HOLD, "it could not be started: Exec format error"},
    };
    struct trial trial;
    trial_open(&trial, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        trial_run(&trial, rows[i].script, LONG);
        trial_says(&trial, rows[i].verdict, rows[i].words);
        ASSERT_TEXT(trial.answer.key, "k");
    }
    trial_close(&trial);
}

static void refused(struct trial *trial, const char *name, const char *words)
{
    struct hook_call call = {.run = name, .timeout = LONG};
    trial_call(trial, "k", &call);
    CU_ASSERT_EQUAL(hooks_state(trial->hooks, "k"), HOOK_ANSWERED);
    trial_wait(trial);
    trial_says(trial, HOOK_HOLD, words);
}

static void test_only_programs_of_the_folder(void)
{
    static const char fine[] = "#!/bin/sh\n";
    struct trial trial;
    trial_open(&trial, NULL);
    const char *plain = "expected the plain name of a file in the folder of hooks";
    const char *const names[] = {"/bin/true", "../hook", "a/b", ".hidden", ".."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char words[WORDS_MAX + 1];
        (void)wg_format(words, sizeof words, "could not be started: hook \"%s\": %s", names[i],
                        plain);
        refused(&trial, names[i], words);
    }
    refused(&trial, "", "could not be started: expected a program or a URL");
    refused(&trial, "none", "could not be started: hook none: No such file or directory");
    folder_put(&trial.folder, "plain", fine, 0600);
    refused(&trial, "plain", "could not be started: hook plain is not executable");
    folder_put(&trial.folder, "shared", fine, 0770);
    refused(&trial, "shared",
            "could not be started: hook: shared may be written by others than its owner");
    CU_ASSERT_EQUAL(mkdir(folder_file(&trial.folder, "folder"), 0700), 0);
    refused(&trial, "folder", "could not be started: hook folder is not a regular file");
    CU_ASSERT_EQUAL(symlink("/bin/true", folder_file(&trial.folder, "link")), 0);
    refused(&trial, "link", "could not be started: hook link is not a regular file");
    folder_put(&trial.folder, "hook", fine, 0700);
    CU_ASSERT_EQUAL(chmod(trial.folder.path, 0777), 0);
    refused(&trial, "hook",
            "could not be started: the folder of hooks may be written by others than its owner");
    if (geteuid() == 0) {
        CU_ASSERT_EQUAL(chmod(trial.folder.path, 0700), 0);
        CU_ASSERT_EQUAL(chown(folder_file(&trial.folder, "hook"), 1, 1), 0);
        refused(&trial, "hook", "could not be started: hook: hook belongs to another user");
    }
    trial_close(&trial);
}

static void test_no_folder(void)
{
    struct wg_error err = {0};
    struct trial trial;
    trial_open(&trial, NULL);
    hooks_free(trial.hooks);
    trial.hooks = hooks_new(&(struct hooks_settings){0}, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trial.hooks);
    refused(&trial, "hook", "could not be started: no folder of hooks is configured (gate_hooks)");
    trial_close(&trial);
}

static void test_calls_that_make_no_sense(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    const struct hook_call calls[] = {
        {.run = "hook", .url = "https://h/", .timeout = LONG},
        {.run = "hook", .timeout = 0},
        {.run = "hook", .timeout = WG_DAY + 1},
        {.run = "hook", .timeout = LONG, .input = "", .input_len = HOOK_INPUT_MAX + 1},
        {.url = "http://localhost/", .timeout = LONG},
        {.url = "https://", .timeout = LONG},
        {.url = "https://h/ --output x", .timeout = LONG},
        {.url = "file:///etc/passwd", .timeout = LONG},
    };
    folder_put(&trial.folder, "hook", "#!/bin/sh\n", 0700);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        trial_call(&trial, "k", &calls[i]);
        CU_ASSERT_EQUAL(hooks_state(trial.hooks, "k"), HOOK_ANSWERED);
        trial_wait(&trial);
        CU_ASSERT_EQUAL(trial.answer.verdict, HOOK_HOLD);
    }
    trial_close(&trial);
}

/* Input that nobody reads, or more than a pipe holds, must not hold up or end this process. */
static void test_much_input(void)
{
    static char input[HOOK_INPUT_MAX];
    struct hook_call call = {
        .run = "hook", .timeout = LONG, .input = input, .input_len = sizeof input};
    struct trial trial;
    memset(input, 'x', sizeof input);
    trial_open(&trial, NULL);
    folder_put(&trial.folder, "hook", "#!/bin/sh\nexec <&-\nexit 0\n", 0700);
    trial_call(&trial, "k", &call);
    trial_wait(&trial);
    trial_says(&trial, HOOK_PASS, "exit code 0");
    folder_put(&trial.folder, "hook", "#!/bin/sh\nwc -c\n", 0700);
    trial_call(&trial, "k", &call);
    trial_wait(&trial);
    trial_says(&trial, HOOK_PASS, "1048576");
    trial_close(&trial);
}

static void test_much_output(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    trial_run(&trial,
              "#!/bin/sh\necho first\nhead -c 5000000 /dev/zero || exit 1\n"
              "head -c 5000000 /dev/zero >&2 || exit 1\n",
              LONG);
    trial_says(&trial, HOOK_PASS, "first");
    trial_run(&trial, "#!/bin/sh\necho first\nexec cat /dev/zero\n", LONG);
    trial_says(&trial, HOOK_HOLD, "wrote more than it may, and was ended");
    trial_close(&trial);
}

static void test_closed_output_does_not_spin(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    trial_run(&trial, "#!/bin/sh\nexec >&- 2>&-\nsleep 0.3\nexit 4\n", LONG);
    trial_says(&trial, HOOK_FAIL, "exit code 4");
    CU_ASSERT_TRUE(trial.looks < 10);
    trial_close(&trial);
}

static void test_time_out(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    trial_run(&trial, "#!/bin/sh\nsleep 60\n", 400);
    trial_says(&trial, HOOK_HOLD, "gave no answer in 400ms");
    trial_close(&trial);
}

/* The clock is the caller's: the time-out comes at once. */
static void test_time_out_ends_the_whole_group(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    int alive = trial_lifeline(&trial);
    folder_put(&trial.folder, "hook",
               "#!/bin/sh\nexec 9>alive\n(echo >&9; exec sleep 60) &\nwait\n", 0700);
    trial_start(&trial, "k", 30 * WG_SECOND);
    trial_hears(alive, 1);
    wg_time late = wg_monotonic() + 30 * WG_SECOND;
    CU_ASSERT_EQUAL(hooks_step(trial.hooks, late), late + 2 * WG_SECOND);
    CU_ASSERT_TRUE(trial_all_ended(alive)); /* by SIGTERM alone */
    trial_wait(&trial);
    trial_says(&trial, HOOK_HOLD, "gave no answer in 30s");
    (void)close(alive);
    trial_close(&trial);
}

static void test_who_ignores_sigterm_is_killed(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    int alive = trial_lifeline(&trial);
    folder_put(
        &trial.folder, "hook",
        "#!/bin/sh\ntrap 'echo >&9' TERM\nexec 9>alive\n(trap '' TERM; echo >&9; exec sleep 60) &\n"
        "echo >&9\nwhile :; do wait; done\n",
        0700);
    trial_start(&trial, "k", LONG);
    trial_hears(alive, 2);
    wg_time late = wg_monotonic() + LONG;
    CU_ASSERT_EQUAL(hooks_step(trial.hooks, late), late + 2 * WG_SECOND);
    trial_hears(alive, 1); /* it was asked to end first */
    CU_ASSERT_EQUAL(hooks_step(trial.hooks, late + 1999), late + 2 * WG_SECOND);
    CU_ASSERT_EQUAL(hooks_state(trial.hooks, "k"), HOOK_RUNNING);
    CU_ASSERT_EQUAL(hooks_step(trial.hooks, late + 2000), 0);
    trial_wait(&trial);
    trial_says(&trial, HOOK_HOLD, "gave no answer in 20s");
    CU_ASSERT_TRUE(trial_all_ended(alive));
    (void)close(alive);
    trial_close(&trial);
}

static void test_what_is_left_running_is_ended(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    int alive = trial_lifeline(&trial);
    trial_run(&trial, "#!/bin/sh\nexec 9>alive\nsleep 60 &\necho fine\n", LONG);
    trial_says(&trial, HOOK_PASS, "fine");
    CU_ASSERT_TRUE(trial_all_ended(alive));
    (void)close(alive);
    trial_close(&trial);
}

static void test_two_at_once(void)
{
    struct trial trial;
    struct wg_error err = {0};
    struct hook_call call = {.run = "hook", .timeout = LONG};
    trial_open(&trial, NULL);
    int alive = trial_lifeline(&trial);
    /* neither ends before both run */
    folder_put(&trial.folder, "hook",
               "#!/bin/sh\nmkfifo meet 2>/dev/null\nif mkdir first 2>/dev/null\n"
               "then echo >meet; echo a; else read line <meet; echo b; fi\n",
               0700);
    trial_start(&trial, "one", LONG);
    trial_start(&trial, "two", LONG);
    CU_ASSERT_FALSE(hooks_start(trial.hooks, "one", &call, wg_monotonic(), &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    CU_ASSERT_EQUAL(hooks_state(trial.hooks, "two"), HOOK_RUNNING);
    CU_ASSERT_EQUAL(hooks_state(trial.hooks, "three"), HOOK_NONE);
    trial_wait(&trial);
    char key[HOOK_KEY_MAX + 1];
    (void)wg_copy(key, sizeof key, trial.answer.key);
    CU_ASSERT_EQUAL(trial.answer.verdict, HOOK_PASS);
    CU_ASSERT_EQUAL(hooks_state(trial.hooks, key), HOOK_NONE);
    trial_wait(&trial);
    CU_ASSERT_EQUAL(trial.answer.verdict, HOOK_PASS);
    CU_ASSERT_STRING_NOT_EQUAL(trial.answer.key, key);
    CU_ASSERT_FALSE(hooks_take(trial.hooks, &trial.answer));
    (void)close(alive);
    trial_close(&trial);
}

static void test_so_many_and_no_more(void)
{
    struct trial trial;
    struct wg_error err = {0};
    struct hook_call call = {.run = "hook", .timeout = LONG};
    struct pollfd set[HOOKS_POLL_MAX + 1];
    char long_key[HOOK_KEY_MAX + 2];
    trial_open(&trial, NULL);
    int alive = trial_lifeline(&trial);
    folder_put(&trial.folder, "hook", "#!/bin/sh\nexec 9>alive\necho >&9\nexec sleep 60\n", 0700);
    memset(long_key, 'k', sizeof long_key - 1);
    long_key[sizeof long_key - 1] = '\0';
    CU_ASSERT_FALSE(hooks_start(trial.hooks, long_key, &call, wg_monotonic(), &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    for (int i = 0; i < HOOKS_MAX; i++) {
        char key[16];
        (void)wg_format(key, sizeof key, "k%d", i);
        trial_start(&trial, key, LONG);
    }
    CU_ASSERT_FALSE(hooks_start(trial.hooks, "one more", &call, wg_monotonic(), &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    CU_ASSERT_EQUAL(hooks_poll_set(trial.hooks, set, HOOKS_POLL_MAX + 1), HOOKS_POLL_MAX);
    CU_ASSERT_EQUAL(hooks_poll_set(trial.hooks, set, 5), 5);
    trial_hears(alive, HOOKS_MAX);
    hooks_free(trial.hooks);
    trial.hooks = NULL;
    CU_ASSERT_TRUE(trial_all_ended(alive));
    (void)close(alive);
    trial_close(&trial);
}

/* Also those that the C library keeps for itself. */
static void ignore(int number, bool yes)
{
    const unsigned long action[8] = {yes ? (unsigned long)(uintptr_t)SIG_IGN : 0};
    CU_ASSERT_EQUAL(syscall(SYS_rt_sigaction, number, action, NULL, NSIG / 8), 0);
}

static void ignore_some(bool yes)
{
    static const int numbers[] = {SIGPIPE, SIGHUP, 32, 33, 40};
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(yes ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) ignore(numbers[i], yes);
}

/* The daemon blocks signals and holds sockets; and may have been started without standard files. */
static void test_hook_inherits_nothing(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    folder_put(&trial.folder, "hook",
               "#!/bin/sh\nls -l /proc/$$/fd | grep -q leak && echo leak\n"
               "grep -q '^SigIgn:\t0*$' /proc/self/status || echo ignored signals\n"
               "grep -q '^SigBlk:\t0*$' /proc/self/status || echo blocked signals\n"
               "read line; echo \"$line\"\n",
               0700);
    /* without O_CLOEXEC, as a library would */
    int leak = open(folder_file(&trial.folder, "leak"), O_RDWR | O_CREAT, 0600);
    CU_ASSERT_TRUE_FATAL(leak >= 0 && fflush(stdout) == 0);
    int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    int output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    ignore_some(true);
    (void)close(STDIN_FILENO);
    (void)close(STDOUT_FILENO);
    trial_start(&trial, "k", LONG);
    ignore_some(false);
    /* 0 and 1 are the hook's pipes until it has ended */
    trial_wait(&trial);
    (void)dup2(input, STDIN_FILENO);
    (void)dup2(output, STDOUT_FILENO);
    trial_says(&trial, HOOK_PASS, "{\"campaign\":\"c1\"}");
    (void)close(input);
    (void)close(output);
    (void)close(leak);
    trial_close(&trial);
}

/* As whoever starts the daemon may have it. */
static void test_ends_are_seen_with_sigchld_ignored(void)
{
    struct trial trial;
    ignore(SIGCHLD, true);
    trial_open(&trial, NULL);
    trial_run(&trial, "#!/bin/sh\nexit 3\n", LONG);
    trial_says(&trial, HOOK_FAIL, "exit code 3");
    trial_close(&trial);
}

static void test_hook_dies_with_the_daemon(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    folder_put(&trial.folder, "hook", "#!/bin/sh\nexec 9>alive\necho >&9\nexec sleep 60\n", 0700);
    int alive = trial_lifeline(&trial);
    pid_t daemon = fork();
    CU_ASSERT_TRUE_FATAL(daemon >= 0);
    if (daemon == 0) {
        trial_start(&trial, "k", LONG);
        (void)pause();
        _exit(0);
    }
    trial_hears(alive, 1);
    CU_ASSERT_EQUAL(kill(daemon, SIGKILL), 0);
    CU_ASSERT_EQUAL(waitpid(daemon, NULL, 0), daemon);
    CU_ASSERT_TRUE(trial_all_ended(alive));
    (void)close(alive);
    trial_close(&trial);
}

static int open_files(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++) count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void test_nothing_is_left_open(void)
{
    struct trial trial;
    trial_open(&trial, NULL);
    int before = open_files();
    trial_run(&trial, "#!/bin/sh\nexit 0\n", LONG);
    trial_run(&trial, "no program\001", LONG);
    trial_run(&trial, "#!/bin/sh\nsleep 60\n", 50);
    CU_ASSERT_EQUAL(open_files(), before);
    CU_ASSERT_TRUE(waitpid(-1, NULL, WNOHANG) < 0);
    trial_close(&trial);
}

WG_SUITE("orchestrator/hook/hooks", {"answers", test_answers},
         {"only programs of the folder", test_only_programs_of_the_folder},
         {"no folder", test_no_folder}, {"calls that make no sense", test_calls_that_make_no_sense},
         {"much input", test_much_input}, {"much output", test_much_output},
         {"closed output does not spin", test_closed_output_does_not_spin},
         {"a time-out", test_time_out},
         {"a time-out ends the whole group", test_time_out_ends_the_whole_group},
         {"who ignores SIGTERM is killed", test_who_ignores_sigterm_is_killed},
         {"what is left running is ended", test_what_is_left_running_is_ended},
         {"two at once", test_two_at_once}, {"so many and no more", test_so_many_and_no_more},
         {"a hook inherits nothing", test_hook_inherits_nothing},
         {"ends are seen with SIGCHLD ignored", test_ends_are_seen_with_sigchld_ignored},
         {"a hook dies with the daemon", test_hook_dies_with_the_daemon},
         {"nothing is left open", test_nothing_is_left_open})
