/* exec.c: the verbs of a backend, each a run of the installer. */
#include "agent/posix/slot/exec.h"

#include "agent/posix/slot/exec_answer.h"
#include "agent/posix/slot/exec_environment.h"
#include "agent/posix/slot/exec_run.h"
#include "common/log.h"
#include "common/posix/file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct exec_backend {
    struct slot_backend backend; /* first */
    char program[PATH_MAX], folder[PATH_MAX];
    wg_duration quick, work;
    int stop_fd;
    struct exec_environment environment;
    struct exec_run run; /* between calls only a write is on */
    struct slot_release release;
    bool begun;
    bool clean; /* reverted, and nothing was done since */
    int64_t at; /* bytes of the release that were handed over, or had */
};

static struct exec_backend *mine(struct slot_backend *backend)
{
    return (struct exec_backend *)backend;
}

static bool start(struct exec_backend *exec, const char *verb, bool input, bool answers,
                  struct wg_error *err)
{
    struct exec_run_job job = {.program = exec->program,
                               .verb = verb,
                               .folder = exec->folder,
                               .environment = exec->environment.entries,
                               .input = input,
                               .answers = answers,
                               .stop_fd = exec->stop_fd};
    return exec_run_start(&exec->run, &job, err) || wg_context(err, "%s", verb);
}

/* The error names the program: it is the device maker's to mend. */
static bool blame(const struct exec_backend *exec, struct wg_error *err)
{
    return wg_context(err, "installer %s", exec->program);
}

/* Whatever was being written is dropped: begin, or the hash in finish, says what is there. */
static bool run_verb(struct exec_backend *exec, const char *verb, bool answers, wg_duration limit,
                     struct wg_error *err)
{
    return (start(exec, verb, false, answers, err) && exec_run_wait(&exec->run, limit, err)) ||
           blame(exec, err);
}

static bool do_verb(struct slot_backend *backend, const char *verb, struct wg_error *err)
{
    struct exec_backend *exec = mine(backend);
    exec_environment_reset(&exec->environment);
    exec->begun = exec->clean = false;
    return run_verb(exec, verb, false, exec->work, err);
}

static bool exec_probe(struct slot_backend *backend, struct slot_status *out, struct wg_error *err)
{
    struct exec_backend *exec = mine(backend);
    exec_environment_reset(&exec->environment);
    exec->begun = false;
    if (!run_verb(exec, "probe", true, exec->work, err)) return false;
    return (exec_answer_protocol(exec->run.answer, exec->run.answer_len, err) &&
            exec_answer_status(exec->run.answer, exec->run.answer_len, out, err)) ||
           (wg_context(err, "probe: its answer"), blame(exec, err));
}

static bool exec_begin(struct slot_backend *backend, const struct slot_release *release, bool fresh,
                       int64_t *have, struct wg_error *err)
{
    struct exec_backend *exec = mine(backend);
    exec_environment_reset(&exec->environment);
    exec_environment_release(&exec->environment, release);
    exec_environment_number(&exec->environment, "WAVEGATE_FRESH", fresh);
    exec->begun = exec->clean = false;
    if (!run_verb(exec, "begin", true, exec->quick, err)) return false;
    if (!exec_answer_have(exec->run.answer, exec->run.answer_len, fresh ? 0 : release->length, have,
                          err)) {
        (void)wg_context(err, "begin: its answer");
        return blame(exec, err);
    }
    exec->release = *release;
    exec->at = *have;
    exec->begun = true;
    return true;
}

static bool start_writing(struct exec_backend *exec, struct wg_error *err)
{
    exec_environment_reset(&exec->environment);
    exec_environment_release(&exec->environment, &exec->release);
    exec_environment_number(&exec->environment, "WAVEGATE_OFFSET", exec->at);
    return start(exec, "write", true, false, err);
}

static bool exec_write(struct slot_backend *backend, const void *data, size_t len,
                       struct wg_error *err)
{
    struct exec_backend *exec = mine(backend);
    if (!exec->begun) return wg_fail(err, WG_E_FAILED, "write: nothing was begun");
    if ((int64_t)len > exec->release.length - exec->at)
        return wg_fail(err, WG_E_LIMIT, "write: more than the announced %lld bytes",
                       (long long)exec->release.length);
    if (len == 0) return true;
    if ((!exec_run_is_on(&exec->run) && !start_writing(exec, err)) ||
        !exec_run_feed(&exec->run, data, len, exec->quick, err)) {
        exec->begun = false;
        return blame(exec, err);
    }
    exec->at += (int64_t)len;
    return true;
}

