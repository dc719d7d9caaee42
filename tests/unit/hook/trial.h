/* trial.h: hooks in a folder of their own, and the loop that waits for their answers. */
#ifndef WG_TESTS_UNIT_HOOK_TRIAL_H
#define WG_TESTS_UNIT_HOOK_TRIAL_H

#include "common/text.h"
#include "orchestrator/hook/hooks.h"
#include "tests/unit/agent/folder.h"

#include <fcntl.h>

#define LONG (20 * WG_SECOND)

struct trial {
    struct folder folder;
    struct hooks *hooks;
    struct hook_answer answer;
    int looks; /* how often the loop woke up */
};

static inline void trial_open(struct trial *trial, const char *ca_file)
{
    struct wg_error err = {0};
    memset(trial, 0, sizeof *trial);
    folder_make(&trial->folder);
    struct hooks_settings settings = {.folder = trial->folder.path, .ca_file = ca_file};
    trial->hooks = hooks_new(&settings, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trial->hooks);
}

static inline void trial_close(struct trial *trial)
{
    hooks_free(trial->hooks);
    folder_remove(&trial->folder);
}

static inline void trial_call(struct trial *trial, const char *key, const struct hook_call *call)
{
    struct wg_error err = {0};
    ASSERT_OK(hooks_start(trial->hooks, key, call, wg_monotonic(), &err), &err);
}

/* The program "hook" of the folder. */
static inline void trial_start(struct trial *trial, const char *key, wg_duration timeout)
{
    struct hook_call call = {.run = "hook",
                             .timeout = timeout,
                             .input = "{\"campaign\":\"c1\"}\n",
                             .input_len = strlen("{\"campaign\":\"c1\"}\n"),
                             .campaign = "c1",
                             .wave = "canary",
                             .release = "brake/2.0.0"};
    trial_call(trial, key, &call);
}

/* As the daemon's loop waits: never longer than hooks_step says. */
static inline void trial_wait(struct trial *trial)
{
    wg_time give_up = wg_monotonic() + LONG;
    for (;; trial->looks++) {
        struct pollfd set[HOOKS_POLL_MAX];
        wg_time now = wg_monotonic(), next = hooks_step(trial->hooks, now);
        if (hooks_take(trial->hooks, &trial->answer)) return;
        CU_ASSERT_TRUE_FATAL(now < give_up);
        if (!next || next > give_up) next = give_up;
        size_t count = hooks_poll_set(trial->hooks, set, HOOKS_POLL_MAX);
        (void)poll(set, (nfds_t)count, next > now ? (int)(next - now) : 0);
    }
}

static inline void trial_run(struct trial *trial, const char *script, wg_duration timeout)
{
    folder_put(&trial->folder, "hook", script, 0700);
    trial_start(trial, "k", timeout);
    trial_wait(trial);
}

static inline void trial_says(const struct trial *trial, enum hook_verdict verdict,
                              const char *words)
{
    ASSERT_TEXT(hook_verdict_text(trial->answer.verdict), hook_verdict_text(verdict));
    ASSERT_TEXT(trial->answer.words, words);
}

/* A pipe that is open for as long as any process lives that has it open as "alive". */
static inline int trial_lifeline(struct trial *trial)
{
    (void)unlink(folder_file(&trial->folder, "alive"));
    CU_ASSERT_EQUAL_FATAL(mkfifo(folder_file(&trial->folder, "alive"), 0600), 0);
    int fd = open(folder_file(&trial->folder, "alive"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    return fd;
}

/* Waits until so many bytes were written to the lifeline. */
static inline void trial_hears(int alive, size_t count)
{
    for (size_t heard = 0; heard < count;) {
        char bytes[16];
        struct pollfd set = {.fd = alive, .events = POLLIN};
        CU_ASSERT_EQUAL_FATAL(poll(&set, 1, (int)LONG), 1);
        ssize_t got = read(alive, bytes, sizeof bytes);
        CU_ASSERT_TRUE_FATAL(got > 0);
        heard += got > 0 ? (size_t)got : count;
    }
}

static inline bool trial_all_ended(int alive)
{
    struct pollfd set = {.fd = alive, .events = POLLIN};
    return poll(&set, 1, 5000) == 1 && set.revents & POLLHUP;
}

#endif
