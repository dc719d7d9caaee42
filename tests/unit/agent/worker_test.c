/* worker_test.c: a backend that takes as long as the test wants: order, ends, stops. */
#include "agent/posix/slot/worker.h"

#include "common/posix/file.h"
#include "tests/unit/harness.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LONG 20000 /* milliseconds; a test that waits so long has failed */

/* Each call says its name, then waits for leave, or for the stop. */
struct slow {
    struct slot_backend backend; /* first */
    int stop_fd, begun, leave;   /* eventfds; leave counts calls that may end */
    bool deaf;                   /* it does not look at the stop */
    pthread_mutex_t mutex;
    char calls[256];
};

struct bench {
    struct slow slow;
    struct worker *worker;
    struct worker_end end;
    struct wg_error err;
};

static bool await(int fd)
{
    struct pollfd set = {.fd = fd, .events = POLLIN};
    return poll(&set, 1, LONG) == 1;
}

static bool call(struct slot_backend *backend, const char *name, struct wg_error *err)
{
    struct slow *slow = (struct slow *)backend;
    struct pollfd set[] = {{.fd = slow->leave, .events = POLLIN},
                           {.fd = slow->deaf ? -1 : slow->stop_fd, .events = POLLIN}};
    eventfd_t one = 0;
    (void)pthread_mutex_lock(&slow->mutex);
    (void)strncat(slow->calls, name, sizeof slow->calls - strlen(slow->calls) - 1);
    (void)pthread_mutex_unlock(&slow->mutex);
    (void)eventfd_write(slow->begun, 1);
    if (poll(set, 2, LONG) < 1) return wg_fail(err, WG_E_TIMEOUT, "%s: no end", name);
    if (set[1].revents) return wg_fail(err, WG_E_INTERRUPTED, "%s: stopped", name);
    (void)eventfd_read(slow->leave, &one);
    return true;
}

static bool probe(struct slot_backend *backend, struct slot_status *out, struct wg_error *err)
{
    (void)wg_copy(out->running, sizeof out->running, "b");
    return call(backend, "probe ", err);
}

static bool program(struct slot_backend *backend, bool idle, const struct slot_release *release,
                    struct slot_program *out, struct wg_error *err)
{
    (void)wg_format(out->path, sizeof out->path, "%s %s", idle ? "idle" : "running",
                    release->version);
    return call(backend, "program ", err);
}

static bool finish(struct slot_backend *backend, const struct slot_release *release,
                   struct wg_error *err)
{
    (void)release;
    return call(backend, "finish ", err);
}

static bool activate(struct slot_backend *backend, struct wg_error *err)
{
    return call(backend, "activate ", err);
}

static bool confirm(struct slot_backend *backend, struct wg_error *err)
{
    return call(backend, "confirm ", err);
}

static bool revert(struct slot_backend *backend, struct wg_error *err)
{
    return call(backend, "revert ", err);
}

static void discard(struct slot_backend *backend)
{
    (void)call(backend, "discard ", NULL);
}

static const struct slot_backend_ops ops = {.name = "slow",
                                            .probe = probe,
                                            .program = program,
                                            .finish = finish,
                                            .activate = activate,
                                            .confirm = confirm,
                                            .revert = revert,
                                            .discard = discard};

static void open_bench(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->slow.backend.ops = &ops;
    bench->slow.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bench->slow.begun = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    bench->slow.leave = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    (void)pthread_mutex_init(&bench->slow.mutex, NULL);
    bench->worker = worker_new(&bench->slow.backend, bench->slow.stop_fd, &bench->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bench->worker);
}

static void close_bench(struct bench *bench)
{
    worker_free(bench->worker);
    (void)pthread_mutex_destroy(&bench->slow.mutex);
    (void)close(bench->slow.stop_fd);
    (void)close(bench->slow.begun);
    (void)close(bench->slow.leave);
}

static void hand_in(struct bench *bench, enum worker_kind kind)
{
    struct worker_job job = {.kind = kind, .idle = kind == WORKER_PROGRAM};
    (void)wg_copy(job.release.version, sizeof job.release.version, "2.0.0");
    ASSERT_OK(worker_do(bench->worker, &job, &bench->err), &bench->err);
}

