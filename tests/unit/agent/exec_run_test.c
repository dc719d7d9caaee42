/* exec_run_test.c: installers that hang, flood, die, stop reading and leave others behind. */
#include "agent/posix/slot/exec_run.h"

#include "installer.h"

#include <fcntl.h>

static char block[300000];

static void says_why(void)
{
    struct trial trial;
    open_trial(&trial, "echo first >&2; printf 'no room on \\033[31m/data' >&2; exit $(cat code)");
    start(&trial);
    folder_put(&trial.folder, "state/code", "1", 0600);
    CU_ASSERT_FALSE(activate(&trial));
    expect(&trial, WG_E_FAILED, "installer: activate: no room on ?[31m/data");
    folder_put(&trial.folder, "state/code", "65", 0600);
    CU_ASSERT_FALSE(activate(&trial));
    expect(&trial, WG_E_VERIFY, "no room");
    folder_put(&trial.folder, "state/code", "75", 0600);
    CU_ASSERT_FALSE(activate(&trial));
    expect(&trial, WG_E_CONFLICT, "no room");
    close_trial(&trial);
}

static void says_nothing(void)
{
    struct trial trial;
    open_trial(&trial, "case $1 in activate) exit 3;; begin) kill -9 $$;; esac");
    start(&trial);
    CU_ASSERT_FALSE(activate(&trial));
    expect(&trial, WG_E_FAILED, "exit code 3");
    CU_ASSERT_FALSE(begin(&trial, false));
    expect(&trial, WG_E_FAILED, "ended by signal 9");
    CU_ASSERT_FALSE(probe(&trial));
    expect(&trial, WG_E_BAD_INPUT, "probe: its answer");
    close_trial(&trial);
}

static void cannot_run(void)
{
    struct trial trial;
    open_trial(&trial, "");
    folder_put(&trial.folder, "installer", "#!/no/such/interpreter\n", 0700);
    start(&trial);
    CU_ASSERT_FALSE(activate(&trial));
    expect(&trial, WG_E_FAILED, "cannot be run");
    close_trial(&trial);
}

/* The whole group ends, also what ignores all signals that may be ignored. */
static void hangs(void)
{
    struct trial trial;
    open_trial(&trial, "trap '' TERM INT HUP; sleep 1000 & echo $! >sleeper; wait; sleep 1000");
    trial.config.quick = trial.config.work = SHORT;
    start(&trial);
    wg_time before = wg_monotonic();
    CU_ASSERT_FALSE(activate(&trial));
    expect(&trial, WG_E_TIMEOUT, "activate: no end in time");
    CU_ASSERT_TRUE(is_gone(&trial, "sleeper"));
    CU_ASSERT_FALSE(begin(&trial, false));
    expect(&trial, WG_E_TIMEOUT, "begin");
    CU_ASSERT_TRUE(wg_monotonic() - before < LONG);
    close_trial(&trial);
}

static void floods(void)
{
    struct trial trial;
    open_trial(&trial, "case $1 in begin) yes;; activate) yes >&2;; confirm) yes; esac");
    trial.config.work = SHORT;
    start(&trial);
    CU_ASSERT_FALSE(begin(&trial, false));
    expect(&trial, WG_E_BAD_INPUT, "an answer without end");
    CU_ASSERT_FALSE(activate(&trial));
    expect(&trial, WG_E_TIMEOUT, "activate");
    CU_ASSERT_FALSE(trial.backend->ops->confirm(trial.backend, &trial.err));
    expect(&trial, WG_E_TIMEOUT, "confirm");
    close_trial(&trial);
}

/* Much, but it ends: nothing of it is lost or kept. */
static void talks_much(void)
{
    struct trial trial;
    open_trial(&trial, "head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero >&2;"
                       "[ $1 = activate ] || { echo why >&2; exit 1; }");
    start(&trial);
    ASSERT_OK(activate(&trial), &trial.err);
    CU_ASSERT_FALSE(trial.backend->ops->confirm(trial.backend, &trial.err));
    close_trial(&trial);
}

/* Two blocks are more than a pipe holds, so one of them is stuck. */
static bool put_two(struct trial *trial)
{
    return put(trial, block, sizeof block) && put(trial, block, sizeof block);
}

static void dies_in_write(void)
{
    struct trial trial;
    open_trial(&trial, "[ $1 = write ] || { echo '{\"have\":0}'; exit; }\n"
                       "head -c 10 >/dev/null; kill -9 $$");
    start(&trial);
    ASSERT_OK(begin(&trial, false), &trial.err);
    CU_ASSERT_FALSE(put_two(&trial));
    expect(&trial, WG_E_FAILED, "write: ended by signal 9");
    CU_ASSERT_FALSE(put(&trial, block, 1)); /* what it kept is not known: begin() first */
    close_trial(&trial);
}

