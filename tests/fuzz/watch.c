/* watch.c: the child writes each input on a board that both processes see before it runs it. */
#include "tests/fuzz/watch.h"

#include "common/posix/file.h"
#include "tests/fuzz/target.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_LIMIT (365 * WG_DAY)

struct board {
    atomic_uint_least64_t runs;
    atomic_bool finished;
    size_t len;
    uint8_t input[CORPUS_INPUT_MAX];
};

/* In memory of its exact size: a sanitizer sees one byte too many. */
static void run_one(const struct board *board)
{
    uint8_t *exact = malloc(board->len > 0 ? board->len : 1);
    MUST(exact, "out of memory");
    memcpy(exact, board->input, board->len);
    (void)LLVMFuzzerTestOneInput(exact, board->len);
    free(exact);
}

static _Noreturn void be_child(const struct watch_plan *plan, struct board *board,
                               const sigset_t *before)
{
    wg_time end = wg_monotonic() + plan->time;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)sigprocmask(SIG_SETMASK, before, NULL);
    for (uint64_t i = plan->from; i < plan->to; i++) {
        if (i - plan->from >= plan->at_least && wg_monotonic() >= end) break;
        board->len = plan->make(plan->ctx, i, board->input);
        run_one(board);
        atomic_fetch_add(&board->runs, 1);
    }
    atomic_store(&board->finished, true);
    exit(EXIT_SUCCESS); /* a leak checker speaks now */
}

/* True when it ended by itself; false when it was killed because nothing moved. */
static bool wait_for(pid_t child, const struct watch_plan *plan, struct board *board,
                     const sigset_t *waited, int *status)
{
    static const struct timespec look_every = {.tv_sec = 1};
    uint64_t runs = 0;
    wg_time moved = wg_monotonic();
    bool in_time = true;
    while (waitpid(child, status, WNOHANG) == 0) {
        if (sigtimedwait(waited, NULL, &look_every) == SIGCHLD) continue;
        uint64_t now = atomic_load(&board->runs);
        if (now != runs || atomic_load(&board->finished)) moved = wg_monotonic();
        runs = now;
        if (in_time && wg_monotonic() - moved > plan->hang_after) {
            in_time = false;
            (void)kill(child, SIGKILL);
        }
    }
    return in_time;
}

static bool keep_input(const struct board *board, struct watch_result *out, struct wg_error *err)
{
    out->data = malloc(board->len > 0 ? board->len : 1);
    if (!out->data) return wg_fail_memory(err, "keeping an input");
    memcpy(out->data, board->input, board->len);
    out->len = board->len;
    return true;
}

static bool watch_child(const struct watch_plan *plan, struct board *board,
                        struct watch_result *out, struct wg_error *err)
{
    sigset_t waited, before;
    (void)sigemptyset(&waited);
    (void)sigaddset(&waited, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &waited, &before);
    pid_t child = fork();
    if (child < 0) return wg_fail_errno(err, "starting a process");
    if (child == 0) be_child(plan, board, &before);
    bool in_time = wait_for(child, plan, board, &waited, &out->status);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    out->runs = atomic_load(&board->runs);
    out->end = WATCH_DONE;
    if (!in_time) {
        out->end = WATCH_HUNG;
    } else if (!WIFEXITED(out->status) || WEXITSTATUS(out->status) != EXIT_SUCCESS ||
               !atomic_load(&board->finished)) {
        out->end = atomic_load(&board->finished) ? WATCH_LEAKED : WATCH_CRASHED;
    }
    if (out->end == WATCH_DONE || out->end == WATCH_LEAKED) return true;
    return keep_input(board, out, err);
}

bool watch_run(const struct watch_plan *plan, struct watch_result *out, struct wg_error *err)
{
    *out = (struct watch_result){.end = WATCH_DONE};
    struct board *board =
        mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED) return wg_fail_errno(err, "sharing memory with a process");
    bool ok = watch_child(plan, board, out, err);
    (void)munmap(board, sizeof *board);
    return ok;
}

static bool leaks(const struct watch_plan *plan, bool *out, struct wg_error *err)
{
    struct watch_result result;
    if (!watch_run(plan, &result, err)) return false;
    *out = result.end == WATCH_LEAKED;
    free(result.data);
    return true;
}

bool watch_find_leak(const struct watch_plan *plan, struct watch_result *found,
                     struct wg_error *err)
{
    struct watch_plan part = *plan;
    bool leaked = false;
    part.time = NO_LIMIT;
    while (plan->to > plan->from && part.to - part.from > 1) {
        uint64_t end = part.to, middle = part.from + (part.to - part.from) / 2;
        part.to = middle;
        if (!leaks(&part, &leaked, err)) return false;
        if (leaked) continue;
        part.from = middle;
        part.to = end;
    }
    if (!leaks(&part, &leaked, err)) return false;
    if (!leaked) return wg_fail(err, WG_E_NOT_FOUND, "no single input leaks");
    *found = (struct watch_result){.end = WATCH_LEAKED, .data = malloc(CORPUS_INPUT_MAX)};
    if (!found->data) return wg_fail_memory(err, "keeping an input");
    found->len = plan->make(plan->ctx, part.from, found->data);
    return true;
}