static bool exec_sync(struct slot_backend *backend, struct wg_error *err)
{
    struct exec_backend *exec = mine(backend);
    if (!exec_run_is_on(&exec->run)) return true;
    if (exec_run_wait(&exec->run, exec->work, err)) return true;
    exec->begun = false;
    return blame(exec, err);
}

static bool exec_finish(struct slot_backend *backend, const struct slot_release *release,
                        struct wg_error *err)
{
    struct exec_backend *exec = mine(backend);
    if (!exec_sync(backend, err)) return false;
    exec_environment_reset(&exec->environment);
    exec_environment_release(&exec->environment, release);
    exec->begun = exec->clean = false;
    return run_verb(exec, "finish", false, exec->work, err);
}

static bool exec_activate(struct slot_backend *backend, struct wg_error *err)
{
    return do_verb(backend, "activate", err);
}

static bool exec_confirm(struct slot_backend *backend, struct wg_error *err)
{
    return do_verb(backend, "confirm", err);
}

static bool exec_revert(struct slot_backend *backend, struct wg_error *err)
{
    struct exec_backend *exec = mine(backend);
    exec->clean = do_verb(backend, "revert", err);
    return exec->clean;
}

static void exec_discard(struct slot_backend *backend)
{
    struct wg_error err = {0};
    if (!mine(backend)->clean && !exec_revert(backend, &err))
        wg_log_error("what was written stays", &err);
}

static void exec_free(struct slot_backend *backend)
{
    if (!backend) return;
    exec_run_stop(&mine(backend)->run);
    exec_environment_clear(&mine(backend)->environment);
    free(backend);
}

static const struct slot_backend_ops ops = {.name = "exec",
                                            .probe = exec_probe,
                                            .begin = exec_begin,
                                            .read = NULL,
                                            .write = exec_write,
                                            .sync = exec_sync,
                                            .finish = exec_finish,
                                            .activate = exec_activate,
                                            .confirm = exec_confirm,
                                            .revert = exec_revert,
                                            .discard = exec_discard,
                                            .free = exec_free};

/* It runs with the agent's rights: a program that anybody may change would give them away. */
static bool check_program(const char *program, struct wg_error *err)
{
    struct stat info;
    if (program[0] != '/')
        return wg_fail(err, WG_E_BAD_FILE, "program %s: expected an absolute path", program);
    if (stat(program, &info) != 0) return wg_fail_errno(err, "program %s", program);
    if (!S_ISREG(info.st_mode) || access(program, X_OK) != 0)
        return wg_fail(err, WG_E_BAD_FILE, "program %s: expected an executable file", program);
    return !(info.st_mode & S_IWOTH) ||
           wg_fail(err, WG_E_BAD_FILE, "program %s: everybody may write to it; chmod o-w", program);
}

static bool set_up(struct exec_backend *exec, const struct slot_exec_config *config,
                   struct wg_error *err)
{
    if (!check_program(config->program, err)) return false;
    if (config->folder[0] != '/')
        return wg_fail(err, WG_E_BAD_FILE, "folder %s: expected an absolute path", config->folder);
    if (!wg_copy(exec->program, sizeof exec->program, config->program) ||
        !wg_copy(exec->folder, sizeof exec->folder, config->folder))
        return wg_fail(err, WG_E_LIMIT, "installer: a path is too long");
    return wg_folder_make(exec->folder, 0700, err) &&
           exec_environment_init(&exec->environment, exec->folder, config->settings, err);
}

struct slot_backend *slot_exec_new(const struct slot_exec_config *config, struct wg_error *err)
{
    struct exec_backend *exec = calloc(1, sizeof *exec);
    if (!exec) {
        (void)wg_fail_memory(err, "an installer");
        return NULL;
    }
    exec->backend.ops = &ops;
    exec->quick = config->quick ? config->quick : SLOT_EXEC_QUICK;
    exec->work = config->work ? config->work : SLOT_EXEC_WORK;
    exec->backend.limit = exec->work > exec->quick ? exec->work : exec->quick;
    exec->stop_fd = config->stop_fd > 0 ? config->stop_fd : -1;
    exec_run_init(&exec->run);
    if (set_up(exec, config, err)) return &exec->backend;
    exec_free(&exec->backend);
    return NULL;
}
