/* metered.h: whether the network that the device is on costs by the byte, as a program of the
 * device's maker or a file that the network manager's hook writes has it. */
#ifndef WG_AGENT_POSIX_METERED_H
#define WG_AGENT_POSIX_METERED_H

#include "agent/posix/download_settings.h"
#include "common/time.h"

#include <stdatomic.h>

struct metered {
    const struct download_settings *settings; /* borrowed */
    const atomic_bool *cancel;                /* borrowed; ends a program that runs */
    wg_time look_at;
    bool now, unknown;
};

void metered_init(struct metered *metered, const struct download_settings *settings,
                  const atomic_bool *cancel);
/* Whether an artifact of so many bytes has to wait. Asks at most every metered_every; blocks while
 * the program runs, ten seconds at most. What cannot be told counts as metered, and is logged. */
bool metered_waits(struct metered *metered, int64_t length, wg_time now);

#endif
