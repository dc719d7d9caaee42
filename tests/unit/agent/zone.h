/* zone.h: time zones for a core under test, made from the rule in the footer of a TZif file. */
#ifndef WG_TESTS_UNIT_AGENT_ZONE_H
#define WG_TESTS_UNIT_AGENT_ZONE_H

#include "common/tz.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

/* A header and its data: one type of time, no change. */
static inline size_t zone_block(char *out)
{
    static const struct {
        size_t at;
        char byte;
    } bytes[] = {{0, 'T'},  {1, 'Z'},  {2, 'i'}, {3, 'f'}, {4, '2'}, {39, 1}, /* types of time */
                 {43, 4},                                                     /* bytes of names */
                 {50, 'U'}, {51, 'T'}, {52, 'C'}};
    memset(out, 0, 54);
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) out[bytes[i].at] = bytes[i].byte;
    return 54;
}

/* rule: a POSIX TZ string, as "UTC0" or "CET-1CEST,M3.5.0,M10.5.0/3". */
static inline struct wg_tz *zone_make(const char *rule)
{
    char bytes[256];
    struct wg_error err = {.code = WG_OK};
    size_t len = zone_block(bytes);
    len += zone_block(bytes + len);
    len += (size_t)snprintf(bytes + len, sizeof bytes - len, "\n%s\n", rule);
    struct wg_tz *tz = wg_tz_parse(bytes, len, &err);
    ASSERT_OK(tz != NULL, &err);
    return tz;
}

/* For core_config.tz: the device's own zone and "UTC" are that of ctx, others are not known. */
static inline const struct wg_tz *zone_of(void *ctx, const char *name)
{
    return name[0] == '\0' || strcmp(name, "UTC") == 0 ? ctx : NULL;
}

#endif