static void await_begun(struct bench *bench)
{
    eventfd_t one = 0;
    CU_ASSERT_TRUE(await(bench->slow.begun));
    (void)eventfd_read(bench->slow.begun, &one);
}

static void let(struct bench *bench, unsigned calls)
{
    (void)eventfd_write(bench->slow.leave, calls);
}

static bool next(struct bench *bench)
{
    while (!worker_next(bench->worker, &bench->end))
        if (!await(worker_fd(bench->worker))) return false;
    return true;
}

static void await_idle(struct bench *bench)
{
    while (!worker_is_idle(bench->worker)) {
        CU_ASSERT_TRUE_FATAL(await(worker_fd(bench->worker)));
        CU_ASSERT_FALSE(worker_next(bench->worker, &bench->end));
    }
}

static void test_order(void)
{
    static const enum worker_kind kinds[] = {WORKER_PROBE,    WORKER_PROGRAM, WORKER_FINISH,
                                             WORKER_ACTIVATE, WORKER_CONFIRM, WORKER_REVERT,
                                             WORKER_DISCARD};
    struct bench bench;
    size_t count = sizeof kinds / sizeof kinds[0];
    open_bench(&bench);
    CU_ASSERT_TRUE(worker_is_idle(bench.worker));
    for (size_t i = 0; i < count; i++) hand_in(&bench, kinds[i]);
    CU_ASSERT_FALSE(worker_is_idle(bench.worker));
    let(&bench, 8); /* discard reverts first */
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_TRUE_FATAL(next(&bench));
        CU_ASSERT_EQUAL(bench.end.kind, kinds[i]);
        ASSERT_OK(bench.end.ok, &bench.end.err);
        if (kinds[i] == WORKER_PROBE) ASSERT_TEXT(bench.end.status.running, "b");
        if (kinds[i] == WORKER_PROGRAM) ASSERT_TEXT(bench.end.program.path, "idle 2.0.0");
    }
    CU_ASSERT_TRUE(worker_is_idle(bench.worker));
    CU_ASSERT_FALSE(worker_next(bench.worker, &bench.end));
    ASSERT_TEXT(bench.slow.calls, "probe program finish activate confirm revert revert discard ");
    close_bench(&bench);
}

/* The owner is free while a call goes on, and knows since when it does. */
static void test_slow(void)
{
    struct bench bench;
    open_bench(&bench);
    CU_ASSERT_EQUAL(worker_since(bench.worker), 0);
    wg_time before = wg_monotonic();
    hand_in(&bench, WORKER_FINISH);
    await_begun(&bench);
    CU_ASSERT_TRUE(worker_since(bench.worker) >= before);
    CU_ASSERT_TRUE(worker_since(bench.worker) <= wg_monotonic());
    CU_ASSERT_FALSE(worker_next(bench.worker, &bench.end));
    CU_ASSERT_FALSE(worker_is_idle(bench.worker));
    let(&bench, 1);
    CU_ASSERT_TRUE_FATAL(next(&bench));
    CU_ASSERT_EQUAL(worker_since(bench.worker), 0);
    close_bench(&bench);
}

/* Discard is two calls, and neither's time is the other's. */
static void test_two_calls(void)
{
    struct bench bench;
    open_bench(&bench);
    hand_in(&bench, WORKER_DISCARD);
    await_begun(&bench);
    wg_time revert = worker_since(bench.worker);
    while (wg_monotonic() == revert) continue;
    let(&bench, 1);
    await_begun(&bench);
    CU_ASSERT_TRUE(worker_since(bench.worker) > revert);
    let(&bench, 1);
    CU_ASSERT_TRUE_FATAL(next(&bench));
    close_bench(&bench);
}

/* What leads to the new ends untold, whether it waits, runs or has ended; what cleans up does not.
 */
