/* samples.c: sorted when they are asked for. */
#include "tests/bench/load/samples.h"

#include <stdio.h>
#include <stdlib.h>

bool samples_init(struct samples *samples, size_t room, struct wg_error *err)
{
    *samples = (struct samples){.room = room};
    samples->ns = calloc(room + 1, sizeof *samples->ns);
    return samples->ns || wg_fail_memory(err, "making room for times");
}

void samples_clear(struct samples *samples)
{
    free(samples->ns);
    *samples = (struct samples){0};
}

void samples_add(struct samples *samples, int64_t ns)
{
    if (samples->count < samples->room) samples->ns[samples->count++] = ns;
}

static int by_size(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* percent: 100 is the most. */
static double at(const struct samples *samples, size_t percent)
{
    if (samples->count == 0) return 0;
    size_t index = samples->count * percent / 100;
    if (index == samples->count) index--;
    return (double)samples->ns[index] / 1e6;
}

void samples_print(struct samples *samples)
{
    qsort(samples->ns, samples->count, sizeof *samples->ns, by_size);
    (void)printf("\"p50_ms\": %.1f, \"p90_ms\": %.1f, \"p99_ms\": %.1f, \"max_ms\": %.1f",
                 at(samples, 50), at(samples, 90), at(samples, 99), at(samples, 100));
}
