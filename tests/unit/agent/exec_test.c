/* exec_test.c: installers that answer, hang, flood, die, stop reading, talk rubbish and leave
 * others behind. */
#include "agent/posix/slot/exec.h"

#include "agent/posix/slot/exec_answer.h"
#include "common/text.h"
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LONG (20 * WG_SECOND)
#define SHORT ((wg_duration)300)
#define STATUS                                                                                     \
    "{\"protocol\":1,\"running\":\"a\",\"idle\":\"b\",\"trial\":true,\"marked\":false,"            \
    "\"components\":{\"brake\":\"1.0.0\"}}"

struct trial {
    struct folder folder;
    char program[PATH_MAX], state[PATH_MAX];
    struct slot_exec_config config;
    struct slot_backend *backend;
    struct slot_release release;
    struct slot_status status;
    struct wg_error err;
    int64_t have;
    int fds;
};

static int count_fds(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir)) count++;
    if (dir) (void)closedir(dir);
    return count;
}

/* The script's own folder is its state folder, where it leaves what the test looks at. */
static void open_trial(struct trial *trial, const char *script)
{
    char text[4096];
    memset(trial, 0, sizeof *trial);
    trial->fds = count_fds();
    folder_make(&trial->folder);
    (void)snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
    folder_put(&trial->folder, "installer", text, 0700);
    (void)wg_copy(trial->program, sizeof trial->program, folder_file(&trial->folder, "installer"));
    (void)wg_copy(trial->state, sizeof trial->state, folder_file(&trial->folder, "state"));
    trial->config = (struct slot_exec_config){
        .program = trial->program, .folder = trial->state, .quick = LONG, .work = LONG};
    trial->release = (struct slot_release){
        .component = "brake", .version = "2.0.0", .sha256 = "00ff", .length = 1 << 20};
}

static void start(struct trial *trial)
{
    trial->backend = slot_exec_new(&trial->config, &trial->err);
    if (!trial->backend) printf("\n    %s\n", trial->err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trial->backend);
}

static void close_trial(struct trial *trial)
{
    if (trial->backend) trial->backend->ops->free(trial->backend);
    CU_ASSERT_EQUAL(count_fds(), trial->fds);
    folder_remove(&trial->folder);
}

static bool probe(struct trial *trial)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->probe(trial->backend, &trial->status, &trial->err);
}

static bool begin(struct trial *trial, bool fresh)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->begin(trial->backend, &trial->release, fresh, &trial->have,
                                      &trial->err);
}

static bool put(struct trial *trial, const char *data, size_t len)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->write(trial->backend, data, len, &trial->err);
}

static bool sync_it(struct trial *trial)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->sync(trial->backend, &trial->err);
}

static bool activate(struct trial *trial)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->activate(trial->backend, &trial->err);
}

static void expect(const struct trial *trial, enum wg_error_code code, const char *part)
{
    CU_ASSERT_EQUAL(trial->err.code, code);
    if (!strstr(trial->err.text, part)) ASSERT_TEXT(trial->err.text, part);
    CU_ASSERT_PTR_NOT_NULL(strstr(trial->err.text, part));
}

static const char *left(struct trial *trial, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "state/%s", name);
    return folder_get(&trial->folder, path);
}

/* A process that the installer wrote the number of into a file: gone, or a corpse, soon. */
static bool is_gone(struct trial *trial, const char *name)
{
    pid_t pid = (pid_t)strtol(left(trial, name), NULL, 10);
    CU_ASSERT_FATAL(pid > 1);
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0) return errno == ESRCH;
    struct timespec limit = {.tv_sec = 20};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    bool gone = pselect(fd + 1, &set, NULL, NULL, &limit, NULL) == 1;
    (void)close(fd);
    return gone;
}

