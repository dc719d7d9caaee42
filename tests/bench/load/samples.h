/* samples.h: times that things took: all of them are kept, so that percentiles are exact. */
#ifndef WG_TESTS_BENCH_LOAD_SAMPLES_H
#define WG_TESTS_BENCH_LOAD_SAMPLES_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

struct samples {
    size_t count, room;
    int64_t *ns; /* owned */
};

WG_MUST_CHECK bool samples_init(struct samples *samples, size_t room, struct wg_error *err);
void samples_clear(struct samples *samples);
void samples_add(struct samples *samples, int64_t ns); /* beyond the room: dropped */
/* "p50_ms": .., "p90_ms": .., "p99_ms": .., "max_ms": ..; sorts. */
void samples_print(struct samples *samples);

#endif
