/* crowd.h: the devices that a load speaks for, one a line of a file: "ID ORDER ATTEMPT". */
#ifndef WG_TESTS_BENCH_LOAD_CROWD_H
#define WG_TESTS_BENCH_LOAD_CROWD_H

#include "common/message.h"

struct crowd_device {
    char id[WG_NAME_MAX + 1];
    char order[WG_ORDER_ID_MAX];
    int64_t attempt;
};

struct crowd {
    size_t count;
    struct crowd_device *items; /* owned, in the file's order */
    size_t *by_id;              /* owned: their numbers, sorted by id */
};

WG_MUST_CHECK bool crowd_load(const char *path, struct crowd *out, struct wg_error *err);
void crowd_clear(struct crowd *crowd);
/* Of a topic below wg/v1/d/; crowd->count: it is none of them. */
size_t crowd_find(const struct crowd *crowd, const char *topic);

#endif
