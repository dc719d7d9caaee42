/* worker.c: a queue of jobs, a thread that takes one after the other while there are any, and the
 * ends that wait to be told. An idle device has no such thread, and no memory for its stack. */
#include "agent/posix/slot/worker.h"

#include "common/posix/file.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct task {
    struct task *next;
    bool dropped; /* its end is not told */
    struct worker_job job;
    struct worker_end end;
};

struct queue {
    struct task *first, **last;
};

struct worker {
    struct slot_backend *slots;
    int stop_fd, fd;
    pthread_t thread;
    bool started;          /* and was not joined yet */
    pthread_mutex_t mutex; /* over all below */
    bool works;            /* the thread looks for a task once more at least */
    bool ending;
    struct queue waiting, done;
    struct task *running;
    wg_time since;
};

static void queue_init(struct queue *queue)
{
    queue->first = NULL;
    queue->last = &queue->first;
}

static void queue_add(struct queue *queue, struct task *task)
{
    task->next = NULL;
    *queue->last = task;
    queue->last = &task->next;
}

static struct task *queue_take(struct queue *queue)
{
    struct task *task = queue->first;
    if (!task) return NULL;
    queue->first = task->next;
    if (!queue->first) queue->last = &queue->first;
    return task;
}

/* What changes over to the new, or leads there; not what cleans up. */
static bool is_forward(enum worker_kind kind)
{
    return kind == WORKER_PROGRAM || kind == WORKER_FINISH || kind == WORKER_ACTIVATE ||
           kind == WORKER_CONFIRM;
}

static void queue_drop(struct queue *queue, bool all)
{
    struct queue kept;
    struct task *task;
    queue_init(&kept);
    while ((task = queue_take(queue))) {
        if (all || is_forward(task->job.kind))
            free(task);
        else
            queue_add(&kept, task);
    }
    queue_init(queue);
    while ((task = queue_take(&kept))) queue_add(queue, task);
}

/* Two calls, each with a limit of its own. */
static bool discard(struct worker *worker, struct wg_error *err)
{
    struct slot_backend *slots = worker->slots;
    bool ok = slots->ops->revert(slots, err);
    (void)pthread_mutex_lock(&worker->mutex);
    worker->since = wg_monotonic();
    (void)pthread_mutex_unlock(&worker->mutex);
    slots->ops->discard(slots);
    return ok;
}

static void work(struct worker *worker, const struct worker_job *job, struct worker_end *end)
{
    struct slot_backend *slots = worker->slots;
    const struct slot_backend_ops *ops = slots->ops;
    *end = (struct worker_end){.kind = job->kind, .idle = job->idle, .ok = true};
    switch (job->kind) {
    case WORKER_PROBE:
        end->ok = ops->probe(slots, &end->status, &end->err);
        break;
    case WORKER_PROGRAM:
        end->ok = ops->program(slots, job->idle, &job->release, &end->program, &end->err);
        break;
    case WORKER_FINISH:
        end->ok = ops->finish(slots, &job->release, &end->err);
        break;
    case WORKER_ACTIVATE:
        end->ok = ops->activate(slots, &end->err);
        break;
    case WORKER_CONFIRM:
        end->ok = ops->confirm(slots, &end->err);
        break;
    case WORKER_WELL:
        end->ok = !ops->well || ops->well(slots, &end->err);
        break;
    case WORKER_REVERT:
        end->ok = ops->revert(slots, &end->err);
        break;
    case WORKER_DISCARD:
        end->ok = discard(worker, &end->err);
        break;
    }
}

/* The next task; NULL when there is none, and then the thread is done. */
static struct task *take(struct worker *worker)
{
    (void)pthread_mutex_lock(&worker->mutex);
    worker->running = worker->ending ? NULL : queue_take(&worker->waiting);
    worker->since = worker->running ? wg_monotonic() : 0;
    struct task *task = worker->running;
    worker->works = task != NULL;
    (void)pthread_mutex_unlock(&worker->mutex);
    return task;
}

