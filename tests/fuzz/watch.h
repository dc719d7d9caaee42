/* watch.h: runs inputs through the target in a child process, and knows which of them was at hand
 * when the child crashed, hung or was found to leak. */
#ifndef WG_TESTS_FUZZ_WATCH_H
#define WG_TESTS_FUZZ_WATCH_H

#include "common/time.h"
#include "tests/fuzz/corpus.h"

/* Writes input number into out (CORPUS_INPUT_MAX bytes); returns its length. */
typedef size_t (*watch_make_fn)(const void *ctx, uint64_t number, uint8_t *out);

struct watch_plan {
    watch_make_fn make;
    const void *ctx;
    uint64_t from, to;      /* inputs from .. to - 1 */
    uint64_t at_least;      /* these are run whatever the time */
    wg_duration time;       /* then no new one is begun after this */
    wg_duration hang_after; /* one input may take so long */
};

enum watch_end {
    WATCH_DONE,
    WATCH_CRASHED, /* a signal, or an exit that a sanitizer chose */
    WATCH_HUNG,
    WATCH_LEAKED /* found when all inputs were through */
};

struct watch_result {
    enum watch_end end;
    int status;    /* of waitpid */
    uint64_t runs; /* inputs that came through */
    uint8_t *data; /* the input at hand, after a crash or a hang; owned */
    size_t len;
};

/* False when no child could be watched at all. */
WG_MUST_CHECK bool watch_run(const struct watch_plan *plan, struct watch_result *out,
                             struct wg_error *err);

/* After WATCH_LEAKED: runs halves until one input is left that leaks by itself; found as above.
 * False also when none does. */
WG_MUST_CHECK bool watch_find_leak(const struct watch_plan *plan, struct watch_result *found,
                                   struct wg_error *err);

#endif
