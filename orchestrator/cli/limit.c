/* limit.c: a flag that is a count. */
#include "orchestrator/cli/limit.h"

#include <stdlib.h>

bool limit_read(const struct args *args, const char *flag, size_t most, size_t *out,
                struct wg_error *err)
{
    const char *text = args_value(args, flag);
    char *end = NULL;
    *out = 0;
    if (!text) return true;
    long number = strtol(text, &end, 10);
    if (end == text || *end || number < 1 || (size_t)number > most)
        return wg_fail(err, WG_E_USAGE, "--%s: expected 1 to %zu, got \"%.40s\"", flag, most, text);
    *out = (size_t)number;
    return true;
}
