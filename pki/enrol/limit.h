/* limit.h: how many messages of each device are looked at: a count a device in a window, in a table
 * of fixed size. A full neighbourhood of the table forgets its oldest. Pure. */
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

#endif
