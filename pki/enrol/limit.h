/* limit.h: how many messages of each device are looked at: a count a device in a window, in a table
 * of fixed size. A full neighbourhood of the table forgets its oldest. Instead of a device,
 * anything with a name as short may be counted. Pure. */
#ifndef WG_PKI_ENROL_LIMIT_H
#define WG_PKI_ENROL_LIMIT_H

#include "common/text.h"
#include "common/time.h"

#define LIMIT_SLOTS 4096

struct limit_slot {
    char device[WG_NAME_MAX + 1];
    wg_time since;
    int count;
};

struct limit {
    int most; /* in a window */
    wg_duration window;
    struct limit_slot slots[LIMIT_SLOTS];
};

void limit_init(struct limit *limit, int most, wg_duration window);
/* Counts one more; false: it is one too many. now never goes back. */
bool limit_take(struct limit *limit, const char *device, wg_time now);
/* How many were counted in the window that runs, and how long it goes on; counts nothing. */
int limit_count(const struct limit *limit, const char *device, wg_time now);
wg_duration limit_left(const struct limit *limit, const char *device, wg_time now);

#endif
