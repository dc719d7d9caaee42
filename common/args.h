/* args.h: flags and positionals of one command, read by its table; usage text comes from the same
 * table. */
#ifndef WG_COMMON_ARGS_H
#define WG_COMMON_ARGS_H

#include "common/buf.h"

#include <stddef.h>

#define ARGS_FLAGS_MAX 48
#define ARGS_POSITIONALS_MAX 32
#define ARGS_MORE_MAX 16

struct flag {
    const char *name;  /* "config", given as --config */
    const char *value; /* "FILE"; NULL: a switch; "FILE...": may be given several times */
    const char *help;
};

struct args {
    const struct flag *flags[ARGS_FLAGS_MAX];
    const char *values[ARGS_FLAGS_MAX]; /* borrowed from argv; "" for a switch that is on */
    size_t flag_count;
    struct {
        size_t flag; /* its number */
        const char *value;
    } more[ARGS_MORE_MAX]; /* of flags that were given before */
    size_t more_count;
    const char *positionals[ARGS_POSITIONALS_MAX];
    size_t positional_count;
};

/* tables: NULL-terminated list of flag tables, each ended by a flag without name. Flags may stand
 * anywhere; "--flag=value" and "--flag value", where value does not begin with "--"; "--" ends
 * them. WG_E_USAGE names what is wrong. */
WG_MUST_CHECK bool args_read(struct args *out, int argc, char *const *argv,
                             const struct flag *const *tables, struct wg_error *err);
const char *args_value(const struct args *args, const char *name); /* NULL: not given */
/* The value of the flag's use i, from 0; NULL: it was not given as often. */
const char *args_value_at(const struct args *args, const char *name, size_t i);
bool args_has(const struct args *args, const char *name);
void args_usage(const struct flag *table, struct wg_buf *out);

#endif
