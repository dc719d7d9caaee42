/* shrink.c: halves, quarters, single ones, until nothing more can go. */
#include "tests/sim/run/shrink.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

struct shrinking {
    struct ground *ground;
    struct run *best;
    struct setup_mask setup;
    size_t allowed_count;
    uint64_t *allowed; /* sorted, owned: the faults of the best run */
    wg_time end;       /* of the search */
    bool gained;
    struct wg_error *err;
};

static bool is_over(const struct shrinking *shrinking)
{
    return wg_monotonic() > shrinking->end;
}

static int by_number(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static bool take_over(struct shrinking *shrinking, struct run *run)
{
    uint64_t *allowed = malloc((run->strike_count + 1) * sizeof *allowed);
    if (!allowed) return wg_fail_memory(shrinking->err, "shrinking");
    for (size_t i = 0; i < run->strike_count; i++) allowed[i] = run->strikes[i].number;
    qsort(allowed, run->strike_count, sizeof *allowed, by_number);
    free(shrinking->allowed);
    shrinking->allowed = allowed;
    shrinking->allowed_count = run->strike_count;
    if (run != shrinking->best) {
        run_clear(shrinking->best);
        *shrinking->best = *run;
    }
    return true;
}

/* *kept: it still fails, and is the best now. */
static bool try_with(struct shrinking *shrinking, const uint64_t *allowed, size_t count,
                     const struct setup_mask *setup, bool *kept)
{
    struct run run;
    struct run_mask mask = {.faults = {.on = true, .count = count, .allowed = allowed},
                            .setup = *setup};
    *kept = false;
    if (is_over(shrinking)) return true;
    if (!run_seed(shrinking->ground, shrinking->best->seed, &mask, &run, shrinking->err)) {
        run_clear(&run);
        return false;
    }
    *kept = run.broken.rule == shrinking->best->broken.rule;
    if (!*kept) {
        run_clear(&run);
        return true;
    }
    shrinking->setup = *setup;
    shrinking->gained = true;
    return take_over(shrinking, &run);
}

static bool without_kind(struct shrinking *shrinking, enum fault_kind kind)
{
    size_t count = 0;
    bool kept;
    uint64_t *allowed = malloc((shrinking->allowed_count + 1) * sizeof *allowed);
    if (!allowed) return wg_fail_memory(shrinking->err, "shrinking");
    for (size_t i = 0; i < shrinking->allowed_count; i++)
        if (fault_kind_of(shrinking->allowed[i]) != kind) allowed[count++] = shrinking->allowed[i];
    bool ok = count == shrinking->allowed_count ||
              try_with(shrinking, allowed, count, &shrinking->setup, &kept);
    free(allowed);
    return ok;
}

static bool without_kinds(struct shrinking *shrinking)
{
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        if (!without_kind(shrinking, (enum fault_kind)kind)) return false;
    return true;
}

static bool without_faults(struct shrinking *shrinking, size_t first, size_t piece, bool *kept)
{
    size_t count = 0;
    uint64_t *allowed = malloc((shrinking->allowed_count + 1) * sizeof *allowed);
    if (!allowed) return wg_fail_memory(shrinking->err, "shrinking");
    for (size_t i = 0; i < shrinking->allowed_count; i++)
        if (i < first || i >= first + piece) allowed[count++] = shrinking->allowed[i];
    bool ok = try_with(shrinking, allowed, count, &shrinking->setup, kept);
    free(allowed);
    return ok;
}

static bool fewer_faults(struct shrinking *shrinking)
{
    for (size_t piece = shrinking->allowed_count / 2 + 1; piece > 0; piece /= 2)
        for (size_t first = 0; first < shrinking->allowed_count && !is_over(shrinking);) {
            bool kept;
            if (!without_faults(shrinking, first, piece, &kept)) return false;
            if (!kept) first += piece;
        }
    return true;
}

static bool fewer_devices(struct shrinking *shrinking)
{
    size_t count = shrinking->best->devices;
    for (size_t piece = count / 2 + 1; piece > 0; piece /= 2)
        for (size_t first = 0; first < count && !is_over(shrinking); first += piece) {
            struct setup_mask mask = shrinking->setup;
            bool kept, any = false;
            for (size_t i = first; i < first + piece && i < count; i++) {
                any = any || !setup_mask_has(mask.devices, i);
                setup_mask_set(mask.devices, i, true);
            }
            if (any &&
                !try_with(shrinking, shrinking->allowed, shrinking->allowed_count, &mask, &kept))
                return false;
        }
    return true;
}

static bool fewer_campaigns(struct shrinking *shrinking)
{
    for (size_t i = 0; i < shrinking->best->campaigns; i++) {
        struct setup_mask mask = shrinking->setup;
        bool kept;
        if (setup_mask_has(&mask.campaigns, i)) continue;
        setup_mask_set(&mask.campaigns, i, true);
        if (!try_with(shrinking, shrinking->allowed, shrinking->allowed_count, &mask, &kept))
            return false;
    }
    return true;
}

bool shrink(struct ground *ground, struct run *run, const struct run_mask *mask, wg_duration most,
            struct wg_error *err)
{
    struct shrinking shrinking = {.ground = ground,
                                  .best = run,
                                  .setup = mask->setup,
                                  .end = wg_monotonic() + most,
                                  .err = err};
    bool ok = take_over(&shrinking, run);
    do {
        shrinking.gained = false;
        ok = ok && without_kinds(&shrinking) && fewer_campaigns(&shrinking) &&
             fewer_devices(&shrinking) && fewer_faults(&shrinking);
    } while (ok && shrinking.gained && !is_over(&shrinking));
    free(shrinking.allowed);
    return ok;
}
