/* limit.h: --limit and its like: a number within bounds. */
#ifndef WG_ORCHESTRATOR_CLI_LIMIT_H
#define WG_ORCHESTRATOR_CLI_LIMIT_H

#include "common/args.h"

/* 0 when the flag is not given; else 1 to most. WG_E_USAGE. */
WG_MUST_CHECK bool limit_read(const struct args *args, const char *flag, size_t most, size_t *out,
                              struct wg_error *err);

#endif
