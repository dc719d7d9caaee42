/* verbs.h: what wavegate-load does. Each prints one line of JSON. */
#ifndef WG_TESTS_BENCH_LOAD_VERBS_H
#define WG_TESTS_BENCH_LOAD_VERBS_H

#include "common/args.h"

#include <stdint.h>

extern const struct flag report_flags[], receive_flags[], keep_flags[], send_flags[];

/* Devices report; with acknowledgements of the orchestrator, or of the broker alone. */
WG_MUST_CHECK bool report_run(const struct args *args, struct wg_error *err);
/* Counts what comes on a filter, or for the devices of a file. */
WG_MUST_CHECK bool receive_run(const struct args *args, struct wg_error *err);
/* Commits what comes on a filter, and acknowledges it: the least that intake can be. */
WG_MUST_CHECK bool keep_run(const struct args *args, struct wg_error *err);
/* One session sends as fast as the broker acknowledges. */
WG_MUST_CHECK bool send_run(const struct args *args, struct wg_error *err);

/* The flag's value; without one, the other. WG_E_USAGE: it is no number of at least least. */
WG_MUST_CHECK bool load_number(const struct args *args, const char *name, int64_t otherwise,
                               int64_t least, int64_t *out, struct wg_error *err);

#endif
