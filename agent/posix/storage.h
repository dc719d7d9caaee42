/* storage.h: the disk under the agent's memory: what happens when it does not take what must be
 * kept. The event that wanted the save is taken back, so that the core knows what is on disk and
 * nothing else; the agent runs on, says so, and tries again, ever less often. What will not come
 * again by itself is kept until then.
 *
 * STATE/reserve is room that the memory can take when others have filled the disk, so that an order
 * can still be answered. Not thread-safe. */
#ifndef WG_AGENT_POSIX_STORAGE_H
#define WG_AGENT_POSIX_STORAGE_H

#include "agent/core/core.h"
#include "common/backoff.h"

#include <limits.h>

#define STORAGE_RESERVE 262144 /* bytes */

struct storage {
    char state[PATH_MAX], reserve[PATH_MAX];
    wg_time retry_at;     /* of the next try, monotonic; 0: all that was to be saved is */
    wg_time since;        /* of the first failure */
    wg_time reserve_from; /* earliest time to make the reserve anew */
    struct wg_backoff wait;
    char said[256]; /* what the log was told last */
    bool has_late;
    struct core_event late; /* its text is late_text */
    char late_text[WG_DETAIL_MAX + 1];
};

/* Makes the reserve if it can. */
WG_MUST_CHECK bool storage_open(struct storage *storage, const char *state, struct wg_error *err);
/* Also with the reserve's room. */
WG_MUST_CHECK bool storage_save(struct storage *storage, const struct core *core, wg_time now,
                                struct wg_error *err);
/* The save that the event asked for has failed for that reason. event NULL: it was another try. */
void storage_failed(struct storage *storage, const struct core_event *event,
                    const struct wg_error *why, wg_time now);
/* A save has worked again. True: late is to be handed in again, its text is in text; it is
 * forgotten here. */
bool storage_late(struct storage *storage, struct core_event *late, char text[WG_DETAIL_MAX + 1]);
/* And that has worked too. */
void storage_works(struct storage *storage);
/* "read-only", "full", "failing". */
const char *storage_word(const struct storage *storage);

#endif