static void answers(void)
{
    struct trial trial;
    open_trial(&trial, "echo \"$1\" >>calls; case $1 in probe) echo '" STATUS "';;"
                       "begin) echo '{\"have\": 5}'; env >begin.env;;"
                       "write) env >write.env; cat >>content;; finish) env >finish.env;; esac");
    trial.config.settings = json_pack("{s:s,s:i,s:b}", "image_name", "a b=c", "tries", 3, "on", 1);
    start(&trial);
    json_decref((json_t *)(uintptr_t)trial.config.settings);
    ASSERT_OK(probe(&trial), &trial.err);
    ASSERT_TEXT(trial.status.running, "a");
    ASSERT_TEXT(trial.status.idle, "b");
    CU_ASSERT_TRUE(trial.status.trial && !trial.status.marked);
    CU_ASSERT_EQUAL(trial.status.component_count, 1);
    ASSERT_TEXT(trial.status.components[0].version, "1.0.0");
    ASSERT_OK(begin(&trial, false), &trial.err);
    CU_ASSERT_EQUAL(trial.have, 5);
    ASSERT_OK(put(&trial, "hello ", 6) && put(&trial, "you", 3) && sync_it(&trial), &trial.err);
    ASSERT_TEXT(left(&trial, "content"), "hello you");
    CU_ASSERT_PTR_NOT_NULL(strstr(left(&trial, "write.env"), "WAVEGATE_OFFSET=5\n"));
    ASSERT_OK(put(&trial, "!", 1), &trial.err);
    struct slot_backend *backend = trial.backend;
    ASSERT_OK(backend->ops->finish(backend, &trial.release, &trial.err), &trial.err);
    ASSERT_TEXT(left(&trial, "content"), "hello you!");
    CU_ASSERT_PTR_NOT_NULL(strstr(left(&trial, "write.env"), "WAVEGATE_OFFSET=14\n"));
    const char *environment = left(&trial, "finish.env");
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_PROTOCOL=1\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_COMPONENT=brake\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_VERSION=2.0.0\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_SHA256=00ff\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_LENGTH=1048576\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_SET_IMAGE_NAME=a b=c\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_SET_TRIES=3\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_SET_ON=yes\n"));
    CU_ASSERT_PTR_NULL(strstr(environment, "WAVEGATE_OFFSET"));
    ASSERT_OK(activate(&trial), &trial.err);
    ASSERT_OK(backend->ops->confirm(backend, &trial.err), &trial.err);
    ASSERT_OK(backend->ops->revert(backend, &trial.err), &trial.err);
    backend->ops->discard(backend);
    ASSERT_TEXT(left(&trial, "calls"), "probe\nbegin\nwrite\nwrite\nfinish\nactivate\nconfirm\n"
                                       "revert\nrevert\n");
    close_trial(&trial);
}

/* One of the shipped ones, through all its verbs, with a write that is broken off. */
static void a_shipped_one(void)
{
    static const char content[] = "the new content of a file";
    struct trial trial;
    open_trial(&trial, "");
    (void)wg_copy(trial.program, sizeof trial.program, WG_SOURCE_DIR "/agent/installers/file");
    trial.config.settings = json_pack("{s:s}", "target", folder_file(&trial.folder, "target"));
    folder_put(&trial.folder, "target", "old", 0600);
    trial.release.length = sizeof content - 1;
    ASSERT_OK(wg_sha256_of(content, sizeof content - 1, trial.release.sha256, &trial.err),
              &trial.err);
    start(&trial);
    const struct slot_backend_ops *ops = trial.backend->ops;
    ASSERT_OK(probe(&trial), &trial.err);
    CU_ASSERT_EQUAL(trial.status.component_count, 0);
    ASSERT_OK(begin(&trial, true), &trial.err);
    ASSERT_OK(put(&trial, content, 4) && sync_it(&trial) && put(&trial, "rubbish", 7), &trial.err);
    ASSERT_OK(begin(&trial, false), &trial.err); /* as after a connection that broke */
    CU_ASSERT_EQUAL(trial.have, 4);
    ASSERT_OK(put(&trial, content + 4, sizeof content - 5), &trial.err);
    ASSERT_OK(ops->finish(trial.backend, &trial.release, &trial.err), &trial.err);
    ASSERT_TEXT(folder_get(&trial.folder, "target"), "old");
    ASSERT_OK(activate(&trial) && probe(&trial), &trial.err);
    CU_ASSERT_TRUE(trial.status.trial && trial.status.component_count == 1);
    ASSERT_TEXT(folder_get(&trial.folder, "target"), content);
    ops->discard(trial.backend);
    ASSERT_TEXT(folder_get(&trial.folder, "target"), "old");
    ASSERT_OK(probe(&trial), &trial.err);
    CU_ASSERT_FALSE(trial.status.trial);
    json_decref((json_t *)(uintptr_t)trial.config.settings);
    close_trial(&trial);
}

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

static void answers_too_much(void)
{
    struct trial trial;
    open_trial(&trial, "printf '{\"have\": 0}'; head -c 9000 /dev/zero | tr '\\0' ' '");
    start(&trial);
    CU_ASSERT_FALSE(begin(&trial, false));
    CU_ASSERT_EQUAL(trial.err.code, WG_E_BAD_INPUT);
    close_trial(&trial);
}

static void one_rubbish(const char *script, const char *part)
{
    struct trial trial;
    open_trial(&trial, script);
    start(&trial);
    CU_ASSERT_FALSE(probe(&trial));
    expect(&trial, WG_E_BAD_INPUT, part);
    CU_ASSERT_EQUAL(trial.status.running[0], '\0');
    CU_ASSERT_FALSE(begin(&trial, false));
    CU_ASSERT_EQUAL(trial.err.code, WG_E_BAD_INPUT);
    close_trial(&trial);
}

static void rubbish(void)
{
    one_rubbish("head -c 500 /dev/urandom", "line 1");
    one_rubbish("printf '{}\\0'", "");
    one_rubbish("echo '{\"protocol\":2,\"have\":-1}'", "it speaks protocol 2, this agent 1 to 1");
    one_rubbish("echo '{\"protocol\":1,\"have\":1048577}'", "running");
    one_rubbish("echo '[1]'; echo '{}'", "");
    one_rubbish("echo '{\"protocol\":1,\"running\":\"../a\",\"idle\":\"b\",\"trial\":false,"
                "\"marked\":false,\"components\":{}}'",
                "running: expected a name");
    one_rubbish("echo '{\"protocol\":1,\"running\":\"a\",\"idle\":\"b\",\"trial\":false,"
                "\"marked\":false,\"components\":{\"brake\":\"a b\"}}'",
                "brake");
}

