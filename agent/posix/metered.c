/* metered.c: asks the program, or looks into the file. */
#include "agent/posix/metered.h"

#include "common/log.h"
#include "common/posix/file.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM_TIME (10 * WG_SECOND)
#define LOOK_EVERY 200 /* ms between looks at cancel */

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

void metered_init(struct metered *metered, const struct download_settings *settings,
                  const atomic_bool *cancel)
{
    *metered = (struct metered){.settings = settings, .cancel = cancel};
}

static bool spawn(const char *program, pid_t *pid)
{
    char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char *const environment[] = {path, NULL};
    char name[PATH_MAX];
    char *const arguments[] = {name, NULL};
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    sigset_t none, all;
    (void)wg_copy(name, sizeof name, program);
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    if (posix_spawnattr_init(&attributes) != 0) return false;
    if (posix_spawn_file_actions_init(&files) != 0) {
        (void)posix_spawnattr_destroy(&attributes);
        return false;
    }
    bool ok = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                        POSIX_SPAWN_SETSIGDEF) == 0 &&
              posix_spawnattr_setsigmask(&attributes, &none) == 0 &&
              posix_spawnattr_setsigdefault(&attributes, &all) == 0 &&
              posix_spawn_file_actions_addopen(&files, 0, "/dev/null", 0, 0) == 0 &&
              posix_spawn_file_actions_addopen(&files, 1, "/dev/null", 1, 0) == 0 &&
              posix_spawn_file_actions_addclosefrom_np(&files, 3) == 0 &&
              posix_spawn(pid, name, &files, &attributes, arguments, environment) == 0;
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
    return ok;
}

/* Until it ends; killed with its group when it takes too long. */
static void wait_end(pid_t pid, const atomic_bool *cancel)
{
    wg_time end = wg_monotonic() + PROGRAM_TIME;
    struct pollfd set = {.fd = pidfd_open(pid, 0), .events = POLLIN};
    bool over = false;
    while (set.fd >= 0 && !over && wg_monotonic() < end && !atomic_load(cancel))
        over = poll(&set, 1, LOOK_EVERY) > 0;
    if (!over) (void)kill(-pid, SIGKILL);
    if (set.fd >= 0) (void)close(set.fd);
}

static enum answer ask_program(const char *program, const atomic_bool *cancel)
{
    pid_t pid = 0;
    int status = 0;
    if (!spawn(program, &pid)) return ANSWER_UNKNOWN;
    wait_end(pid, cancel);
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return ANSWER_UNKNOWN;
    int code = WEXITSTATUS(status);
    return code == 0 ? ANSWER_YES : code == 1 ? ANSWER_NO : ANSWER_UNKNOWN;
}

/* Its first word: yes or no. */
static enum answer ask_file(const char *path)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, 256);
    bool read = wg_file_read(path, &bytes, NULL);
    const char *text = wg_buf_str(&bytes);
    size_t len = strcspn(text, " \t\r\n");
    enum answer answer = !read                                      ? ANSWER_UNKNOWN
                         : len == 3 && strncmp(text, "yes", 3) == 0 ? ANSWER_YES
                         : len == 2 && strncmp(text, "no", 2) == 0  ? ANSWER_NO
                                                                    : ANSWER_UNKNOWN;
    wg_buf_clear(&bytes);
    return answer;
}

static void look(struct metered *metered)
{
    const struct download_settings *settings = metered->settings;
    const char *source =
        settings->metered_program[0] ? settings->metered_program : settings->metered_file;
    enum answer answer = settings->metered_program[0]
                             ? ask_program(settings->metered_program, metered->cancel)
                             : ask_file(settings->metered_file);
    if (atomic_load(metered->cancel)) return;
    bool unknown = answer == ANSWER_UNKNOWN;
    if (unknown && !metered->unknown)
        wg_log(WG_LOG_WARN, "nobody says whether the network is metered: taken as metered", "asked",
               source, NULL);
    metered->unknown = unknown;
    metered->now = answer != ANSWER_NO;
}

bool metered_waits(struct metered *metered, int64_t length, wg_time now)
{
    const struct download_settings *settings = metered->settings;
    if (!settings->wait_metered || length <= settings->metered_max) return false;
    if (now >= metered->look_at) {
        look(metered);
        metered->look_at = wg_monotonic() + settings->metered_every;
    }
    return metered->now;
}
