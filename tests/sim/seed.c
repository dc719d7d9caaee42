/* seed.c: flags, and where the fleet goes: a database or CSV. */
#include "tests/sim/seed.h"

#include "tests/sim/csv.h"
#include "tests/sim/fill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct flag seed_flags[] = {
    {"database", "CONNINFO", "fill this database; it has the schema already"},
    {"format", "csv", "write CSV for `wavegate device import` to standard output instead"},
    {"devices", "N", "how many, 1 to 9999999 (default 1000)"},
    {"seed", "S", "any text; the same gives the same fleet (default wavegate)"},
    {"now", "TIME", "what \"seen an hour ago\" counts from, RFC 3339 (default: now)"},
    {NULL, NULL, NULL}};

static bool read_count(const struct args *args, uint64_t *out, struct wg_error *err)
{
    const char *text = args_value(args, "devices");
    char *end = NULL;
    *out = 1000;
    if (!text) return true;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || value < 1 || value > DEVICE_NUMBER_MAX)
        return wg_fail(err, WG_E_USAGE,
                       "--devices: expected a number from 1 to %d, found \"%.40s\"",
                       DEVICE_NUMBER_MAX, text);
    *out = value;
    return true;
}

static bool read_now(const struct args *args, wg_time *out, struct wg_error *err)
{
    const char *text = args_value(args, "now");
    struct timespec clock;
    if (text)
        return wg_time_parse(text, out) ||
               wg_fail(err, WG_E_USAGE,
                       "--now: expected a time like 2026-12-01T00:00:00Z, found \"%.40s\"", text);
    if (clock_gettime(CLOCK_REALTIME, &clock) != 0) return wg_fail_errno(err, "reading the clock");
    *out = (wg_time)clock.tv_sec * WG_SECOND + clock.tv_nsec / 1000000;
    return true;
}

static bool read_target(const struct args *args, const char **database, struct wg_error *err)
{
    const char *format = args_value(args, "format");
    *database = args_value(args, "database");
    if (format && strcmp(format, "csv") != 0)
        return wg_fail(err, WG_E_USAGE, "--format: expected csv, found \"%.40s\"", format);
    if (!format == !*database)
        return wg_fail(err, WG_E_USAGE, "expected one of --database CONNINFO and --format csv");
    return true;
}

static bool fill(const struct fleet *fleet, uint64_t count, const char *database,
                 struct wg_error *err)
{
    struct fill_counts counts;
    struct timespec from = {0}, to = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    if (!fill_database(fleet, count, database, &counts, err))
        return wg_context(err, "nothing was stored");
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    return printf("%lld devices, %lld software versions, %lld tags, %lld groups in %.1f s\n",
                  (long long)counts.devices, (long long)counts.software, (long long)counts.tags,
                  (long long)counts.groups, seconds) > 0 ||
           wg_fail_errno(err, "writing the result");
}

bool seed_run(const struct args *args, struct wg_error *err)
{
    const char *database = NULL, *seed = args_value(args, "seed");
    uint64_t count = 0;
    wg_time now = 0;
    if (!read_target(args, &database, err) || !read_count(args, &count, err) ||
        !read_now(args, &now, err))
        return false;
    struct fleet *fleet = malloc(sizeof *fleet);
    if (!fleet) return wg_fail_memory(err, "making the fleet");
    bool ok = fleet_init(fleet, seed ? seed : "wavegate", now, err) &&
              (database ? fill(fleet, count, database, err) : csv_write(fleet, count, stdout, err));
    free(fleet);
    return ok;
}