static void test_cancel(void)
{
    struct bench bench;
    open_bench(&bench);
    hand_in(&bench, WORKER_FINISH);
    hand_in(&bench, WORKER_REVERT);
    hand_in(&bench, WORKER_ACTIVATE);
    await_begun(&bench);
    worker_cancel(bench.worker);
    hand_in(&bench, WORKER_DISCARD);
    let(&bench, 3);
    CU_ASSERT_TRUE_FATAL(next(&bench));
    CU_ASSERT_EQUAL(bench.end.kind, WORKER_REVERT);
    ASSERT_OK(bench.end.ok, &bench.end.err); /* the stop was not for it */
    CU_ASSERT_TRUE_FATAL(next(&bench));
    CU_ASSERT_EQUAL(bench.end.kind, WORKER_DISCARD);
    await_idle(&bench);
    ASSERT_TEXT(bench.slow.calls, "finish revert revert discard ");
    hand_in(&bench, WORKER_CONFIRM);
    hand_in(&bench, WORKER_REVERT);
    let(&bench, 1);
    for (int i = 0; i < 5; i++) await_begun(&bench); /* the last of them: this revert */
    worker_cancel(bench.worker);                     /* the end of confirm was not taken yet */
    let(&bench, 1);
    CU_ASSERT_TRUE_FATAL(next(&bench));
    CU_ASSERT_EQUAL(bench.end.kind, WORKER_REVERT);
    ASSERT_OK(bench.end.ok, &bench.end.err);
    close_bench(&bench);
}

/* A backend that does not hear of the stop ends when it ends, and is not told of either. */
static void test_cancel_of_the_deaf(void)
{
    struct bench bench;
    eventfd_t stopped = 0;
    open_bench(&bench);
    bench.slow.deaf = true;
    hand_in(&bench, WORKER_ACTIVATE);
    await_begun(&bench);
    worker_cancel(bench.worker);
    worker_cancel(bench.worker);
    CU_ASSERT_FALSE(worker_is_idle(bench.worker));
    let(&bench, 1);
    await_idle(&bench);
    CU_ASSERT_NOT_EQUAL(eventfd_read(bench.slow.stop_fd, &stopped), 0); /* nobody else's stop */
    close_bench(&bench);
}

static void test_failure(void)
{
    struct bench bench;
    open_bench(&bench);
    hand_in(&bench, WORKER_ACTIVATE);
    await_begun(&bench);
    (void)eventfd_write(bench.slow.stop_fd, 1);
    CU_ASSERT_TRUE_FATAL(next(&bench));
    CU_ASSERT_FALSE(bench.end.ok);
    CU_ASSERT_EQUAL(bench.end.err.code, WG_E_INTERRUPTED);
    ASSERT_TEXT(bench.end.err.text, "activate : stopped");
    hand_in(&bench, WORKER_DISCARD); /* its second half is done whatever comes of the first */
    await_begun(&bench);
    (void)eventfd_write(bench.slow.stop_fd, 1);
    CU_ASSERT_TRUE_FATAL(next(&bench));
    CU_ASSERT_FALSE(bench.end.ok);
    ASSERT_TEXT(bench.end.err.text, "revert : stopped");
    ASSERT_TEXT(bench.slow.calls, "activate revert discard ");
    close_bench(&bench);
}

static void test_end(void)
{
    struct bench bench;
    open_bench(&bench);
    hand_in(&bench, WORKER_DISCARD);
    hand_in(&bench, WORKER_ACTIVATE);
    await_begun(&bench);
    wg_time before = wg_monotonic();
    worker_free(bench.worker); /* both its calls are stopped; what waits is not begun */
    bench.worker = NULL;
    CU_ASSERT_TRUE(wg_monotonic() - before < LONG);
    ASSERT_TEXT(bench.slow.calls, "revert discard ");
    close_bench(&bench);
}

WG_SUITE("worker", {"one after the other", test_order}, {"a slow call", test_slow},
         {"two calls", test_two_calls}, {"cancelled", test_cancel},
         {"cancelled, and it does not hear", test_cancel_of_the_deaf}, {"a failure", test_failure},
         {"the end", test_end})
