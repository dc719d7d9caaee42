/* task.h: the order in hand, with what the repository says of its release. It is large, and most
 * devices have none most of the time; copies of the core's state share it. */
#ifndef WG_AGENT_CORE_TASK_H
#define WG_AGENT_CORE_TASK_H

#include "agent/core/core.h"

/* Never changed while it has more than one owner. */
struct core_task {
    unsigned owners;
    struct wg_order order;
    struct core_release release;
};

/* With one owner. NULL: out of memory. */
struct core_task *task_new(const struct wg_order *order, const struct core_release *release,
                           struct wg_error *err);
struct core_task *task_share(struct core_task *task); /* one owner more; NULL is fine */
void task_drop(struct core_task *task);               /* one owner less; NULL is fine */

/* Of no task: all zero. */
const struct wg_order *task_order(const struct core_task *task);
const struct core_release *task_release(const struct core_task *task);

#endif