static void have_is_bounded(void)
{
    struct trial trial;
    open_trial(&trial, "echo '{\"have\": 7}'");
    start(&trial);
    ASSERT_OK(begin(&trial, false), &trial.err);
    CU_ASSERT_EQUAL(trial.have, 7);
    CU_ASSERT_FALSE(begin(&trial, true)); /* fresh: there is nothing to have */
    expect(&trial, WG_E_BAD_INPUT, "have");
    CU_ASSERT_FALSE(put(&trial, "x", 1)); /* and nothing was begun */
    close_trial(&trial);
}

static char block[300000];

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

static void no_more_than_announced(void)
{
    struct trial trial;
    open_trial(&trial, "[ $1 = write ] && cat >content || echo '{\"have\":0}'");
    trial.release.length = 10;
    start(&trial);
    ASSERT_OK(begin(&trial, false), &trial.err);
    CU_ASSERT_FALSE(put(&trial, block, 11));
    CU_ASSERT_EQUAL(trial.err.code, WG_E_LIMIT);
    ASSERT_OK(put(&trial, block, 10) && sync_it(&trial), &trial.err);
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

static void refuse(struct trial *trial, json_t *settings, enum wg_error_code code, const char *part)
{
    trial->config.settings = settings;
    CU_ASSERT_PTR_NULL(slot_exec_new(&trial->config, &trial->err));
    expect(trial, code, part);
    json_decref(settings);
    trial->config.settings = NULL;
}

static void refuses_settings(void)
{
    struct trial trial;
    open_trial(&trial, "exit 0");
    refuse(&trial, json_pack("{s:s}", "Upper", "x"), WG_E_BAD_FILE, "\"Upper\": expected a name");
    refuse(&trial, json_pack("{s:s}", "a=b", "x"), WG_E_BAD_FILE, "expected a name");
    refuse(&trial, json_pack("{s:s}", "", "x"), WG_E_BAD_FILE, "expected a name");
    refuse(&trial, json_pack("{s:s}", "a", "x\ny"), WG_E_BAD_FILE, "a: line breaks");
    refuse(&trial, json_pack("{s:[]}", "a"), WG_E_BAD_FILE, "a: expected text");
    refuse(&trial, json_pack("[s]", "a"), WG_E_BAD_FILE, "expected an object");
    json_t *many = json_object(), *wide = json_object();
    char text[SLOT_EXEC_VALUE_MAX + 2];
    for (int i = 0; i <= SLOT_EXEC_SETTINGS_MAX; i++) {
        (void)snprintf(text, sizeof text, "k%d", i);
        CU_ASSERT_EQUAL(json_object_set_new(many, text, json_true()), 0);
    }
    refuse(&trial, many, WG_E_BAD_FILE, "33 members, at most 32");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    CU_ASSERT_EQUAL(json_object_set_new(wide, "a", json_string(text)), 0);
    refuse(&trial, wide, WG_E_BAD_FILE, "a: more than 1024 bytes");
    close_trial(&trial);
}

static void refuses_program(void)
{
    struct trial trial;
    open_trial(&trial, "exit 0");
    CU_ASSERT_EQUAL(chmod(trial.program, 0707), 0);
    refuse(&trial, NULL, WG_E_BAD_FILE, "everybody may write to it");
    CU_ASSERT_EQUAL(chmod(trial.program, 0600), 0);
    refuse(&trial, NULL, WG_E_BAD_FILE, "executable");
    trial.config.program = "installer";
    refuse(&trial, NULL, WG_E_BAD_FILE, "absolute");
    trial.config.program = "/no/such/installer";
    refuse(&trial, NULL, WG_E_NOT_FOUND, "/no/such/installer");
    close_trial(&trial);
}

WG_SUITE("exec", {"what is asked and answered", answers}, {"a shipped one", a_shipped_one},
         {"it says why", says_why}, {"it says nothing", says_nothing},
         {"it cannot be run", cannot_run}, {"it hangs", hangs}, {"it floods", floods},
         {"it talks much", talks_much}, {"it answers too much", answers_too_much},
         {"it talks rubbish", rubbish}, {"what it has is bounded", have_is_bounded},
         {"it dies while written to", dies_in_write}, {"it stops reading", stops_reading},
         {"it closes its pipes", closes_stdin}, {"it floods while written to", floods_in_write},
         {"no more than announced", no_more_than_announced}, {"it leaves others", leaves_others},
         {"it is stopped", is_stopped}, {"it inherits nothing", inherits_nothing},
         {"settings that cannot be handed on", refuses_settings},
         {"programs that may not be run", refuses_program})
