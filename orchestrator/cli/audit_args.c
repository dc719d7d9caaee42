/* audit_args.c: times and numbers of flags. */
#include "orchestrator/cli/audit_args.h"

#include "common/posix/file.h"
#include "orchestrator/cli/screen.h"

#include <stdlib.h>

bool audit_args_time(const struct args *args, const char *flag, wg_time *out, struct wg_error *err)
{
    const char *text = args_value(args, flag);
    wg_duration ago;
    *out = 0;
    if (!text || wg_time_parse(text, out)) return true;
    if (screen_time_read(text, out)) return true; /* as tables show it */
    if (wg_duration_parse(text, &ago)) {
        *out = wg_now() - ago;
        return true;
    }
    return wg_fail(err, WG_E_USAGE,
                   "--%s: expected a time like 2026-12-01T00:00:00Z, or \"2026-12-01 10:00\" here, "
                   "or a duration like 24h, got "
                   "\"%.40s\"",
                   flag, text);
}

bool audit_args_query(const struct args *args, const char *flag, struct remote_path *path,
                      struct wg_error *err)
{
    char text[WG_TIME_TEXT];
    wg_time time;
    if (!audit_args_time(args, flag, &time, err)) return false;
    if (time == 0) return true;
    wg_time_text(time, text);
    remote_query(path, flag, text);
    return true;
}

bool audit_args_number(const struct args *args, const char *flag, int64_t most, int64_t *out,
                       struct wg_error *err)
{
    const char *text = args_value(args, flag);
    char *end = NULL;
    if (!text) return true;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end || number < 1 || number > most)
        return wg_fail(err, WG_E_USAGE, "--%s: expected 1 to %lld, got \"%.40s\"", flag,
                       (long long)most, text);
    *out = number;
    return true;
}
