/* metrics.h: what the device's own programs say of how it does: a JSON object of numbers in a file,
 * {"brake.temperature": 71.5, "errors": 0}. */
#ifndef WG_AGENT_POSIX_METRICS_H
#define WG_AGENT_POSIX_METRICS_H

#include "common/message.h"

struct metrics {
    const char *file; /* borrowed; "": there is none */
    bool bad;         /* that it cannot be used was logged */
    size_t count;
    struct wg_metric items[WG_METRICS_MAX];
};

/* Nothing read yet. */
void metrics_init(struct metrics *metrics, const char *file);
/* Reads the file; true: the metrics have changed. One that is not there says nothing; of a bad one
 * (no object of up to WG_METRICS_MAX names and numbers) nothing is taken, and what was read before
 * stays. It is small, and written anew under its name by a program that does it well. */
bool metrics_look(struct metrics *metrics);

#endif
