/* task.c: the order in hand, counted by its owners. */
#include "agent/core/task.h"

#include <stdlib.h>

struct core_task *task_new(const struct wg_order *order, const struct core_release *release,
                           struct wg_error *err)
{
    struct core_task *task = malloc(sizeof *task);
    if (!task) {
        (void)wg_fail_memory(err, "taking an order");
        return NULL;
    }
    task->owners = 1;
    task->order = *order;
    task->release = *release;
    return task;
}

struct core_task *task_share(struct core_task *task)
{
    if (task) task->owners++;
    return task;
}

void task_drop(struct core_task *task)
{
    if (task && --task->owners == 0) free(task);
}

/* Not const, though nobody writes to them: zeros of 35 kB would be in the executable else. */
const struct wg_order *task_order(const struct core_task *task)
{
    static struct wg_order none;
    return task ? &task->order : &none;
}

const struct core_release *task_release(const struct core_task *task)
{
    static struct core_release none;
    return task ? &task->release : &none;
}