static void stops_reading(void)
{
    struct trial trial;
    open_trial(&trial, "[ $1 = write ] || { echo '{\"have\":0}'; exit; }\n"
                       "head -c 10 >/dev/null; exit 0");
    start(&trial);
    ASSERT_OK(begin(&trial, false), &trial.err);
    CU_ASSERT_FALSE(put_two(&trial));
    expect(&trial, WG_E_FAILED, "had not read all");
    ASSERT_OK(begin(&trial, false), &trial.err);
    ASSERT_OK(put(&trial, block, 5000), &trial.err); /* these fit into the pipe */
    CU_ASSERT_FALSE(sync_it(&trial));
    expect(&trial, WG_E_FAILED, "had not read all");
    close_trial(&trial);
}

static void closes_stdin(void)
{
    struct trial trial;
    open_trial(&trial, "[ $1 = write ] || { echo '{\"have\":0}'; exit; }\n"
                       "exec <&- >&- 2>&-; sleep 1000");
    trial.config.quick = SHORT;
    start(&trial);
    ASSERT_OK(begin(&trial, false), &trial.err);
    CU_ASSERT_FALSE(put_two(&trial));
    expect(&trial, WG_E_TIMEOUT, "write");
    close_trial(&trial);
}

static void floods_in_write(void)
{
    struct trial trial;
    open_trial(&trial, "[ $1 = write ] || { echo '{\"have\":0}'; exit; }\n"
                       "yes & a=$!; yes >&2 & cat >content; kill $a $!");
    start(&trial);
    ASSERT_OK(begin(&trial, false), &trial.err);
    ASSERT_OK(put_two(&trial) && sync_it(&trial), &trial.err);
    struct stat info;
    CU_ASSERT_EQUAL(stat(folder_file(&trial.folder, "state/content"), &info), 0);
    CU_ASSERT_EQUAL(info.st_size, 2 * (off_t)sizeof block);
    close_trial(&trial);
}

/* What it leaves behind in its group ends with it, and holds no pipe open. */
static void leaves_others(void)
{
    struct trial trial;
    open_trial(&trial, "sleep 1000 & echo $! >sleeper");
    start(&trial);
    ASSERT_OK(activate(&trial), &trial.err);
    CU_ASSERT_TRUE(is_gone(&trial, "sleeper"));
    close_trial(&trial);
}

static void is_stopped(void)
{
    struct trial trial;
    int ends[2];
    open_trial(&trial, "sleep 1000");
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    trial.config.stop_fd = ends[0];
    start(&trial);
    CU_ASSERT_EQUAL(write(ends[1], "", 1), 1);
    CU_ASSERT_FALSE(activate(&trial));
    expect(&trial, WG_E_INTERRUPTED, "stopped");
    (void)close(ends[0]);
    (void)close(ends[1]);
    close_trial(&trial);
}

static void inherits_nothing(void)
{
    struct trial trial;
    open_trial(&trial,
               "ls /proc/self/fd | tr '\\n' ' ' >fds; pwd >cwd; grep SigIgn /proc/self/status >sig;"
               "env | sed 's/=.*//' | sort | tr '\\n' ' ' >names; readlink /proc/self/fd/0 >in");
    start(&trial);
    int open_one = open("/etc/passwd", O_RDONLY); /* without O_CLOEXEC, as libraries do */
    (void)signal(SIGPIPE, SIG_IGN);
    ASSERT_OK(activate(&trial), &trial.err);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)close(open_one);
    ASSERT_TEXT(left(&trial, "fds"), "0 1 2 3 "); /* 3: the folder that ls reads */
    ASSERT_TEXT(left(&trial, "in"), "/dev/null\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(left(&trial, "sig"), "0000000000000000"));
    CU_ASSERT_EQUAL(strncmp(left(&trial, "cwd"), trial.state, strlen(trial.state)), 0);
    ASSERT_TEXT(left(&trial, "names"), "LC_ALL PATH PWD WAVEGATE_PROTOCOL WAVEGATE_STATE ");
    close_trial(&trial);
}

WG_SUITE("exec_run", {"it says why", says_why}, {"it says nothing", says_nothing},
         {"it cannot be run", cannot_run}, {"it hangs", hangs}, {"it floods", floods},
         {"it talks much", talks_much}, {"it dies while written to", dies_in_write},
         {"it stops reading", stops_reading}, {"it closes its pipes", closes_stdin},
         {"it floods while written to", floods_in_write}, {"it leaves others", leaves_others},
         {"it is stopped", is_stopped}, {"it inherits nothing", inherits_nothing})
