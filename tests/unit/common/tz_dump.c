/* tz_dump.c: what common/tz says, for tz_check.py to compare. Reads lines "ZONE" and then
 * milliseconds, answers each number with "offset next-change", in milliseconds. */
#include "common/posix/zone_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool answer(struct zone_files *files, const struct wg_tz **tz, char *line)
{
    struct wg_error err = {0};
    char *end = NULL;
    line[strcspn(line, "\n")] = '\0';
    int64_t at = strtoll(line, &end, 10);
    if (end != line && !*end) {
        return printf("%" PRId64 " %" PRId64 "\n", wg_tz_offset(*tz, at),
                      wg_tz_next_change(*tz, at)) > 0;
    }
    *tz = zone_files_get(files, line, &err);
    if (!*tz) (void)fprintf(stderr, "tz_dump: %s\n", err.text);
    return *tz != NULL;
}

int main(void)
{
    char line[256];
    const struct wg_tz *tz = NULL;
    struct zone_files *files = zone_files_new(NULL);
    bool ok = files != NULL;
    while (ok && fgets(line, sizeof line, stdin)) ok = answer(files, &tz, line);
    zone_files_free(files);
    return ok ? 0 : 1;
}