static void put_end(struct worker *worker, struct task *task)
{
    eventfd_t stopped = 0;
    (void)pthread_mutex_lock(&worker->mutex);
    worker->running = NULL;
    worker->since = 0;
    /* the stop was for this one */
    if (!worker->ending) (void)eventfd_read(worker->stop_fd, &stopped);
    if (task->dropped)
        free(task);
    else
        queue_add(&worker->done, task);
    (void)eventfd_write(worker->fd, 1); /* also when there is nothing to tell: it is idle now */
    (void)pthread_mutex_unlock(&worker->mutex);
}

static void *run(void *ctx)
{
    struct worker *worker = ctx;
    struct task *task;
    while ((task = take(worker))) {
        work(worker, &task->job, &task->end);
        put_end(worker, task);
    }
    return NULL;
}

struct worker *worker_new(struct slot_backend *slots, int stop_fd, struct wg_error *err)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker) {
        (void)wg_fail_memory(err, "preparing the slots");
        return NULL;
    }
    worker->slots = slots;
    worker->stop_fd = stop_fd;
    queue_init(&worker->waiting);
    queue_init(&worker->done);
    worker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->fd < 0) {
        (void)wg_fail_errno(err, "preparing the slots");
        free(worker);
        return NULL;
    }
    (void)pthread_mutex_init(&worker->mutex, NULL);
    return worker;
}

static void join(struct worker *worker)
{
    if (worker->started) (void)pthread_join(worker->thread, NULL);
    worker->started = false;
}

void worker_free(struct worker *worker)
{
    if (!worker) return;
    (void)pthread_mutex_lock(&worker->mutex);
    worker->ending = true;
    (void)eventfd_write(worker->stop_fd, 1);
    (void)pthread_mutex_unlock(&worker->mutex);
    join(worker);
    queue_drop(&worker->waiting, true);
    queue_drop(&worker->done, true);
    (void)pthread_mutex_destroy(&worker->mutex);
    (void)close(worker->fd);
    free(worker);
}

/* The one before has found nothing more to do: it ends, or has ended. */
static bool start(struct worker *worker, struct wg_error *err)
{
    join(worker);
    worker->works = true;
    int code = pthread_create(&worker->thread, NULL, run, worker);
    worker->started = code == 0;
    if (worker->started) return true;
    worker->works = false;
    return wg_fail(err, WG_E_FAILED, "working with the slots: %s", strerror(code));
}

bool worker_do(struct worker *worker, const struct worker_job *job, struct wg_error *err)
{
    struct task *task = calloc(1, sizeof *task);
    if (!task) return wg_fail_memory(err, "working with the slots");
    task->job = *job;
    (void)pthread_mutex_lock(&worker->mutex);
    bool works = worker->works;
    queue_add(&worker->waiting, task);
    (void)pthread_mutex_unlock(&worker->mutex);
    if (works || start(worker, err)) return true;
    queue_drop(&worker->waiting, true); /* no thread: nothing but this waits */
    return false;
}

void worker_cancel(struct worker *worker)
{
    (void)pthread_mutex_lock(&worker->mutex);
    queue_drop(&worker->waiting, false);
    queue_drop(&worker->done, false);
    if (worker->running && is_forward(worker->running->job.kind)) {
        worker->running->dropped = true;
        (void)eventfd_write(worker->stop_fd, 1);
    }
    (void)pthread_mutex_unlock(&worker->mutex);
}

bool worker_is_idle(struct worker *worker)
{
    (void)pthread_mutex_lock(&worker->mutex);
    bool idle = !worker->running && !worker->waiting.first && !worker->done.first;
    (void)pthread_mutex_unlock(&worker->mutex);
    return idle;
}

wg_time worker_since(struct worker *worker)
{
    (void)pthread_mutex_lock(&worker->mutex);
    wg_time since = worker->since;
    (void)pthread_mutex_unlock(&worker->mutex);
    return since;
}

int worker_fd(const struct worker *worker)
{
    return worker->fd;
}

bool worker_next(struct worker *worker, struct worker_end *out)
{
    eventfd_t told = 0;
    (void)pthread_mutex_lock(&worker->mutex);
    struct task *task = queue_take(&worker->done);
    if (!task) (void)eventfd_read(worker->fd, &told);
    (void)pthread_mutex_unlock(&worker->mutex);
    if (!task) return false;
    *out = task->end;
    free(task);
    return true;
}
